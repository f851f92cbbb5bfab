"""What is said of a bundle's signature."""

from pathlib import Path

from sluicegate.cli.trusted import trust

__all__ = ["signature_told"]


def signature_told(folder: Path) -> str:
    """Say who signed a bundle, and whether that was checked."""
    from sluicegate.models.bundle import MANIFEST
    from sluicegate.models.bundle_files import read_file
    from sluicegate.models.trust import signature_file
    from sluicegate.schemas.signatures import SignatureError, decode_signature

    keys = trust().keys
    try:
        raw = signature_file(folder)
        if raw is None:
            return "unsigned"
        if keys is None:
            return f"of the key {decode_signature(raw).key}, not checked since SLUICEGATE_TRUSTED_KEYS is unset"
        return f"of the key {keys.check('bundle', read_file(folder, MANIFEST), raw)}, which is trusted"
    except SignatureError as error:
        return f"worthless: {error}"
