"""From text to calibrated probabilities. Imports only the contracts."""

from pathlib import Path

__all__ = ["default_bundle_path"]


def default_bundle_path() -> Path:
    """Give the folder of the bundle that ships with the project."""
    return Path(__file__).resolve().parent / "default"
