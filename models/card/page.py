"""A card as one page of HTML, from its Markdown; nothing in it is fetched from anywhere."""

from html import escape
from typing import Final

from markdown_it import MarkdownIt

__all__ = ["card_page"]

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1c1e21; --paper: #fff; --faint: #dadde1; --soft: #f4f5f7; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6e6; --paper: #16181b; --faint: #3a3f45; --soft: #202327; }
}
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--faint); }
table { display: block; overflow-x: auto; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .2rem .6rem; border-bottom: 1px solid var(--faint); text-align: left; vertical-align: top; }
tbody tr:nth-child(even) { background: var(--soft); }
pre { overflow-x: auto; background: var(--soft); padding: .75rem; }
code { overflow-wrap: anywhere; }
"""


def card_page(card: str, title: str) -> str:
    """Return the page of a card.

    Parameters
    ----------
    card
        Markdown, with or without front matter; HTML within it is shown, not taken for HTML.
    """
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(_without_comments(_body(card)))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )


def _body(card: str) -> str:
    if not card.startswith("---\n"):
        return card
    return card.partition("\n---\n")[2]


def _without_comments(card: str) -> str:
    return "\n".join(line for line in card.split("\n") if not line.startswith("<!--"))
