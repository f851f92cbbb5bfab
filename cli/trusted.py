"""Bundles and policies as commands read them: held to the keys and digests that are set, as a worker holds them."""

from pathlib import Path
from typing import TYPE_CHECKING

from sluicegate.cli.settings import read_settings

if TYPE_CHECKING:
    from sluicegate.models import Bundle
    from sluicegate.models.trust import Trust
    from sluicegate.policy import Policy

__all__ = ["served_bundle", "served_policy", "studied_bundle", "trust"]


def trust() -> "Trust":
    """Read what is trusted.

    Raises
    ------
    SettingsError
        If a setting or a key is wrong.
    """
    from sluicegate.agents.trust import load_trust

    return load_trust(read_settings())


def served_bundle(folder: Path) -> "Bundle":
    """Load a bundle as a worker would: what it would refuse is refused.

    Raises
    ------
    BundleError
        If it is.
    """
    from sluicegate.models import load_bundle

    return load_bundle(folder, trust())


def studied_bundle(folder: Path) -> "Bundle":
    """Load a bundle that is measured or made into another, signed or not; it is unpickled only where it is trusted.

    Raises
    ------
    BundleError
        If it is not whole.
    """
    from sluicegate.models import load_bundle

    return load_bundle(folder, trust().for_study())


def served_policy(file: Path) -> "Policy":
    """Load a policy as a worker would.

    Raises
    ------
    PolicyError
        If a worker would refuse it.
    """
    from sluicegate.policy import load_policy

    return load_policy(file, trust().keys)
