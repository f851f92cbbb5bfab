"""The compose file against the project: its commands, settings, ports, paths and versions are those that exist."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from typer.testing import CliRunner

from sluicegate import __version__
from sluicegate.agents.settings import Settings, load_settings
from sluicegate.agents.worker import DRAIN_SECONDS
from sluicegate.cli.app import app
from sluicegate.deploy.kafka.jars import KAFKA_VERSION
from sluicegate.deploy.kafka.settings import server_properties

_ROOT = Path(__file__).resolve().parents[2]
#: After SIGTERM, of a worker that does not get done with draining.
_LAST_SECONDS = DRAIN_SECONDS + 1


def _services() -> dict[str, dict[str, Any]]:
    document = yaml.safe_load((_ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return cast("dict[str, dict[str, Any]]", document["services"])


def _ours() -> dict[str, dict[str, Any]]:
    return {name: service for name, service in _services().items() if service["image"].startswith("sluicegate:")}


def _workers() -> dict[str, dict[str, Any]]:
    return {name: service for name, service in _ours().items() if service["command"] == ["worker"]}


def _document(path: str) -> Any:
    return yaml.safe_load((_ROOT / path).read_text(encoding="utf-8"))


def _seconds(duration: str) -> int:
    return int(duration.removesuffix("s"))


def test_compose_itself_accepts_the_file(program: Callable[[str], str]) -> None:
    has_plugin = (
        shutil.which("docker") is not None
        and subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0
    )
    command = ["docker", "compose"] if has_plugin else [program("docker-compose")]
    done = subprocess.run(
        [*command, "--file", "docker-compose.yml", "config", "--quiet"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize("name", _ours())
def test_a_service_of_ours_runs_a_command_that_exists(name: str) -> None:
    shown = CliRunner().invoke(app, [*_ours()[name]["command"], "--help"])
    assert shown.exit_code == 0, shown.output


@pytest.mark.parametrize("name", _ours())
def test_a_service_of_ours_has_settings_that_exist_and_are_valid(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environment: dict[str, str] = _ours()[name]["environment"]
    assert set(environment) <= {f"SLUICEGATE_{field.upper()}" for field in Settings.model_fields}
    for variable in [variable for variable in os.environ if variable.startswith("SLUICEGATE_")]:
        monkeypatch.delenv(variable)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    settings = load_settings(_env_file=None)
    assert settings.brokers == ("kafka:19092",)


def test_two_workers_are_told_apart() -> None:
    instances = [service["environment"]["SLUICEGATE_INSTANCE"] for service in _workers().values()]
    assert len(instances) == len(set(instances)) == 2


def test_workers_can_be_scraped_and_are_judged_by_their_own_health() -> None:
    for service in _workers().values():
        port = service["environment"]["SLUICEGATE_METRICS_PORT"]
        assert service["environment"]["SLUICEGATE_METRICS_HOST"] == "0.0.0.0"
        assert f"http://127.0.0.1:{port}/healthz" in service["healthcheck"]["test"][-1]
        assert [published.rpartition(":")[2] for published in service["ports"]] == [port]


def test_workers_get_more_time_to_leave_than_they_need() -> None:
    assert all(_seconds(service["stop_grace_period"]) > _LAST_SECONDS for service in _workers().values())


def test_workers_wait_for_the_topics_and_the_topics_for_kafka() -> None:
    for service in _workers().values():
        assert service["depends_on"]["topics"]["condition"] == "service_completed_successfully"
    assert _services()["topics"]["depends_on"]["kafka"]["condition"] == "service_healthy"
    assert _services()["topics"]["restart"] == "on-failure"


@pytest.mark.parametrize("name", [name for name in _services() if name != "topics"])
def test_a_service_that_stays_is_watched_and_restarted(name: str) -> None:
    service = _services()[name]
    assert service["restart"] == "unless-stopped"
    assert {"test", "interval", "timeout", "retries", "start_period"} <= set(service["healthcheck"])
    assert _seconds(service["stop_grace_period"]) > 0


@pytest.mark.parametrize("name", _services())
def test_a_service_has_no_more_rights_than_it_needs(name: str) -> None:
    service = _services()[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("read_only") is True or name == "kafka"
    assert "privileged" not in service
    assert "user" not in service


@pytest.mark.parametrize("name", _services())
def test_a_service_is_published_on_this_machine_only(name: str) -> None:
    for published in _services()[name].get("ports", []):
        assert published.startswith("127.0.0.1:"), published


def test_no_port_is_published_twice() -> None:
    published = [port.split(":")[1] for service in _services().values() for port in service.get("ports", [])]
    assert len(published) == len(set(published))


@pytest.mark.parametrize("name", _services())
def test_what_a_service_mounts_is_there(name: str) -> None:
    volumes = set(_document("docker-compose.yml")["volumes"])
    for mounted in _services()[name].get("volumes", []):
        source, target, *mode = mounted.split(":")
        assert target.startswith("/")
        if source.startswith("./"):
            assert (_ROOT / source).exists(), source
            assert mode == ["ro"]
        else:
            assert source in volumes


@pytest.mark.parametrize("name", _services())
def test_an_image_is_named_with_its_exact_version(name: str) -> None:
    assert re.search(r":v?\d+\.\d+\.\d+$", _services()[name]["image"])


def test_versions_are_those_of_the_project() -> None:
    assert _services()["kafka"]["image"] == f"apache/kafka:{KAFKA_VERSION}"
    assert {service["image"] for service in _ours().values()} == {f"sluicegate:{__version__}"}


def test_brokers_are_addressed_as_kafka_advertises_itself() -> None:
    advertised = _services()["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    addresses = {listener.partition("://")[2] for listener in advertised.split(",")}
    for service in _ours().values():
        assert service["environment"]["SLUICEGATE_BROKERS"] in addresses
    assert ",".join(Settings.model_fields["brokers"].default) in addresses, "commands on this machine reach it as well"


def test_kafka_has_the_settings_of_the_node_that_tests_run_against() -> None:
    node = dict(
        line.split("=", 1)
        for line in server_properties(port=9092, controller_port=29093, data=Path("/var/lib/kafka/data")).splitlines()
    )
    own = {"LISTENERS", "ADVERTISED_LISTENERS", "LISTENER_SECURITY_PROTOCOL_MAP", "INTER_BROKER_LISTENER_NAME"}
    own |= {"CONTROLLER_QUORUM_VOTERS", "HEAP_OPTS"}
    for variable, value in _services()["kafka"]["environment"].items():
        name = variable.removeprefix("KAFKA_")
        if name not in own:
            assert node[name.lower().replace("_", ".")] == value, variable


def test_prometheus_scrapes_every_worker_and_tells_alertmanager() -> None:
    configuration = _document("deploy/prometheus/prometheus.yml")
    jobs = {job["job_name"]: job["static_configs"][0]["targets"] for job in configuration["scrape_configs"]}
    assert jobs["sluicegate"] == [
        f"{name}:{service['environment']['SLUICEGATE_METRICS_PORT']}" for name, service in _workers().items()
    ]
    (alertmanager,) = configuration["alerting"]["alertmanagers"]
    assert alertmanager["static_configs"][0]["targets"] == ["alertmanager:9093"]
    assert "127.0.0.1:9093:9093" in _services()["alertmanager"]["ports"]


@pytest.mark.parametrize("name", ["prometheus", "alertmanager"])
def test_the_configuration_file_that_is_named_is_the_one_that_is_mounted(name: str) -> None:
    service = _services()[name]
    (named,) = [option.partition("=")[2] for option in service["command"] if option.startswith("--config.file=")]
    assert named in [mounted.split(":")[1] for mounted in service["volumes"]]


def test_grafana_finds_its_source_and_its_dashboard() -> None:
    (source,) = _document("deploy/grafana/provisioning/datasources/prometheus.yml")["datasources"]
    assert source["url"] == "http://prometheus:9090"
    (provider,) = _document("deploy/grafana/provisioning/dashboards/sluicegate.yml")["providers"]
    service = _services()["grafana"]
    mounted = {target: path for path, target, _ in (v.split(":") for v in service["volumes"] if v.startswith("./"))}
    folder = provider["options"]["path"]
    home = Path(service["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert str(home.parent) == folder
    dashboard = json.loads((_ROOT / mounted[folder] / home.name).read_text(encoding="utf-8"))
    assert {panel["datasource"]["uid"] for panel in dashboard["panels"] if "targets" in panel} == {source["uid"]}
