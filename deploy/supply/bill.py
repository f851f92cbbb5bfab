"""``python -m sluicegate.deploy.supply.bill FILE``: ``make sbom``, what a worker is made of, in CycloneDX's JSON."""

import subprocess
import sys
from pathlib import Path
from typing import Final

from sluicegate.deploy.supply.locks import ROOT

__all__ = ["write_bill"]

#: What the image is installed from.
LOCK: Final = "requirements-runtime.lock"


def write_bill(place: Path) -> None:
    """Write the bill of materials of what is pinned for a worker; the same for the same lock file."""
    place.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements", LOCK]
    options = ["--pyproject", "pyproject.toml", "--output-reproducible", "--of", "JSON", "-o", str(place.resolve())]
    subprocess.run([*command, *options], cwd=ROOT, check=True)  # noqa: S603 - its own tool, and no shell


if __name__ == "__main__":
    write_bill(Path(sys.argv[1]))
