"""A bench that is ended ends what it started."""

import subprocess
import sys

_BENCH = """
import signal, subprocess, sys
from sluicegate.bench.ending import run

def bench() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    try:
        print(child.pid, flush=True)
        signal.pause()
    finally:
        child.kill()
        print(child.wait(), flush=True)

run(bench)
"""


def test_a_bench_that_is_sent_sigterm_ends_the_processes_that_it_started_and_says_so() -> None:
    with subprocess.Popen([sys.executable, "-c", _BENCH], stdout=subprocess.PIPE, text=True) as bench:
        assert bench.stdout is not None
        assert int(bench.stdout.readline()) > 0
        bench.terminate()
        assert bench.stdout.read() == "-9\n"
        assert bench.wait(30) == 143
