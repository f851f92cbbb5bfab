"""A bundle with another manifest: a new folder, or the old one replaced in one step; never half of one."""

from pathlib import Path

import msgspec

from sluicegate.models.bundle import MANIFEST, Bundle, check_place, checked_bytes, load_bundle
from sluicegate.models.manifest import Manifest, encode
from sluicegate.models.placing import place_folder


def rewrite_manifest(bundle: Bundle, manifest: Manifest, out: Path | None, *, replace: bool = False) -> Bundle:
    """Write a bundle that differs in its manifest only; all other files are copied byte for byte.

    Parameters
    ----------
    bundle
        The bundle that the files are taken from; their sizes and digests are checked again.
    manifest
        What is to be said from now on; its ``files`` are those of the bundle.
    out
        Folder of the new bundle; None to replace the bundle where it stands.
    replace
        Whether a bundle that is at ``out`` already gives way.

    Returns
    -------
    Bundle
        The new one, read back and checked before it was moved into its place.

    Raises
    ------
    BundleError
        If the place is taken, or a file of the bundle differs from what its manifest states.
    """
    place = bundle.path.resolve() if out is None else out
    check_place(place, replace=replace or out is None)
    contents = {name: checked_bytes(bundle, name) for name in bundle.manifest.files}
    contents[MANIFEST] = encode(msgspec.structs.replace(manifest, files=bundle.manifest.files))
    place_folder(contents, place, load_bundle)
    return load_bundle(place)
