import pytest

from sluicegate.models.language import LanguageModel


@pytest.fixture(scope="session")
def language_model() -> LanguageModel:
    return LanguageModel.load()
