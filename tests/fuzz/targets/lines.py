"""The reader of files for ``publish`` and ``score``: each line is an event or has a reason, or the file is refused."""

import gzip
from collections.abc import Sequence
from typing import Final

from sluicegate.cli.line_reasons import READING_REASONS
from sluicegate.cli.lines import ReadLine
from sluicegate.cli.readers import EventFile, ReaderError
from sluicegate.schemas import decode_event
from tests.fuzz.events import EVENT_WORDS, event_seeds
from tests.fuzz.target import Target, scratch
from tests.fuzz.texts import TEXTS

__all__ = ["TARGET"]

#: By the first byte of an input; the last has its lines compressed here, so that the fuzzer gets past the checksum.
_NAMES: Final = ("lines.jsonl", "lines.csv", "lines.txt", "lines.csv.gz", "zipped.jsonl.gz", "zipped.csv.gz")
_CSV: Final = "\n".join(
    [
        "text,actor_id,signals.reports,signals,language,mood",
        *(f'"{text.replace(chr(34), chr(34) * 2)}",a-{number},{number / 3},,en,' for number, text in enumerate(TEXTS)),
        'quoted,"two\nlines",1e5,"{""n"": 1}",de,good',
        "too,few",
    ]
).encode("utf-8", "surrogatepass")


def one(data: bytes) -> None:
    """Read a file, whose name the first byte chooses."""
    name = _NAMES[data[0] % len(_NAMES)] if data else _NAMES[0]
    path = scratch() / name
    path.write_bytes(gzip.compress(data[1:], 1) if name.startswith("zipped") else data[1:])
    before = 0
    try:
        with EventFile(str(path)) as lines:
            for line in lines:
                assert line.number > before, "lines are not told in their order"
                before = line.number
                if isinstance(line, ReadLine):
                    assert decode_event(line.record).event == line.event
                    assert line.record.key == line.event.data.actor_id.encode()
                else:
                    assert line.reason in READING_REASONS, line.reason
                    assert line.message
    except ReaderError as refused:
        assert str(refused).startswith(str(path))


def _seeds() -> Sequence[bytes]:
    events = [value for value in event_seeds() if b"\n" not in value]
    plain = [b'{"text": "lunch", "signals": {"n": 1}}', b'{"text": 1}', b'{"text": "\\ud83d", "actor_id": "a", "m": 1}']
    plain += [b'{"text": "a", "signals": ' + b"[" * depth + b"]" * depth + b"}" for depth in (31, 33, 990)]
    files = [b"\n".join([*events[start::5], *plain]) for start in range(5)]
    made = [bytes([kind]) + file for file in [*files[:2], b"", b"\n\r\n"] for kind in range(len(_NAMES))]
    made += [bytes([kind]) + _CSV for kind in (1, 2, 5)]
    made += [b"\x03" + gzip.compress(_CSV, mtime=0), b"\x03" + gzip.compress(_CSV, mtime=0)[:-9], b"\x01\xff\xfetext"]
    return [*made, b"\x01\xef\xbb\xbftext\na\n", b"\x02[", b"\x01text,text\na,b\n", b"\x01signals.,text\n[,x\n"]


TARGET: Final = Target(one, _seeds, (*EVENT_WORDS, b"text,", b'""', b"\r\n", b"signals."), longest=4_096, inputs=3_000)
