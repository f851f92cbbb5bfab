"""``sluicegate model keygen`` and ``sign``: a key of one's own, and its signature on a bundle."""

from pathlib import Path
from typing import Annotated

import typer

from sluicegate.cli.errors import CommandError
from sluicegate.cli.signing import KeyFile, new_key, place_signature, read_key

__all__ = ["keygen", "sign"]


def keygen(
    key: Annotated[Path, typer.Argument(metavar="KEY.pem", help="Where the private key goes; keep it secret.")],
) -> None:
    """Make an Ed25519 key: KEY.pem, which signs, and KEY.pub.pem, which goes into SLUICEGATE_TRUSTED_KEYS.

    So do `openssl genpkey -algorithm ed25519 -out KEY.pem` and `openssl pkey -in KEY.pem -pubout -out KEY.pub.pem`.
    """
    public = key.with_name(f"{key.stem}.pub.pem")
    made = new_key(key, public)
    print(f"made the key {made.name}: {key} signs, keep it secret; {public} goes into SLUICEGATE_TRUSTED_KEYS")


def sign(
    bundle: Annotated[
        Path, typer.Argument(metavar="BUNDLE", help="Folder of a bundle, a version of a store, or a second opinion.")
    ],
    key: KeyFile,
) -> None:
    """Sign a bundle or a second opinion: writes manifest.sig beside its manifest, which states all digests.

    It is checked whole before; nothing in it is unpickled, and nothing else in it changes.
    """
    from sluicegate.models.signing import sign_folder
    from sluicegate.models.store import bundle_folder
    from sluicegate.models.trust import SIGNATURE

    folder = bundle_folder(bundle)
    signer = read_key(key)
    try:
        digest, signature = sign_folder(folder, signer)
    except ModuleNotFoundError as error:
        raise CommandError(
            f"a second opinion needs {error.name}, which is not installed; install it with: "
            "pip install 'sluicegate[opinion]'"
        ) from error
    place_signature(folder / SIGNATURE, signature)
    print(f"{folder} ({digest}) is signed with the key {signer.name}")
