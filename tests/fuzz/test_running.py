"""The fuzzer finds faults that were put in on purpose, and what it says of a run is read rightly."""

import os
from pathlib import Path

import pytest

from tests.fuzz.running import Budget, dictionary, fuzz
from tests.fuzz.sanitized import runtime
from tests.fuzz.target import NAMES, load


@pytest.fixture
def fuzzer() -> None:
    """Leave the test out where the fuzzer was not installed: never in CI."""
    if not runtime().exists():
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail("CI=true requires the fuzzer; run `make fuzz` first", pytrace=False)
        pytest.skip("needs the fuzzer, which `make fuzz` installs")


@pytest.mark.parametrize(
    ("planted", "told"),
    [(b"over", "heap-buffer-overflow"), (b"type", "TypeError: not a refusal"), (b"room", "out-of-memory")],
)
def test_a_fault_that_was_put_in_is_found(
    fuzzer: None, planted: bytes, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fuzz.running.CACHE", tmp_path)
    monkeypatch.setattr("tests.fuzz.running.CORPUS", tmp_path / "corpus")
    (tmp_path / "corpus" / "planted").mkdir(parents=True)
    (tmp_path / "corpus" / "planted" / "input").write_bytes(planted)
    found = fuzz("planted", Budget(inputs=100, seed=1, fresh=True))
    assert found.failed
    assert told in found.what
    assert found.input is not None
    assert found.input.read_bytes() == planted


def test_a_run_in_which_nothing_is_found_is_told_with_its_inputs(
    fuzzer: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fuzz.running.CACHE", tmp_path)
    monkeypatch.setattr("tests.fuzz.running._limits", lambda name: ["-max_len=3"])
    found = fuzz("planted", Budget(inputs=500, seed=1, fresh=True))
    assert (found.what, found.failed, found.input) == ("", False, None)
    assert found.inputs == 500
    assert found.megabytes > 0


def test_words_are_written_as_the_fuzzer_reads_them() -> None:
    assert dictionary([b'a"\\\n', b"", b"\xff"]) == '"\\x61\\x22\\x5c\\x0a"\n"\\xff"\n'


@pytest.mark.parametrize("name", NAMES)
def test_seeds_are_within_what_is_tried(name: str) -> None:
    target = load(name)
    assert target.seeds()
    assert max(map(len, target.seeds())) <= target.longest
