"""Wrong use of ``sluicegate replay`` ends with exit code 2 and a sentence, before any broker is asked."""

import pytest

from tests.commands import ran

SINCE = ("--since", "2026-11-22T07:00:00Z")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say which part of the past"),
        (SINCE, "say where to write"),
        ((*SINCE, "--report-only", "--out-prefix", "x."), "--report-only writes nothing"),
        ((*SINCE, "--out-prefix", ""), "belongs to the running deployment"),
        ((*SINCE, "--out-prefix", "bad topic!", "--create-topics"), "must be made of letters (a to z, A to Z), digits"),
        (("--offsets", "0:1000", "--report-only"), "partition:from-to"),
        (("--since", "2026-11-22", "--report-only"), "--since: '2026-11-22' has no zone"),
    ],
)
def test_wrong_use_is_told_in_one_sentence(arguments: tuple[str, ...], said: str) -> None:
    told = ran("replay", *arguments)
    assert (told.exit_code, told.stdout) == (2, "")
    assert said in told.stderr
    assert len(told.stderr.splitlines()) == 1
