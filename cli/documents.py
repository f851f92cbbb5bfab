"""Writes the generated pages of ``docs/``: ``python -m sluicegate.cli.documents FOLDER``."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from sluicegate.agents.metrics import metrics_document
from sluicegate.agents.settings_document import settings_document

__all__ = ["PAGES", "write_pages"]

#: Page to what makes it.
PAGES: Final[Mapping[str, Callable[[], str]]] = {"metrics.md": metrics_document, "settings.md": settings_document}


def write_pages(folder: Path) -> None:
    """Write every generated page."""
    for name, make in PAGES.items():
        (folder / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
