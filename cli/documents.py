"""Writes the generated pages of ``docs/``: ``python -m sluicegate.cli.documents FOLDER``."""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from sluicegate.agents.metrics import metrics_document
from sluicegate.agents.settings_document import settings_document
from sluicegate.cli.line_reasons import line_reasons_document
from sluicegate.cli.schema_files import all_schema_files
from sluicegate.models.card import default_card
from sluicegate.schemas.documents import reasons_document

__all__ = ["PAGES", "write_pages"]


def _schema_file(name: str) -> str:
    return all_schema_files()[name]


#: Page to what makes it.
PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "metrics.md": metrics_document,
    "model-card.md": default_card,
    "reason-codes.md": lambda: reasons_document() + line_reasons_document(),
    "settings.md": settings_document,
    **{f"schemas/{name}": partial(_schema_file, name) for name in all_schema_files()},
}


def write_pages(folder: Path) -> None:
    """Write every generated page."""
    for name, make in PAGES.items():
        page = folder / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
