"""A worker that serves a compiled bundle unpickles nothing, from its start to its end, watched within the process."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.integration.streams import Stream, event
from tests.integration.worker_process import until

#: Read by the interpreter before anything else. Audit events tell of every class that an unpickler looks up; they would
#: not tell of pickled data alone, so that no unpickler may be made at all.
WATCH: Final = """
import _pickle, os, pickle, sys

def tell(what):
    with open({told!r}, "a") as file:
        file.write(what + chr(10))

def refuse(name):
    def refused(*arguments, **named):
        tell("unpickles by " + name)
        raise RuntimeError("unpickles")
    return refused

class Refused(pickle.Unpickler):
    def __init__(self, *arguments, **named):
        refuse("Unpickler")()

for module in (pickle, _pickle):
    module.Unpickler = Refused
    module.load = refuse("load")
    module.loads = refuse("loads")

def audit(name, arguments):
    if name == "pickle.find_class":
        tell("looks up " + repr(arguments))
    elif name == "import" and arguments[0].partition(".")[0] in ("joblib", "sklearn", "cloudpickle", "dill"):
        tell("imports " + arguments[0])

sys.addaudithook(audit)
tell("watches")
"""


def watching(folder: Path) -> tuple[dict[str, str], Callable[[], set[str]]]:
    """Give the environment of a process that is watched, and what was told of it so far."""
    told = folder / "told"
    (folder / "sitecustomize.py").write_text(WATCH.format(told=str(told)))
    return {"PYTHONPATH": str(folder)}, lambda: set(told.read_text().splitlines())


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("import pickle; pickle.loads(pickle.dumps([1]))", "unpickles by loads"),
        ("import io, joblib; joblib.load(io.BytesIO(b'x'))", "imports joblib"),
        ("import io, pickle; pickle.Unpickler(io.BytesIO(b'x'))", "unpickles by Unpickler"),
    ],
)
def test_the_watch_sees_what_unpickles(tmp_path: Path, code: str, seen: str) -> None:
    environment, told = watching(tmp_path)
    subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        check=False,
        stderr=subprocess.DEVNULL,
        timeout=60,
    )
    assert seen in told()


def test_a_worker_that_serves_a_compiled_bundle_unpickles_nothing_and_imports_nothing_that_does(
    stream: Stream, tmp_path: Path
) -> None:
    environment, told = watching(tmp_path)
    worker = stream.start_worker(**environment).wait_until_ready(60)
    texts = ["I will find you and hurt you", "Is the pool open?", "long " * 2_000, "Приходи завтра"]
    stream.publish([event(number, texts[number % 4]) for number in range(200)])
    until(lambda: worker.metric("sluicegate_events_decided_total") == 200, 30, worker)
    assert worker.terminate()[0] == 0
    assert told() == {"watches"}
