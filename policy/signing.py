"""Signs policies, once they are known to be well formed."""

from pathlib import Path

from sluicegate.policy.loading import parse_policy, policy_text, read_policy, signature_path
from sluicegate.schemas.signing_keys import SigningKey

__all__ = ["sign_policy"]


def sign_policy(path: Path, key: SigningKey) -> tuple[Path, bytes]:
    """Return the place of a policy's signature, and the signature file.

    Raises
    ------
    PolicyError
        With all faults, when it could not run.
    """
    content = read_policy(path)
    parse_policy(policy_text(content, path), str(path))
    return signature_path(path), key.sign("policy", content)
