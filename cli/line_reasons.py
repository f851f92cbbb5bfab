"""Why a line of a file holds no event: the reasons that ``publish`` and ``score`` give, and their part of the docs."""

from typing import Final

from sluicegate.schemas.reasons import REASONS, Stage

__all__ = ["CSV_INVALID", "READING_REASONS", "SCORING_REASONS", "line_reasons_document"]

CSV_INVALID: Final = "csv.invalid"

# Blank lines are passed over; a file in UTF-16 is refused as a whole, and a line of it is no UTF-8.
_NEVER_OF_A_LINE: Final = frozenset({"record.null", "record.empty", "encoding.utf16"})

#: What a line gets when it is read, by ``publish`` and ``score`` alike.
READING_REASONS: Final = (
    CSV_INVALID,
    *(
        code
        for code, reason in REASONS.items()
        if reason.stage in (Stage.DECODE, Stage.VALIDATE) and code not in _NEVER_OF_A_LINE
    ),
)
#: What a line gets besides when ``score`` decides it. All it writes fits, since no topic limits it.
SCORING_REASONS: Final = tuple(code for code, reason in REASONS.items() if reason.stage in (Stage.SCORE, Stage.DECIDE))


def line_reasons_document() -> str:
    """Give the reasons of lines in Markdown, as a section of the reference of reason codes."""
    return f"""
## Lines of files

`sluicegate publish` (also with `--check`) and `sluicegate score` read files, and give a reason for each line that holds
no event. It is what the stream would give for the record, and one more:

| code | meaning | remedy |
| --- | --- | --- |
| `{CSV_INVALID}` | the row is not CSV, or has not as many cells as the header | quote texts that hold commas |

* Both give: {_listed(READING_REASONS)}.
* `score` alone, for lines that could be read: {_listed(SCORING_REASONS)}.

Blank lines and a byte-order mark at the start of a file are passed over; a file in UTF-16 is refused as a whole.
"""


def _listed(codes: tuple[str, ...]) -> str:
    return ", ".join(f"`{code}`" for code in codes)
