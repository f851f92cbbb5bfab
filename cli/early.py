"""What signals do while a command still loads what it needs: end the process at once, without a word.

Must import nothing that takes a moment.
"""

import os
import signal
from types import FrameType

__all__ = ["INTERRUPTED", "end_quietly_when_interrupted", "end_well_when_terminated", "interrupts_raise"]

#: Exit code of a command that Ctrl-C ended.
INTERRUPTED = 130


def end_quietly_when_interrupted() -> None:
    """Have Ctrl-C end the process; an import that it breaks off fails in ways that nobody should have to read."""
    # Where it is ignored, as in the background of a shell's script, it stays so.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)


def interrupts_raise() -> None:
    """Have Ctrl-C raise KeyboardInterrupt again: for a command that has loaded what it needs, and something to end."""
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def end_well_when_terminated() -> None:
    """Have SIGTERM end the process with exit code 0: of a worker that has not begun there is nothing to drain."""
    signal.signal(signal.SIGTERM, _leave)


def _leave(number: int, _: FrameType | None) -> None:
    os._exit(0 if number == signal.SIGTERM else INTERRUPTED)
