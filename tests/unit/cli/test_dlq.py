"""The commands that work dead letters: wrong use is told before a broker is asked, and nothing hostile is printed."""

import pytest

from sluicegate.cli.dlq.options import require_partitions, selected
from sluicegate.cli.dlq.printable import as_json, quoted, time_of
from sluicegate.cli.errors import CommandError
from tests.commands import ran


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"plain", '"plain"'),
        ("déjà vu, 日本".encode(), '"déjà vu, 日本"'),
        (b"\x1b[2J\r\n\x00", '"\\x1b[2J\\x0d\\x0a\\x00"'),
        (b"\xff\xfe", '"\\xff\\xfe"'),
        ("\u202e\u2066\ufeff\U000e0001".encode(), '"\\u202e\\u2066\\ufeff\\U000e0001"'),
        (b"", '""'),
        (None, "null"),
    ],
)
def test_what_does_not_print_is_escaped(content: bytes | None, told: str) -> None:
    assert quoted(content) == told


def test_bytes_that_are_no_text_are_told_in_base64() -> None:
    assert as_json("key", b"\xff") == {"key_base64": "/w=="}
    assert as_json("key", b"a-1") == {"key": "a-1"}
    assert as_json("key", None) == {"key": None}


def test_a_record_without_a_time_has_a_dash() -> None:
    assert time_of(-1) == "-"
    assert time_of(1_700_000_000_000) == "2023-11-14T22:13:20.000Z"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("list", "--reason", "nonsense"), "'nonsense' is no reason; there are decide.failed, "),
        (("list", "--reason", "json.invalit"), "'json.invalit' is no reason; did you mean 'json.invalid'?"),
        (("list", "--since", "1h", "--until", "2h"), "--since 1h is not before --until 2h"),
        (("list", "--stage", "parse"), "'parse' is no stage; there are decide, decode, encode, score, validate"),
        (("show", "--at", "3"), "'3' is no place; write PARTITION:OFFSET"),
        (("show", "--since", "yesterday"), "'yesterday' is no time"),
        (("redrive", "--yes"), "say which: by --reason, --stage, --since, --until or --at; or --all"),
        (("purge", "--yes"), "say how far: with --until, --through, or --all"),
        (("purge", "--through", "3:4-9"), "--through 3:4-9: records are deleted from the beginning on; name the last"),
    ],
)
def test_wrong_use_is_told_in_one_sentence_with_exit_code_2(arguments: tuple[str, ...], told: str) -> None:
    done = ran("dlq", *arguments)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"sluicegate: {told}")
    assert done.stderr.count("\n") == 1


def test_a_partition_that_the_topic_does_not_have_is_told_with_those_that_it_has() -> None:
    chosen = selected(None, None, None, None, ["5:0", "6:0-9"])
    with pytest.raises(CommandError, match=r"^content\.events\.dlq has no partition 6: it has 6, from 0$"):
        require_partitions("content.events.dlq", 6, chosen)
    require_partitions("content.events.dlq", 7, chosen)


def test_without_a_broker_a_command_fails_in_one_sentence() -> None:
    done = ran("dlq", "list", env={"SLUICEGATE_BROKERS": "127.0.0.1:1"})
    assert (done.exit_code, done.stdout) == (1, "")
    assert "no Kafka broker can be used at 127.0.0.1:1" in done.stderr
