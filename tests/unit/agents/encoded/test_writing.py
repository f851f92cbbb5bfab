"""What is written from arrays is, byte for byte, what is written one event at a time."""

from dataclasses import replace
from random import Random

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.agents.encoded import is_written
from sluicegate.policy import DeskState, Policy
from sluicegate.policy.desk import QueueState
from sluicegate.schemas import OUTCOMES
from tests.unit.agents.batches import POLICY
from tests.unit.agents.encoded.compared import Batch, batch_of, written_from_arrays, written_one_by_one
from tests.unit.schemas.columns.spellings import values
from tests.unit.schemas.records import event

STATE = DeskState(
    as_of="2026-11-24T00:59:59.5Z",
    clearing=0.1234567,
    class_bounds=(9.5, 0.25),
    queues={queue.name: QueueState(100.0 / 3 * n, 7.0 * n) for n, queue in enumerate(POLICY.queues)},
)


def awkward(policy: Policy) -> Policy:
    """Give the policy with names that JSON has to escape."""
    return replace(
        policy,
        name='a "policy"\\',
        version="\x00\t\u2028é",
        rules=tuple(replace(rule, name=f'{rule.name} "\\\n\x7f\u4e2d') for rule in policy.rules),
        queues=tuple(
            replace(queue, name=f'"{queue.name}"\r\\é', goal_minutes=queue.goal_minutes / 7) for queue in policy.queues
        ),
        harms={
            name: replace(harm, warning=harm.warning and f'{harm.warning} "\x01', minutes=harm.minutes / 3)
            for name, harm in policy.harms.items()
        },
    )


POLICIES = [POLICY, awkward(POLICY)]


def check(batch: Batch) -> None:
    expected, found = written_one_by_one(batch), written_from_arrays(batch)
    assert found.decisions == expected.decisions
    assert found.tasks == expected.tasks
    assert found.withdrawals == expected.withdrawals


def test_the_kernel_is_built() -> None:
    assert is_written(), "run `make install`; without a C compiler only Python serves, at a tenth of the speed"


@settings(deadline=None, max_examples=300)
@given(
    st.lists(values(), max_size=8),
    st.sampled_from(POLICIES),
    st.integers(0, 2**32),
    st.sampled_from([None, STATE]),
    st.booleans(),
)
def test_values_are_those_of_the_encoder(
    records: list[bytes], policy: Policy, seed: int, state: DeskState | None, identified: bool
) -> None:
    check(batch_of(records, policy, Random(seed), state, identified))


def events_of_all_kinds(count: int, seed: int) -> list[bytes]:
    random = Random(seed)
    every = "".join(map(chr, range(128))) + "é\u2028\U0001f600"
    made = []
    for number in range(count):
        text = random.choice(["", every, "a word " * random.randrange(40), "".join(random.choices(every, k=60))])
        each = event(
            id=f"e-{number}",
            source=random.choice(["/a", "é" * 30, every * 2]),
            type=random.choice([*["content.created"] * 4, "content.deleted"]),
            time=random.choice([None, "2026-11-22T07:00:00Z"]),
            data_text=text,
            data_language=random.choice([None, "en", "pt-BR", "und", "", "no tag", "en_US\n"]),
            data_tenant=random.choice([None, 'a "tenant"']),
            data_content_version=random.choice([None, "7", "\\"]),
        )
        made.append(msgspec.json.encode(each))
    return made


@pytest.mark.parametrize("policy", POLICIES, ids=["shipped", "awkward"])
@pytest.mark.parametrize("state", [None, STATE], ids=["no desk", "desk"])
def test_batches_of_all_outcomes_are_those_of_the_encoder(policy: Policy, state: DeskState | None) -> None:
    batch = batch_of(events_of_all_kinds(1500, 1), policy, Random(2), state)
    outcomes = {OUTCOMES[outcome] for outcome in batch.decisions.outcome.tolist()}
    assert {"allow", "review"} <= outcomes
    assert len(batch.deleted)
    assert len(batch.rows) == 1500
    check(batch)


def test_ids_and_times_of_any_length_and_moment_are_those_of_the_encoder() -> None:
    made = [event(id="x" * length, time=None, type="content.deleted") for length in range(1, 257)]
    check(batch_of([msgspec.json.encode(each) for each in made * 4], POLICY, Random(8)))


def test_a_removal_names_its_action() -> None:
    acting = replace(
        POLICY,
        rules=tuple(
            replace(rule, outcome="act", action='take "down"') if rule.outcome == "review" else rule
            for rule in POLICY.rules
        ),
    )
    batch = batch_of(events_of_all_kinds(300, 3), acting, Random(4))
    assert (batch.decisions.action >= 0).any()
    check(batch)


def test_a_text_as_long_as_is_read_whole_makes_the_buffer_grow() -> None:
    longest = [msgspec.json.encode(event(data_text="\x01" * 65536)), msgspec.json.encode(event(data_text='"' * 65535))]
    check(batch_of(longest * 20, POLICY, Random(5)))


@settings(max_examples=300)
@given(
    st.lists(
        st.floats(allow_nan=False, allow_infinity=False)
        | st.floats(-10, 1e6)
        | st.integers(-(10**8), 10**8).map(lambda number: (number + 0.5) / 10**6)
        | st.integers(-(10**8), 10**8).map(lambda number: number / 10**6)
    )
)
def test_any_value_and_price_is_rounded_and_written_as_the_encoder_does(numbers: list[float]) -> None:
    made = [msgspec.json.encode(event(data_text="a word"))] * len(numbers)
    batch = batch_of(made, POLICY, Random(7))
    decisions = batch.decisions
    found = np.array(numbers, dtype=np.float64)
    queue, class_ = np.zeros_like(decisions.queue), np.ones_like(decisions.class_)
    decided = replace(decisions, queue=queue, class_=class_, value=found, price=found[::-1].copy(), minutes=found)
    check(replace(batch, decisions=decided, events=replace(batch.events, decisions=decided)))


def test_what_was_not_read_is_not_written() -> None:
    batch = batch_of([msgspec.json.encode(event()), b"none"], POLICY, Random(6))
    for row in (1, -1, 2**40):
        records = np.array([row], dtype=np.int64)
        with pytest.raises(ValueError, match="not there"):
            written_from_arrays(replace(batch, events=replace(batch.events, records=records)))
