"""The generated files of the contracts: JSON Schemas, the AsyncAPI document and the reference of reason codes."""

import json
from typing import Final

from sluicegate.schemas.asyncapi import asyncapi_document
from sluicegate.schemas.json_schema import json_schemas
from sluicegate.schemas.reasons import REASONS, Stage

__all__ = ["reasons_document", "schema_files"]

_HEAD: Final = """# Reason codes

<!-- Generated from schemas/reasons.py: `make generate` -->

Why a record became a dead letter. The code stands in the header `__sluicegate.errors.reason`, its stage in
`__sluicegate.errors.stage`, and one sentence that says what, where and what to do in `__sluicegate.errors.message`.
Codes are stable: one is never given another meaning, and a replay of the same record gives the same one. What else a
dead letter carries is in [contracts](contracts.md#dead-letters), and how to put originals back once the cause is mended
(`sluicegate dlq redrive`) in [working dead letters](dead-letters.md).
"""

_STAGES: Final = {
    Stage.DECODE: "the record could not be read as a CloudEvent in JSON; for its publisher to mend and publish again",
    Stage.VALIDATE: "it could be read and breaks the contract; for its publisher to mend and publish again",
    Stage.SCORE: "the model failed on it; for those who run Sluicegate to mend, and to redrive",
    Stage.DECIDE: "the policy failed on it; for those who run Sluicegate to mend, and to redrive",
    Stage.ENCODE: "what follows from it could not be written; for those who run Sluicegate to mend, and to redrive",
}


def schema_files() -> dict[str, str]:
    """Give the text of every schema file by its name, the same at every call."""
    documents = {**json_schemas(), "asyncapi": asyncapi_document()}
    return {f"{name}.json": json.dumps(document, indent=2) + "\n" for name, document in documents.items()}


def reasons_document() -> str:
    """Give the reference of all reason codes in Markdown."""
    parts = [_HEAD]
    for stage, said in _STAGES.items():
        parts.append(
            f"\n## {stage.value}\n\n{said[0].upper()}{said[1:]}.\n\n| code | meaning | remedy |\n| --- | --- | --- |\n"
        )
        parts.extend(
            f"| `{reason.code}` | {reason.meaning} | {reason.remedy} |\n"
            for reason in REASONS.values()
            if reason.stage is stage
        )
    return "".join(parts)
