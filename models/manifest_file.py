"""The manifest of a bundle on disk: read, and held to what this version and its libraries can serve."""

from importlib.metadata import version
from pathlib import Path

import msgspec

from sluicegate.models.bundle_files import MANIFEST, PIPELINE, WEIGHTS, BundleError
from sluicegate.models.manifest import FORMAT, Manifest, decode, format_of
from sluicegate.models.normalise import NORMALISATION

__all__ = ["DECISIVE", "OWN_READING", "check_versions", "parse_manifest"]

OWN_READING = "none"
"""The normalisation of imported pipelines: they read texts in their own way."""

DECISIVE = ("scikit-learn",)
"""Of these the major and minor version must be the bundle's: how texts are cut and hashed depends on them."""


def parse_manifest(path: Path, raw: bytes) -> Manifest:
    """Read a manifest, and hold it to what its format has.

    Parameters
    ----------
    path
        Folder of the bundle, for messages.
    raw
        The file.

    Raises
    ------
    BundleError
        If it is none of the current format, or names other files than a bundle has.
    """
    try:
        stated = format_of(raw)
        if stated != FORMAT:
            raise BundleError(
                f"bundle {path} has format {stated!r}, this version reads {FORMAT}; train it again with this version"
            )
        manifest = decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BundleError(
            f"bundle {path}: {MANIFEST} is not a manifest ({error}); restore or train it again"
        ) from error
    for name in manifest.files:
        if name not in (WEIGHTS, PIPELINE):
            raise BundleError(
                f"bundle {path}: {MANIFEST} names a file {name!r} that no bundle has; restore or train it again"
            )
    needed = PIPELINE if manifest.served == "pipeline" else WEIGHTS
    if needed not in manifest.files or (manifest.served == "pipeline" and manifest.imported is None):
        raise BundleError(f"bundle {path}: {MANIFEST} does not name {needed}; restore or train it again")
    return manifest


def check_versions(path: Path, manifest: Manifest) -> None:
    """Check that this version of the project, with the libraries that are installed, reads texts as the bundle does.

    Raises
    ------
    BundleError
        If it does not.
    """
    if manifest.normalisation != (NORMALISATION if manifest.imported is None else OWN_READING):
        raise BundleError(
            f"bundle {path} folds texts by {manifest.normalisation}, this version by {NORMALISATION}; "
            "train it again with this version"
        )
    for name in DECISIVE:
        wanted, found = manifest.libraries.get(name, "none"), version(name)
        if wanted.split(".")[:2] != found.split(".")[:2]:
            raise BundleError(
                f"bundle {path} was made with {name} {wanted}, installed is {found}; "
                f"install {name} {'.'.join(wanted.split('.')[:2])} or train it again"
            )
