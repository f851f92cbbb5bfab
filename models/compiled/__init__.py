"""The loops that decide how fast texts are scored, compiled; what they give is what the Python beside them gives."""

from sluicegate.schemas.kernels import kernel

__all__ = ["folding", "scoring"]

# None where it could not be built.
folding = kernel("sluicegate.models.compiled.folding")
scoring = kernel("sluicegate.models.compiled.scoring")
