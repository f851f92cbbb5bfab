"""``sluicegate model verify``: whether a bundle is whole, and its two forms agree."""

from sluicegate.cli.model.chosen import BundleFolder, chosen_bundle

__all__ = ["verify"]


def verify(bundle: BundleFolder = None) -> None:
    """Check digests and versions, and that what is served and the pipeline give the same probabilities.

    The pipeline is unpickled: verify only bundles from a source that you trust.
    """
    from sluicegate.models.bundle import load_bundle
    from sluicegate.models.parity import check_parity

    loaded = load_bundle(chosen_bundle(bundle))
    largest = check_parity(loaded)
    compared = "weights and pipeline" if loaded.manifest.served == "weights" else "pipeline and stated samples"
    print(f"{loaded.path} is whole: {loaded.digest}, {compared} agree to {largest:.1g}")
