"""Bundles on disk: written whole or not at all, and refused when anything differs from the manifest.

Serving reads the manifest and the weights only and unpickles nothing, but for imported pipelines that could not be
lowered to weights: these are unpickled once their digest is known to be the manifest's.
"""

import hashlib
import io
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from sluicegate.models.bundle_files import (
    MANIFEST,
    PIPELINE,
    WEIGHTS,
    BundleError,
    check_digest,
    checked_file,
    mapped_weights,
    read_file,
)
from sluicegate.models.imported.pipeline_scorer import PipelineScorer
from sluicegate.models.logit_map import MappedScorer
from sluicegate.models.manifest import FileDigest, Manifest, encode
from sluicegate.models.manifest_file import DECISIVE, OWN_READING, check_versions, parse_manifest
from sluicegate.models.mapped_weights import MappedWeights
from sluicegate.models.placing import place_folder
from sluicegate.models.samples import TOLERANCE, sample_difference
from sluicegate.models.scorer import HashedLinearScorer, Scorer
from sluicegate.models.stated_tensors import open_weights
from sluicegate.models.trust import Trust, TrustError
from sluicegate.models.windows import WindowedScorer

__all__ = [
    "DECISIVE",
    "LIBRARIES",
    "MANIFEST",
    "OWN_READING",
    "PIPELINE",
    "WEIGHTS",
    "Bundle",
    "BundleError",
    "check_place",
    "checked_bytes",
    "default_bundle_path",
    "installed_libraries",
    "load_bundle",
    "place_bundle",
    "read_manifest",
    "unpickled",
    "weights_file",
    "write_bundle",
]

LIBRARIES = ("scikit-learn", "numpy", "scipy", "safetensors", "joblib")
"""Libraries whose versions a bundle records."""


@dataclass(frozen=True)
class Bundle:
    """A bundle whose digests and versions hold, with its weights read and nothing unpickled."""

    path: Path
    manifest: Manifest
    digest: str
    tensors: Mapping[str, NDArray[np.generic]]
    may_unpickle: bool = True
    """Whether something vouches for the manifest, or else the caller does."""

    def scorer(self) -> Scorer:
        """Return a scorer of texts of any length, as a worker serves it.

        Raises
        ------
        BundleError
            As of `model`.
        """
        scorer = WindowedScorer(self.model())
        return MappedScorer(scorer, self.manifest.logit_maps) if self.manifest.logit_maps else scorer

    def model(self) -> Scorer:
        """Return the model itself, which reads a long text in its own way and knows no later calibration.

        Raises
        ------
        BundleError
            If an imported pipeline cannot be loaded, or does not give what is stated of the parity samples.
        """
        manifest = self.manifest
        if manifest.imported is None:
            model = HashedLinearScorer(manifest, self.digest, self.tensors)
            if isinstance(self.tensors, MappedWeights):
                # It has coefficients of its own, in the precision that it reckons in.
                self.tensors.forget()
            return model
        identity = manifest.name, manifest.version, self.digest, manifest.harms, manifest.imported
        # What follows imports scikit-learn, which workers with a model of ours do without.
        from sluicegate.models.imported.lowered_scorer import LoweredScorer

        estimator = unpickled(self) if manifest.served == "pipeline" else None
        scorer: Scorer
        try:
            if estimator is None:
                scorer = LoweredScorer(*identity, self.tensors)
            else:
                scorer = PipelineScorer(*identity, estimator)
            largest = sample_difference(scorer, manifest.parity)
        except Exception as error:
            raise BundleError(
                f"bundle {self.path} cannot score its own samples ({type(error).__name__}: {error}); import it again"
            ) from error
        if not largest <= TOLERANCE:
            raise BundleError(
                f"bundle {self.path}: the parity samples come out {largest:.2g} away from what {MANIFEST} states; "
                "import it again with the libraries that are installed"
            )
        return scorer


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
    from sluicegate.models import pipeline

    check_place(out, replace=replace)
    contents = {
        WEIGHTS: weights_file(tensors),
        PIPELINE: pipeline.dump(pipeline.build(manifest, tensors)),
    }
    place_bundle(out, manifest, contents)


def place_bundle(
    out: Path, manifest: Manifest, contents: Mapping[str, bytes], check: Callable[[Path], object] | None = None
) -> None:
    """Put a bundle of these files at ``out``, in place of what is there; the manifest is told their digests.

    Parameters
    ----------
    check
        What the bundle is tried by before it is moved; `load_bundle` without.
    """
    files = {name: FileDigest(len(raw), hashlib.sha256(raw).hexdigest()) for name, raw in contents.items()}
    document = encode(msgspec.structs.replace(manifest, files=files))
    place_folder({**contents, MANIFEST: document}, out, check or load_bundle)


def weights_file(tensors: Mapping[str, NDArray[np.generic]]) -> bytes:
    """Return the bytes of a file of weights, the same for the same tensors."""
    return save({name: np.ascontiguousarray(tensor) for name, tensor in sorted(tensors.items())})


def load_bundle(path: Path, trust: Trust | None = None) -> Bundle:
    """Read a bundle after checking what vouches for it, its format, the files' sizes and digests, library versions.

    Parameters
    ----------
    path
        Its folder.
    trust
        What an operator trusts, by which alone it may be unpickled; without, the caller vouches for the folder, as for
        one that it has just made.

    Raises
    ------
    BundleError
        If anything is missing or differs, or nothing vouches for it though something must.
    """
    raw = read_file(path, MANIFEST)
    digest = "sha256:" + hashlib.sha256(raw).hexdigest()
    # Before anything that the manifest says is looked at.
    vouched = trust is None or _vouched(path, raw, digest, trust)
    manifest = parse_manifest(path, raw)
    weights: MappedWeights | None = None
    for name, stated in manifest.files.items():
        if name == WEIGHTS:
            weights = mapped_weights(path, stated, private=trust is not None and trust.is_set)
        else:
            check_digest(path, name, stated)
    check_versions(path, manifest)
    tensors = {} if weights is None else open_weights(path, manifest, weights)
    return Bundle(path, manifest, digest, tensors, vouched)


def _vouched(path: Path, raw: bytes, digest: str, trust: Trust) -> bool:
    try:
        vouched = trust.vouches(path, "bundle", raw, digest)
    except TrustError as error:
        raise BundleError(f"bundle {path} is refused: {error}") from error
    return vouched or (not trust.is_set and _is_shipped(path, raw))


def _is_shipped(path: Path, raw: bytes) -> bool:
    """Tell whether a bundle is that which ships with the code, and is as good as the code.

    By its manifest also: the place may be a link, which leads elsewhere by the time that it is looked at.
    """
    shipped = default_bundle_path()
    return path.resolve() == shipped.resolve() and raw == read_file(shipped, MANIFEST)


def read_manifest(path: Path) -> Manifest:
    """Read what a bundle states of itself, without looking at its other files.

    Raises
    ------
    BundleError
        If there is no manifest of the current format.
    """
    return parse_manifest(path, read_file(path, MANIFEST))


def checked_bytes(bundle: Bundle, name: str) -> bytes:
    """Return the bytes of a file of the bundle after checking its size and digest again.

    Raises
    ------
    BundleError
        If the file is missing or differs.
    """
    return checked_file(bundle.path, name, bundle.manifest.files[name])


def unpickled(bundle: Bundle) -> Any:
    """Return the pipeline of a bundle, after checking its digest once more.

    Raises
    ------
    BundleError
        If nothing vouches for the bundle, the file differs, or it cannot be unpickled with what is installed.
    """
    if not bundle.may_unpickle:
        raise BundleError(
            f"bundle {bundle.path}: {PIPELINE} would be unpickled, which executes whatever the file says, and nothing "
            f"vouches for it; if you made or trust it, set SLUICEGATE_PINNED_BUNDLES={bundle.digest}, or sign it and "
            "set SLUICEGATE_TRUSTED_KEYS"
        )
    import joblib

    raw = checked_bytes(bundle, PIPELINE)
    try:
        with warnings.catch_warnings():
            # The versions that matter were compared already.
            warnings.simplefilter("ignore")
            return joblib.load(io.BytesIO(raw))
    except Exception as error:
        raise BundleError(
            f"bundle {bundle.path}: {PIPELINE} cannot be unpickled ({type(error).__name__}: {error}); "
            "install what it was made with"
        ) from error
