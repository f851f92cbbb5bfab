"""The pointer of a store: promotions can be taken back in their order, and nothing it names lies outside the store."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.models.store.pointer import (
    EARLIER_MOST,
    POINTER,
    Pointer,
    Promotion,
    StoreError,
    decode,
    encode,
    is_version,
)

names = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,20}\Z").filter(lambda name: name != POINTER)
promotions = st.builds(Promotion, names, st.sampled_from(["sha256:aa", "sha256:bb"]), st.just("2026-11-24T12:00:00Z"))


def after(all_of_them: list[Promotion]) -> Pointer:
    pointer = Pointer(all_of_them[0])
    for promotion in all_of_them[1:]:
        pointer = pointer.promoted(promotion)
    return pointer


@given(st.lists(promotions, min_size=1, max_size=20))
def test_rollbacks_undo_promotions_in_their_order_down_to_the_first(promoted: list[Promotion]) -> None:
    pointer: Pointer | None = after(promoted)
    undone = []
    while pointer is not None:
        undone.append((pointer.current.version, pointer.current.digest))
        pointer = pointer.rolled_back("2026-11-24T13:00:00Z")
    distinct = [(each.version, each.digest) for each in promoted]
    wanted = [each for number, each in enumerate(distinct) if number == 0 or distinct[number - 1] != each]
    assert undone == wanted[::-1]


@given(st.lists(promotions, min_size=1, max_size=20))
def test_a_pointer_reads_back_as_it_was_written(promoted: list[Promotion]) -> None:
    pointer = after(promoted)
    assert decode(encode(pointer), "here") == pointer


def test_the_same_bundle_promoted_again_changes_the_pointer_and_adds_nothing_to_go_back_to() -> None:
    first = Promotion("1", "sha256:aa", "2026-11-24T12:00:00Z")
    again = msgspec.structs.replace(first, at="2026-11-24T12:00:01Z")
    pointer = Pointer(first).promoted(again)
    assert pointer == Pointer(again)
    assert encode(pointer) != encode(Pointer(first))


def test_what_can_be_gone_back_to_is_bounded() -> None:
    pointer = after([Promotion(str(number), "sha256:aa", "") for number in range(EARLIER_MOST + 20)])
    assert len(pointer.earlier) == EARLIER_MOST
    assert pointer.earlier[0].version == str(EARLIER_MOST + 18)


@given(st.text())
def test_no_version_is_a_path(name: str) -> None:
    if is_version(name):
        assert "/" not in name
        assert "\\" not in name
        assert not name.startswith(".")
        assert name != POINTER


@pytest.mark.parametrize("version", ["..", ".", "", "../other", "/etc", "a/b", ".hidden", "a\\b", "a\nb", "current"])
def test_a_pointer_to_something_outside_the_store_is_refused(version: str) -> None:
    for pointer in (
        Pointer(Promotion(version, "sha256:aa", "")),
        Pointer(Promotion("1", "sha256:aa", ""), (Promotion(version, "sha256:aa", ""),)),
    ):
        with pytest.raises(StoreError, match="is no version of the store"):
            decode(encode(pointer), "here")


@given(st.binary(max_size=60))
def test_any_other_bytes_are_refused_in_one_sentence(raw: bytes) -> None:
    with pytest.raises(StoreError, match="here is not a pointer"):
        decode(raw, "here")


def test_a_pointer_of_another_format_is_refused() -> None:
    raw = encode(Pointer(Promotion("1", "sha256:aa", ""), format=2))
    with pytest.raises(StoreError, match="format 2, this version reads 1"):
        decode(raw, "here")
