"""A document that is no YAML is refused in one sentence with the place, as a policy is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sluicegate.models.card.card import CardError
from sluicegate.models.card.reading import read_words
from sluicegate.models.evaluation.identity import read_terms
from sluicegate.models.labelled import DataError
from sluicegate.models.recipe import read_recipe


@pytest.mark.parametrize("read", [read_recipe, read_terms, read_words])
@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"version: [", ":2:1: not YAML: did not find expected node content; check indentation and quotes"),
        (b"a: 1\n\tb: 2", ":2:1: not YAML: found a tab character that violates indentation; check"),
        (b"a: 1\nb: \xff", ":2:4: not YAML: invalid leading UTF-8 octet; remove the character"),
        (b"a: 1\nb: [2026-13-01]", ":2:5: a value cannot be read (month must be in 1..12); quote it if it is meant as"),
        (b"a: !!timestamp soon", ":1:4: a value cannot be read (it does not fit its tag);"),
        (b"a: !!int ''", ":1:4: a value cannot be read (it does not fit its tag);"),
        (b"a: &a [*a, 2026-13-01]", ":1:8: aliases are not read; write the value out"),
        (b"a: &a {b: 1}\nc: {<<: *a}", ":2:9: aliases are not read; write the value out"),
        (b"- [!foo x]\n- 2020-13-13", ":2:3: a value cannot be read (month must be in 1..12); quote it"),
        (b"a: 1" + b":1" * 60_000, ":1:4: a value of more than 16,384 characters; shorten it"),
        (b"a: " + b"x " * 200_000, ": larger than 256 KiB; shorten it"),
        (b"[" * 100_000, ":1:51: nested deeper than 50 levels; flatten it"),
    ],
)
def test_what_is_no_yaml_is_told_in_one_sentence_with_its_place(
    read: Callable[[Path], object], raw: bytes, told: str, tmp_path: Path
) -> None:
    (tmp_path / "bad.yaml").write_bytes(raw)
    with pytest.raises((DataError, CardError)) as refused:
        read(tmp_path / "bad.yaml")
    assert f"{tmp_path / 'bad.yaml'}{told}" in str(refused.value)
    assert "\n" not in str(refused.value)
