"""Documents made to harm end as faults within a bounded time, and conditions reach nothing but their inputs."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sluicegate.policy import PolicyError, default_policy_path, load_policy, parse_policy
from sluicegate.policy.cel import ConditionError, parse_condition
from sluicegate.policy.source import MAX_BYTES
from sluicegate.schemas.signing_keys import TrustedKeys
from tests.unit.policy.documents import HEAD, SMALL, with_rules

#: Times that the shipped policy takes, some 20 ms of the processor: what was measured is half of it and less.
MANY = 50


def seconds(of: Callable[[], object]) -> float:
    """Give the processor's time that a call takes."""
    began = time.process_time()
    of()
    return time.process_time() - began


def filled(unit: str, before: str = "", after: str = "", size: int = MAX_BYTES) -> str:
    """Repeat a unit until the document has about as many bytes as it may have."""
    return before + unit * ((size - len(before) - len(after)) // len(unit)) + after


def many_rules(condition: str) -> str:
    """Give as many rules of a condition as a document may have."""
    rules = [f"  - name: r{place}\n    when: {condition}\n    then: allow\n" for place in range(500)]
    return with_rules("rules:\n" + "".join(rules[: (MAX_BYTES - len(HEAD) - 100) // len(rules[-1])]))


DOCUMENTS = {
    "laughs": "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
    "an alias of itself": "a: &a [*a]\n",
    "a merge key": "a: {<<: {b: 1}}\n",
    "a tag": "a: !!python/object/apply:os.system [ls]\n",
    "a tag of one's own": "%TAG !e! tag:example,2000:\n---\na: !e!x 1\n",
    "a key twice": SMALL + "missed: 0.2\n",
    "a second document": SMALL + "---\n" + SMALL,
    "a zero byte": SMALL + "a: \0\n",
    "half a character": SMALL + "a: \ud800\n",
    "a long document": filled("a: 1\n", size=2 * MAX_BYTES),
    "numbers": SMALL.replace("0.9", "9" * 4_000),
    "an infinite number": SMALL.replace("missed: 0.1", "missed: 1e999"),
    "a number that is none": SMALL.replace("missed: 0.1", "missed: .nan"),
    "a long number": SMALL.replace("missed: 0.1", "missed: " + "9" * 100_000),
    "lists within lists": "a: " + "[" * 100_000,
    "mappings within mappings": "{a: " * 60_000,
    "lists on lines": "- " * 100_000,
    "keys of keys": "? " * 100_000,
    "levels": "\n".join(" " * level + "a:" for level in range(600)),
    "a list of numbers": filled("1,", "a: [", "1]"),
    "the same name": filled("a: 1\n"),
    "no end of a string": filled("\\n", 'a: "'),
    "no end of a list": filled("1 ", "a: [", ""),
    "a long name": filled("x", after=": 1"),
    "empty lines": filled("\n", "a:"),
    "lines of one value": filled(" b\n", "a: b\n"),
    "directives": filled("%X\n"),
    "documents": filled("---\n"),
    "colons": filled(": "),
    "brackets": many_rules("(" * 2_000 + "true" + ")" * 2_000),
    "brackets without an end": many_rules("(" * 4_000),
    "negations": many_rules("'" + "!" * 4_000 + "true'"),
    "signs": many_rules("0 < " + "-" * 4_000 + "1"),
    "sums": many_rules("0 < " + "+".join("1" * 2_000)),
    "alternatives": many_rules(" || ".join(["scores.hate > 0.5"] * 190)),
    "conjunctions": many_rules(" && ".join(f"signals.a{place} > {place}" for place in range(190))),
    "boxes": many_rules(" && ".join(f"(signals.a{place} > 1 || signals.b{place} > 1)" for place in range(7))),
    "differences": many_rules(" && ".join(f"signals.a != {place}" for place in range(7))),
    "long lists": many_rules("language in [" + ",".join(["'a'"] * 900) + "]"),
    "lists within lists of conditions": many_rules("1 in[" * 600 + "1" + "]" * 600),
    "members": many_rules("a" + ".a" * 2_000),
    "choices": many_rules("(signals.a > 1 ? " * 100 + "true" + " : false)" * 100),
    "maps": many_rules("'" + "{1:" * 1_000 + "'"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_document_ends_as_a_fault_within_a_second(name: str) -> None:
    with pytest.raises(PolicyError) as told:
        parse_policy(DOCUMENTS[name], "p.yaml")

    def refused() -> None:
        with pytest.raises(PolicyError):
            parse_policy(DOCUMENTS[name], "p.yaml")

    def times_the_shipped_policy() -> float:
        """Compare the two side by side, as a neighbour takes a shared processor's time from both."""
        return seconds(refused) / seconds(lambda: load_policy(default_policy_path()))

    assert any(times_the_shipped_policy() < MANY for _ in range(3))
    assert len(str(told.value)) < 20_000
    assert all(line.startswith(("p.yaml:", "... and ")) for line in str(told.value).splitlines())


@pytest.mark.parametrize("member", ["name", "revision"])
@pytest.mark.parametrize("control", ["\\n", "\\e[2J", "\\x9b2J", "\\0"])
def test_a_name_that_would_begin_a_line_of_the_log_or_steer_a_terminal_is_refused(member: str, control: str) -> None:
    document = re.sub(rf"^{member}:.*\n", "", SMALL, flags=re.MULTILINE) + f'{member}: "a{control}b"\n'
    with pytest.raises(PolicyError, match=f"{member} holds a control character"):
        parse_policy(document, "p.yaml")


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe\x00", SMALL.encode("utf-16"), b"\xc3", b"\x00" * 1_000, b"", bytes(range(256)), b"\x1b[2J"]
)
def test_bytes_that_are_no_text_end_as_a_fault(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "p.yaml").write_bytes(raw)
    with pytest.raises(PolicyError):
        load_policy(tmp_path / "p.yaml")


def test_a_file_without_an_end_is_not_read_to_its_end() -> None:
    with pytest.raises(PolicyError, match="larger than"):
        load_policy("/dev/zero")


@pytest.mark.parametrize("name", ["p.yaml", "p.yaml.sig"])
def test_a_pipe_into_which_nobody_writes_is_not_waited_for(tmp_path: Path, name: str) -> None:
    (tmp_path / "p.yaml").write_bytes(default_policy_path().read_bytes())
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    told: list[str] = []

    def load() -> None:
        try:
            load_policy(tmp_path / "p.yaml", TrustedKeys({}) if name == "p.yaml.sig" else None)
        except PolicyError as error:
            told.append(str(error))

    loading = threading.Thread(target=load, daemon=True)
    loading.start()
    loading.join(20)
    assert told
    assert ("signature cannot be read" if name == "p.yaml.sig" else "a policy is a mapping") in told[0]


def test_a_pipe_into_which_somebody_writes_is_read_to_its_end() -> None:
    read, write = os.pipe()

    def say() -> None:
        with os.fdopen(write, "wb") as pipe:
            for line in default_policy_path().read_bytes().splitlines(keepends=True):
                pipe.write(line)
                pipe.flush()

    saying = threading.Thread(target=say)
    saying.start()
    assert load_policy(f"/dev/fd/{read}").digest == load_policy(default_policy_path()).digest
    saying.join()
    os.close(read)


def test_the_command_ends_within_its_deadline_as_well(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(DOCUMENTS["brackets"])
    done = subprocess.run(
        [sys.executable, "-m", "sluicegate", "policy", "check", str(tmp_path / "p.yaml")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "the conditions have more than" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ('language.matches("(a+)+$")', "unknown method 'matches'"),
        ('matches(language, "(a+)+$")', "the function 'matches' is not in the subset"),
        ('surface.replace("a", "b") == ""', "unknown method 'replace'"),
        ('size("aaaa") > 1', "the function 'size' is not in the subset"),
        ("[1, 2].all(x, x > 0)", "unknown method 'all'"),
        ("[1, 2].map(x, x * x)", "unknown method 'map'"),
        ("scores.hate.__class__ == 1", "there is no member '__class__' here"),
        ("language.__class__ == surface", "there is no member '__class__' here"),
        ('scores["hate"] > 0.1', "indexing is not in the subset"),
        ('__import__("os") == 1', "the function '__import__' is not in the subset"),
        ('open("/etc/passwd") == 1', "the function 'open' is not in the subset"),
        ('timestamp("2026-01-01T00:00:00Z") > 1', "the function 'timestamp' is not in the subset"),
        ('dyn(scores.hate) > "a"', "the function 'dyn' is not in the subset"),
        ("google.protobuf.Any{} == 1", "there is no member 'Any' here"),
        ("{1: 2} == {1: 2}", "is not in the subset"),
        ("environment == 1", "unknown variable 'environment'"),
        ("globals == 1", "unknown variable 'globals'"),
        ("text.contains('a')", "unknown variable 'text'"),
        ("actor_id == 'a'", "unknown variable 'actor_id'"),
        ("'a' * 1000000000 == 'a'", "must be a double"),
        ("2 % 2 == 0", "'%' is not in the subset"),
        ("1 / 0 > 1", "only a number other than 0 may stand below '/'"),
        ("0 < " + "9" * 4_000, "the number is larger than 1e15"),
        ("0 < 0x" + "f" * 4_000, "the number is larger than 1e15"),
    ],
)
def test_a_condition_reaches_nothing_but_its_inputs(condition: str, told: str) -> None:
    with pytest.raises(ConditionError) as refused:
        parse_condition(condition)
    assert told in refused.value.message
