"""Runs commands as the program does, errors told on stderr, within the process of the test."""

import io
import os
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from unittest.mock import patch

from sluicegate.cli.app import run


@dataclass(frozen=True)
class Ran:
    """What a command wrote, and its exit code."""

    exit_code: int
    stdout: str
    stderr: str


def ran(*arguments: str, env: Mapping[str, str] | None = None) -> Ran:
    """Run ``sluicegate`` with arguments, and with environment variables beside those that there are."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with redirect_stdout(out), redirect_stderr(err), patch.dict(os.environ, env or {}):
        try:
            run(arguments)
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
    return Ran(code, out.getvalue(), err.getvalue())
