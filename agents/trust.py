"""What this process trusts, as its settings say: public keys that are read once, and digests that are pinned."""

from sluicegate.agents.settings import PREFIX, Settings, SettingsError
from sluicegate.models.trust import Trust
from sluicegate.schemas.signatures import SignatureError
from sluicegate.schemas.signing_keys import TrustedKeys

__all__ = ["load_trust"]


def load_trust(settings: Settings) -> Trust:
    """Read the keys that are set.

    Raises
    ------
    SettingsError
        If a file is none of public keys: nothing is trusted then, rather than everything.
    """
    try:
        keys = None if settings.trusted_keys is None else TrustedKeys.read(settings.trusted_keys)
    except SignatureError as error:
        raise SettingsError(f"{PREFIX}TRUSTED_KEYS: {error}") from None
    return Trust(keys, None if settings.pinned_bundles is None else frozenset(settings.pinned_bundles))
