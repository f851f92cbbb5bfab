"""Packages are pinned with hashes, compared with advisories where there are any, and named in a bill of materials."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from sluicegate.deploy.supply.__main__ import main
from sluicegate.deploy.supply.audit import AdvisoryError, findings, read_advisories
from sluicegate.deploy.supply.bill import write_bill
from sluicegate.deploy.supply.locks import LOCKS, ROOT, LockError, Pinned, read_lock

HASH = "0" * 64


def advisory(of: str, *events: dict[str, str], **members: Any) -> dict[str, Any]:
    affected = {"package": {"ecosystem": "PyPI", "name": of}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    return {"id": "TEST-1", "summary": "It lets in anybody.", "affected": [affected | members]}


def found(package: str, version: str, *advisories: dict[str, Any]) -> list[str]:
    return [each.advisory for each in findings([Pinned(package, version, (HASH,))], iter(advisories))]


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_of_a_lock_file_has_hashes_and_no_index_is_named(name: str) -> None:
    assert read_lock((ROOT / name).read_text(encoding="utf-8"), name)


def test_all_lock_files_are_looked_at() -> None:
    assert {file.name for file in ROOT.glob("*.lock")} == set(LOCKS)


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example/simple",
        "--extra-index-url https://packages.example/simple",
        "--find-links wheels",
        "-e .",
        "numpy",
        "numpy>=2",
        "numpy==2.0",
        f"numpy==2.0 --hash=md5:{HASH}",
        f"numpy==2.0 --hash=sha256:{HASH} --global-option=x",
        f"numpy @ https://packages.example/numpy.whl --hash=sha256:{HASH}",
        f"./numpy.whl --hash=sha256:{HASH}",
    ],
)
def test_a_line_that_is_not_pinned_to_a_version_and_hashes_is_refused(line: str) -> None:
    with pytest.raises(LockError):
        read_lock(f"msgspec==0.22.0 \\\n    --hash=sha256:{HASH}\n{line}\n", "a.lock")


@pytest.mark.parametrize(
    ("version", "affected"),
    [("1.1", False), ("1.2", True), ("1.9", True), ("1.10", True), ("2.0rc1", True), ("2.0", False), ("3.1", True)],
)
def test_a_range_is_that_of_pythons_versions(version: str, affected: bool) -> None:
    known = advisory("My.Package", {"introduced": "1.2"}, {"fixed": "2.0"}, {"introduced": "3.0"})
    assert bool(found("my-package", version, known)) is affected


def test_a_range_may_end_with_the_last_that_is_affected_and_versions_may_be_listed() -> None:
    known = advisory("a", {"introduced": "0"}, {"last_affected": "1.5"}, versions=["7.0"])
    assert [version for version in ("1.5", "1.5.1", "7.0", "7.1") if found("a", version, known)] == ["1.5", "7.0"]
    assert not found("b", "1.0", known)
    assert not found("a", "1.0", advisory("a", {"introduced": "0"}, package={"ecosystem": "npm", "name": "a"}))


def test_a_listed_version_is_the_one_that_is_pinned_however_it_is_written() -> None:
    known = advisory("a", versions=["2.0", "3.0rc1", "no version"])
    assert [each for each in ("2.0", "2.0.0", "3.0.0rc1", "3.0", "2.0.1") if found("a", each, known)] == [
        "2.0",
        "2.0.0",
        "3.0.0rc1",
    ]


def test_a_finding_ends_the_audit_with_1_and_names_package_and_advisory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one.json").write_text(json.dumps(advisory("NumPy", {"introduced": "0"})))
    assert main([str(tmp_path)]) == 1
    assert ": TEST-1: It lets in anybody." in capsys.readouterr().out
    (tmp_path / "one.json").write_text(json.dumps(advisory("numpy", {"introduced": "0"}, {"fixed": "0.1"})))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(tmp_path / "one.json", "one.json")
    assert main([str(tmp_path / "all.zip")]) == 0
    assert "0 findings" in capsys.readouterr().out


def test_without_advisories_the_audit_says_that_it_was_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SLUICEGATE_TEST_ADVISORIES", raising=False)
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("NOT AUDITED: ")


@pytest.mark.parametrize(
    "raw",
    [
        None,
        b"{",
        b"[]",
        b"{}",
        b'{"id": "A", "affected": null}',
        json.dumps(advisory("a", package={"ecosystem": "npm", "name": "a"})).encode(),
    ],
)
def test_a_set_that_is_empty_or_broken_is_no_audit(tmp_path: Path, raw: bytes | None) -> None:
    if raw is not None:
        (tmp_path / "one.json").write_bytes(raw)
    with pytest.raises(AdvisoryError):
        list(read_advisories(tmp_path))
    assert main([str(tmp_path)]) == 1
    assert main([str(tmp_path / "nowhere")]) == 1


def test_a_withdrawn_advisory_does_not_count(tmp_path: Path) -> None:
    withdrawn = advisory("numpy", {"introduced": "0"}) | {"withdrawn": "2026-01-01T00:00:00Z"}
    (tmp_path / "one.json").write_text(json.dumps(withdrawn))
    assert not list(read_advisories(tmp_path))


def test_the_bill_of_materials_names_every_package_of_a_worker_with_version_and_hashes(tmp_path: Path) -> None:
    write_bill(tmp_path / "dist" / "sbom.json")
    bill = json.loads((tmp_path / "dist" / "sbom.json").read_bytes())
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "sluicegate")
    named = {
        (
            component["name"],
            component["version"],
            frozenset(told["content"] for each in component["externalReferences"] for told in each.get("hashes", ())),
        )
        for component in bill["components"]
    }
    name = "requirements-runtime.lock"
    pinned = read_lock((ROOT / name).read_text(encoding="utf-8"), name)
    assert named == {(each.name, each.version, frozenset(each.hashes)) for each in pinned}
