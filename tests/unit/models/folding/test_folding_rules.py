"""Each rule of the folding, by example, and what it leaves alone."""

import pytest

from sluicegate.models.folding import fold, fold_text

FOLDED = [
    # Characters
    ("lone \ud800", "lone \ufffd"),
    ("ze\u200bro w\u00adidth \u202ehere\u202c", "zero width here"),
    ("ﬁne ＦＵＬＬ ①", "fine full 1"),
    ("Straße STRASSE", "strasse strasse"),
    ("café Ærø łódź naïve", "cafe aero lodz naive"),
    ("हिन्दी שָׁלוֹם がく ไทย", "हिन्दी שָׁלוֹם がく ไทย"),
    ("fish &amp;amp; chips&nbsp;here &#9731;", "fish & chips here ☃ snowman"),
    ("ᴡɪɴ 🅽🅾🆆 🇳🇴🇼", "win now now"),
    # Look-alike letters: Cyrillic and Greek ones in Latin words, and words of those scripts
    ("p\u0430yp\u0430l \u0412ank vi\u03b1gra", "paypal bank viagra"),
    ("Ва́нк весна άλφα", "ванк весна αλφα"),
    # Links, addresses, names, numbers, and how sets of texts write them
    ("See http://a.test/x?y=1, www.a.test or shop.example.com/x now", "see _link_ _link_ or _link_ now"),
    ("(https://a.test) bit.ly/abc hxxp://x URL [url] <url>", "( _link_ _link_ _link_ _link_ _link_ _link_"),
    ("the end.of it is no.problem, 3.5 e.g. v1.2", "the end.of it is no.problem, 3.5 e.g. v1.2"),
    ("write to some.one@mail.test", "write to _mail_"),
    ("@somebody: hi @USER <user> [USER] u/someone", "_mention_ : hi _mention_ _mention_ _mention_ _mention_"),
    ("call 0871-872-9755 or 10,000 <number>", "call _number_ or _number_ _number_"),
    ("room 1234", "room 1234"),
    # Words
    ("soooo goooood 1000", "soo good 1000"),
    ("s.p.a.m k-i-l-l d_i_e", "spam kill die"),
    ("h3ll0 w0rld l33t sh0p n00b fr33", "hello world leet shop noob free"),
    ("@nd gre@t pri$e $end he|p t!ps", "and great prise send help tips"),
    ("covid19 mp3 4pm 2nd $100 100k b2b iphone6 wow! r2d2", "covid19 mp3 4pm 2nd $100 100k b2b iphone6 wow! r2d2"),
    # Sequences
    ("free s p a m here", "free spam here"),
    ("s  p\ta\nm", "spam"),
    ("u r a star, i c u", "u r a star, i c u"),
    ("我 爱 你", "我 爱 你"),
    ("nice 🔪", "nice 🔪 kitchen knife"),
    ("nice 🔪 kitchen knife", "nice 🔪 kitchen knife"),
    ("hi👍🏽you 🇩🇪", "hi 👍 thumbs up you 🇩🇪 germany"),
]


@pytest.mark.parametrize(("text", "folded"), FOLDED)
def test_a_text_is_folded(text: str, folded: str) -> None:
    assert fold_text(text) == folded


def test_an_empty_text_has_no_pieces() -> None:
    assert fold(" \n\u200b") == fold("")
    assert fold("").pieces == ()


def test_pieces_point_into_the_original() -> None:
    text = "Hi👍🏽you, p\u200b\u0430y s p a m at http://a.test! \ufdfa"
    folded = fold(text)
    sources = [text[start:end] for start, end in zip(folded.starts, folded.ends, strict=True)]
    assert dict(zip(folded.pieces, sources, strict=True)) == {
        "hi": "Hi",
        "👍": "👍🏽",
        "thumbs": "👍🏽",
        "up": "👍🏽",
        "you,": "you,",
        "pay": "p\u200b\u0430y",
        "spam": "s p a m",
        "at": "at",
        "_link_": "http://a.test!",
        **dict.fromkeys(folded.pieces[-4:], "\ufdfa"),
    }


def test_what_is_spelled_out_of_one_run_of_characters_is_one_place() -> None:
    folded = fold("\ufdfa" * 3 + "x")
    assert set(zip(folded.starts, folded.ends, strict=True)) == {(0, 4)}
