"""Liveness is judged by progress against lag, readiness by what the worker can do now."""

from sluicegate.agents.health import Health, ProgressWatch


def test_a_partition_with_lag_that_does_not_move_stands_still_after_the_deadline() -> None:
    watch: ProgressWatch[int] = ProgressWatch(60)
    assert watch.standing_still(0, {0: 5}, {0: 10}) == []
    assert watch.standing_still(60, {0: 5}, {0: 10}) == []
    assert watch.standing_still(61, {0: 5}, {0: 10}) == [0]


def test_a_partition_that_moves_however_slowly_does_not_stand_still() -> None:
    watch: ProgressWatch[int] = ProgressWatch(60)
    assert [watch.standing_still(50.0 * step, {0: step}, {0: 1000}) for step in range(10)] == [[]] * 10


def test_a_quiet_partition_does_not_stand_still() -> None:
    watch: ProgressWatch[int] = ProgressWatch(60)
    assert [watch.standing_still(50.0 * step, {0: 7}, {0: 0}) for step in range(10)] == [[]] * 10


def test_the_deadline_begins_when_lag_appears_not_when_the_partition_last_moved() -> None:
    watch: ProgressWatch[int] = ProgressWatch(60)
    watch.standing_still(0, {0: 7}, {0: 0})
    watch.standing_still(1000, {0: 7}, {0: 0})
    assert watch.standing_still(1001, {0: 7}, {0: 1}) == []
    assert watch.standing_still(1062, {0: 7}, {0: 1}) == [0]


def test_a_partition_that_went_away_and_came_back_begins_anew() -> None:
    watch: ProgressWatch[int] = ProgressWatch(60)
    watch.standing_still(0, {0: 7}, {0: 1})
    watch.standing_still(50, {}, {})
    assert watch.standing_still(100, {0: 7}, {0: 1}) == []


def test_a_worker_is_ready_only_when_it_has_joined_is_connected_and_was_not_stopped() -> None:
    assert Health(joined=True, connected=True).ready
    assert not Health(joined=False, connected=True).ready
    assert not Health(joined=True, connected=False).ready
    assert not Health(joined=True, connected=True, halted="a flood").ready
    assert not Health(joined=True, connected=True, stuck="stuck").ready


def test_readiness_says_why_not() -> None:
    assert Health(stage="joining the group").readiness == "joining the group"
    assert Health(joined=True).readiness == "no broker is connected"
    assert Health(joined=True, connected=True, halted="a flood").readiness == "a flood"


def test_time_in_which_nobody_looked_is_no_time_in_which_a_partition_stood_still() -> None:
    watch: ProgressWatch[int] = ProgressWatch(60, longest_look=5)
    watch.standing_still(0, {0: 5}, {0: 10})
    assert watch.standing_still(1000, {0: 5}, {0: 10}) == []
    assert [watch.standing_still(1000.0 + second, {0: 5}, {0: 10}) for second in range(1, 56)] == [[]] * 55
    assert watch.standing_still(1056, {0: 5}, {0: 10}) == [0]


def test_a_worker_whose_loop_has_not_looked_for_longer_than_the_deadline_is_blocked() -> None:
    health = Health(joined=True, connected=True, looked=100, deadline=60)
    assert health.trouble(160) == ""
    assert health.trouble(175) == "blocked: the worker's loop has not run for 75 s, of at most 60 s"


def test_a_worker_that_does_not_look_after_itself_yet_is_not_blocked() -> None:
    assert Health(stage="waiting for a broker").trouble(1e6) == ""


def test_a_stuck_worker_is_in_trouble_also_while_its_loop_runs() -> None:
    assert Health(looked=100, stuck="no progress").trouble(101) == "no progress"
