"""Strings that conditions compare with must be ones that can occur."""

from collections.abc import Iterator

from sluicegate.policy.cel.ast import Compare, In, Node, Text, Variable, walk
from sluicegate.policy.checks.names import conditions_of
from sluicegate.policy.checks.regions import RULED_TYPES
from sluicegate.policy.document import PRIMARY_SUBTAG
from sluicegate.policy.draft import Draft
from sluicegate.policy.faults import Fault, did_you_mean
from sluicegate.schemas import primary_subtag


def check_words(draft: Draft) -> Iterator[Fault]:
    """Check what ``type`` and ``language`` are compared with."""
    for when in conditions_of(draft):
        for part in walk(when.condition):
            for variable, word in _compared_words(part):
                found = _fault_of(variable, word.value)
                if found is not None:
                    yield draft.source.fault(draft.source.offset_within(when.node, word.at), *found)


def _compared_words(part: Node) -> Iterator[tuple[str, Text]]:
    match part:
        case Compare(_, Variable(name), Text() as word) | Compare(_, Text() as word, Variable(name)):
            yield name, word
        case In(Variable(name), values):
            for value in values:
                if isinstance(value, Text):
                    yield name, value


def _fault_of(variable: str, word: str) -> tuple[str, str] | None:
    if variable == "type" and word == "content.deleted":
        return "deleted content is decided before any rule", "remove this comparison"
    if variable == "type" and word not in RULED_TYPES:
        return f"no event has the type {word!r}", did_you_mean(word, RULED_TYPES)
    if variable == "language" and word and (not is_primary_subtag(word) or primary_subtag(word) != word):
        return f"language is never {word!r}", _language_hint(word)
    return None


def is_primary_subtag(word: str) -> bool:
    """Say whether a word has the form of a language's primary subtag, as in ``en``."""
    return PRIMARY_SUBTAG.fullmatch(word) is not None


def _language_hint(word: str) -> str:
    meant = primary_subtag(word.replace("_", "-"))
    if meant == "":
        return "content of no one known language has the language ''"
    if meant is not None and is_primary_subtag(meant):
        return f"it is the lower-case primary subtag: write {meant!r}"
    return "it is a primary subtag of two or three letters, as in 'en' for English or 'pt' for Portuguese"
