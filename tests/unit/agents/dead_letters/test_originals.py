"""A set of originals holds what was added, and nothing else, however many there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.agents.dead_letters import originals
from sluicegate.agents.dead_letters.letter import Original
from sluicegate.agents.dead_letters.originals import Originals

PLACES = st.builds(
    Original,
    st.sampled_from(["content.events", "other"]),
    st.integers(0, 2),
    st.integers(0, 40),
    st.sampled_from([-1, 0, 1_700_000_000_000, 2**63 - 1]),
)


@given(added=st.lists(PLACES, max_size=60), asked=st.lists(PLACES, max_size=20), most=st.integers(1, 9))
def test_it_holds_what_was_added(added: list[Original], asked: list[Original], most: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(originals, "_RECENT_MOST", most)
        held, expected = Originals(), set[Original]()
        for each in added:
            assert (each in held) == (each in expected)
            held.add(each)
            expected.add(each)
    assert len(held) == len(expected)
    assert [each in held for each in [*added, *asked]] == [each in expected for each in [*added, *asked]]


def test_the_same_place_of_a_topic_that_was_made_anew_is_another_original() -> None:
    held = Originals()
    held.add(Original("content.events", 0, 7, 1_700_000_000_000))
    assert Original("content.events", 0, 7, 1_800_000_000_000) not in held
