"""Runs one Kafka node in the foreground until Ctrl-C, to develop against: ``make kafka``."""

import argparse
import signal
import sys
from pathlib import Path

from sluicegate.deploy.kafka.jars import JarsError
from sluicegate.deploy.kafka.node import KafkaNode, KafkaNodeError

_FOLDER = Path(".cache") / "kafka-data"
_PORT = 9092


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give one of 1 to 65535")
    return int(text)


def main() -> int:
    """Run the node; give the exit code: 0 when it was interrupted, 1 when it ended by itself."""
    parser = argparse.ArgumentParser(prog="make kafka ARGS=...", description=__doc__, allow_abbrev=False)
    parser.add_argument("--port", type=_port, default=_PORT, help="on 127.0.0.1; %(default)s without")
    port = parser.parse_args().port
    folder = _FOLDER / str(port)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with KafkaNode(folder, port=port) as node:
            print(f"Kafka answers at {node.bootstrap}, with its data in {folder}; Ctrl-C ends it", flush=True)
            node.wait()
    except KeyboardInterrupt:
        print("Kafka has ended; its data stays")
        return 0
    except (KafkaNodeError, JarsError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Kafka ended by itself; {folder / 'kafka.log'} says why", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
