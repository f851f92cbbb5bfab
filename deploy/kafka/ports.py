"""Ports for nodes: chosen at random, and each held by one node for as long as that lives, whether it runs or not.

A port that is merely free when it is chosen may be another's when it is needed: nodes of several processes start
at once, and a node that a test has killed means to come back to its own.
"""

import fcntl
import os
import random
import socket
import tempfile
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import Final

__all__ = ["PORTS", "hold_ports", "is_free"]

#: Outside the range from which the system gives ports to outgoing connections: while the broker is down,
#: a reconnecting client could otherwise be given the broker's own port, and connect to itself.
PORTS: Final = range(20_000, 32_000)


def hold_ports(holder: object, count: int, among: Iterable[int] = PORTS) -> list[int]:
    """Choose free ports of 127.0.0.1 that no other holder of this user has, in any process.

    Parameters
    ----------
    holder
        They are held until it is collected, or its process ends in whatever way.
    count
        How many.
    among
        From which.

    Raises
    ------
    OSError
        If there are not so many.
    """
    candidates = list(among)
    random.SystemRandom().shuffle(candidates)
    held: list[int] = []
    for port in candidates:
        if len(held) == count:
            break
        if _hold(holder, port):
            held.append(port)
    if len(held) < count:
        raise OSError(f"fewer than {count} of {len(candidates)} ports from {min(candidates)} on are free on 127.0.0.1")
    return held


def is_free(port: int) -> bool:
    """Tell whether a port of 127.0.0.1 can be listened at."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As Kafka does itself: connections of a node that has just ended do not hold the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _hold(holder: object, port: int) -> bool:
    """Lock the file that stands for a port; the lock goes with the holder."""
    folder = Path(tempfile.gettempdir()) / f"sluicegate-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(folder / str(port), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return False
    if not is_free(port):
        os.close(lock)
        return False
    weakref.finalize(holder, os.close, lock)
    return True
