"""Compares the packages that are pinned with a set of advisories in the format of osv.dev, without a network.

The set is a folder of JSON files, or the archive that osv.dev gives of an ecosystem (PyPI's ``all.zip``).
"""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from sluicegate.deploy.supply.locks import Pinned

__all__ = ["AdvisoryError", "Finding", "findings", "read_advisories"]

_LARGEST: Final = 16 * 2**20


class AdvisoryError(Exception):
    """A set of advisories cannot be read."""


@dataclass(frozen=True, order=True)
class Finding:
    """An advisory that a pinned package falls under."""

    package: str
    version: str
    advisory: str
    summary: str


def read_advisories(place: Path) -> Iterator[Mapping[str, Any]]:
    """Read a set of advisories, of which withdrawn ones are left out.

    Raises
    ------
    AdvisoryError
        If it is none, or holds nothing of Python's packages: nothing found in nothing is no audit.
    """
    count = 0
    for name, raw in _files(place):
        try:
            advisory = msgspec.json.decode(raw, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise AdvisoryError(f"{place}: {name} is no advisory ({error}); fetch the set again") from error
        count += any(_is_of_pypi(affected) for affected in advisory.get("affected") or ())
        if "withdrawn" not in advisory:
            yield advisory
    if not count:
        raise AdvisoryError(
            f"{place} holds no advisories of PyPI; give a folder of JSON files, or osv.dev's all.zip of PyPI"
        )


def findings(pinned: Sequence[Pinned], advisories: Iterator[Mapping[str, Any]]) -> list[Finding]:
    """Give the advisories that hold for what is pinned."""
    versions: dict[str, list[str]] = {}
    for each in pinned:
        versions.setdefault(canonicalize_name(each.name), []).append(each.version)
    found = set()
    for advisory in advisories:
        for affected in advisory.get("affected") or ():
            if not _is_of_pypi(affected):
                continue
            name = canonicalize_name(str(affected["package"].get("name", "")))
            for version in versions.get(name, ()):
                if _is_affected(version, affected):
                    told = str(advisory.get("summary") or advisory.get("details") or "").strip().partition("\n")[0]
                    found.add(Finding(name, version, str(advisory.get("id")), told[:120]))
    return sorted(found)


def _files(place: Path) -> Iterator[tuple[str, bytes]]:
    try:
        if place.is_dir():
            for file in sorted(place.rglob("*.json")):
                yield file.name, file.read_bytes()
            return
        with zipfile.ZipFile(place) as archive:
            for entry in archive.infolist():
                if entry.filename.endswith(".json") and entry.file_size <= _LARGEST:
                    yield entry.filename, archive.read(entry)
    except (OSError, zipfile.BadZipFile) as error:
        raise AdvisoryError(f"{place} cannot be read ({error}); give a folder of JSON files, or an archive") from error


def _is_of_pypi(affected: Mapping[str, Any]) -> bool:
    return str(affected.get("package", {}).get("ecosystem", "")).partition(":")[0] == "PyPI"


def _is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    """Tell whether a version is listed, or lies in a range; the order is that of Python's versions (PEP 440)."""
    # Compared as versions: 2.0 is 2.0.0, and of a version that is none only the same text is the same.
    if version in affected.get("versions", ()) or Version(version) in map(_listed, affected.get("versions", ())):
        return True
    ranges = [each for each in affected.get("ranges", ()) if each.get("type") == "ECOSYSTEM"]
    return any(_lies_in(Version(version), each.get("events", ())) for each in ranges)


def _lies_in(version: Version, events: Sequence[Mapping[str, str]]) -> bool:
    # As the schema has it: sorted, each event that is not after the version opens or ends the range.
    affected = False
    for kind, at in sorted(((kind, at) for event in events for kind, at in event.items()), key=_place):
        bound = _version(at)
        if kind == "introduced" and version >= bound:
            affected = True
        elif (kind == "fixed" and version >= bound) or (kind == "last_affected" and version > bound):
            affected = False
    return affected


def _place(event: tuple[str, str]) -> Version:
    return _version(event[1])


def _listed(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        # Before all others: rather a finding too many, which somebody looks at.
        return Version("0.dev0")
