"""The shell loads no bundle, second opinion or policy without saying what is trusted: it would vouch for it itself."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(file for folder in ("agents", "cli") for file in (ROOT / folder).rglob("*.py"))
#: What takes a folder or a file first, and then what must vouch for it.
LOADING = {"load_bundle", "load_opinion", "load_policy", "Store"}
#: Lists what is there, and loads nothing.
EXCEPT = {("cli/model/promote.py", "versions")}


def calls(file: Path) -> list[tuple[str, ast.Call]]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [
        (getattr(within, "name", ""), node)
        for within in ast.walk(tree)
        if isinstance(within, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(within)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in LOADING
    ]


@pytest.mark.parametrize("file", [file for file in FILES if calls(file)], ids=lambda file: file.stem)
def test_whatever_is_loaded_is_held_to_what_is_trusted(file: Path) -> None:
    name = str(file.relative_to(ROOT))
    without = [ast.unparse(call) for within, call in calls(file) if len(call.args) < 2 and (name, within) not in EXCEPT]
    assert without == []


def test_the_places_where_something_is_loaded_are_found() -> None:
    assert {"served_bundle", "trusted", "running", "opinion", "promote"} <= {file.stem for file in FILES if calls(file)}
