"""Fetches the jars of Apache Kafka with Maven, once for a checkout, however many processes ask at once."""

import fcntl
import re
import shutil
import subprocess
from pathlib import Path

__all__ = ["KAFKA_VERSION", "JarsError", "installed_jars", "missing_requirements"]

_POM = Path(__file__).resolve().parent / "pom.xml"
_REPOSITORY = _POM.parents[2]
_MAVEN_SECONDS = 600.0


def _version_in_pom() -> str:
    found = re.search(r"<kafka\.version>([^<]+)</kafka\.version>", _POM.read_text(encoding="utf-8"))
    if found is None:
        raise JarsError(f"{_POM} states no <kafka.version>; restore it")
    return found[1]


class JarsError(RuntimeError):
    """The jars could not be fetched; the text says why and what to do."""


KAFKA_VERSION = _version_in_pom()


def missing_requirements() -> str | None:
    """Say in one sentence which program is missing, or return None when all are there.

    Maven is needed only for as long as the jars have not been fetched.
    """
    needed = {"java": "a Java runtime, 17 or later"}
    if not _folder(_REPOSITORY).is_dir():
        needed["mvn"] = "Apache Maven"
    missing = [f"{program} ({what})" for program, what in needed.items() if shutil.which(program) is None]
    if not missing:
        return None
    return f"Apache Kafka needs {' and '.join(missing)} on the PATH; install it"


def installed_jars(repository: Path = _REPOSITORY) -> Path:
    """Return the folder with Kafka's jars, fetching them first when they are not there.

    Parameters
    ----------
    repository
        The root of the checkout; the jars go to ``.cache/kafka-<version>/libs`` in it.

    Raises
    ------
    JarsError
        If Maven is missing or fails.
    """
    libs = _folder(repository)
    libs.parent.mkdir(parents=True, exist_ok=True)
    with (libs.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not libs.is_dir():
            # The folder gets its name only when it is whole: an interrupted fetch leaves nothing behind
            # that the next one would take for complete.
            partial = libs.with_name("libs.partial")
            shutil.rmtree(partial, ignore_errors=True)
            _fetch(partial)
            partial.rename(libs)
    return libs


def _folder(repository: Path) -> Path:
    return repository / ".cache" / f"kafka-{KAFKA_VERSION}" / "libs"


def _fetch(target: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise JarsError("Apache Maven (mvn) is not on the PATH; install it to fetch the jars of Apache Kafka")
    command = [maven, "--batch-mode", "--quiet", "--strict-checksums", "--file", str(_POM)]
    command += ["dependency:copy-dependencies", f"-DoutputDirectory={target}"]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command
            command, capture_output=True, text=True, timeout=_MAVEN_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise JarsError(
            f"Maven did not fetch the jars of Apache Kafka within {_MAVEN_SECONDS:.0f} s; check the network"
        ) from None
    if done.returncode != 0:
        raise JarsError(f"Maven could not fetch the jars of Apache Kafka: {(done.stdout + done.stderr).strip()}")
