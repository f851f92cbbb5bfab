"""Policies and rows that fuzzing begins with."""

from typing import Final

import numpy as np

from sluicegate.policy import Features
from tests.unit.policy.documents import SMALL

__all__ = ["CONDITIONS", "CONDITION_WORDS", "FEATURES", "POLICY_WORDS", "SCORES", "documents"]

CONDITIONS: Final = (
    "scores.hate >= 0.5",
    'type == "content.reported" && signals.reports >= 3',
    "language in ['en', 'de'] || !has(signals.age) && text_truncated",
    "(scores.spam + scores.hate * 2 - 1 / 3.0) > -0.5 ? surface == 'chat' : tenant != \"a\\n\\u00e9\\x41\"",
    "surface.startsWith('c') && !(language.endsWith('') || tenant.contains(\"'\"))",
    "age_hours < 1e3 && signals.views_per_hour in [1, 2.5, 0x10] == true",
    "!" * 20 + "text_truncated",
    "(" * 20 + "scores.spam > 0.1" + ")" * 20,
    " && ".join(["scores.spam > 0.1"] * 20),
    "has(signals.x) ? true : false",
    "has(" * 60 + "signals.x" + ")" * 60,
    "language == '\\Uffffffff' || language == '\\ud800'",
    "r'\\d' == tenant || b'a' == tenant || '''three''' == language",
)
CONDITION_WORDS: Final = tuple(
    word.encode()
    for word in (
        *(
            "scores.",
            "scores.hate",
            "signals.",
            "has(",
            "language",
            "surface",
            "type",
            "tenant",
            "age_hours",
            "true",
            "null",
        ),
        *(
            " in [",
            " && ",
            " || ",
            " ? ",
            " : ",
            " == ",
            " >= ",
            ".startsWith('",
            ".matches('",
            "0x1F",
            "1e15",
            "5u",
            "-",
        ),
        *("r'", "b'", "'''", "\\U0001F600", "\\377", "// ", "{'a': 1}", "[0]", ".map(x, x)", "%", "text_truncated"),
    )
)
POLICY_WORDS: Final = (
    *CONDITION_WORDS,
    *(
        b"version: 1\n",
        b"harms:\n",
        b"rules:\n  - ",
        b"queues: {",
        b"views:\n  ages: ",
        b"default: allow\n",
        b"when: |-\n",
    ),
    *(
        b"watch: ",
        b"then: review",
        b"then: act",
        b"languages: any",
        b"&a ",
        b"*a",
        b"<<: ",
        b"!!python/",
        b"--- ",
        b"%YAML 1.1",
    ),
    *(b".inf", b".nan", b"1e999", b"? ", b"\t", b"[[[[", b"{a: {a: {", b'"\\x00"', b"\xc2\x85", b"|2-", b"revision: "),
)
_ROWS: Final = 4
#: Events with and without what is optional.
FEATURES: Final = Features(
    type=np.array(["content.created", "content.reported", "content.updated", "content.deleted"]),
    surface=np.array(["chat", "comment", "", "it's"]),
    language=np.array(["en", "de", "", "zh"]),
    tenant=np.array(["", "a", "a\n\u00e9A", "\u65e5\u672c"]),
    text_truncated=np.array([False, True, False, True]),
    age_hours=np.array([0.0, np.nan, 1e3, 0.25]),
    signals={
        "reports": np.array([0.0, 3.0, np.nan, 1e15]),
        "views_per_hour": np.array([np.nan, 2.5, 16.0, -1.0]),
    },
)
SCORES: Final = {
    "spam": np.array([0.0, 0.25, 0.95, 1.0]),
    "hate": np.array([0.5, 0.0, 1.0, 0.1]),
}


def documents() -> list[str]:
    """Give whole policies, and some that are not quite right."""
    with_conditions = [
        SMALL.replace("when: scores.spam > 0.9", "when: |-\n      " + condition.replace("\n", "\n      "))
        for condition in CONDITIONS
    ]
    wrong = [
        SMALL.replace("missed: 0.1", "mised: .nan\nrevision: '7'\nwatch: scores.spam > 0.5\nwait_minutes: 5"),
        SMALL.replace("[en]", "&a [en]"),
        SMALL + "---\n" + SMALL,
        "a: " * 15,
        "[" * 30,
        "? [a]\n: {b: c}\n",
        SMALL.replace("name: small", 'name: "\\ud800"'),
        "\ufeff" + SMALL,
    ]
    return [SMALL, *with_conditions, *wrong]
