"""``sluicegate policy check`` and ``explain`` as a user meets them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sluicegate.cli.app import app
from sluicegate.cli.errors import CommandError
from sluicegate.models import default_bundle_path
from sluicegate.policy import default_policy_path

SHIPPED = str(default_policy_path())


def run(*arguments: str, given: object = None) -> Result:
    return CliRunner().invoke(app, ["policy", *arguments], input=None if given is None else json.dumps(given))


def test_check_sums_up_a_policy_without_faults() -> None:
    result = run("check", SHIPPED)
    assert result.exit_code == 0
    assert result.stdout.startswith("default 2026-11 (sha256:")
    assert "rules, 6 queues, 6 harms" in result.stdout


def test_check_tells_every_fault_with_its_place_and_fails(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        Path(SHIPPED).read_text().replace("scores.scam >= 0.08", "scores.scan >= 0.08").replace("missed", "mised")
    )
    result = run("check", str(file))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert f"{file}:" in result.stderr
    assert "unknown harm 'scan'; did you mean 'scam'?" in result.stderr
    assert "unknown key 'mised' in the policy; did you mean 'missed'?" in result.stderr


def test_check_and_explain_tell_where_a_policy_names_a_harm_that_the_model_does_not_score(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    text = Path(SHIPPED).read_text().replace("scam:", "scma:").replace("scores.scam", "scores.scma")
    file.write_text(text)
    before = text[: text.index("scma:")]
    line, column = before.count("\n") + 1, len(before) - before.rindex("\n")
    told = f"{file}:{line}:{column}: the model scores no harm 'scma'; did you mean 'scam'?\n"
    checked = run("check", str(file))
    assert (checked.exit_code, checked.stdout, checked.stderr) == (1, "", told)
    explained = run("explain", "-", "--policy", str(file), given={"text": "hello"})
    assert (explained.exit_code, explained.stdout, explained.stderr) == (1, "", told)


def test_check_reads_the_manifest_of_a_named_bundle_and_nothing_else_of_it(tmp_path: Path) -> None:
    manifest = (default_bundle_path() / "manifest.json").read_text()
    (tmp_path / "manifest.json").write_text(manifest.replace('"scam"', '"swindle"'))
    result = run("check", SHIPPED, "--bundle", str(tmp_path))
    assert result.exit_code == 1
    assert "the model scores no harm 'scam'" in result.stderr
    assert run("check", SHIPPED, "--bundle", str(default_bundle_path())).exit_code == 0


def test_explain_takes_the_data_of_an_event_alone() -> None:
    event = {"text": "hello", "language": "en-GB", "type": "content.reported"}
    result = run("explain", "-", "--policy", SHIPPED, "--scores", "hate=0.08, spam=0.01", given=event)
    assert result.exit_code == 0
    assert result.stdout.startswith("review -> abuse_en, by rule: abuse, reported or spreading\nharms: hate 0.080\n")
    assert "missing      signals.views_per_hour >= 500.0   [signals.views_per_hour is missing]" in result.stdout
    assert "class 2: class 0 from 600, class 1 from 150, else class 2" in result.stdout


def test_explain_takes_a_whole_event_from_a_file(tmp_path: Path) -> None:
    data = {"content_id": "c", "actor_id": "a", "surface": "comment", "text": "hello", "signals": {"reports": 6}}
    event = {"specversion": "1.0", "id": "e", "source": "/s", "type": "content.updated", "data": data}
    (tmp_path / "event.json").write_text(json.dumps(event))
    result = run("explain", str(tmp_path / "event.json"), "--policy", SHIPPED, "--scores", "spam=0.01")
    assert result.exit_code == 0
    assert result.stdout.startswith("review -> general, by rule: reported by many\n")


def test_explain_refuses_an_event_without_a_text_and_says_which_member_may_have_been_meant() -> None:
    result = run("explain", "-", "--policy", SHIPPED, "--scores", "spam=0.1", given={"txt": "hello"})
    assert result.stderr == '-: ignored, since no event has them: "txt" (1 line; did you mean text?)\n'
    assert isinstance(result.exception, CommandError)
    assert str(result.exception).startswith("the event cannot be read: a required member is missing at $.")


def test_explain_names_members_that_it_passes_over() -> None:
    given = {"text": "hello", "langauge": "en"}
    result = run("explain", "-", "--policy", SHIPPED, "--scores", "spam=0.1", given=given)
    assert result.exit_code == 0
    assert result.stderr == '-: ignored, since no event has them: "langauge" (1 line; did you mean language?)\n'


def test_explain_refuses_an_event_that_the_stream_would_refuse() -> None:
    result = run("explain", "-", "--policy", SHIPPED, "--scores", "spam=0.1", given={"text": 3})
    assert isinstance(result.exception, CommandError)
    assert str(result.exception).startswith("the event cannot be read: ")


def test_explain_tells_of_a_file_that_cannot_be_read() -> None:
    result = run("explain", "/missing.json", "--policy", SHIPPED, "--scores", "spam=0.1")
    assert isinstance(result.exception, CommandError)
    assert str(result.exception).startswith("/missing.json: cannot be read: No such file or directory; ")


@pytest.mark.parametrize("scores", ["spma=0.1", "spam", "spam=x", "spam=1.5", "spam=nan", ""])
def test_explain_refuses_scores_that_are_none(scores: str) -> None:
    result = run("explain", "-", "--policy", SHIPPED, "--scores", scores, given={"text": "hello"})
    assert result.exit_code == 2
    assert "--scores" in result.stderr


def test_explain_decides_by_the_language_of_the_text_where_the_event_names_none() -> None:
    event = {"text": "Does anybody know whether the bakery opens on Sundays?"}
    named = run("explain", "-", "--scores", "hate=0.9", given={**event, "language": "de"})
    identified = run("explain", "-", "--scores", "hate=0.9", given=event)
    assert "review -> abuse," in named.output
    assert "language: " not in named.output
    assert "review -> abuse_en," in identified.output
    assert "language: en (identified, confidence 0.998)" in identified.output
