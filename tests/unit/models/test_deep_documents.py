"""Whatever is nested deeper than Python can follow is refused as what cannot be read, with the error of its reader."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sluicegate.cli.lines import UnreadLine, read_json, read_row
from sluicegate.models.bundle import MANIFEST, BundleError, read_manifest
from sluicegate.models.card import CardError
from sluicegate.models.card.reading import read_evaluation
from sluicegate.models.evaluation.transferring import read_transfer
from sluicegate.models.labelled import DataError, read_labelled
from sluicegate.models.store import pointer

# Where Python gives up depends on how deep the caller stands already.
DEPTHS = [*range(900, 1_010), 3_000]


def deep(depth: int, before: str = "") -> str:
    return "{" + before + '"x":' + "[" * depth + "]" * depth + "}"


def test_a_line_of_a_labelled_file_is_bad_and_the_next_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    lines = [deep(depth, '"text":"a","labels":{},') for depth in DEPTHS]
    path.write_text("\n".join([*lines, '{"text":"b","labels":{}}']), encoding="ascii")
    found = read_labelled(path)
    assert found.rows[-1].text == "b"
    assert len(found.rows) + len(found.bad) == len(DEPTHS) + 1
    assert found.bad


def test_a_line_of_a_file_of_events_is_told_of() -> None:
    for depth in DEPTHS:
        nested = "[" * depth + "]" * depth
        for line in (
            read_json(1, f'{{"text":"a","signals":{nested}}}'.encode()),
            read_row(1, {"text": "a", "signals": nested}),
            read_row(1, {"text": "a", "signals.x": nested}),
        ):
            assert isinstance(line, UnreadLine)
            assert line.reason in {"json.too_deep", "event.wrong_type"}


def _pointer(path: Path) -> object:
    return pointer.decode(path.read_bytes(), "pointer")


@pytest.mark.parametrize(
    ("read", "error"),
    [
        (lambda path: read_manifest(path.parent), BundleError),
        (read_evaluation, CardError),
        (read_transfer, DataError),
        (_pointer, pointer.StoreError),
    ],
    ids=["manifest", "evaluation", "transfer", "pointer"],
)
def test_a_document_is_refused(tmp_path: Path, read: Callable[[Path], object], error: type[Exception]) -> None:
    path = tmp_path / MANIFEST
    for depth in DEPTHS:
        path.write_text(deep(depth, '"format":1,'), encoding="ascii")
        with pytest.raises(error):
            read(path)
