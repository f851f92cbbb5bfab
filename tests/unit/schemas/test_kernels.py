import pytest

from sluicegate.schemas import kernels


def test_a_kernel_that_is_not_there_is_none_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "_missing", set())
    assert kernels.kernel("sluicegate.schemas.columns.reading") is not None
    assert kernels.missing_kernels() == ()
    assert kernels.kernel("sluicegate.schemas.columns.no_such_kernel") is None
    assert kernels.missing_kernels() == ("sluicegate.schemas.columns.no_such_kernel",)


def test_all_are_switched_off_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "_missing", set())
    monkeypatch.setenv(kernels.SWITCH, "off")
    assert kernels.kernel("sluicegate.schemas.columns.reading") is None
    assert kernels.missing_kernels() == ("sluicegate.schemas.columns.reading",)
