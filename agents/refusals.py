"""Finds out why a running worker lost its brokers: where they refuse its login or certificate, waiting is in vain."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from sluicegate.agents.contact import find_fault
from sluicegate.agents.settings import Settings

__all__ = ["RefusalWatch"]

#: Seconds without a connection after which the brokers are asked why, and between one question and the next.
_ASK_SECONDS: Final = 3.0


class RefusalWatch:
    """Asks brokers that are not connected for the reason, and ends the process where it will not pass.

    Parameters
    ----------
    settings
        Where the brokers are.
    client_arguments
        How the clients of this process connect. Files of certificates that have changed since are not read anew: the
        successor of this process does.
    fail
        Ends the process.
    """

    def __init__(
        self, settings: Settings, client_arguments: Mapping[str, Any], fail: Callable[[BaseException], None]
    ) -> None:
        self._settings = settings
        self._arguments = client_arguments
        self._fail = fail
        self._asking: asyncio.Task[None] | None = None
        self._waited_since: float | None = None

    def look(self, now: float, *, connected: bool) -> None:
        """Note whether any broker is connected, and ask where none has been for a while.

        Parameters
        ----------
        now
            Seconds on a clock that never goes back.
        connected
            Whether any is.
        """
        if connected or self._waited_since is None:
            self._waited_since = None if connected else now
        elif now - self._waited_since >= _ASK_SECONDS and (self._asking is None or self._asking.done()):
            self._waited_since = now
            self._asking = asyncio.get_running_loop().create_task(self._ask())

    async def _ask(self) -> None:
        if (fault := await find_fault(self._settings, self._arguments)) is not None:
            self._fail(fault)
