"""Ways to alter a bundle as somebody would who means harm."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sluicegate.models.trust import SIGNATURE
from tests.unit.models.signing import KEY, trusting

TRUST = trusting(KEY)
FILES = ("manifest.json", "weights.safetensors", "model.joblib", SIGNATURE)


class Executes:
    """Whoever unpickles it makes a file."""

    def __init__(self, made: Path) -> None:
        self.made = made

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return os.mkdir, (str(self.made),)


def change_manifest(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    file = folder / "manifest.json"
    document = json.loads(file.read_bytes())
    change(document)
    file.write_text(json.dumps(document))


def put_stated(folder: Path, name: str, raw: bytes) -> None:
    """Put a file in the place of another, and have the manifest state its digest."""
    (folder / name).write_bytes(raw)
    stated = {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    change_manifest(folder, lambda document: document["files"].update({name: stated}))
