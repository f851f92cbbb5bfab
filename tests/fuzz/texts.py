"""Texts that fuzzing begins with: of every script and sign that is read in a way of its own. All of them made up."""

from typing import Final

__all__ = ["TEXTS", "TEXT_WORDS", "text_of"]

TEXTS: Final = (
    "",
    "lunch at noon?",
    "WIN a FREE phone!!! Click http://shop.example.test/prize now \U0001f381\U0001f381",
    "f r e e  g i f t s, write to me.now@mail.example.test or @some_user1",
    "fr33 g1ft$ &amp;amp; &#102;&#x72;ee &Sigma; hxxp://a.b.co/x?y#z www.x.y +1 (555) 012-3456",
    "\u0441heap w\u0430tches, stra\u00dfe \u1e9e \u0130\u0131 \ufb01ne \uff21\uff22 \u2460 \u00bd e\u0301\u0327\u0323",
    "\u4eca\u5929\u5f00\u95e8\u5417 \uc548\ub155 \u1112\u1175\u11c2 \u0915\u093c\u094d"
    " \u0e44\u0e1b\u0e19\u0e33 \u05e9\u05b0 \u0645\u064e\u0651 \ufdfa",
    "\U0001f1e9\U0001f1ea \U0001f44d\U0001f3fd \U0001f468\u200d\U0001f4bb \u2764\ufe0f 1\ufe0f\u20e3"
    " a\u200bb\u00ad\ufeff\u202e",
    "Die Br\u00fccke \u2013 l\u2019\u00e9t\u00e9, o gato est\u00e1 na mesa, el tren llega tarde",
    "x" * 70 + " " + "ab " * 40 + "\u0301\u0327" * 20,
)

TEXT_WORDS: Final = tuple(
    word.encode()
    for word in (
        *(
            "http://",
            "hxxps",
            "www.",
            ".com",
            ".co/",
            "@user",
            "u/abc",
            "a.b@c.de",
            "<url>",
            "[email]",
            "+1 (555)",
            "12345",
        ),
        *(
            "&amp;",
            "&#",
            "&#x41;",
            ";",
            "&Sigma;",
            "&fjlig;",
            "\u200b",
            "\u00ad",
            "\ufeff",
            "\u0301",
            "\u0345",
            "\u1161",
        ),
        *(
            "\uac00",
            "\u1100",
            "\u0130",
            "\u1e9e",
            "\ufdfa",
            "\u03a3",
            "\u0430",
            "\u2460",
            "\u3000",
            "\x1c",
            "\x85",
            "\u0e33",
        ),
        *(
            "\U0001f600",
            "\U0001f1e9",
            "\u200d",
            "\ufe0f",
            "\u20e3",
            "\U000e0041",
            "\U0010ffff",
            "a b c ",
            "A",
            "_",
            "'",
            "$",
            "00",
        ),
    )
)


def text_of(data: bytes) -> str:
    """Read bytes as a text that may hold halves of surrogate pairs, as those of escapes in JSON do."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")
