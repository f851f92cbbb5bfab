"""``sluicegate``, whose process kills itself at a commit of a redrive: before it, during it, or behind it.

Arguments: when, at which commit, and those of the command.
"""

import asyncio
import os
import signal
import sys
from typing import Any

from aiokafka import AIOKafkaProducer

from sluicegate.cli import main

_when, _number, *_arguments = sys.argv[1:]
_commit = AIOKafkaProducer.commit_transaction
_commits = 0


async def _killed(producer: Any) -> None:
    global _commits
    _commits += 1
    if _commits < int(_number):
        await _commit(producer)
        return
    if _when == "during":
        underway = asyncio.create_task(_commit(producer))
        while not producer._sender._txn_manager.needs_transaction_commit():
            await asyncio.sleep(0)
        # The request is made and sent within a few turns of the loop; what the broker makes of it is left open.
        for _ in range(20):
            await asyncio.sleep(0)
        underway.cancel()
    elif _when == "behind":
        await _commit(producer)
    os.kill(os.getpid(), signal.SIGKILL)


AIOKafkaProducer.commit_transaction = _killed
main(_arguments)
