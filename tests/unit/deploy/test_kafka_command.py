"""What ``make kafka`` says of wrong use: one sentence, and exit code 2."""

import sys

import pytest

from sluicegate.deploy.kafka.__main__ import main


@pytest.mark.parametrize("port", ["80000", "0", "-1", "abc"])
def test_a_port_that_is_none_is_wrong_use(
    port: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["kafka", f"--port={port}"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith(f"{port!r} is no port; give one of 1 to 65535")
