"""The page on training: its recipe, its lines and its policy can be used together as they stand there."""

import re
from pathlib import Path

import msgspec

from sluicegate.models.labelled import Row
from sluicegate.models.recipe import decode_recipe
from sluicegate.policy import check_harms, load_policy

_PAGE = (Path(__file__).parents[2] / "docs" / "training.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", _PAGE, flags=re.DOTALL)


def test_the_policy_of_the_page_fits_a_model_by_the_recipe_of_the_page(tmp_path: Path) -> None:
    recipe, policy = blocks("yaml")
    file = tmp_path / "policy.yaml"
    file.write_text(policy)
    check_harms(load_policy(file), decode_recipe(recipe.encode(), "recipe").harms)


def test_the_lines_of_the_page_are_labelled_texts() -> None:
    (lines,) = blocks("json")
    rows = [msgspec.json.decode(line, type=Row) for line in lines.splitlines()]
    assert {row.source for row in rows} <= set(decode_recipe(blocks("yaml")[0].encode(), "recipe").sources)
