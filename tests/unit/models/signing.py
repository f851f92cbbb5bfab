"""Keys, and bundles that were signed with them, for tests."""

from pathlib import Path

from sluicegate.models.signing import sign_folder
from sluicegate.models.trust import SIGNATURE, Trust
from sluicegate.schemas.signing_keys import SigningKey, TrustedKeys

KEY, OTHER = SigningKey.new(), SigningKey.new()


def trusting(*keys: SigningKey) -> Trust:
    """Trust these keys."""
    return Trust(TrustedKeys({key.name: key.key.public_key() for key in keys}))


def signed(folder: Path, key: SigningKey = KEY) -> Path:
    """Sign a bundle where it stands."""
    _, signature = sign_folder(folder, key)
    (folder / SIGNATURE).write_bytes(signature)
    return folder
