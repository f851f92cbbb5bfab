"""From text to calibrated probabilities. Imports only the contracts."""

from sluicegate.models.bundle import Bundle, BundleError, default_bundle_path, load_bundle, read_manifest
from sluicegate.models.explain import Span
from sluicegate.models.imported.recorded import Served
from sluicegate.models.scorer import Scorer
from sluicegate.models.signals import Signals

__all__ = [
    "Bundle",
    "BundleError",
    "Scorer",
    "Served",
    "Signals",
    "Span",
    "default_bundle_path",
    "load_bundle",
    "read_manifest",
]
