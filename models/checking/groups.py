"""Groups that are too large: they are never split, so that one part of the data gets all of them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from sluicegate.models.checking.corpus import CheckedRows
from sluicegate.models.checking.finding import WARNING, Finding, places_of

__all__ = ["group_findings"]

#: Share of a source's texts above which a group dominates a part: that part is a fifth, or a tenth.
LARGEST: Final = 0.2
#: Texts of a source below which nothing is said.
_FEWEST: Final = 20


def group_findings(checked: CheckedRows, groups: Sequence[str]) -> Iterator[Finding]:
    """Find sources of which one group holds more than a fifth.

    Parameters
    ----------
    checked
        The rows.
    groups
        Name of each row's group, as :func:`sluicegate.models.splits.group_names` gives it.
    """
    for source, rows in checked.sources.items():
        if len(rows) < _FEWEST:
            continue
        (name, count), *_ = Counter(groups[index] for index in rows).most_common(1)
        if count <= LARGEST * len(rows):
            continue
        members = [index for index in rows if groups[index] == name]
        yield Finding(
            WARNING, "group.large",
            f"one group ({_joined_by(checked, members)}) holds {count:,} of {len(rows):,} texts, which are never split",
            "name smaller groups (gid, user), or thin this one out: whichever part it falls to is about it",
            count, source, None, places_of(checked.places, members),
        )  # fmt: skip


def _joined_by(checked: CheckedRows, members: Sequence[int]) -> str:
    rows = [checked.rows[index] for index in members]
    joined = [
        name
        for name, values in (
            ("gid", {row.gid for row in rows}),
            ("user", {row.user for row in rows}),
            ("text", {checked.texts[index] for index in members}),
        )
        if len(values - {None}) == 1
    ]
    return f"of one {joined[0]}" if joined else "joined by gid, user and text"
