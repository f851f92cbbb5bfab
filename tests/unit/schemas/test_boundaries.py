"""Where a rule ends: bytes against characters, whole characters beside broken ones, tags without a language."""

import pytest

from sluicegate.schemas import DecodedEvent, primary_subtag
from sluicegate.schemas.limits import MEMBER_MAX_BYTES
from tests.unit.schemas.records import answer, code_of, event, structured


@pytest.mark.parametrize("member", ["content_id", "actor_id", "surface", "tenant", "content_version"])
@pytest.mark.parametrize("character", ["é", "語", "\U0001f600"])
def test_as_many_characters_as_the_limit_has_bytes_are_too_many(member: str, character: str) -> None:
    most = MEMBER_MAX_BYTES[member]
    assert code_of(structured(event(**{f"data_{member}": character * most}))) == "event.field_length"
    assert code_of(structured(event(**{f"data_{member}": character * (most // len(character.encode()))}))) is None


def test_a_replacement_character_that_was_sent_is_no_half_of_a_pair() -> None:
    decoded = answer(structured(event(data_content_id="c-\ufffd")))
    assert isinstance(decoded, DecodedEvent)
    assert (decoded.event.data.content_id, decoded.surrogates_replaced) == ("c-\ufffd", 0)


@pytest.mark.parametrize("tag", ["i-default", "i-enochian", "I-Mingo"])
def test_a_grandfathered_tag_without_a_language_is_a_tag_all_the_same(tag: str) -> None:
    assert primary_subtag(tag) == ""
