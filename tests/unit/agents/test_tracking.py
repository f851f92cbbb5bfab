"""The offset tracker commits the longest done prefix of the present assignment, and nothing else."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sluicegate.agents.tracking import OffsetTracker, Ticket


def tracker_with(*next_offsets: int) -> tuple[OffsetTracker[str], list[Ticket[str]]]:
    tracker: OffsetTracker[str] = OffsetTracker()
    tracker.assign(["p"])
    tickets = [tracker.deliver("p", offset - 10, offset, oldest=offset, size=10) for offset in next_offsets]
    return tracker, tickets


def test_nothing_is_committable_before_the_first_batch_is_acknowledged() -> None:
    tracker, (first, second) = tracker_with(10, 20)
    tracker.start(first)
    tracker.start(second)
    tracker.acknowledge(second)
    assert tracker.committable() == {}


def test_a_batch_that_ends_out_of_order_is_committed_once_those_before_it_have_ended() -> None:
    tracker, (first, second, third) = tracker_with(10, 20, 30)
    for ticket in (first, second, third):
        tracker.start(ticket)
    tracker.acknowledge(second)
    tracker.acknowledge(first)
    assert tracker.committable() == {"p": 20}


def test_what_the_broker_has_committed_is_not_committed_again() -> None:
    tracker, (first,) = tracker_with(10)
    tracker.start(first)
    tracker.acknowledge(first)
    tracker.committed(tracker.committable())
    assert tracker.committable() == {}


def test_offsets_without_records_behind_the_last_batch_are_committed_with_it() -> None:
    tracker, (first,) = tracker_with(10)
    tracker.note_position("p", 13)
    assert tracker.committable() == {}
    tracker.start(first)
    tracker.acknowledge(first)
    assert tracker.committable() == {"p": 13}


def test_records_that_were_delivered_already_are_not_next() -> None:
    tracker, _ = tracker_with(10)
    assert not tracker.is_next("p", 9)
    assert tracker.is_next("p", 10)
    assert not tracker.is_next("q", 10)


def test_a_batch_of_an_earlier_assignment_can_neither_be_started_nor_acknowledged() -> None:
    tracker, (waiting, started) = tracker_with(10, 20)
    tracker.start(started)
    tracker.assign(["p"])
    assert not tracker.start(waiting)
    assert not tracker.acknowledge(started)
    assert tracker.committable() == {}
    assert (tracker.waiting, tracker.held_bytes, tracker.in_flight) == (0, 0, 0)


def test_nothing_is_started_while_partitions_are_being_taken_away() -> None:
    tracker, (first, second) = tracker_with(10, 20)
    tracker.start(first)
    tracker.stop_starting()
    assert not tracker.start(second)
    assert tracker.acknowledge(first)
    assert tracker.committable() == {"p": 10}


def test_the_committed_offset_is_where_the_assignment_began_until_something_is_committed() -> None:
    tracker, (first,) = tracker_with(10)
    assert tracker.committed_to("p") == 0
    tracker.start(first)
    tracker.acknowledge(first)
    assert tracker.committed_to("p") == 0
    tracker.committed({"p": 10})
    assert tracker.committed_to("p") == 10
    assert tracker.committed_to("q") is None


def test_a_batch_in_flight_is_told_until_it_is_acknowledged_and_none_that_only_waits() -> None:
    tracker, (first, second) = tracker_with(10, 20)
    assert tracker.begun() == {}
    tracker.start(first)
    tracker.start(second)
    assert tracker.begun() == {"p": 10}
    tracker.acknowledge(second)
    assert tracker.begun() == {"p": 10}
    tracker.acknowledge(first)
    assert tracker.begun() == {}


def test_the_oldest_record_is_that_of_the_first_batch_that_is_not_done() -> None:
    tracker, (first, second) = tracker_with(10, 20)
    tracker.start(first)
    tracker.start(second)
    tracker.acknowledge(second)
    assert tracker.oldest("p") == 10
    tracker.acknowledge(first)
    assert tracker.oldest("p") is None


class TrackerAgainstModel(RuleBasedStateMachine):
    """Any interleaving of deliveries, starts, acknowledgements, commits and rebalances."""

    def __init__(self) -> None:
        super().__init__()
        self.tracker: OffsetTracker[int] = OffsetTracker()
        self.stale: list[Ticket[int]] = []
        self.rebalance()

    @rule()
    def rebalance(self) -> None:
        if hasattr(self, "tickets"):
            self.stale += [ticket for tickets in self.tickets.values() for ticket in tickets]
        self.tracker.assign([0, 1])
        self.tickets: dict[int, list[Ticket[int]]] = {0: [], 1: []}

    @rule(partition=st.integers(0, 1), gap=st.integers(1, 50), size=st.integers(0, 9))
    def deliver(self, partition: int, gap: int, size: int) -> None:
        tickets = self.tickets[partition]
        start = tickets[-1].next_offset if tickets else 0
        tickets.append(self.tracker.deliver(partition, start, start + gap, oldest=start, size=size))

    @precondition(lambda self: any(self.tickets.values()))
    @rule(data=st.data())
    def start_any(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from([ticket for tickets in self.tickets.values() for ticket in tickets]))
        before = ticket.started
        assert self.tracker.start(ticket) is not before

    @precondition(lambda self: any(t.started for ts in self.tickets.values() for t in ts))
    @rule(data=st.data())
    def acknowledge_any(self, data: st.DataObject) -> None:
        started = [ticket for tickets in self.tickets.values() for ticket in tickets if ticket.started]
        self.tracker.acknowledge(data.draw(st.sampled_from(started)))

    @precondition(lambda self: self.stale)
    @rule(data=st.data())
    def a_stale_batch_comes_back(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(self.stale))
        assert not self.tracker.start(ticket)
        assert not self.tracker.acknowledge(ticket)

    @rule()
    def commit(self) -> None:
        self.tracker.committed(self.tracker.committable())
        assert self.tracker.committable() == {}

    @invariant()
    def nothing_unacknowledged_is_done(self) -> None:
        for partition, tickets in self.tickets.items():
            prefix = 0
            for ticket in tickets:
                if not ticket.acknowledged:
                    break
                prefix = ticket.next_offset
            committed = self.tracker.committed_to(partition) or 0
            # What is left to be committed is the rest of the done prefix, and nothing where there is no rest.
            assert self.tracker.committable().get(partition, committed) == prefix
            assert committed <= prefix

    @invariant()
    def the_counts_are_those_of_the_tickets(self) -> None:
        tickets = [ticket for run in self.tickets.values() for ticket in run]
        assert self.tracker.waiting == sum(not ticket.started for ticket in tickets)
        assert self.tracker.held_bytes == sum(ticket.size for ticket in tickets if not ticket.acknowledged)
        assert self.tracker.in_flight == sum(ticket.started and not ticket.acknowledged for ticket in tickets)


TestTrackerAgainstModel = TrackerAgainstModel.TestCase
TestTrackerAgainstModel.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
