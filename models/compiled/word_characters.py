"""Writes, when the kernels are built, which characters words are made of, as that Python's expressions have it.

Run by setup.py from its own file, before the package can be imported.
"""

import re

__all__ = ["header"]

_PAGE = 256
_CODE_POINTS = 0x110000


def header() -> str:
    """Return C that tells word characters by two tables: each code point's page, and the bits of each distinct page."""
    pages: dict[tuple[int, ...], int] = {}
    places = [pages.setdefault(_page(start), len(pages)) for start in range(0, _CODE_POINTS, _PAGE)]
    bits = ",\n".join("    {" + ", ".join(f"0x{word:08x}u" for word in page) + "}" for page in pages)
    return f"""\
#ifndef SLUICEGATE_WORD_CHARACTERS_H
#define SLUICEGATE_WORD_CHARACTERS_H
#include <stdint.h>
static const uint8_t word_page[{len(places)}] = {{{", ".join(map(str, places))}}};
static const uint32_t word_bits[{len(pages)}][{_PAGE // 32}] = {{
{bits}
}};
/* Whether a code point is a letter, a digit or an underscore. */
static inline int is_word_character(uint32_t point) {{
    return word_bits[word_page[point >> 8]][point >> 5 & 7] >> (point & 31) & 1;
}}
#endif
"""


def _page(start: int) -> tuple[int, ...]:
    characters = "".join(map(chr, range(start, start + _PAGE)))
    found = {match.start() for match in re.finditer(r"\w", characters)}
    return tuple(sum(1 << bit for bit in range(32) if word * 32 + bit in found) for word in range(_PAGE // 32))
