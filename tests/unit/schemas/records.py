"""Records as products publish them, and as nobody should."""

import json
from copy import deepcopy
from typing import Any, NamedTuple

from hypothesis import strategies as st

from sluicegate.schemas import DecodedEvent, Headers, Refusal, decode_event
from sluicegate.schemas.limits import MEMBER_MAX_BYTES

Event = dict[str, Any]

EVENT: Event = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "/apps/feed",
    "type": "content.created",
    "time": "2026-11-22T07:00:00Z",
    "data": {
        "content_id": "c-1",
        "actor_id": "a-9",
        "surface": "comment",
        "text": "good morning",
        "language": "en",
        "signals": {"views_per_hour": 120},
    },
}


class Given(NamedTuple):
    """A record without a broker."""

    value: bytes | None
    headers: Headers = ()
    key: bytes | None = None


def event(**members: Any) -> Event:
    """Give the plain event with other members; those of the data under their own names, as ``data_text``."""
    made = deepcopy(EVENT)
    for name, value in members.items():
        if name.startswith("data_"):
            made["data"][name.removeprefix("data_")] = value
        else:
            made[name] = value
    return made


def structured(made: Any) -> Given:
    return Given(json.dumps(made).encode())


def binary(made: Event, **headers: str) -> Given:
    attributes = {
        f"ce_{name}": made[name]
        for name in ("specversion", "id", "source", "type", "time")
        if made.get(name) is not None
    }
    pairs = {**attributes, **headers}
    return Given(json.dumps(made["data"]).encode(), [(name, text.encode()) for name, text in pairs.items()])


def answer(record: Given) -> DecodedEvent | tuple[str, str]:
    """Give the event, or code and message of the refusal."""
    try:
        return decode_event(record)
    except Refusal as refusal:
        return refusal.code, refusal.message


def code_of(record: Given) -> str | None:
    found = answer(record)
    return None if isinstance(found, DecodedEvent) else found[0]


def names(member: str) -> st.SearchStrategy[str]:
    most = MEMBER_MAX_BYTES[member] // 4
    return st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=min(most, 12))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
SIGNALS = st.dictionaries(
    names("signal name"), st.none() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
)
_DATA = st.fixed_dictionaries(
    {
        "content_id": names("content_id"),
        "actor_id": names("actor_id"),
        "surface": names("surface"),
        "text": st.text(st.characters(exclude_categories=["Cs"])),
    },
    optional={
        "language": st.none() | st.text(max_size=8) | st.sampled_from(["en", "pt-BR"]),
        "signals": st.none() | SIGNALS,
        "tenant": st.none() | names("tenant"),
        "content_version": st.none() | names("content_version") | st.integers(-(10**60), 10**60),
        "ours": JSON,
    },
)
EVENTS: st.SearchStrategy[Event] = st.fixed_dictionaries(
    {
        "specversion": st.just("1.0"),
        "id": names("id"),
        "source": names("source"),
        "type": st.sampled_from(["content.created", "content.updated", "content.reported", "content.deleted"]),
        "data": _DATA,
    },
    optional={
        "time": st.none() | st.sampled_from(["2026-11-22T07:00:00Z", "2026-11-22t07:00:00.1234567-03:30"]),
        "datacontenttype": st.sampled_from([None, "application/json", "text/json; charset=utf-8"]),
        "data_base64": st.none(),
        "traceparent": JSON,
    },
)


@st.composite
def mutations(draw: st.DrawFn) -> Event:
    """Give an event of which one member, at any depth, was removed, replaced or added."""
    made = draw(EVENTS)
    places: list[Event] = [made, made["data"]]
    if made["data"].get("signals"):
        places.append(made["data"]["signals"])
    place = draw(st.sampled_from(places))
    known = [*place, "text", "time", "tenant", "content_version", "language", "data_base64", "datacontenttype"]
    member = draw(st.sampled_from(known))
    if draw(st.booleans()) and member in place:
        del place[member]
    else:
        place[member] = draw(JSON | st.text(max_size=1100) | st.just({str(n): n for n in range(70)}))
    return made
