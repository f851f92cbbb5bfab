"""Ids are those of RFC 9562 and the same at every replay."""

from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from sluicegate.schemas import decision_id, withdrawal_id
from sluicegate.schemas.identity import NAMESPACE

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXTS, TEXTS)
def test_the_id_of_a_decision_is_the_uuid5_of_length_source_and_id(source: str, event_id: str) -> None:
    found = decision_id(source, event_id)
    assert found == str(uuid5(NAMESPACE, f"{len(source)}:{source}:{event_id}"))
    assert UUID(found).version == 5


@given(TEXTS, TEXTS)
def test_the_id_of_a_withdrawal_is_a_uuid5_too(decision: str, queue: str) -> None:
    assert withdrawal_id(decision, queue) == str(uuid5(NAMESPACE, f"withdrawn:{decision}:{queue}"))


@given(st.tuples(TEXTS, TEXTS), st.tuples(TEXTS, TEXTS))
def test_events_of_different_names_have_decisions_of_different_ids(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert (decision_id(*one) == decision_id(*other)) == (one == other)


def test_where_the_source_ends_matters() -> None:
    assert decision_id("a:b", "c") != decision_id("a", "b:c")


def test_an_id_is_the_one_that_was_published_first() -> None:
    assert decision_id("/apps/feed", "e-1") == "a382e4ff-81e4-578d-8808-e2364687c813"
