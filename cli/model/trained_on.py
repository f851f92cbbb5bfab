"""Tells where texts are those that a bundle was trained on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from sluicegate.models.labelled import LabelledFile
    from sluicegate.models.manifest import Manifest

__all__ = ["tell_trained_on"]


def tell_trained_on(manifest: "Manifest", files: "Sequence[LabelledFile]", console: Console) -> None:
    """Warn of files, known by their digests, on which the bundle's figures flatter."""
    known = {file.sha256 for file in manifest.training_files}
    names = [file.name for file in files if file.sha256 in known]
    if names:
        console.print(
            f"trained on: {', '.join(names)}; figures on texts that the model has seen flatter, give others",
            highlight=False,
            soft_wrap=True,
        )
