"""Whether columns serve is told without waiting for what loads meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from sluicegate.agents.columnar.pipeline import column_pipeline
from sluicegate.agents.languages import LoadingIdentifier
from sluicegate.agents.pipeline import Pipeline
from sluicegate.models import default_bundle_path, load_bundle
from sluicegate.models.language import LanguageIdentifier, LanguageModel
from tests.unit.agents.batches import POLICY, TOPICS


def test_columns_are_chosen_before_the_model_of_languages_is_loaded() -> None:
    may_load = Event()

    def load() -> LanguageIdentifier:
        may_load.wait()
        return LanguageIdentifier(LanguageModel.load(), ("en",), 0.7)

    rows = Pipeline(load_bundle(default_bundle_path()).scorer(), POLICY, TOPICS, identifier=LoadingIdentifier(load))
    with ThreadPoolExecutor(1) as executor:
        chosen = executor.submit(column_pipeline, rows, TOPICS)
        try:
            assert chosen.result(timeout=20) is not None
        finally:
            may_load.set()
