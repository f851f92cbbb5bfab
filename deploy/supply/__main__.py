"""``python -m sluicegate.deploy.supply``: ``make audit``, which says as well when it could not audit."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sluicegate.deploy.supply.audit import AdvisoryError, findings, read_advisories
from sluicegate.deploy.supply.locks import LOCKS, ROOT, LockError, read_lock

__all__ = ["main"]

#: Names the set of advisories.
VARIABLE: Final = "SLUICEGATE_TEST_ADVISORIES"
_FAILED: Final = 1


def main(arguments: Sequence[str]) -> int:
    """Audit every lock file; give the exit code: 1 where something is known against a package, or a file is wrong.

    Without a set of advisories nothing is audited, which is said and no failure: no change of the project mends that.
    """
    place = arguments[0] if arguments else os.environ.get(VARIABLE, "")
    try:
        pinned = sorted(
            {each for name in LOCKS for each in read_lock((ROOT / name).read_text(encoding="utf-8"), name)},
            key=lambda each: (each.name, each.version),
        )
        if not place:
            print(
                f"NOT AUDITED: {len(pinned)} pinned packages could not be compared with advisories, since there is no "
                f"set of them; give a folder or archive in osv.dev's format with ARGS=PATH or {VARIABLE}"
            )
            return 0
        found = findings(pinned, read_advisories(Path(place)))
    except (LockError, AdvisoryError) as error:
        print(f"audit: {error}", file=sys.stderr)
        return _FAILED
    for each in found:
        print(f"{each.package} {each.version}: {each.advisory}: {each.summary}")
    print(f"audited {len(pinned)} pinned packages: {len(found)} findings")
    return _FAILED if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
