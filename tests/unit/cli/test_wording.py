"""Counts read as a person would write them."""

import pytest

from sluicegate.cli.wording import counted


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0 workers"), (1, "1 worker"), (2, "2 workers"), (1234, "1,234 workers")]
)
def test_one_is_told_in_the_singular_and_all_else_in_the_plural(count: int, told: str) -> None:
    assert counted(count, "worker") == told
