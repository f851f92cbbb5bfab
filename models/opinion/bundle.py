"""Second opinions on disk: written whole or not at all, and refused when anything differs from the manifest."""

import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from sluicegate.models.manifest import FileDigest, format_of
from sluicegate.models.normalise import NORMALISATION
from sluicegate.models.opinion.encoder import Encoder
from sluicegate.models.opinion.errors import OpinionError
from sluicegate.models.opinion.manifest import FORMAT, OpinionManifest, decode, encode
from sluicegate.models.regular_files import MANIFEST_MOST, MOST, read_regular
from sluicegate.models.trust import Trust, TrustError

MANIFEST, HEAD, GRAPH, TOKENIZER = "manifest.json", "head.safetensors", "encoder.onnx", "tokenizer.json"
FILES = (HEAD, GRAPH, TOKENIZER)


@dataclass(frozen=True)
class Head:
    """One logistic regression a harm on embeddings: shapes (size, n_harms) and (n_harms,)."""

    coefficients: NDArray[np.float32]
    intercepts: NDArray[np.float32]

    def margins(self, embedding: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the margin of each harm: shape (..., n_harms)."""
        return np.asarray(embedding @ self.coefficients + self.intercepts, dtype=np.float64)


@dataclass(frozen=True)
class OpinionBundle:
    """A second opinion whose digests hold, ready to be asked."""

    path: Path
    manifest: OpinionManifest
    digest: str
    encoder: Encoder
    head: Head


def read_encoder(folder: Path) -> tuple[Encoder, dict[str, bytes]]:
    """Read an encoder's folder, and return its files as well.

    Raises
    ------
    OpinionError
        If it holds no encoder that can be used.
    """
    files = {name: _read(folder, name) for name in (GRAPH, TOKENIZER)}
    return _encoder(folder, files), files


def check_place(out: Path) -> None:
    """Refuse a place that is taken.

    Raises
    ------
    OpinionError
        If there is something at ``out``.
    """
    if out.exists():
        raise OpinionError(f"{out} is there already; choose another folder, or remove it first")


def write_opinion(out: Path, manifest: OpinionManifest, head: Head, files: Mapping[str, bytes]) -> None:
    """Write a second opinion beside its place and then move it there.

    Parameters
    ----------
    manifest
        All but ``files``, which are filled in here.
    files
        The encoder's, as :func:`read_encoder` returns them.

    Raises
    ------
    OpinionError
        If there is something at ``out``.
    """
    check_place(out)
    contents = {**files, HEAD: save({"coefficients": head.coefficients, "intercepts": head.intercepts})}
    digests = {name: FileDigest(len(raw), hashlib.sha256(raw).hexdigest()) for name, raw in contents.items()}
    contents[MANIFEST] = encode(msgspec.structs.replace(manifest, files=digests))
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as workshop:
        made = Path(workshop) / "made"
        made.mkdir()
        for name, raw in contents.items():
            (made / name).write_bytes(raw)
        shutil.move(made, out)


def load_opinion(path: Path, trust: Trust | None = None) -> OpinionBundle:
    """Read a second opinion after checking what vouches for it, its format, then its files' sizes and digests.

    Parameters
    ----------
    path
        Its folder.
    trust
        What an operator trusts; without, the caller vouches for the folder.

    Raises
    ------
    OpinionError
        If anything is missing or differs, or nothing vouches for it though something must.
    """
    raw = _read(path, MANIFEST)
    digest = "sha256:" + hashlib.sha256(raw).hexdigest()
    try:
        if trust is not None:
            trust.vouches(path, "opinion", raw, digest)
    except TrustError as error:
        raise OpinionError(f"second opinion {path} is refused: {error}") from error
    manifest = _manifest(path, raw)
    files = {name: _checked(path, name, manifest.files[name]) for name in FILES}
    encoder = _encoder(path, files)
    head = _head(path, manifest, files[HEAD])
    if encoder.size != manifest.sentence_model.size:
        raise OpinionError(f"second opinion {path}: {GRAPH} is not the one the manifest speaks of; train it again")
    return OpinionBundle(path, manifest, digest, encoder, head)


def _manifest(path: Path, raw: bytes) -> OpinionManifest:
    try:
        stated = format_of(raw)
        if stated != FORMAT:
            raise OpinionError(
                f"second opinion {path} has format {stated!r}, this version reads {FORMAT}; train it again"
            )
        manifest = decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise OpinionError(
            f"second opinion {path}: {MANIFEST} is not that of a second opinion ({error}); "
            "give a folder that `sluicegate model opinion-train` made"
        ) from error
    per_harm = (set(manifest.combination), set(manifest.bands))
    if set(manifest.files) != set(FILES) or any(names != set(manifest.harms) for names in per_harm):
        raise OpinionError(f"second opinion {path}: {MANIFEST} contradicts itself; restore or train it again")
    if manifest.normalisation != NORMALISATION:
        raise OpinionError(
            f"second opinion {path} folds texts by {manifest.normalisation}, this version by {NORMALISATION}; "
            "train it again with this version"
        )
    return manifest


def _encoder(path: Path, files: Mapping[str, bytes]) -> Encoder:
    try:
        return Encoder(files[GRAPH], files[TOKENIZER])
    except ValueError as error:
        raise OpinionError(
            f"the encoder of {path} cannot be used ({error}); make it with `sluicegate model opinion-export`"
        ) from error


def _head(path: Path, manifest: OpinionManifest, raw: bytes) -> Head:
    try:
        tensors = load(raw)
    except SafetensorError as error:
        raise OpinionError(f"second opinion {path}: {HEAD} cannot be read ({error}); train it again") from error
    wanted = {
        "coefficients": (manifest.sentence_model.size, len(manifest.harms)),
        "intercepts": (len(manifest.harms),),
    }
    if {name: tensor.shape for name, tensor in tensors.items()} != wanted:
        raise OpinionError(f"second opinion {path}: {HEAD} is not the one the manifest speaks of; train it again")
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise OpinionError(f"second opinion {path}: {HEAD} holds values that are not finite; train it again")
    return Head(tensors["coefficients"], tensors["intercepts"])


def _read(path: Path, name: str, most: int = MOST) -> bytes:
    try:
        return read_regular(path / name, MANIFEST_MOST if name == MANIFEST else most)
    except OSError as error:
        raise OpinionError(f"{path} has no readable {name} ({error.strerror}); give a whole folder") from error


def _checked(path: Path, name: str, stated: FileDigest) -> bytes:
    # No more is read than is stated.
    raw = _read(path, name, stated.bytes)
    digest = hashlib.sha256(raw).hexdigest()
    if (len(raw), digest) != (stated.bytes, stated.sha256):
        raise OpinionError(
            f"second opinion {path}: {name} has digest {digest[:12]}, the manifest states {stated.sha256[:12]}; "
            "restore it"
        )
    return raw
