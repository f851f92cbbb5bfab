"""The commands around a second opinion tell what is wrong in a sentence."""

from pathlib import Path

import pytest

from sluicegate.cli.model.opinion import opinion_export
from sluicegate.models.opinion.errors import OpinionError


def test_an_encoder_is_not_made_of_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(OpinionError, match="holds no sentence model"):
        opinion_export(tmp_path, tmp_path / "out")


def test_an_encoder_does_not_overwrite_a_folder(tmp_path: Path) -> None:
    with pytest.raises(OpinionError, match="is there already"):
        opinion_export(tmp_path, tmp_path)
