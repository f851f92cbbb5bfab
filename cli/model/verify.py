"""``sluicegate model verify``: whether a bundle is whole, and its two forms agree."""

from sluicegate.cli.model.chosen import BundleFolder, chosen_bundle

__all__ = ["verify"]


def verify(bundle: BundleFolder = None) -> None:
    """Check digests and versions, and that weights and pipeline give the same probabilities.

    The pipeline is unpickled: verify only bundles from a source that you trust.
    """
    from sluicegate.models.bundle import load_bundle
    from sluicegate.models.parity import check_parity

    loaded = load_bundle(chosen_bundle(bundle))
    largest = check_parity(loaded)
    print(f"{loaded.path} is whole: {loaded.digest}, weights and pipeline agree to {largest:.1g}")
