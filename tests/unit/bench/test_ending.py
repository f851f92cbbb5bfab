"""A bench that is ended ends what it started."""

import subprocess
import sys

_BENCH = """
import subprocess, sys, time
from sluicegate.bench.ending import run

def bench() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        print(child.pid, flush=True)
        while True:
            time.sleep(0.05)
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
        try:
            told, _ = bench.communicate(timeout=30)
        finally:
            bench.kill()
        assert (told, bench.returncode) == ("-9\n", 143)
