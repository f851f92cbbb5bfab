"""The demo's worker process: ``sluicegate worker`` as it is, with an aiokafka that gets on with the embedded broker."""

from sluicegate.cli import early, main

if __name__ == "__main__":
    early.end_well_when_terminated()
    early.end_quietly_when_interrupted()
    from sluicegate.cli.demo.tansu import ask_with_newer_request, wait_briefly_for_records

    ask_with_newer_request()
    wait_briefly_for_records()
    main(["worker"])
