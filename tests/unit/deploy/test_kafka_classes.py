"""The archive of Kafka's classes is made once for each Java, and done without where it cannot be made."""

import os
from pathlib import Path

import pytest

from sluicegate.deploy.kafka.classes import shared_classes


class Recorder:
    """Writes an archive where Java would, and counts how often."""

    def __init__(self, content: bytes | None) -> None:
        self.content = content
        self.asked = 0

    def __call__(self, option: str) -> None:
        self.asked += 1
        if self.content is not None:
            Path(option.removeprefix("-XX:ArchiveClassesAtExit=")).write_bytes(self.content)


@pytest.fixture
def java(tmp_path: Path) -> Path:
    program = tmp_path / "java"
    program.touch()
    return program


def test_an_archive_is_made_once(java: Path, tmp_path: Path) -> None:
    record = Recorder(b"classes")
    (option,) = shared_classes(java, tmp_path, record)
    archive = Path(option.removeprefix("-XX:SharedArchiveFile="))
    assert archive.read_bytes() == b"classes"
    assert shared_classes(java, tmp_path, record) == [option]
    assert record.asked == 1


def test_another_version_of_java_gets_an_archive_of_its_own(java: Path, tmp_path: Path) -> None:
    record = Recorder(b"classes")
    first = shared_classes(java, tmp_path, record)
    os.utime(java, (1, 1))
    assert shared_classes(java, tmp_path, record) != first
    assert record.asked == 2


def test_a_java_that_writes_none_is_asked_once_and_goes_without(java: Path, tmp_path: Path) -> None:
    record = Recorder(None)
    assert shared_classes(java, tmp_path, record) == []
    assert shared_classes(java, tmp_path, record) == []
    assert record.asked == 1


def test_what_an_interrupted_recording_left_is_not_taken_for_an_archive(java: Path, tmp_path: Path) -> None:
    def interrupted(option: str) -> None:
        Recorder(b"half")(option)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shared_classes(java, tmp_path, interrupted)
    assert shared_classes(java, tmp_path, Recorder(None)) == []
