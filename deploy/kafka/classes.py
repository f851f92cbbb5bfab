"""An archive of the classes that Kafka loads: with it Java starts a node in half of the processor time.

This is Java's application class-data sharing: the classes of one node's life are written to a file when it ends, which
later ones map into memory. The file is made once for a checkout and a Java, however many processes ask at once.
"""

import fcntl
import hashlib
from collections.abc import Callable
from pathlib import Path

__all__ = ["shared_classes"]


def shared_classes(java: Path, folder: Path, record: Callable[[str], None]) -> list[str]:
    """Give Java's options for starting with the archive, making it first when it is not there.

    Parameters
    ----------
    java
        The program; another one, or another version of it, needs an archive of its own.
    folder
        Where archives are kept.
    record
        Runs a node to its end with an option of Java, which has it write the archive. Where nothing is written, as by
        a Java that cannot do it, nodes start without from then on.
    """
    archive = folder / f"classes-{_identity(java)}.jsa"
    with (folder / "classes.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not archive.exists():
            # It gets its name when it is whole; an empty file says that it was tried.
            partial = archive.with_suffix(".partial")
            partial.unlink(missing_ok=True)
            record(f"-XX:ArchiveClassesAtExit={partial}")
            partial.touch()
            partial.rename(archive)
    return [f"-XX:SharedArchiveFile={archive}"] if archive.stat().st_size else []


def _identity(java: Path) -> str:
    program = java.resolve()
    return hashlib.sha256(f"{program} {program.stat().st_mtime_ns}".encode()).hexdigest()[:12]
