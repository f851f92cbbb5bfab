"""Pipelines from a table of a text and signals: lowered where scaling and imputing are all that is done to signals."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, KBinsDiscretizer, MaxAbsScaler, MinMaxScaler, StandardScaler

from sluicegate.models.bundle import Bundle
from sluicegate.models.imported.importing import ImportPlan, import_bundle
from sluicegate.models.imported.outputs import wanted_harms
from sluicegate.models.imported.reading import readable
from sluicegate.models.imported.recorded import SignalColumn
from sluicegate.models.parity import check_parity
from sluicegate.models.samples import TOLERANCE
from sluicegate.models.scorer import Scorer
from tests.unit.models.imported.kinds import SPAM, TEXTS

NAMES = ("reports", "age")
ABSENT = SignalColumn("reports"), SignalColumn("age")
TABLE = np.empty((len(TEXTS), 3), dtype=object)
TABLE[:, 0] = TEXTS
TABLE[:, 1] = [9.0, np.nan, 1.0] * 40
TABLE[:, 2] = [np.nan if place % 10 == 0 else 1.0 + place % 7 * 100 for place in range(len(TEXTS))]

signals = st.dictionaries(st.sampled_from([*NAMES, "other"]), st.one_of(st.none(), st.floats(-1e6, 1e6)))
any_text = st.text(st.characters(exclude_categories=()), max_size=40)


def columns(*numbers: Any, chosen: Any = (1, 2), texts: Any = None, **more: Any) -> ColumnTransformer:
    parts = [("numbers", numbers[0], chosen), ("text", texts or TfidfVectorizer(), 0), *numbers[1:]]
    return ColumnTransformer(parts, **more)


def imputed(*steps: Any, **more: Any) -> Any:
    return make_pipeline(SimpleImputer(**more), *steps)


UNION = FeatureUnion([("words", TfidfVectorizer()), ("hashed", HashingVectorizer(n_features=64))])

LOWERED = {
    "mean, standardised": columns(imputed(StandardScaler())),
    "standardised before": columns(make_pipeline(StandardScaler(), SimpleImputer(strategy="median"))),
    "imputed twice": columns(imputed(SimpleImputer(strategy="most_frequent"))),
    "absence told": columns(imputed(StandardScaler(), add_indicator=True)),
    "a number instead": columns(imputed(MinMaxScaler(), strategy="constant", fill_value=-1)),
    "largest 1": columns(imputed(MaxAbsScaler())),
    "not centred": columns(imputed(StandardScaler(with_mean=False))),
    "chosen by a slice": columns(imputed(), chosen=slice(1, None)),
    "chosen from the end": columns(imputed(), chosen=[-1]),
    "chosen by a mask": columns(imputed(), chosen=[False, True, True]),
    "one after the other": columns(imputed(), ("again", imputed(StandardScaler()), [2, 1])),
    "the rest dropped": columns(imputed(), chosen=[2]),
    "the rest taken": columns(imputed(), chosen=[1], remainder=imputed(StandardScaler())),
    "weights": columns(imputed(StandardScaler()), transformer_weights={"numbers": 0.5, "text": 2.0}),
    "a union of texts": columns(imputed(StandardScaler()), texts=UNION),
    "none": columns("drop"),
}
AS_IT_IS = {
    "bins": columns(imputed(KBinsDiscretizer(3, strategy="uniform"))),
    "code of one's own": columns(imputed(FunctionTransformer(np.tanh))),
    "clipped": columns(imputed(MinMaxScaler(clip=True))),
}


def plain(table: NDArray[np.object_]) -> Any:
    return np.array([[len(row[0]), np.nan_to_num(row[1])] for row in table], dtype=np.float64)


@cache
def fitted(kind: str) -> Any:
    if kind == "a function":
        return make_pipeline(FunctionTransformer(plain), LogisticRegression()).fit(TABLE, SPAM)
    if kind == "a forest":
        return make_pipeline(columns(imputed()), RandomForestClassifier(5, random_state=1)).fit(TABLE, SPAM)
    return make_pipeline({**LOWERED, **AS_IT_IS}[kind], LogisticRegression()).fit(TABLE, SPAM)


@cache
def imported(kind: str, given: tuple[SignalColumn, ...] = ABSENT) -> Bundle:
    folder = Path(mkdtemp())
    joblib.dump(fitted(kind), folder / "pipeline.joblib")
    plan = ImportPlan("mine", "1", wanted_harms("spam"), signals=given)
    return import_bundle(folder / "pipeline.joblib", folder / "bundle", plan)


@cache
def model(kind: str, given: tuple[SignalColumn, ...] = ABSENT) -> Scorer:
    return imported(kind, given).model()


def table_of(texts: list[str], signals: list[dict[str, float | None]]) -> NDArray[np.object_]:
    table = np.empty((len(texts), 3), dtype=object)
    table[:, 0] = [readable(text) for text in texts]
    for place, name in enumerate(NAMES, start=1):
        table[:, place] = [np.nan if each.get(name) is None else each[name] for each in signals]
    return table


@pytest.mark.parametrize("kind", [*LOWERED, *AS_IT_IS, "a function", "a forest"])
def test_it_is_served_from_weights_where_it_is_linear_and_as_it_is_elsewhere(kind: str) -> None:
    found = imported(kind)
    assert found.manifest.imported is not None
    assert (found.manifest.served == "weights") == (kind in LOWERED), found.manifest.imported.not_lowered
    assert found.scorer().signals == NAMES
    assert check_parity(found) <= TOLERANCE


@pytest.mark.parametrize("kind", [*LOWERED, *AS_IT_IS, "a function", "a forest"])
@settings(deadline=None, max_examples=20)
@given(rows=st.lists(st.tuples(any_text, signals), min_size=1, max_size=4))
def test_any_texts_and_signals_score_as_the_pipeline_scores_them(
    kind: str, rows: list[tuple[str, dict[str, float | None]]]
) -> None:
    texts, beside = [text for text, _ in rows], [each for _, each in rows]
    expected = fitted(kind).predict_proba(table_of(texts, beside))[:, 1:]
    np.testing.assert_allclose(model(kind).score(texts, beside), expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("kind", ["mean, standardised", "absence told", "a forest"])
def test_without_signals_all_are_absent(kind: str) -> None:
    texts = TEXTS[:4]
    np.testing.assert_array_equal(model(kind).score(texts), model(kind).score(texts, [{}, None, {"other": 1}, {}]))


@pytest.mark.parametrize("kind", ["mean, standardised", "absence told", "a forest"])
def test_a_number_stands_in_for_an_absent_signal_where_that_is_said(kind: str) -> None:
    given = SignalColumn("reports", 3.0), SignalColumn("age")
    found = model(kind, given).score(["soup"] * 2, [{"age": 5.0}, {"age": 5.0, "reports": 3.0}])
    assert found[0, 0] == found[1, 0]


def test_every_window_of_a_long_text_has_its_signals() -> None:
    long = "rain and bread at the market " * 200
    found = imported("absence told").scorer().score([long, long], [{"reports": 90.0}, {"reports": 1.0}])
    assert found[0, 0] > found[1, 0]


def test_reasons_speak_of_the_text() -> None:
    text = "Lovely SOUP at the beach. Click the link"
    spans = model("mean, standardised").why(text, "spam", 2)
    assert {text[span.start : span.end] for span in spans} <= {"Click", "link"}
