"""The demo's worker process: ``sluicegate worker`` as it is, with an aiokafka that gets on with the embedded broker."""

import sys

from sluicegate.cli.app import main
from sluicegate.cli.demo.tansu import ask_with_newer_request, wait_briefly_for_records

if __name__ == "__main__":
    ask_with_newer_request()
    wait_briefly_for_records()
    sys.argv = ["sluicegate", "worker"]
    main()
