"""Bundles on disk: written whole or not at all, and refused when anything differs from the manifest.

Serving reads the manifest and the weights only and unpickles nothing.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from sluicegate.models import pipeline
from sluicegate.models.logit_map import MappedScorer
from sluicegate.models.manifest import FORMAT, FileDigest, Manifest, decode, encode, format_of
from sluicegate.models.normalise import NORMALISATION
from sluicegate.models.placing import place_folder
from sluicegate.models.scorer import HashedLinearScorer, Scorer
from sluicegate.models.windows import WindowedScorer

MANIFEST, WEIGHTS, PIPELINE = "manifest.json", "weights.safetensors", "model.joblib"

LIBRARIES = ("scikit-learn", "numpy", "scipy", "safetensors", "joblib")
"""Libraries whose versions a bundle records."""

DECISIVE = ("scikit-learn",)
"""Of these the major and minor version must be the bundle's: how texts are cut and hashed depends on them."""


class BundleError(Exception):
    """A bundle is refused; the message is one sentence: what differs, where, and what to do."""


@dataclass(frozen=True)
class Bundle:
    """A bundle whose digests and versions hold, with its weights read and nothing unpickled."""

    path: Path
    manifest: Manifest
    digest: str
    tensors: Mapping[str, NDArray[np.generic]]

    def scorer(self) -> Scorer:
        """Return a scorer that serves from the weights alone, texts of any length."""
        scorer = WindowedScorer(HashedLinearScorer(self.manifest, self.digest, self.tensors))
        return MappedScorer(scorer, self.manifest.logit_maps) if self.manifest.logit_maps else scorer


def default_bundle_path() -> Path:
    """Return the folder of the bundle that ships with the project."""
    return Path(__file__).with_name("default")


def installed_libraries() -> dict[str, str]:
    """Return the versions of the libraries that a bundle records."""
    return {name: version(name) for name in LIBRARIES}


def check_place(out: Path, *, replace: bool) -> None:
    """Refuse a place that is taken, unless by a bundle that may be replaced.

    Raises
    ------
    BundleError
        If there is something at ``out`` that may not be replaced.
    """
    if out.exists() and not (replace and (out / MANIFEST).is_file()):
        raise BundleError(f"{out} is there already; choose another folder, or replace a bundle with --replace")


def write_bundle(
    out: Path, manifest: Manifest, tensors: Mapping[str, NDArray[np.generic]], *, replace: bool = False
) -> None:
    """Write a bundle beside its place and then move it there, so that no half of one is ever seen.

    Parameters
    ----------
    manifest
        All but ``files``, which are filled in here.
    replace
        Whether a bundle that is there already gives way.

    Raises
    ------
    BundleError
        If there is something at ``out`` that may not be replaced.
    """
    check_place(out, replace=replace)
    contents = {
        WEIGHTS: save({name: np.ascontiguousarray(tensor) for name, tensor in sorted(tensors.items())}),
        PIPELINE: pipeline.dump(pipeline.build(manifest.features, manifest.harms, tensors)),
    }
    files = {name: FileDigest(len(raw), hashlib.sha256(raw).hexdigest()) for name, raw in contents.items()}
    contents[MANIFEST] = encode(msgspec.structs.replace(manifest, files=files))
    place_folder(contents, out, load_bundle)


def load_bundle(path: Path) -> Bundle:
    """Read a bundle after checking its format, then the files' sizes and digests, then library versions.

    Raises
    ------
    BundleError
        If anything is missing or differs.
    """
    raw = _read(path, MANIFEST)
    manifest = _manifest(path, raw)
    contents = {name: _checked(path, name, stated) for name, stated in manifest.files.items()}
    _check_versions(path, manifest)
    tensors = _tensors(path, manifest, contents[WEIGHTS])
    return Bundle(path, manifest, "sha256:" + hashlib.sha256(raw).hexdigest(), tensors)


def read_manifest(path: Path) -> Manifest:
    """Read what a bundle states of itself, without looking at its other files.

    Raises
    ------
    BundleError
        If there is no manifest of the current format.
    """
    return _manifest(path, _read(path, MANIFEST))


def checked_bytes(bundle: Bundle, name: str) -> bytes:
    """Return the bytes of a file of the bundle after checking its size and digest again.

    Raises
    ------
    BundleError
        If the file is missing or differs.
    """
    return _checked(bundle.path, name, bundle.manifest.files[name])


def _read(path: Path, name: str) -> bytes:
    try:
        return (path / name).read_bytes()
    except OSError as error:
        raise BundleError(
            f"bundle {path} has no readable {name} ({error.strerror}); give the folder of a whole bundle"
        ) from error


def _manifest(path: Path, raw: bytes) -> Manifest:
    try:
        stated = format_of(raw)
        if stated != FORMAT:
            raise BundleError(
                f"bundle {path} has format {stated!r}, this version reads {FORMAT}; train it again with this version"
            )
        manifest = decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BundleError(
            f"bundle {path}: {MANIFEST} is not a manifest ({error}); restore or train it again"
        ) from error
    for name in manifest.files:
        if name not in (WEIGHTS, PIPELINE):
            raise BundleError(
                f"bundle {path}: {MANIFEST} names a file {name!r} that no bundle has; restore or train it again"
            )
    if WEIGHTS not in manifest.files:
        raise BundleError(f"bundle {path}: {MANIFEST} does not name {WEIGHTS}; restore or train it again")
    return manifest


def _checked(path: Path, name: str, stated: FileDigest) -> bytes:
    raw = _read(path, name)
    if len(raw) != stated.bytes:
        raise BundleError(
            f"bundle {path}: {name} has {len(raw)} bytes, the manifest states {stated.bytes}; restore the bundle"
        )
    digest = hashlib.sha256(raw).hexdigest()
    if digest != stated.sha256:
        raise BundleError(
            f"bundle {path}: {name} has digest {digest[:12]}, the manifest states {stated.sha256[:12]}; "
            "restore the bundle"
        )
    return raw


def _check_versions(path: Path, manifest: Manifest) -> None:
    if manifest.normalisation != NORMALISATION:
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


def _tensors(path: Path, manifest: Manifest, raw: bytes) -> dict[str, NDArray[np.generic]]:
    try:
        tensors: dict[str, NDArray[np.generic]] = load(raw)
    except SafetensorError as error:
        raise BundleError(f"bundle {path}: {WEIGHTS} cannot be read ({error}); train it again") from error
    wanted: dict[str, tuple[int, ...]] = {"intercepts": (len(manifest.harms),)}
    for block in manifest.features:
        wanted[f"idf.{block.name}"] = (block.size,)
        wanted[f"coefficients.{block.name}"] = (block.size, len(manifest.harms))
    found = {name: tensor.shape for name, tensor in tensors.items()}
    if found != wanted:
        raise BundleError(
            f"bundle {path}: the tensors of {WEIGHTS} are not those the manifest speaks of; train it again"
        )
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise BundleError(f"bundle {path}: {WEIGHTS} holds values that are not finite; train it again")
    return tensors
