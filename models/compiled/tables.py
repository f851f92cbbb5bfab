"""Writes what the kernel of the folding knows of Unicode as C: the data of the Python that builds it.

A tool of the build, which runs it as a script: it must import nothing of the package.
"""

import html.entities
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

__all__ = ["write"]

#: Bits of a code point; its combining class stands in the uppermost eight.
FLAGS: Final = (
    "WORD",  # \w
    "DECIMAL",  # \d
    "SPACE",  # \s
    "LOWER",  # str.islower
    "UNSEEN",  # dropped
    "LOOK_ALIKE",
    "BASE",
    "EMOJI",  # of one code point, with a name
    "FLAG",  # a letter that flags are made of
    "CASED",
    "IGNORABLE",  # where the end of a word is looked for that a capital sigma may stand at
    "INERT",  # canonical among others of its kind, but that look-alikes may stand beside Latin letters
    "DECOMPOSES",  # NFD
    "DECOMPOSES_COMPATIBLY",  # NFKD
    "UNSTABLE",  # NFKC of it alone is another
    "FIRST",  # composes with what follows
    "SECOND",  # composes with what stands before
    "FOLDS",
    "LOWERS",
)
#: Bits of an ASCII character, by the character classes of the expressions.
ASCII: Final = {
    "LETTER": "[a-z]",
    "DIGIT": "[0-9]",
    "LOCAL": "[a-z0-9._%+-]",
    "HOST": "[a-z0-9.-]",
    "LABEL": "[a-z0-9-]",
    "INSIDE_NUMBER": "[-.,:/()]",
    "VISIBLE": "[!-~]",
    "SEPARATOR": r"[-._*/\\|+~,:;'^=]",
    "DISGUISE": "[013457@$!|]",
    "BEFORE_LEADING": r"[\w@$!|.,#&/=+-]",
    "STARTS_SPECIAL": r"[a-z0-9._%+\-<\[@/(\s]",
    "LATIN": "[A-Za-z]",
}
#: As in the canonical form; the tests hold the kernel to it for every code point.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U0001f3fb-\U0001f3ff"
    "\U000e0000-\U000e0fff]"
)
_ACCENT: Final = re.compile("[\u0300-\u036f]")
_REFERENCE: Final = re.compile(r"[A-Za-z]{2,8}\d?;?")
_HANGUL: Final = range(0xAC00, 0xD7A4)
_VOWELS: Final = range(0x1161, 0x1176)
_FINALS: Final = range(0x11A8, 0x11C3)
_FLAG_LETTERS: Final = range(0x1F1E6, 0x1F200)
_BLOCK: Final = 128
_COMPOSED: Final = 2048
_REFERENCES: Final = 8192


def write(target: Path, tables: Path) -> None:
    """Write the header, if it is not there yet as it should be.

    Parameters
    ----------
    target
        The header.
    tables
        The tables of the folding.
    """
    made_of = f"/* Made by the build, with Unicode {unicodedata.unidata_version}; see models/compiled/tables.py. */"
    if target.exists() and target.stat().st_mtime > max(path.stat().st_mtime for path in (tables, Path(__file__))):
        with target.open(encoding="ascii") as lines:
            if lines.readline().rstrip() == made_of:
                return
    target.parent.mkdir(parents=True, exist_ok=True)
    text = _header(json.loads(tables.read_text(encoding="ascii")))
    target.write_text(f"{made_of}\n{text}", encoding="ascii")


def _header(tables: Mapping[str, Mapping[str, str]]) -> str:
    composed = _compositions()
    mappings: dict[str, dict[int, str]] = {
        name: {} for name in ("decomposed", "compatible", "folded", "lowered", "latin", "base")
    }
    mappings["latin"] = {ord(letter): twin for letter, twin in tables["look_alikes"].items()}
    mappings["base"] = {ord(letter): base for letter, base in tables["base_letters"].items()}
    flags = _flags(tables, composed, mappings)
    lines = [
        "#ifndef SLUICEGATE_FOLD_TABLES_H",
        "#define SLUICEGATE_FOLD_TABLES_H",
        "#include <stdint.h>",
        f'#define UNICODE_VERSION "{unicodedata.unidata_version}"',
        *[f"#define {name} {hex(1 << place)}u" for place, name in enumerate(FLAGS)],
        *[f"#define ASCII_{name} {hex(1 << place)}u" for place, name in enumerate(ASCII)],
        f"#define LONGEST_MAPPING {max(len(to) for mapping in mappings.values() for to in mapping.values())}",
        f"#define COMPOSED {_COMPOSED}u",
        f"#define REFERENCES {_REFERENCES}u",
    ]
    kinds = sorted(set(flags))
    number = {kind: place for place, kind in enumerate(kinds)}
    if len(kinds) > 256:
        raise OverflowError("more than 256 kinds of code points")
    lines += _array("uint32_t", "fold_kinds", kinds)
    lines += _staged("fold_kind", "uint8_t", [number[kind] for kind in flags])
    pool: list[int] = [0]
    known: dict[str, int] = {}
    for name, mapping in mappings.items():
        places = [0] * (sys.maxunicode + 1)
        for point, to in mapping.items():
            if to not in known:
                known[to] = len(pool)
                pool += [len(to), *map(ord, to)]
            places[point] = known[to]
        lines += _staged(f"fold_{name}", "uint16_t", places)
    lines += _array("uint32_t", "fold_pool", pool)
    lines += _array("uint32_t", "fold_ascii", flags[:128])
    classes = [
        sum(1 << place for place, each in enumerate(ASCII.values()) if re.fullmatch(each, chr(point)))
        for point in range(128)
    ]
    lines += _array("uint16_t", "fold_classes", classes)
    lines += _composed(composed)
    lines += _named(tables["emoji"])
    lines += _references()
    return "\n".join([*lines, "#endif", ""])


def _flags(
    tables: Mapping[str, Mapping[str, str]],
    composed: Mapping[tuple[int, int], int],
    mappings: Mapping[str, dict[int, str]],
) -> list[int]:
    """Return the bits of each code point, and fill in what each becomes."""
    bit = {name: 1 << place for place, name in enumerate(FLAGS)}
    found = [0] * (sys.maxunicode + 1)
    firsts = {first for first, _ in composed} | set(range(0x1100, 0x1113))
    seconds = {second for _, second in composed} | set(_VOWELS) | set(_FINALS)
    base, look_alikes, emoji = tables["base_letters"], tables["look_alikes"], tables["emoji"]
    for point in range(sys.maxunicode + 1):
        letter = chr(point)
        unseen = bit["UNSEEN"] if _UNSEEN.match(letter) else 0
        known = letter in base or letter in look_alikes or letter in emoji
        if unicodedata.category(letter) in ("Cn", "Co", "Cs") and not known:
            found[point] = unseen or bit["INERT"]
            continue
        decomposed = unicodedata.normalize("NFD", letter)
        compatible = unicodedata.normalize("NFKD", letter)
        folded, lowered = letter.casefold(), letter.lower()
        stable = unicodedata.normalize("NFKC", letter) == letter
        bits = {
            "WORD": letter.isalnum() or letter == "_",
            "DECIMAL": letter.isdecimal(),
            "SPACE": letter.isspace(),
            "LOWER": letter.islower(),
            "LOOK_ALIKE": letter in look_alikes,
            "BASE": letter in base,
            "EMOJI": letter in emoji,
            "FLAG": point in _FLAG_LETTERS,
            "CASED": (letter + "Σ").lower()[-1] == "ς",
            "IGNORABLE": ("a" + letter + "Σ").lower()[-1] == "ς" and (letter + "Σ").lower()[-1] != "ς",
            "DECOMPOSES": decomposed != letter,
            "DECOMPOSES_COMPATIBLY": compatible != letter,
            "UNSTABLE": not stable,
            "FIRST": point in firsts,
            "SECOND": point in seconds,
            "FOLDS": folded != letter,
            "LOWERS": lowered != letter,
        }
        combining = unicodedata.combining(letter)
        changes = unseen or not stable or combining or folded != letter or bits["SECOND"] or letter == "&"
        inert = not changes and not _ACCENT.search(decomposed) and base.keys().isdisjoint(decomposed)
        found[point] = sum(bit[name] for name, holds in bits.items() if holds) | unseen | combining << 24
        found[point] |= bit["INERT"] if inert else 0
        for name, to in (("folded", folded), ("lowered", lowered)):
            if to != letter:
                mappings[name][point] = to
        for name, to in (("decomposed", decomposed), ("compatible", compatible)):
            if to != letter and point not in _HANGUL:
                mappings[name][point] = to
    return found


def _compositions() -> dict[tuple[int, int], int]:
    """Return the pairs of code points that Unicode composes, but for Hangul's."""
    found = {}
    for point in range(sys.maxunicode + 1):
        parts = unicodedata.decomposition(chr(point)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            first, second = (int(part, 16) for part in parts)
            if unicodedata.normalize("NFC", chr(first) + chr(second)) == chr(point):
                found[first, second] = point
    if any(unicodedata.combining(chr(first)) for first, _ in found):
        raise ValueError("a combining mark composes with what follows it: the kernel's composition does not know that")
    return found


def _composed(composed: Mapping[tuple[int, int], int]) -> list[str]:
    """Return the hash table of compositions, which is as in the C: open addressing, by one step at a time."""
    table = [(0, 0, 0)] * _COMPOSED
    for (first, second), to in composed.items():
        place = (first * 0x9E3779B1 + second * 0x85EBCA6B & 0xFFFFFFFF) >> 21
        while table[place][0]:
            place = (place + 1) % _COMPOSED
        table[place] = (first, second, to)
    return _array("uint32_t", "fold_composed", [point for entry in table for point in entry])


def _named(emoji: Mapping[str, str]) -> list[str]:
    """Return the names of emoji; place 0 is that of the empty one."""
    if not all(emoji.values()):
        raise ValueError("an emoji without a name: the kernel takes it for none")
    places = [0] * (sys.maxunicode + 1)
    flags = [0] * (26 * 26)
    names = bytearray(b"\0")
    for sign, name in emoji.items():
        if len(sign) == 1:
            places[ord(sign)] = len(names)
        else:
            flags[(ord(sign[0]) - _FLAG_LETTERS[0]) * 26 + ord(sign[1]) - _FLAG_LETTERS[0]] = len(names)
        names += name.encode("ascii") + b"\0"
    return [
        *_staged("fold_name", "uint16_t", places),
        *_array("uint16_t", "fold_flags", flags),
        *_array("uint8_t", "fold_names", names),
    ]


def _references() -> list[str]:
    """Return HTML's names of characters that a reference may hold, as a hash table of places in a pool.

    At a place stand the length of the name, the name, the count of code points, and these in three bytes each.
    """
    table = [0] * _REFERENCES
    pool = bytearray(b"\0")
    for name, to in html.entities.html5.items():
        if not _REFERENCE.fullmatch(name):
            continue
        place = 0
        for letter in name.encode("ascii"):
            place = (place * 31 + letter) % _REFERENCES
        while table[place]:
            place = (place + 1) % _REFERENCES
        table[place] = len(pool)
        pool += bytes([len(name)]) + name.encode("ascii") + bytes([len(to)])
        for point in map(ord, to):
            pool += point.to_bytes(3, "little")
    return [*_array("uint16_t", "fold_references", table), *_array("uint8_t", "fold_reference_pool", pool)]


def _staged(name: str, kind: str, values: Sequence[int]) -> list[str]:
    """Return a table in two stages: the number of each block of code points, and the blocks."""
    blocks: dict[tuple[int, ...], int] = {}
    stage = []
    for start in range(0, len(values), _BLOCK):
        block = tuple(values[start : start + _BLOCK])
        stage.append(blocks.setdefault(block, len(blocks)))
    flat = [value for block in blocks for value in block]
    return [*_array("uint16_t", f"{name}_stage", stage), *_array(kind, f"{name}_blocks", flat)]


def _array(kind: str, name: str, values: Iterable[int]) -> list[str]:
    numbers = list(map(int, values))
    if max(numbers) >= 1 << int(kind[4:-2]):
        raise OverflowError(f"{name} holds a number that {kind} cannot")
    rows = [",".join(map(str, numbers[start : start + 40])) for start in range(0, len(numbers), 40)]
    declared = f"const {kind} {name}[{len(numbers)}]"
    return [
        "#ifdef SLUICEGATE_FOLD_TABLES",
        f"extern {declared};",
        f"{declared} = {{",
        ",\n".join(rows),
        "};",
        "#else",
        f"extern {declared};",
        "#endif",
    ]
