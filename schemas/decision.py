"""The decision: what is written for every readable event."""

from typing import Final

from msgspec import Struct, field

__all__ = [
    "DECISION_SCHEMA",
    "DECISION_TYPE",
    "OUTCOMES",
    "SOURCE",
    "UNDETERMINED",
    "DecidedLanguage",
    "Decision",
    "DecisionData",
    "EventReference",
    "Priority",
    "Provenance",
    "ShadowDecision",
]

DECISION_TYPE: Final = "content.decision"
DECISION_SCHEMA: Final = "urn:sluicegate:schema:decision:v1"

#: What a decision can say.
OUTCOMES: Final = ("allow", "review", "act")

#: The CloudEvents ``source`` of everything that is written.
SOURCE: Final = "/sluicegate"


#: The tag of a language that is not known (ISO 639-2).
UNDETERMINED: Final = "und"


class EventReference(Struct, frozen=True):
    """The event that was decided; ``time`` is the broker's timestamp where the event had none."""

    source: str
    id: str
    time: str


class Provenance(Struct, frozen=True):
    """A model or a policy, pinned by digest."""

    name: str
    version: str
    digest: str


class DecidedLanguage(Struct, frozen=True, omit_defaults=True):
    """The language that an event was decided with.

    Attributes
    ----------
    tag
        Its primary subtag; ``und`` where none was likely enough.
    identified
        Whether it was identified from the text, since the event named none.
    confidence
        With ``identified``: how likely the likeliest of the configured languages is, 0 to 1.
    """

    tag: str
    identified: bool
    confidence: float | None = None


class Priority(Struct, frozen=True, omit_defaults=True):
    """How a review was ranked, with what is needed to derive it again.

    Attributes
    ----------
    value
        Harm that the review is expected to avert, in the policy's units of severity times views.
    minutes
        Handling time, in minutes.
    price
        The price of a minute of the queue when it was admitted, in value per minute.
    class_
        0 is read first, then 1, then 2.
    as_of
        The time of the desk's state that was used; absent where there was none.
    """

    value: float
    minutes: float
    price: float
    class_: int = field(name="class")
    as_of: str | None = None


class ShadowDecision(Struct, frozen=True, omit_defaults=True):
    """What another model would have had decided, by the same policy; nothing acts on it.

    Attributes
    ----------
    model
        The other model.
    scores
        Harm to calibrated probability, of the other model.
    outcome, rule, action, queue, priority
        As they would have been in the decision.
    """

    model: Provenance
    scores: dict[str, float]
    outcome: str
    rule: str
    action: str | None = None
    queue: str | None = None
    priority: Priority | None = None


class DecisionData(Struct, frozen=True, omit_defaults=True):
    """What was decided about one event, by which rule, model and policy.

    Attributes
    ----------
    scores
        Harm to calibrated probability; empty with ``content.deleted``, which is not scored.
    outcome
        ``allow``, ``review`` or ``act``.
    rule
        The rule that fired.
    watch
        Whether view counts of this content are wanted as ``content.updated``.
    text_truncated
        Whether only the head and the tail of the text were scored.
    action
        With ``act``: what is to be done.
    queue, priority
        With ``review``: where the task went, and how it was ranked.
    opinion
        The second opinion that changed the scores; absent where the model's own stand.
    language
        The language of the text; absent where the event names none and none was looked for.
    shadow
        What another model would have had decided, on a stated share of the stream; nothing acts on it.
    skipped
        Stages that were left out though they were wanted, each with why: ``opinion`` or ``shadow``, ``pressure`` (the
        worker was behind) or ``over_budget``; absent where none was.
    """

    event: EventReference
    content_id: str
    actor_id: str
    surface: str
    scores: dict[str, float]
    outcome: str
    rule: str
    watch: bool
    text_truncated: bool
    model: Provenance
    policy: Provenance
    action: str | None = None
    queue: str | None = None
    priority: Priority | None = None
    tenant: str | None = None
    content_version: str | int | None = None
    opinion: Provenance | None = None
    language: DecidedLanguage | None = None
    shadow: ShadowDecision | None = None
    skipped: dict[str, str] | None = None


class Decision(Struct, frozen=True):
    """A CloudEvent 1.0 around :class:`DecisionData`; its ``id`` is deterministic."""

    id: str
    time: str
    data: DecisionData
    specversion: str = "1.0"
    source: str = SOURCE
    type: str = DECISION_TYPE
    datacontenttype: str = "application/json"
    dataschema: str = DECISION_SCHEMA
