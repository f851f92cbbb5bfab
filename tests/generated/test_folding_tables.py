"""The tables of the folding are those of the libraries that keep Unicode's data."""

from sluicegate.models.folding.making import TABLES, made


def test_the_tables_of_the_folding_are_current() -> None:
    assert TABLES.read_text(encoding="ascii") == made(), "write it anew with: make generate"
