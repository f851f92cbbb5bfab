"""The web configuration: what is known of it is read, what is not is named with its line."""

import ssl
from pathlib import Path

import bcrypt
import pytest

from sluicegate.agents.web_config import WebConfigError, load_web_config
from sluicegate.deploy.kafka.certificates import Authority

HASH = bcrypt.hashpw(b"secret", bcrypt.gensalt(4)).decode()


@pytest.fixture
def write(tmp_path: Path) -> Path:
    return tmp_path / "web.yml"


def faults(path: Path, text: str) -> str:
    path.write_text(text)
    with pytest.raises(WebConfigError) as refused:
        load_web_config(path)
    return str(refused.value).replace(f"{path}:", "")


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}\n", "basic_auth_users: {}\n", "tls_server_config: {}\n"])
def test_a_file_that_asks_for_nothing_is_refused(write: Path, text: str) -> None:
    assert "asks neither for TLS nor for a password, so it would protect nothing" in faults(write, text)


def test_users_and_tls_are_read_and_files_stand_relative_to_the_file(write: Path) -> None:
    own = Authority(write.parent).issue("worker", "127.0.0.1")
    write.write_text(
        "tls_server_config:\n"
        f"  cert_file: {own.certificate.name}\n"
        f"  key_file: {own.key.name}\n"
        "  client_auth_type: RequireAndVerifyClientCert\n"
        "  client_ca_file: authority.pem\n"
        "  min_version: TLS13\n"
        f"basic_auth_users:\n  prometheus: {HASH}\n"
    )
    config = load_web_config(write)
    context = config.context()
    assert context is not None
    assert (context.minimum_version, context.verify_mode) == (ssl.TLSVersion.TLSv1_3, ssl.CERT_REQUIRED)
    assert config.users == {"prometheus": HASH}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "http_server_config:\n  http2: true\n",
            "1: http_server_config is no member that is known here; known are tls",
        ),
        (
            "tls_server_config:\n  cert_file: a\n  key_file: b\n  cipher_suites: []\n",
            "4: tls_server_config.cipher_suites is no member that is known here",
        ),
        ("tls_server_config:\n  cert_file: a\n", "2: tls_server_config needs cert_file and key_file"),
        ("\nbasic_auth_users:\n  me: password\n", "3: that is no bcrypt hash"),
        ("basic_auth_users:\n  me: $2y$31$" + 53 * "a" + "\n", "2: that is no bcrypt hash of a cost from 4 to 15"),
        # Of the last digit of a salt two bits count, and in this one others are set.
        ("basic_auth_users:\n  me: $2b$04$" + 21 * "a" + "z" + 31 * "a" + "\n", "2: that is no bcrypt hash"),
        ("basic_auth_users: [me]\n", "1: basic_auth_users must be a mapping"),
        ("- a\n", "1: the file must be a mapping"),
        ("a: [\n", "2: no YAML: "),
        (
            "tls_server_config:\n  cert_file: a\n  key_file: b\n  client_auth_type: RequestClientCert\n",
            "2: client_auth_type must be one of NoClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert",
        ),
        (
            "tls_server_config: {cert_file: a, key_file: b, client_auth_type: RequireAndVerifyClientCert}\n",
            "1: client_ca_file goes with a client_auth_type that verifies",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line(write: Path, text: str, said: str) -> None:
    assert faults(write, text).startswith(said)


def test_all_faults_are_told_at_once_and_no_password_is_repeated(write: Path) -> None:
    said = faults(write, "more: 1\nbasic_auth_users:\n  me: hunter2\n")
    assert said.startswith("1: more is no member")
    assert "; 3: that is no bcrypt hash" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    "text", ["[" * 2_000, "a: &a [*a]\n", "&a tls_server_config: *a\n", "? {a: b}\n: c\n", "\x00", "x" * 70_000]
)
def test_a_hostile_file_is_refused(write: Path, text: str) -> None:
    assert faults(write, text)


def test_a_file_that_is_not_there_and_certificates_that_cannot_be_used_are_told(write: Path) -> None:
    with pytest.raises(WebConfigError, match="cannot be read: No such file"):
        load_web_config(write)
    write.write_text("tls_server_config: {cert_file: none.crt, key_file: none.key}\n")
    with pytest.raises(WebConfigError, match=r"none\.crt \(no such file or directory\)"):
        load_web_config(write).context()
