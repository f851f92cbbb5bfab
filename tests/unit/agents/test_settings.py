"""Settings come from the environment, and all that is wrong with them is said at once."""

import pytest

from sluicegate.agents.settings import SettingsError, load_settings
from sluicegate.agents.unknown_settings import unknown_settings


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))


def test_the_defaults_are_those_of_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert settings.brokers == ("127.0.0.1:9092",)
    assert (settings.group, settings.instance) == ("sluicegate", None)
    assert (settings.metrics_port, settings.metrics_host) == (9464, "127.0.0.1")
    assert (settings.partitions, settings.replication, settings.broker_wait) == (6, None, 60)
    assert settings.review_prefix == "review."


def test_brokers_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICEGATE_BROKERS", "kafka-1:9092, kafka-2:9093")
    assert load_settings().brokers == ("kafka-1:9092", "kafka-2:9093")


def test_every_wrong_setting_is_named_with_what_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICEGATE_BROKERS", "kafka-1")
    monkeypatch.setenv("SLUICEGATE_PARTITIONS", "none")
    monkeypatch.setenv("SLUICEGATE_METRICS_PORT", "70000")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    lines = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "SLUICEGATE_BROKERS",
        "SLUICEGATE_PARTITIONS",
        "SLUICEGATE_METRICS_PORT",
    ]
    assert "65535" in lines[2]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("events_topic", "bad name", "must be made of letters (a to z, A to Z), digits, dots, underscores and hyphens"),
        ("redrives_topic", "x" * 250, "1 to 249 of them (topic of what"),
        ("group", "", "1 to 200 of them (id of"),
        ("instance", "é", "1 to 200 of them (name of"),
        ("review_prefix", "x" * 151, "at most 150 of them (what"),
        ("pinned_bundles", "sha256:0,none", "must be sha256: and 64 hexadecimal digits, in small letters (digests,"),
    ],
)
def test_the_form_of_a_name_is_told_in_words(name: str, value: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(**{name: value})
    assert str(caught.value).startswith(f"SLUICEGATE_{name.upper()}: must be ")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_credentials_without_encryption_are_refused_unless_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICEGATE_SECURITY_PROTOCOL", "SASL_PLAINTEXT")
    monkeypatch.setenv("SLUICEGATE_SASL_USERNAME", "worker")
    monkeypatch.setenv("SLUICEGATE_SASL_PASSWORD", "a secret")
    with pytest.raises(SettingsError, match="SLUICEGATE_ALLOW_PLAINTEXT_CREDENTIALS"):
        load_settings()
    monkeypatch.setenv("SLUICEGATE_ALLOW_PLAINTEXT_CREDENTIALS", "true")
    assert "a secret" not in repr(load_settings())


@pytest.mark.parametrize(
    ("name", "protocol", "told"),
    [
        ("SSL_CA", "PLAINTEXT", "set the protocol to SSL"),
        ("SSL_CERTIFICATE", "PLAINTEXT", "set the protocol to SSL"),
        ("SSL_KEY_PASSWORD", "SASL_PLAINTEXT", "set the protocol to SASL_SSL"),
        ("SASL_USERNAME", "PLAINTEXT", "set the protocol to SASL_SSL"),
        ("SASL_PASSWORD", "SSL", "set the protocol to SASL_SSL"),
    ],
)
def test_what_is_to_protect_a_connection_is_not_ignored_where_the_protocol_makes_no_use_of_it(
    monkeypatch: pytest.MonkeyPatch, name: str, protocol: str, told: str
) -> None:
    if protocol == "SASL_PLAINTEXT":
        for other in ("SASL_USERNAME", "SASL_PASSWORD", "ALLOW_PLAINTEXT_CREDENTIALS"):
            monkeypatch.setenv(f"SLUICEGATE_{other}", "true")
    monkeypatch.setenv("SLUICEGATE_SECURITY_PROTOCOL", protocol)
    monkeypatch.setenv(f"SLUICEGATE_{name}", "a-secret")
    with pytest.raises(SettingsError, match=f"SLUICEGATE_{name} is set") as caught:
        load_settings()
    assert told in str(caught.value)
    assert "a-secret" not in str(caught.value)


def test_an_env_file_that_is_no_utf_8_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("settings")
    (folder / ".env").write_bytes(b"SLUICEGATE_GROUP=caf\xe9\n")
    monkeypatch.chdir(folder)
    assert unknown_settings() == []
    with pytest.raises(SettingsError, match=r"^\.env, in this folder, is not UTF-8; "):
        load_settings()


def test_an_env_file_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("project")
    (folder / ".env").write_text("SLUICEGATE_GROUP=from-the-file\n")
    monkeypatch.chdir(folder)
    assert load_settings().group == "from-the-file"


def test_a_misspelled_setting_is_noticed_and_one_of_an_orchestrator_is_not() -> None:
    environment = {"SLUICEGATE_BROKER": "kafka-1:9092", "SLUICEGATE_SERVICE_HOST": "10.0.0.1", "PATH": ""}
    (sentence,) = unknown_settings(environment)
    assert "SLUICEGATE_BROKERS" in sentence


def test_a_setting_that_is_like_none_is_noticed_too_and_so_is_one_in_the_env_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert unknown_settings({"SLUICEGATE_COLOUR": "green", "SLUICEGATE_PORT_9464_TCP_ADDR": "10.0.0.1"}) == [
        "SLUICEGATE_COLOUR is no setting and is ignored; docs/settings.md lists them all"
    ]
    folder = tmp_path_factory.mktemp("project")
    (folder / ".env").write_text("SLUICEGATE_GROPU=typed-in-haste\n")
    monkeypatch.chdir(folder)
    (sentence,) = unknown_settings()
    assert sentence == "SLUICEGATE_GROPU is no setting and is ignored; did you mean SLUICEGATE_GROUP?"
