"""Passwords of whoever reads the metrics: bcrypt hashes, of which a right password costs only its first request."""

import base64
import binascii
import hmac
import secrets
import threading
from collections.abc import Mapping
from typing import Final

import bcrypt

__all__ = ["MOST_WAITING", "BasicAuth", "BusyError"]

#: Bytes of a password that bcrypt regards; it refuses longer ones instead of cutting them.
_REGARDED: Final = 72
#: Requests that wait for their turn, or have it: each holds a thread.
MOST_WAITING: Final = 8
#: Seconds that a request waits for its turn: one password is hashed at a time, so that wrong ones cost one core.
_TURN_SECONDS: Final = 2.0


class BusyError(Exception):
    """Too many passwords wait to be checked."""


class BasicAuth:
    """Checks names and passwords.

    Parameters
    ----------
    users
        Name to bcrypt hash; not empty.
    """

    def __init__(self, users: Mapping[str, str]) -> None:
        self._hashes = {name.encode(): hashed.encode() for name, hashed in users.items()}
        # For names that are not there, so that they take as long as those that are.
        self._nobody = bcrypt.hashpw(secrets.token_bytes(16), bcrypt.gensalt(int(next(iter(users.values()))[4:6])))
        self._key = secrets.token_bytes(32)
        self._right: set[bytes] = set()
        self._turn = threading.Lock()
        self._waiting = threading.BoundedSemaphore(MOST_WAITING)

    def allows(self, header: str | None) -> bool:
        """Say whether an ``Authorization`` header names a user with the right password.

        Raises
        ------
        BusyError
            Where too many others are being checked.
        """
        given = _credentials(header)
        if given is None:
            return False
        # Cut here: else whoever knows one of full length could have any number of them remembered.
        name, password = given[0], given[1][:_REGARDED]
        # Keyed: what is kept of a right password is of no use without this process's memory.
        mark = hmac.digest(self._key, name + b"\0" + password, "sha256")
        if mark in self._right:
            return True
        if not self._waiting.acquire(blocking=False):
            raise BusyError
        try:
            right = self._is_right(name, password)
        finally:
            self._waiting.release()
        if right:
            self._right.add(mark)
        return right

    def _is_right(self, name: bytes, password: bytes) -> bool:
        if not self._turn.acquire(timeout=_TURN_SECONDS):
            raise BusyError
        try:
            known = self._hashes.get(name)
            is_hashed = bcrypt.checkpw(password, known or self._nobody)
        finally:
            self._turn.release()
        return is_hashed and known is not None


def _credentials(header: str | None) -> tuple[bytes, bytes] | None:
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return None
    return (name, password) if colon else None
