"""The page on bundles: its recipe, its line and its pipeline can be used as they stand there."""

import re
from pathlib import Path
from typing import Any

import joblib
import msgspec
import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sluicegate.models.imported.importing import ImportPlan, import_bundle
from sluicegate.models.imported.outputs import wanted_harms
from sluicegate.models.imported.recorded import SignalColumn
from sluicegate.models.labelled import Row
from sluicegate.models.manifest import Manifest
from sluicegate.models.recipe import decode_recipe

PAGE = (Path(__file__).parents[2] / "docs" / "bundles.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)
    return str(found)


def test_the_signals_of_the_page_can_stand_in_a_recipe() -> None:
    recipe = f"prevalence: {{spam: 0.05}}\ninverse_regularisation: 2.0\nsources: {{}}\n{block('yaml')}"
    assert set(decode_recipe(recipe.encode(), "page").signals) == {"account_age_days", "reports", "views_per_hour"}


def test_the_line_of_the_page_is_a_labelled_text_with_signals() -> None:
    (line,) = re.findall(r'`(\{"text".*?\}\})`', PAGE)
    assert msgspec.json.decode(line, type=Row).signals == {"account_age_days": 2}


def test_the_pipeline_of_the_page_is_imported_and_lowered(tmp_path: Path) -> None:
    table = np.empty((4, 3), dtype=object)
    table[:] = [["buy now", 900.0, 1.0], ["lunch", 3.0, np.nan], ["click here", 800.0, 2.0], ["see you", np.nan, 90.0]]
    names: dict[str, Any] = {
        each.__name__: each
        for each in (
            ColumnTransformer,
            TfidfVectorizer,
            SimpleImputer,
            StandardScaler,
            LogisticRegression,
            make_pipeline,
        )
    }
    made: dict[str, Any] = {}
    exec(block("python"), names | {"table": table, "labels": [1, 0, 1, 0]}, made)
    joblib.dump(made["pipeline"], tmp_path / "page.joblib")
    signals = SignalColumn("views_per_hour"), SignalColumn("account_age_days", 30.0)
    plan = ImportPlan("page", "1", wanted_harms("spam"), signals=signals)
    assert import_bundle(tmp_path / "page.joblib", tmp_path / "page", plan).manifest.served == "weights"


def test_members_that_the_page_names_are_those_of_the_manifest() -> None:
    table = PAGE.partition("## The manifest")[2].partition("## Bringing your own")[0]
    named = {
        name for cell in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)
    }
    assert named == {field.name for field in msgspec.structs.fields(Manifest)} - {"format"}
