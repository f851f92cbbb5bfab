"""From probabilities to decisions, as pure functions. Imports only the contracts."""

from pathlib import Path

__all__ = ["default_policy_path"]


def default_policy_path() -> Path:
    """Give the file of the policy that ships with the project."""
    return Path(__file__).resolve().parent / "default.yaml"
