"""Rates of the folding are measured on every text."""

from sluicegate.bench.folding import measure_folding


def test_each_way_of_folding_has_a_rate() -> None:
    found = measure_folding(["A sh0rt text, s p a m 👍"] * 40, 3)
    assert found.posts == 40
    assert found.plain.count == found.text.count == found.pieces.count == 3
    assert min(found.plain.least, found.text.least, found.pieces.least) > 0
