"""Wrong use of ``sluicegate worker`` is told in our own words, with exit code 2."""

from tests.commands import ran


def test_a_role_that_is_none_is_told_with_those_that_there_are() -> None:
    told = ran("worker", "--role", "x")
    assert (told.exit_code, told.stdout) == (2, "")
    assert "Invalid value for '--role': 'x' is no role; there is score" in told.stderr
