"""Makes the tables of the folding from the libraries that keep Unicode's data: a tool of development only.

The tables are kept as a file, so that a bundle meets the same ones in every installation, and no worker spends
a tenth of a second on reading a megabyte of JSON.
"""

import json
import re
import unicodedata
from pathlib import Path
from typing import Final

TABLES: Final = Path(__file__).with_name("tables.json")

#: Scripts whose letters are used to write Latin words in disguise, as Unicode's names of characters begin.
_SCRIPTS: Final = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "LATIN", "DESERET", "OSAGE")

_SMALL_CAPITALS: Final = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz", strict=True))
_STROKES: Final = dict(zip("øłđħŧıɨƀɍɏƶǥɉƚⱥⱦꝑꝗɵ", "oldhtiibryzgjlatpqo", strict=True))

_PARTS: Final = re.compile("[\ufe0e\ufe0f\u200d\U0001f3fb-\U0001f3ff]+")
_FLAG: Final = re.compile("[\U0001f1e6-\U0001f1ff]{2}")


def made() -> str:
    """Return the tables as the text of their file."""
    tables = {"base_letters": _base_letters(), "emoji": _emoji(), "look_alikes": _look_alikes()}
    return json.dumps(tables, indent=0, sort_keys=True) + "\n"


def _base_letters() -> dict[str, str]:
    """Letters of Latin script that are others with a stroke, in small capitals or in a filled shape."""
    filled = {chr(first + place): chr(ord("a") + place) for first in (0x1F150, 0x1F170) for place in range(26)}
    return {**_SMALL_CAPITALS, **_STROKES, **filled}


def _look_alikes() -> dict[str, str]:
    """Letters of other scripts, and rare ones of Latin, that Unicode's confusables take for Latin letters."""
    from confusable_homoglyphs.confusables import confusables_data

    found: dict[str, str] = {}
    for character, twins in confusables_data.items():
        if len(character) > 1 or not character.isalpha() or unicodedata.normalize("NFKC", character) != character:
            continue
        if character.isascii() or not unicodedata.name(character, "").startswith(_SCRIPTS):
            continue
        accentless = unicodedata.normalize("NFD", character)
        if len(accentless) > 1:
            continue
        latin = [letters for twin in twins if (letters := _latin(twin["c"]))]
        if latin:
            found[character] = latin[0]
    return found


def _latin(letters: str) -> str:
    """Return letters as ASCII ones, or nothing."""
    stripped = "".join(
        _SMALL_CAPITALS.get(letter, _STROKES.get(letter, letter))
        for letter in unicodedata.normalize("NFD", letters)
        if not unicodedata.combining(letter)
    )
    return stripped if stripped.isascii() and stripped.isalpha() else ""


def _emoji() -> dict[str, str]:
    """Emoji of one character, and flags, with the words of their names."""
    from emoji import EMOJI_DATA

    found = {}
    for sequence, entry in EMOJI_DATA.items():
        sign = _PARTS.sub("", sequence)
        if len(sign) != 1 and not _FLAG.fullmatch(sign):
            continue
        if sign.isascii() or sign in found or sign in _base_letters() or unicodedata.normalize("NFKC", sign) != sign:
            continue
        plain = unicodedata.normalize("NFKD", entry["en"]).encode("ascii", "ignore").decode().lower()
        found[sign] = " ".join(word for word in re.findall("[a-z]+", plain) if len(word) > 1)
    return found


if __name__ == "__main__":
    TABLES.write_text(made(), encoding="ascii")
