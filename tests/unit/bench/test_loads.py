"""Backlogs that fit, loads that are due when they say, and bundles that are derived."""

from pathlib import Path

import numpy as np
import pytest
from aiokafka.record.default_records import DefaultRecordBatch

from sluicegate.agents.log.ready_batch import ReadyBatch
from sluicegate.bench.backlog import LADDER, backlog_size, timed_part
from sluicegate.bench.costs import texts_of_length, with_rules
from sluicegate.bench.derived import widened, words_only
from sluicegate.bench.load import Load, Sent, due_times
from sluicegate.bench.load_generator import PartitionLoad
from sluicegate.bench.steady import Lag, lag_of
from sluicegate.models import default_bundle_path, load_bundle
from sluicegate.models.parity import check_parity

TEXTS = ["Lunch at noon?", "WIN a FREE phone now", "see you tomorrow"]


@pytest.mark.parametrize(
    ("rate", "seconds", "size"), [(800, 5, 5_000), (7_000, 5, 40_000), (1, 1, 2_000), (10**6, 5, LADDER[-1])]
)
def test_a_backlog_lasts_for_the_seconds_wanted(rate: float, seconds: float, size: int) -> None:
    assert backlog_size(rate, seconds, LADDER[-1]) == size


def test_a_backlog_has_no_more_events_than_there_are() -> None:
    assert backlog_size(10**6, 5, 20_000) == 20_000


def test_a_contestant_is_timed_from_the_first_look_with_a_tenth_of_its_decisions() -> None:
    looks = [(0.0, 0), (1.0, 90), (2.0, 150), (3.0, 700), (4.0, 1000)]

    assert timed_part(looks, warming=100) == ((2.0, 150), (4.0, 1000))


def test_one_that_was_done_at_once_is_timed_from_the_look_before() -> None:
    assert timed_part([(0.0, 0), (1.0, 0), (1.5, 1000), (1.6, 1000)], warming=100) == ((1.0, 0), (1.6, 1000))


def test_events_are_due_at_the_rate_and_partitions_keep_their_order() -> None:
    due = due_times(Sent(100.0, 5, []), 10.0, [0, 1, 1], 3)

    assert due[0].tolist() == pytest.approx([100.0, 100.3])
    assert due[1].tolist() == pytest.approx([100.1, 100.2, 100.4])
    assert due[2].tolist() == []


def test_a_partition_gets_what_is_due_in_its_order_over_and_over() -> None:
    headers = ([("a", b"1")], [("a", b"2")])
    places = [0, 1, 0, 0, 1]
    records = [(place, b"k%d" % number, b"v%d" % number, headers[number == 3]) for number, place in enumerate(places)]
    load = PartitionLoad(Load("127.0.0.1:1", "events", 10.0, 1.0, records), 0)

    sent = [load.due(until) for until in (1, 1, 2, 4, 13, 14)]

    assert [(first, [_values(batch) for batch in batches]) for first, batches in sent if batches] == [
        (0, [[b"v0"]]),
        (2, [[b"v2", b"v3"]]),
        (5, [[b"v0", b"v2", b"v3", b"v0", b"v2"]]),
        (13, [[b"v3"]]),
    ]
    assert [record.headers for record in DefaultRecordBatch(bytes(sent[3][1][0]._build()))] == [*headers]


def _values(batch: ReadyBatch) -> list[bytes | None]:
    return [record.value for record in DefaultRecordBatch(bytes(batch._build()))]


def test_a_lag_is_summed_up_by_its_first_and_last_quarter() -> None:
    assert lag_of([1, 1, 9, 1, 1, 1, 3, 5]) == Lag(1, 4, 9)


def test_texts_are_cut_to_the_length() -> None:
    texts = texts_of_length(TEXTS, 200, 4)

    assert [len(text) for text in texts] == [200] * 4
    assert len(texts_of_length(TEXTS, 20, 9)) == 9


def test_a_policy_can_have_any_number_of_rules() -> None:
    assert [len(with_rules(count).rules) for count in (1, 64)] == [1, 64]


def test_a_bundle_of_words_alone_is_served_and_unpickled_alike_and_made_once(tmp_path: Path) -> None:
    path = words_only(default_bundle_path(), tmp_path)
    bundle = load_bundle(path)

    assert [block.analyzer for block in bundle.manifest.features] == ["word"]
    assert check_parity(bundle) <= 1e-6
    assert words_only(default_bundle_path(), tmp_path) == path


def test_a_bundle_with_more_harms_gives_the_same_probabilities_over_and_over(tmp_path: Path) -> None:
    source = load_bundle(default_bundle_path()).scorer()

    wide = load_bundle(widened(default_bundle_path(), tmp_path, 8)).scorer()

    assert len(wide.harms) == 8
    found, given = wide.score(TEXTS), source.score(TEXTS)
    np.testing.assert_allclose(found[:, :6], given, atol=1e-6)
    np.testing.assert_allclose(found[:, 6:], given[:, :2], atol=1e-6)
