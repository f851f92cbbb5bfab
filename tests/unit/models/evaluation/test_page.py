"""The page of an evaluation stands alone and can be read without seeing its plots."""

import re
from html.parser import HTMLParser

import msgspec
import pytest

from sluicegate.models.evaluation.evaluation import Evaluation, Transfer
from sluicegate.models.evaluation.page import evaluation_page


class Reading(HTMLParser):
    """Notes every tag with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def page(evaluation: Evaluation) -> str:
    return evaluation_page(evaluation)


@pytest.fixture(scope="module")
def tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    reading = Reading()
    reading.feed(page)
    return reading.tags


def test_nothing_is_fetched_from_elsewhere(page: str, tags: list[tuple[str, dict[str, str | None]]]) -> None:
    assert not {"script", "link", "img", "iframe", "object", "image"} & {tag for tag, _ in tags}
    links = [value for _, attributes in tags for name, value in attributes.items() if name in {"href", "xlink:href"}]
    assert links
    assert all(value and value.startswith("#") for value in links)
    assert "@import" not in page
    assert not re.findall(r"url\((?!#)", page)


def test_names_within_the_page_are_unique_and_references_lead_to_them(
    page: str, tags: list[tuple[str, dict[str, str | None]]]
) -> None:
    names = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(names) == len(set(names))
    led = set(re.findall(r'(?:href="|url\()#([^")]+)', page))
    assert led <= set(names)


def test_every_plot_is_told_in_words_and_has_tables_beside_it(
    page: str, tags: list[tuple[str, dict[str, str | None]]]
) -> None:
    figures = [attributes for tag, attributes in tags if tag == "figure"]
    assert len(figures) >= 5
    assert all(each.get("role") == "img" and each.get("aria-label") for each in figures)
    for section in page.split("<section")[1:]:
        assert "<table>" in section


def test_plots_take_the_colours_of_the_page(page: str) -> None:
    assert "prefers-color-scheme: dark" in page
    assert "currentColor" in page
    drawn = {colour.lower() for colour in re.findall(r"(?:fill|stroke): ?(#[0-9a-fA-F]{6})", page)}
    assert not drawn & {"#000000", "#ffffff", "#010101", "#020202", "#030303"}


def test_names_of_the_data_are_shown_and_never_taken_for_html(evaluation: Evaluation) -> None:
    hostile = (Transfer("spam", "<script>alert(1)</script>", "en", (), 20, 20, 0.5, None),)
    page = evaluation_page(msgspec.structs.replace(evaluation, transfer=hostile))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_same_evaluation_gives_the_same_page(evaluation: Evaluation, page: str) -> None:
    assert evaluation_page(evaluation) == page
