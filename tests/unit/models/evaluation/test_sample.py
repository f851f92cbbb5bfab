"""Which texts are measured, on what labels, and which of them are ordinary."""

import json
from pathlib import Path

import numpy as np
import pytest

from sluicegate.models.bundle import Bundle
from sluicegate.models.evaluation.reading import read_files
from sluicegate.models.evaluation.sample import draw_rows, length_band, take_sample
from sluicegate.models.labelled import DataError, Row, read_labelled
from sluicegate.models.splits import TEST, split
from tests.unit.models.evaluation.conftest import RECIPE, SetScorer, quiet


def row(labels: dict[str, int], source: str = "forum") -> Row:
    return Row("text 0.5", labels, source)


def test_labels_are_those_carried_and_derived_and_never_those_assumed() -> None:
    rows = [row({"spam": 1}), row({"threat": 1}), row({"spam": 0, "violence": 1})]
    sample = take_sample(SetScorer(), rows, RECIPE, quiet)
    assert sample.known.tolist() == [[True, False], [False, True], [True, True]]
    assert sample.values[sample.known].tolist() == [1, 1, 0, 1]


def test_ordinary_texts_are_the_recipes_and_the_pools_and_of_unknown_sources_the_harmless() -> None:
    rows = [
        row({"spam": 0}, "letters"),
        row({"spam": 1}, "letters"),
        row({"spam": 0}, "forum"),
        row({"spam": 0}, "unheard-of"),
        row({"spam": 0, "other": 1}, "unheard-of"),
        row({}, "unheard-of"),
        row({"benign_pool": 1}, "forum"),
    ]
    sample = take_sample(SetScorer(), rows, RECIPE, quiet)
    assert sample.ordinary.tolist() == [True, False, False, True, False, False, True]


def test_rows_without_a_label_of_the_bundle_are_refused_with_what_was_found() -> None:
    with pytest.raises(DataError, match=r"no row has a label of set \(spam, violence\); the labels found are other"):
        take_sample(SetScorer(), [row({"other": 1})], RECIPE, quiet)


def test_drawing_texts_depends_on_the_seed_alone_and_keeps_their_order() -> None:
    rows = [row({"spam": number % 2}) for number in range(100)]
    rows = [Row(f"{number}", {}) for number in range(100)]
    first = draw_rows(rows, 10, 1)
    assert first == draw_rows(rows, 10, 1) != draw_rows(rows, 10, 2)
    assert [int(each.text) for each in first] == sorted(int(each.text) for each in first)
    assert draw_rows(rows, None, 1) == rows == draw_rows(rows, 100, 1)


def test_a_length_is_told_by_its_band() -> None:
    bands = [length_band("x" * length) for length in (0, 40, 41, 1_500, 1_501)]
    assert bands == ["1-40", "1-40", "41-140", "501-1500", "over 1500"]


def test_of_a_file_that_was_trained_on_only_what_was_held_out_is_measured(
    bundle: Bundle, labelled_file: Path, unseen_file: Path
) -> None:
    rows = read_labelled(labelled_file).rows
    held_out = [each for each, part in zip(rows, split(rows, bundle.manifest.seed), strict=True) if part == TEST]
    read = read_files([unseen_file, labelled_file], [bundle.manifest], quiet)
    unseen = read_labelled(unseen_file).rows
    assert list(read.rows) == [*unseen, *held_out]
    assert [(file.rows, file.unseen) for file in read.files] == [
        (len(unseen), len(unseen)),
        (len(rows), len(held_out)),
    ]
    assert 0 < len(held_out) < len(rows) / 2


def test_files_without_a_readable_line_are_refused_with_the_first_bad_one(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text('\n{"text": 3}\n')
    with pytest.raises(DataError, match=r"no labelled text was read \(line 2 of broken.jsonl"):
        read_files([path], [], quiet)


def test_rows_of_one_source_carry_its_name(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"text": "soup 0.5", "labels": {"spam": 1}, "source": "letters", "lang": "fr"}))
    sample = take_sample(SetScorer(), read_labelled(path).rows, RECIPE, quiet)
    slices = {kind: list(names) for kind, names in sample.slices.items()}
    assert slices == {"source": ["letters"], "language": ["fr"], "length": ["1-40"]}
    assert np.array_equal(sample.slices_of("length", np.array([0]))["1-40"], [0])
