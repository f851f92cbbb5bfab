"""Fixtures common to all tests."""

import os
import shutil
import signal
from collections.abc import Callable

import pytest
from hypothesis import settings

# How long an example takes depends on what else runs; speed is for bench/ to measure.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")

# What a shell puts in the background ignores Ctrl-C, and so would all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = ["sluicegate.deploy.kafka.fixtures"]


@pytest.fixture
def program() -> Callable[[str], str]:
    """Give the path of a program outside Python, or leave the test out where it is missing: never in CI."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None and os.environ.get("CI", "").lower() == "true":
            pytest.fail(f"CI=true requires {name} on the PATH", pytrace=False)
        if path is None:
            pytest.skip(f"needs {name} on the PATH")
        return path

    return find
