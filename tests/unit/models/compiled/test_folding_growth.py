"""The work of the folding's kernel grows linearly with the text, whatever it holds."""

import time

import pytest

from sluicegate.models.compiled import folding

SIZE = 4_000
FACTOR = 16
HOSTILE = {
    "one word": "a",
    "accents on one letter": "\u0301\u0327\u0323",
    "marks out of order": "a" + "\u0345\u0301\u0327\u05b0" * 9,
    "Hangul": "\u1112\u1161\u11ab",
    "many letters of one": "\ufdfa",
    "emoji": "\U0001f600",
    "letters of flags": "\U0001f1fc",
    "labels": "a.",
    "labels with signs between": "a.-.",
    "local parts": "a@",
    "domains": "@b.cc.",
    "at signs": "@",
    "digits": "1",
    "few digits": "123a",
    "numbers that begin": "+(1",
    "names": "/u/",
    "placeholders": "<user",
    "links that begin": "http.",
    "words for links": "url,",
    "separated": "s.",
    "leetspeak": "h3ll0",
    "spaced out": "s ",
    "references": "&am&#112;;",
    "references to ampersands": "amp;",
    "ampersands": "&",
    "sigmas": "&Sigma;&#173;",
    "look-alikes": "p\u0430",
    "not seen": "a\u200b",
    "changing places": "\ufb01\u00df\u0130",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_text_that_is_so_many_times_as_long_takes_about_so_many_times_as_long(name: str) -> None:
    # A square would be 256 times as long: the bound is far from both.
    short = HOSTILE[name] * (SIZE // len(HOSTILE[name]))
    assert _seconds("&" + short * FACTOR) < 64 * max(_seconds("&" + short), 2e-5)


def _seconds(text: str) -> float:
    assert folding is not None
    found = []
    for _ in range(3):
        started = time.process_time()
        folding.fold(text)
        found.append(time.process_time() - started)
    return min(found)
