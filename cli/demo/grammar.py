"""A small grammar of texts for each language, and how a text is made from it."""

import re
from dataclasses import dataclass
from pathlib import Path
from random import Random

import yaml

__all__ = ["HARMS", "Grammar", "load_grammars"]

HARMS = ("spam", "scam", "hate", "harassment", "violence", "self_harm")

_CORPUS = Path(__file__).parent / "corpus"
_SLOT = re.compile(r"<(?:(?P<low>\d+)-(?P<high>\d+)|(?P<word>\w+))>")
# People join sentences where there is room for it: in a post more often than in a chat.
_SENTENCES = {"post": 4, "comment": 3, "review": 3, "message": 2}
_EMOJI = ("🙂", "😂", "🎉", "☕", "🙏", "🌧️")


@dataclass(frozen=True)
class Grammar:
    """The words and texts of one language.

    Attributes
    ----------
    language
        Its BCP 47 tag.
    words
        What each slot may stand for.
    texts
        Templates by kind (``ordinary``, ``near_miss`` or a harm) and register (``chat``, ``review`` and so on).
    """

    language: str
    words: dict[str, list[str]]
    texts: dict[str, dict[str, list[str]]]

    def write(self, kind: str, random: Random) -> tuple[str, str]:
        """Make a text of a kind.

        Returns
        -------
        register, text
        """
        by_register = self.texts[kind]
        # Every template is as likely as any other, whichever register it stands in.
        register, template = random.choice([(name, one) for name in by_register for one in by_register[name]])
        more = random.randrange(_SENTENCES.get(register, 1)) if kind == "ordinary" else 0
        sentences = [template, *random.choices(by_register[register], k=more)]
        text = " ".join(self._fill(sentence, random) for sentence in dict.fromkeys(sentences))
        return register, _in_a_hand(text, kind, random)

    def _fill(self, template: str, random: Random) -> str:
        def word(slot: re.Match[str]) -> str:
            if slot["word"] is None:
                return str(random.randint(int(slot["low"]), int(slot["high"])))
            return random.choice(self.words[slot["word"]])

        return _SLOT.sub(word, template)


def _in_a_hand(text: str, kind: str, random: Random) -> str:
    """Write as people do: some without capitals, some loud, some with an emoji."""
    chance = random.random()
    if chance < 0.10:
        return text.lower()
    if chance < 0.14 and kind == "spam":
        return text.upper().replace("HTTP://", "http://")
    if chance < 0.20 and kind in {"ordinary", "near_miss", "spam"}:
        return f"{text} {random.choice(_EMOJI)}"
    return text[0].upper() + text[1:] if chance < 0.6 else text


def load_grammars() -> dict[str, Grammar]:
    """Read the grammars that come with the demo, by language."""
    grammars = {}
    for file in sorted(_CORPUS.glob("*.yaml")):
        grammar = Grammar(**yaml.load(file.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader)))  # noqa: S506
        grammars[grammar.language] = grammar
    return grammars
