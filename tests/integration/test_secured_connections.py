"""Connections to a real broker that wants TLS, certificates and logins: what does not fit is said in one sentence."""

import ssl
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sluicegate.agents.broker import SecurityFault, admin_client, ask_brokers
from sluicegate.agents.settings import Settings, SettingsError
from sluicegate.deploy.kafka.certificates import Authority, KeyPair
from sluicegate.deploy.kafka.fixtures import Cluster
from sluicegate.deploy.kafka.secured import SecuredNode

PASSWORD = f"password-{uuid.uuid4().hex}"
USER = f"user-{uuid.uuid4().hex}"


@pytest.fixture(scope="module")
def login(secured_kafka: SecuredNode) -> dict[str, Any]:
    secured_kafka.add_user(USER, PASSWORD)
    return {
        "brokers": secured_kafka.with_login,
        "security_protocol": "SASL_SSL",
        "sasl_username": USER,
        "sasl_password": PASSWORD,
        "ssl_ca": secured_kafka.authority.trusted,
    }


@pytest.fixture(scope="module")
def mutual(secured_kafka: SecuredNode) -> dict[str, Any]:
    return {
        "brokers": secured_kafka.with_certificate,
        "security_protocol": "SSL",
        "ssl_ca": secured_kafka.authority.trusted,
        **own(secured_kafka.authority.issue(USER)),
    }


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that the broker does not know, and that does not know the broker."""
    return Authority(tmp_path_factory.mktemp("stranger"))


def own(pair: KeyPair) -> dict[str, Path]:
    return {"ssl_certificate": pair.certificate, "ssl_key": pair.key}


def refusal(settings: Mapping[str, Any]) -> str:
    """Wait for a broker as a worker does for a minute, and give the sentence that ends it before."""
    began = time.monotonic()
    with pytest.raises(SecurityFault) as refused:
        ask_brokers(Settings.model_validate({**settings, "broker_wait": 60}), list, lambda: False)
    assert time.monotonic() - began < 30
    said = str(refused.value)
    assert USER not in said
    assert PASSWORD not in said
    assert "\n" not in said
    return said


def test_a_login_over_tls_and_a_certificate_of_the_client_are_each_enough(
    login: dict[str, Any], mutual: dict[str, Any]
) -> None:
    for settings in (login, mutual):
        admin_client(Settings.model_validate(settings)).close()


def test_nothing_but_certificates_that_are_trusted_and_for_the_host_is_taken_and_nothing_below_tls_1_2(
    login: dict[str, Any],
) -> None:
    from sluicegate.agents.broker import client_arguments

    context = client_arguments(Settings.model_validate(login))["ssl_context"]
    assert (context.minimum_version, context.verify_mode) == (ssl.TLSVersion.TLSv1_2, ssl.CERT_REQUIRED)
    assert context.check_hostname


@pytest.mark.parametrize("wrong", [{"sasl_password": f"{PASSWORD}x"}, {"sasl_username": f"{USER}x"}])
def test_a_wrong_login_is_refused_at_once(login: dict[str, Any], wrong: dict[str, str]) -> None:
    assert refusal({**login, **wrong}) == (
        f"the Kafka broker at {login['brokers']} refuses the login; check SLUICEGATE_SASL_USERNAME, _SASL_PASSWORD "
        "and _SASL_MECHANISM"
    )


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256"])
def test_a_mechanism_that_the_broker_does_not_offer_is_named_with_those_that_it_does(
    login: dict[str, Any], mechanism: str
) -> None:
    assert f"takes no login by {mechanism}, but by SCRAM-SHA-512; set SLUICEGATE_SASL_MECHANISM" in refusal(
        {**login, "sasl_mechanism": mechanism}
    )


def test_a_certificate_of_an_authority_that_is_not_trusted_ends_the_start(
    login: dict[str, Any], stranger: Authority
) -> None:
    for settings in ({**login, "ssl_ca": stranger.trusted}, {**login, "ssl_ca": None}):
        said = refusal(settings)
        assert f"the certificate of the Kafka broker at {login['brokers']} is from an authority that is not" in said
        assert "let SLUICEGATE_SSL_CA name the file" in said


def test_a_certificate_for_another_host_ends_the_start(login: dict[str, Any]) -> None:
    address = login["brokers"].replace("127.0.0.1", "localhost")
    assert refusal({**login, "brokers": address}) == (
        f"the certificate of the Kafka broker at {address} is not for localhost; let SLUICEGATE_BROKERS name the "
        "broker as its certificate does"
    )


def test_a_certificate_of_the_broker_that_has_expired_ends_the_start(
    mutual: dict[str, Any], secured_kafka: SecuredNode
) -> None:
    assert refusal({**mutual, "brokers": secured_kafka.expired}).endswith("has expired; renew it there")


def test_a_broker_that_wants_a_certificate_of_the_client_says_so(mutual: dict[str, Any]) -> None:
    assert "wants a certificate of this client; set SLUICEGATE_SSL_CERTIFICATE and SLUICEGATE_SSL_KEY" in refusal(
        {**mutual, "ssl_certificate": None, "ssl_key": None}
    )


def test_a_certificate_of_the_client_that_the_broker_does_not_take_ends_the_start(
    mutual: dict[str, Any], secured_kafka: SecuredNode, stranger: Authority
) -> None:
    for pair in (stranger.issue(USER), secured_kafka.authority.issue("expired-client", expired=True)):
        assert "refuses the certificate of this client (" in refusal({**mutual, **own(pair)})


def test_talking_in_plain_text_to_an_address_of_tls_and_the_other_way_round_is_told(
    login: dict[str, Any], secured_kafka: SecuredNode, kafka: Cluster
) -> None:
    for address in (secured_kafka.with_login, secured_kafka.with_certificate):
        assert "speaks TLS only; set SLUICEGATE_SECURITY_PROTOCOL to SASL_SSL, or to SSL" in refusal(
            {"brokers": address}
        )
    for address in (kafka.bootstrap.split(",")[0], secured_kafka.unencrypted):
        assert "does not speak TLS at this address" in refusal({**login, "brokers": address})


def test_a_login_where_none_is_wanted_and_none_where_one_is_are_told(
    login: dict[str, Any], mutual: dict[str, Any], secured_kafka: SecuredNode, kafka: Cluster
) -> None:
    nobody = {"brokers": login["brokers"], "security_protocol": "SSL", "ssl_ca": login["ssl_ca"]}
    assert "wants a login; set SLUICEGATE_SECURITY_PROTOCOL=SASL_SSL" in refusal(nobody)
    assert "wants a login; set SLUICEGATE_SECURITY_PROTOCOL=SASL_PLAINTEXT" in refusal(
        {"brokers": secured_kafka.unencrypted}
    )
    assert "wants no login; set SLUICEGATE_SECURITY_PROTOCOL=SSL" in refusal(
        {**mutual, **login, "brokers": mutual["brokers"]}
    )


def test_a_login_in_plain_text_is_refused_unless_it_is_allowed(
    login: dict[str, Any], secured_kafka: SecuredNode
) -> None:
    plain = {**login, "brokers": secured_kafka.unencrypted, "security_protocol": "SASL_PLAINTEXT", "ssl_ca": None}
    with pytest.raises(ValueError, match="SASL_PLAINTEXT sends credentials unencrypted"):
        Settings.model_validate(plain)
    admin_client(Settings.model_validate({**plain, "allow_plaintext_credentials": True})).close()


def test_an_encrypted_key_is_used_with_its_password_and_named_without(
    mutual: dict[str, Any], secured_kafka: SecuredNode, tmp_path: Path
) -> None:
    encrypted = {**mutual, **own(secured_kafka.authority.issue("encrypted", password=PASSWORD))}
    admin_client(Settings.model_validate({**encrypted, "ssl_key_password": PASSWORD})).close()
    key = encrypted["ssl_key"]
    told = {
        (): f"SLUICEGATE_SSL_KEY: {key}: is encrypted; set SLUICEGATE_SSL_KEY_PASSWORD",
        (("ssl_key_password", "wrong"),): f"SLUICEGATE_SSL_KEY_PASSWORD: does not decrypt the key in {key}",
    }
    for more, sentence in told.items():
        with pytest.raises(SettingsError) as refused:
            admin_client(Settings.model_validate({**encrypted, **dict(more)}))
        assert str(refused.value) == sentence


def test_each_file_that_cannot_be_used_is_named_with_the_reason(
    mutual: dict[str, Any], stranger: Authority, tmp_path: Path
) -> None:
    other = stranger.issue("other")
    text = tmp_path / "text"
    text.write_text("no certificate")
    wrong: list[tuple[dict[str, Path], str]] = [
        ({"ssl_key": other.key}, f"SSL_KEY: {other.key}: is not the key of the certificate in"),
        ({"ssl_key": text}, f"SSL_KEY: {text}: cannot be used; needed is a PEM file of the certificate's key"),
        ({"ssl_certificate": text}, f"SSL_CERTIFICATE: {text}: cannot be used; needed is a PEM file of this"),
        ({"ssl_certificate": tmp_path}, f"SSL_CERTIFICATE: {tmp_path}: is a directory"),
        ({"ssl_key": tmp_path / "none"}, f"SSL_KEY: {tmp_path / 'none'}: there is no such file"),
        ({"ssl_ca": text}, f"SSL_CA: {text}: cannot be used; needed is a PEM file of certificates"),
    ]
    for files, sentence in wrong:
        with pytest.raises(SettingsError) as refused:
            admin_client(Settings.model_validate({**mutual, **files}))
        assert str(refused.value).startswith(f"SLUICEGATE_{sentence}")
        assert "\n" not in str(refused.value)
