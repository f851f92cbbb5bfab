"""The manifest of a bundle as JSON Schema (draft 2020-12), from the structs that read it.

What the schema refuses, reading refuses; that digests, shapes and probabilities are those of the files only
`load_bundle` can tell.
"""

import json
from typing import Final

from sluicegate.models.manifest import Manifest
from sluicegate.schemas.json_schema import whole_schema

__all__ = ["MANIFEST_SCHEMA", "MANIFEST_SCHEMA_FILE", "manifest_schema_text"]

MANIFEST_SCHEMA: Final = "urn:sluicegate:schema:bundle-manifest:v1"

#: Its name among the schema files.
MANIFEST_SCHEMA_FILE: Final = "bundle-manifest.json"


def manifest_schema_text() -> str:
    """Give the text of the schema's file, the same at every call."""
    return json.dumps(whole_schema(Manifest, MANIFEST_SCHEMA), indent=2) + "\n"
