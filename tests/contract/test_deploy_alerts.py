"""Alert rules, runbooks and dashboard: they use metrics that exist, and each rule is seen to fire and to resolve."""

import functools
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from typer.testing import CliRunner

from sluicegate.agents.metrics import CATALOGUE, Metrics
from sluicegate.agents.settings import Settings
from sluicegate.cli.app import app

_ROOT = Path(__file__).resolve().parents[2]
_PROMETHEUS = _ROOT / "deploy" / "prometheus"
_RUNBOOKS = _ROOT / "docs" / "runbooks"
_SECTIONS = ["What it means", "Who is affected", "How to see it", "How to mend it", "How to know it is over"]
_ADDED_BY_PROMETHEUS = {"job", "instance", "le"}


@functools.cache
def _alerts() -> dict[str, dict[str, Any]]:
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((_PROMETHEUS / "rules").glob("*.yml"))]
    rules = [rule for file in files for group in file["groups"] for rule in group["rules"]]
    return {rule["alert"]: rule for rule in rules}


def _dashboard() -> dict[str, Any]:
    path = _ROOT / "deploy" / "grafana" / "dashboards" / "sluicegate.json"
    return cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))


def _dashboard_expressions() -> list[str]:
    return [target["expr"] for panel in _dashboard()["panels"] for target in panel.get("targets", [])]


def _pages() -> list[Path]:
    return sorted(path for path in _RUNBOOKS.glob("*.md") if path.name != "README.md")


def _expressions() -> dict[str, str]:
    found = {
        name: f"{rule['expr']} {re.sub('{{|}}', ' ', rule['annotations']['description'])}"
        for name, rule in _alerts().items()
    }
    found |= {f"dashboard {number}": text for number, text in enumerate(_dashboard_expressions())}
    # In runbooks, expressions stand between backquotes.
    found |= {
        page.name: " ".join(re.findall(r"`([^`]+)`", page.read_text(encoding="utf-8").replace("\n", " ")))
        for page in _pages()
    }
    return found


def _series() -> dict[str, set[str]]:
    """Labels by the names under which Prometheus stores what the catalogue lists."""
    series: dict[str, set[str]] = {}
    for metric in CATALOGUE:
        endings = ("_bucket", "_count", "_sum") if metric.kind == "histogram" else ("",)
        series |= {metric.name + ending: set(metric.labels) | _ADDED_BY_PROMETHEUS for ending in endings}
    return series


def _promtool(program: Callable[[str], str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program("promtool"), *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("place", _expressions())
def test_expressions_use_metrics_and_labels_of_the_catalogue(place: str) -> None:
    text, series = _expressions()[place], _series()
    used = set(re.findall(r"\bsluicegate_\w+", text))
    assert used <= set(series), f"not in the catalogue: {sorted(used - set(series))}"
    labels = {label for name in used for label in series[name]} | {"__name__"}
    grouped = [word.strip() for group in re.findall(r"\b(?:by|on)\s*\(([^)]*)\)", text) for word in group.split(",")]
    selected = [name for braces in re.findall(r"\{([^{}]*)\}", text) for name in re.findall(r"(\w+)\s*[=!]~?", braces)]
    if used:
        assert set(grouped + selected) <= labels, f"no such labels: {sorted(set(grouped + selected) - labels)}"


def test_bounds_of_histograms_are_buckets_as_workers_export_them() -> None:
    metrics = Metrics()
    exported = metrics.exposition().decode()
    bounds = {bound for text in _expressions().values() for bound in re.findall(r'_bucket\{le="([^"]+)"\}', text)}
    assert bounds == {"60.0"}
    assert 'sluicegate_freshness_seconds_bucket{le="60.0"}' in exported


@pytest.mark.parametrize("name", _alerts())
def test_an_alert_says_how_bad_it_is_with_figures_and_where_help_is(name: str) -> None:
    rule = _alerts()[name]
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert "{{" in rule["annotations"]["description"]
    assert rule["annotations"]["summary"].endswith(".")
    page = _ROOT / rule["annotations"]["runbook_url"]
    assert page.parent == _RUNBOOKS
    assert f"Alert: `{name}`" in page.read_text(encoding="utf-8")


def test_the_alerts_are_those_that_on_call_engineers_were_promised() -> None:
    assert {name.removeprefix("Sluicegate") for name in _alerts()} == {
        "NoWorker",
        "TargetDown",
        "BrokerUnreachable",
        "WorkerHalted",
        "BundleRefused",
        "LagGrowing",
        "PartitionStandingStill",
        "FreshnessLost",
        "DeadLettersAboveShare",
        "BooksDoNotBalance",
        "Drift",
    }


@pytest.mark.parametrize("page", _pages(), ids=lambda page: page.stem)
def test_a_runbook_answers_the_five_questions_and_is_listed(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.M) == _SECTIONS
    assert f"]({page.name})" in (_RUNBOOKS / "README.md").read_text(encoding="utf-8")
    for linked in re.findall(r"\]\(([^)]+)\)", text):
        assert (page.parent / linked.partition("#")[0]).exists(), linked
    (alert,) = re.findall(r"^Alert: `(\w+)`$", text, re.M)
    assert alert in _alerts()


@pytest.mark.parametrize("page", _pages(), ids=lambda page: page.stem)
def test_a_runbook_names_commands_and_settings_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for line in re.findall(r"`sluicegate ([^`]+)`", text):
        shown = CliRunner().invoke(app, [*line.split(), "--help"])
        assert shown.exit_code == 0, f"sluicegate {line}: {shown.output}"
    settings = {f"SLUICEGATE_{field.upper()}" for field in Settings.model_fields}
    assert set(re.findall(r"SLUICEGATE_[A-Z_]+", text)) <= settings


def test_prometheus_accepts_its_configuration_and_rules(program: Callable[[str], str]) -> None:
    done = _promtool(program, "check", "config", str(_PROMETHEUS / "prometheus.yml"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_alertmanager_accepts_its_configuration(program: Callable[[str], str]) -> None:
    configuration = _ROOT / "deploy" / "alertmanager" / "alertmanager.yml"
    done = subprocess.run(
        [program("amtool"), "check-config", str(configuration)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_alertmanager_holds_back_alerts_that_exist() -> None:
    text = (_ROOT / "deploy" / "alertmanager" / "alertmanager.yml").read_text(encoding="utf-8")
    for rule in yaml.safe_load(text)["inhibit_rules"]:
        for matcher in rule["source_matchers"] + rule["target_matchers"]:
            names = re.sub(r'^alertname =~? "Sluicegate\(?|\)?"$', "", matcher).split("|")
            assert {f"Sluicegate{name}" for name in names} <= set(_alerts())


@pytest.mark.parametrize("name", ["drift", "stream", "workers"])
def test_alerts_fire_stay_quiet_and_resolve_as_their_tests_say(name: str, program: Callable[[str], str]) -> None:
    done = _promtool(program, "test", "rules", str(_PROMETHEUS / "tests" / f"{name}.yml"))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("alert", _alerts())
def test_each_alert_is_tested_to_stay_quiet_then_fire_then_resolve(alert: str) -> None:
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in (_PROMETHEUS / "tests").glob("*.yml")]
    courses = []
    for case in (case for file in files for case in file["tests"]):
        checks = [check for check in case["alert_rule_test"] if check["alertname"] == alert]
        courses.append("".join("!" if check["exp_alerts"] else "." for check in checks))
    assert any(re.search(r"\.!\.", course) for course in courses), courses


@pytest.mark.parametrize("broken", ["vector(0) > 1", "vector(1)"], ids=["never", "always"])
@pytest.mark.parametrize("alert", _alerts())
def test_a_rule_that_never_or_always_fires_does_not_pass_the_tests(
    alert: str, broken: str, tmp_path: Path, program: Callable[[str], str]
) -> None:
    copy = tmp_path / "prometheus"
    shutil.copytree(_PROMETHEUS, copy)
    (path,) = [path for path in (copy / "rules").glob("*.yml") if f"alert: {alert}\n" in path.read_text()]
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    (rule,) = [rule for group in document["groups"] for rule in group["rules"] if rule["alert"] == alert]
    rule["expr"] = broken
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    done = _promtool(program, "test", "rules", str(copy / "tests" / path.name))
    assert done.returncode != 0
    assert alert in done.stdout + done.stderr
