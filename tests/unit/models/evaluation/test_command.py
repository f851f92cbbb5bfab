"""``sluicegate model evaluate`` and ``model card``, run as the program runs them."""

import json
import sys
from pathlib import Path

import pytest

from sluicegate.models.bundle import Bundle
from sluicegate.models.evaluation import decode_evaluation
from tests.commands import ran


def test_an_evaluation_is_shown_and_written(
    bundle: Bundle, unseen_file: Path, identity_file: Path, tmp_path: Path
) -> None:
    written, page = tmp_path / "figures.json", tmp_path / "page.html"
    options = ("--identity", str(identity_file), "--json", str(written), "--html", str(page), "--threshold", "spam=0.3")
    done = ran("model", "evaluate", str(bundle.path), str(unseen_file), *options)
    assert done.exit_code == 0, done.stderr
    for title in ("Each harm", "At thresholds", "By language", "False alarms", "What disguises cost", "Identity terms"):
        assert title in done.stdout
    found = decode_evaluation(written.read_bytes())
    assert found.bundle.digest == bundle.digest
    assert [each.threshold.probability for each in found.harms["spam"].overall.points] == [0.3]
    assert page.read_text().startswith("<!doctype html>")


def test_bad_lines_are_told_and_the_rest_is_measured(bundle: Bundle, unseen_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"text": 1}\n' + unseen_file.read_text())
    done = ran("model", "evaluate", str(bundle.path), str(path), "--no-disguises")
    assert done.exit_code == 0
    assert "bad.jsonl:1:" in done.stderr
    assert "What disguises cost" not in done.stdout


def test_what_was_trained_on_is_told(bundle: Bundle, labelled_file: Path) -> None:
    done = ran("model", "evaluate", str(bundle.path), str(labelled_file), "--no-disguises")
    assert "Trained on: tiny.jsonl; of 320 texts, the " in done.stderr


def test_two_bundles_are_shown_side_by_side(bundle: Bundle, unseen_file: Path) -> None:
    done = ran("model", "evaluate", str(bundle.path), str(unseen_file), "--against", str(bundle.path), "--no-disguises")
    assert "Less tiny 3, paired on the same texts" in done.stdout


def test_an_unknown_harm_and_texts_without_labels_are_refused(
    bundle: Bundle, unseen_file: Path, tmp_path: Path
) -> None:
    done = ran("model", "evaluate", str(bundle.path), str(unseen_file), "--threshold", "span=0.2")
    assert (done.exit_code, "did you mean spam?" in done.stderr) == (1, True)
    path = tmp_path / "other.jsonl"
    path.write_text('{"text": "soup", "labels": {"dull": 1}}\n')
    done = ran("model", "evaluate", str(bundle.path), str(path))
    assert (done.exit_code, "no row has a label of tiny" in done.stderr) == (1, True)


def test_without_the_extra_a_page_is_refused_before_anything_is_measured(
    bundle: Bundle, unseen_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("sluicegate.models.evaluation.page")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    done = ran("model", "evaluate", str(bundle.path), str(unseen_file), "--html", str(tmp_path / "page.html"))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "pip install 'sluicegate[reports]'" in done.stderr


def test_a_card_is_made_of_a_bundle_and_its_evaluation(bundle: Bundle, unseen_file: Path, tmp_path: Path) -> None:
    figures, page = tmp_path / "figures.json", tmp_path / "card.html"
    ran("model", "evaluate", str(bundle.path), str(unseen_file), "--no-disguises", "--json", str(figures))
    done = ran("model", "card", str(bundle.path), "--evaluation", str(figures), "--out", str(page))
    assert (done.exit_code, done.stdout) == (0, "")
    assert "<h1>Model card of tiny 3</h1>" in page.read_text()
    done = ran("model", "card", str(bundle.path), "--evaluation", str(figures))
    assert "# Model card of tiny 3" in done.stdout


def test_a_card_of_another_bundles_evaluation_is_refused(bundle: Bundle, unseen_file: Path, tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    ran("model", "evaluate", str(bundle.path), str(unseen_file), "--no-disguises", "--json", str(figures))
    changed = json.loads(figures.read_bytes())
    changed["bundle"]["digest"] = "sha256:" + "0" * 64
    figures.write_text(json.dumps(changed))
    done = ran("model", "card", str(bundle.path), "--evaluation", str(figures))
    assert done.exit_code == 1
    assert "not about this bundle" in done.stderr


@pytest.mark.parametrize("content", [None, "[]", "{", '{"format": 1}'])
def test_an_evaluation_that_cannot_be_read_is_refused_by_name(
    content: str | None, bundle: Bundle, tmp_path: Path
) -> None:
    path = tmp_path / "figures.json"
    if content is not None:
        path.write_text(content)
    done = ran("model", "card", str(bundle.path), "--evaluation", str(path))
    assert (done.exit_code, "figures.json" in done.stderr) == (1, True)
    assert "Traceback" not in done.stderr
