"""``sluicegate model verify``: whether a bundle is whole, is signed if it must be, and its two forms agree."""

from typing import TYPE_CHECKING

from sluicegate.cli.model.chosen import BundleFolder, chosen_bundle
from sluicegate.cli.model.signatures import signature_told
from sluicegate.cli.trusted import served_bundle

if TYPE_CHECKING:
    from sluicegate.models import Bundle

__all__ = ["verify"]


def verify(bundle: BundleFolder = None) -> None:
    """Check digests, versions and signature, and that what is served and the pipeline give the same probabilities.

    The pipeline is unpickled for that, which executes whatever it says: only where the bundle's digest is among
    SLUICEGATE_PINNED_BUNDLES, or it is signed with a key of SLUICEGATE_TRUSTED_KEYS. Without either the pipeline is
    left alone, and what is served is compared with what the manifest states.
    """
    loaded = served_bundle(chosen_bundle(bundle))
    print(f"{loaded.path} is whole: {loaded.digest}, {_compared(loaded)}; signature: {signature_told(loaded.path)}")
    if not loaded.may_unpickle:
        print(
            "model.joblib was not unpickled, since nothing vouches for it; if you made or trust it, set "
            f"SLUICEGATE_PINNED_BUNDLES={loaded.digest}"
        )


def _compared(bundle: "Bundle") -> str:
    from sluicegate.models.parity import check_parity, check_samples

    if bundle.may_unpickle:
        both = "weights and pipeline" if bundle.manifest.served == "weights" else "pipeline and stated samples"
        return f"{both} agree to {check_parity(bundle):.1g}"
    if bundle.manifest.served == "pipeline":
        return "nothing was scored"
    return f"weights and stated samples agree to {check_samples(bundle):.1g}"
