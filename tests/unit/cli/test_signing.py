"""Keys are made and bundles and policies signed from the command line; openssl's keys do as well as our own."""

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sluicegate.policy import default_policy_path
from tests.bundles import make_bundle
from tests.commands import ran
from tests.unit.models.signing import KEY


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    make_bundle(tmp_path / "mine")
    Path("policy.yaml").write_bytes(default_policy_path().read_bytes())
    Path("policy.yaml").chmod(0o644)
    return tmp_path


def told(*arguments: str, **env: str) -> str:
    done = ran(*arguments, env=env)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_what_is_signed_with_a_new_key_is_verified_by_its_public_half(folder: Path) -> None:
    assert "key.pem signs, keep it secret" in told("model", "keygen", "key.pem")
    assert Path("key.pem").stat().st_mode & 0o777 == 0o600
    trusted = {"SLUICEGATE_TRUSTED_KEYS": "key.pub.pem", "SLUICEGATE_BUNDLE": "mine"}
    assert "it is not signed" in ran("model", "verify", "mine", env=trusted).stderr
    assert "it is not signed" in ran("policy", "check", "policy.yaml", env=trusted).stderr
    assert "is signed with the key" in told("model", "sign", "mine", "--key", "key.pem")
    assert "is signed with the key" in told("policy", "sign", "policy.yaml", "--key", "key.pem")
    assert "which is trusted" in told("model", "verify", "mine", **trusted)
    assert "is well formed" in told("policy", "check", "policy.yaml", **trusted)
    Path("policy.yaml").write_bytes(Path("policy.yaml").read_bytes() + b"\n")
    altered = ran("policy", "check", "policy.yaml", env=trusted)
    assert (altered.exit_code, altered.stdout) == (1, "")
    assert altered.stderr.startswith("policy.yaml:1:1: its signature does not fit")
    assert altered.stderr.endswith("; restore it, and find out who altered it\n")


@pytest.mark.parametrize("signature", ["{", None, "swapped"])
def test_that_an_altered_bundle_be_signed_is_not_offered_and_that_an_unsigned_one_be_is(
    folder: Path, signature: str | None
) -> None:
    told("model", "keygen", "key.pem")
    told("model", "sign", "mine", "--key", "key.pem")
    place = Path("mine/manifest.sig")
    if signature is None:
        place.unlink()
    elif signature == "swapped":
        told("policy", "sign", "policy.yaml", "--key", "key.pem")
        place.write_bytes(Path("policy.yaml.sig").read_bytes())
    else:
        place.write_text(signature)
    refused = ran("model", "verify", "mine", env={"SLUICEGATE_TRUSTED_KEYS": "key.pub.pem"})
    assert refused.exit_code == 1
    assert ("or sign it" in refused.stderr) is (signature is None)
    assert ("find out who altered it" in refused.stderr) is (signature is not None)


def test_the_faults_of_a_draft_are_told_before_it_is_signed(folder: Path) -> None:
    Path("policy.yaml").write_text(Path("policy.yaml").read_text() + "defualt: allow\n")
    told("model", "keygen", "key.pem")
    checked = ran("policy", "check", "policy.yaml", env={"SLUICEGATE_TRUSTED_KEYS": "key.pub.pem"})
    assert checked.exit_code == 1
    assert "defualt" in checked.stderr
    assert "it is not signed" not in checked.stderr


def test_a_key_is_never_written_over(folder: Path) -> None:
    Path("key.pub.pem").write_text("mine")
    refused = ran("model", "keygen", "key.pem")
    assert refused.exit_code == 1
    assert "key.pub.pem is there already" in refused.stderr
    assert not Path("key.pem").exists()


def test_keys_of_openssl_sign_and_it_verifies_what_is_signed(folder: Path, program: Callable[[str], str]) -> None:
    openssl = program("openssl")

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], check=True, capture_output=True, timeout=30)

    run("genpkey", "-algorithm", "ed25519", "-out", "key.pem")
    run("pkey", "-in", "key.pem", "-pubout", "-out", "public.pem")
    told("model", "sign", "mine", "--key", "key.pem")
    assert "which is trusted" in told("model", "verify", "mine", SLUICEGATE_TRUSTED_KEYS="public.pem")
    # As docs/bundles.md has it.
    signature = json.loads(Path("mine/manifest.sig").read_bytes())["signature"]
    Path("signature").write_bytes(base64.b64decode(signature))
    Path("signed").write_bytes(b"sluicegate bundle 1\n" + Path("mine/manifest.json").read_bytes())
    run("pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-rawin", "-in", "signed", "-sigfile", "signature")


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [(b"", "is no private key in PEM"), (KEY.public_pem(), "is no private key in PEM")],
)
def test_what_is_no_private_key_signs_nothing(folder: Path, raw: bytes, sentence: str) -> None:
    Path("key.pem").write_bytes(raw)
    refused = ran("model", "sign", "mine", "--key", "key.pem")
    assert refused.exit_code == 1
    assert sentence in refused.stderr
    assert not Path("mine/manifest.sig").exists()


def test_a_bundle_that_is_not_whole_and_a_policy_with_a_fault_are_not_signed(folder: Path) -> None:
    Path("key.pem").write_bytes(KEY.private_pem())
    Path("mine/weights.safetensors").write_bytes(b"")
    assert "weights.safetensors has 0 bytes" in ran("model", "sign", "mine", "--key", "key.pem").stderr
    Path("policy.yaml").write_text("version: 1\n")
    assert ran("policy", "sign", "policy.yaml", "--key", "key.pem").exit_code == 1
    assert not list(folder.rglob("*.sig"))


def test_score_asks_for_what_a_worker_asks_for(folder: Path) -> None:
    Path("key.pub.pem").write_bytes(KEY.public_pem())
    Path("events.jsonl").write_text('{"text": "a plain remark"}\n')
    Path("policy.yaml.sig").write_bytes(KEY.sign("policy", Path("policy.yaml").read_bytes()))
    trusted = {"SLUICEGATE_TRUSTED_KEYS": "key.pub.pem", "SLUICEGATE_POLICY": "policy.yaml"}
    for arguments in (("score", "events.jsonl"), ("policy", "explain", "events.jsonl")):
        refused = ran(*arguments, "--bundle", "mine", env=trusted)
        assert refused.exit_code == 1
        assert "bundle mine is refused: it is not signed" in refused.stderr
