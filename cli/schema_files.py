"""All schema files that the project writes: those of the contracts, and that of a bundle's manifest."""

from sluicegate.models.manifest_schema import MANIFEST_SCHEMA_FILE, manifest_schema_text
from sluicegate.schemas.documents import schema_files

__all__ = ["all_schema_files"]


def all_schema_files() -> dict[str, str]:
    """Give the text of every schema file by its name, the same at every call."""
    return {**schema_files(), MANIFEST_SCHEMA_FILE: manifest_schema_text()}
