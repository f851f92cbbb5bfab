"""Why a record becomes a dead letter: every stable reason code with its stage, its meaning and its remedy."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["REASONS", "Reason", "Refusal", "Stage"]


class Stage(StrEnum):
    """The stage of the pipeline that refused a record."""

    DECODE = "decode"
    VALIDATE = "validate"
    SCORE = "score"
    DECIDE = "decide"
    ENCODE = "encode"


@dataclass(frozen=True, slots=True)
class Reason:
    """A stable code for one kind of refusal.

    Attributes
    ----------
    code
        Public and stable: a code is never given another meaning.
    stage
        Where it is found.
    meaning
        What is wrong with such a record.
    remedy
        What the publisher should do about it.
    """

    code: str
    stage: Stage
    meaning: str
    remedy: str


class Refusal(Exception):
    """A record that cannot be decided.

    Parameters
    ----------
    code
        One of :data:`REASONS`.
    where
        The place in the record, such as ``$.data.text``; never a value out of it. A signal is
        named, escaped and shortened.
    detail
        What was found there, in words that hold nothing of the payload.
    """

    def __init__(self, code: str, where: str = "$", detail: str = "") -> None:
        self.reason = REASONS[code]
        self.where = where
        self.detail = detail
        super().__init__(self.message)

    @property
    def code(self) -> str:
        """The stable code of the reason."""
        return self.reason.code

    @property
    def message(self) -> str:
        """What, where, and what to do, in one sentence."""
        found = f" ({self.detail})" if self.detail else ""
        return f"{self.reason.meaning} at {self.where}{found}; {self.reason.remedy}"

    def __reduce__(self) -> tuple[type["Refusal"], tuple[str, str, str]]:
        return Refusal, (self.code, self.where, self.detail)


def _catalogue() -> dict[str, Reason]:
    decode, validate = Stage.DECODE, Stage.VALIDATE
    rows = (
        ("record.null", decode, "the record has no value", "publish content.deleted instead of a tombstone"),
        ("record.empty", decode, "the value is empty", "publish a CloudEvent in JSON"),
        (
            "record.too_large",
            decode,
            "the value is larger than 768 KiB",
            "shorten the text or leave out members",
        ),
        (
            "record.unreadable_batch",
            decode,
            "the record batch cannot be taken apart",
            "publish its records again, in batches of at most 128 MiB before compression",
        ),
        (
            "encoding.byte_order_mark",
            decode,
            "the value begins with a byte-order mark",
            "publish UTF-8 without one",
        ),
        ("encoding.utf16", decode, "the value is UTF-16 or UTF-32", "publish UTF-8"),
        ("encoding.not_utf8", decode, "the value is not UTF-8", "publish UTF-8"),
        ("json.invalid", decode, "the value is not JSON", "publish one JSON object as RFC 8259 has it"),
        ("json.too_deep", decode, "the value is nested deeper than 32 levels", "flatten it"),
        (
            "json.not_an_object",
            decode,
            "the value is not a JSON object",
            "publish one event a record, as an object",
        ),
        (
            "event.content_type",
            decode,
            "the content type is not JSON",
            "publish application/cloudevents+json",
        ),
        ("event.data_base64", decode, "the data is in data_base64", "publish the data as JSON in data"),
        ("event.unknown_version", validate, "the CloudEvents version is not 1.0", "set specversion to 1.0"),
        (
            "event.unknown_type",
            validate,
            "the type is unknown",
            "use content.created, updated, reported or deleted",
        ),
        ("event.missing_field", validate, "a required member is missing", "add it"),
        (
            "event.wrong_type",
            validate,
            "a member has the wrong type",
            "send the type that the contract states",
        ),
        ("event.field_length", validate, "a member is empty or too long", "keep to the contract's length"),
        (
            "event.invalid_time",
            validate,
            "the time cannot be read",
            "send RFC 3339 with a zone, or no time at all",
        ),
        (
            "event.lone_surrogate",
            validate,
            "an identifier holds half a surrogate pair",
            "send whole characters",
        ),
        (
            "event.not_finite",
            validate,
            "a number is not finite",
            "send a finite number or leave the signal out",
        ),
        (
            "event.too_many_signals",
            validate,
            "there are more than 64 signals",
            "send those that a policy reads",
        ),
        (
            "score.failed",
            Stage.SCORE,
            "the model could not score this text",
            "report it with the model's digest",
        ),
        (
            "score.not_finite",
            Stage.SCORE,
            "the model gave no finite score",
            "report it with the model's digest",
        ),
        ("decide.failed", Stage.DECIDE, "the policy could not decide", "report it with the policy's digest"),
        (
            "encode.too_large",
            Stage.ENCODE,
            "what follows is larger than its topic takes",
            "raise max.message.bytes",
        ),
    )
    return {code: Reason(code, stage, meaning, remedy) for code, stage, meaning, remedy in rows}


#: Every reason by its code.
REASONS: Final = _catalogue()
