"""Ports for Kafka nodes: one holder each, as long as the holder lives, in whatever process."""

import socket
import subprocess
import sys

import pytest

from sluicegate.deploy.kafka.ports import hold_ports


class Holder:
    """What ports are held by."""


def test_ports_are_held_by_one_until_it_is_gone() -> None:
    first, second = Holder(), Holder()
    ports = hold_ports(first, 2)

    with pytest.raises(OSError, match="fewer than 1 of 2 ports"):
        hold_ports(second, 1, ports)
    del first

    assert sorted(hold_ports(second, 2, ports)) == sorted(ports)


def test_a_port_is_held_against_other_processes_until_its_holder_is_killed() -> None:
    script = (
        "import sys\n"
        "from sluicegate.deploy.kafka.ports import hold_ports\n"
        "holder = type('Holder', (), {})()\n"
        "print(*hold_ports(holder, 1), flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        port = int(other.stdout.readline())
        with pytest.raises(OSError, match="fewer than 1"):
            hold_ports(Holder(), 1, [port])
        other.kill()
    holder = Holder()
    assert hold_ports(holder, 1, [port]) == [port]


def test_a_port_at_which_something_listens_is_not_given_out() -> None:
    first, second = Holder(), Holder()
    (port,) = hold_ports(first, 1)
    del first
    with socket.create_server(("127.0.0.1", port)), pytest.raises(OSError, match="fewer than 1"):
        hold_ports(second, 1, [port])
    assert hold_ports(second, 1, [port]) == [port]
