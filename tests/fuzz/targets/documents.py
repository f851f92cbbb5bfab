"""The readers of documents in YAML beside policies: each is read, or refused with its name."""

from collections.abc import Sequence
from typing import Final

from sluicegate.agents.web_config import WebConfigError, load_web_config
from sluicegate.models.card.card import CardError
from sluicegate.models.card.reading import read_words
from sluicegate.models.evaluation.identity import read_terms
from sluicegate.models.labelled import DataError
from sluicegate.models.recipe import read_recipe
from tests.fuzz.target import Target, scratch

__all__ = ["TARGET"]

_READERS: Final = (read_recipe, read_terms, read_words, load_web_config)


def one(data: bytes) -> None:
    """Read a document as a recipe, as terms, as a card's words and as a web configuration."""
    path = scratch() / "document.yaml"
    path.write_bytes(data)
    for read in _READERS:
        try:
            read(path)
        except (DataError, CardError, WebConfigError) as refused:
            assert str(path) in str(refused)


def _seeds() -> Sequence[bytes]:
    return [text.encode() for text in (_RECIPE, _TERMS, _WORDS, _WEB, *_ODD)]


_RECIPE: Final = """\
prevalence: {spam: 0.05, scam: 3e-2}
inverse_regularisation: 2
signals: {}
sources:
  letters:
    licence: CC0-1.0
    attribution: written for this
    use: learn
    assume: [scam]
    assume_share: 0.5
    family: post
    alike: 0.1
    ordinary: {spam: 0}
    derive: [{harm: scam, value: 1, when: {spam: 1}, words: [prize, "a (b"]}]
    doubt: [{harm: spam, when: {spam: 0}}]
"""
_TERMS: Final = "terms: [one, 'two words', \"\\u00e9\"]\n"
_WORDS: Final = """\
license: MIT
risks:
- first
- |
  second
citation: >-
  folded
"""
_WEB: Final = """\
tls_server_config:
  cert_file: server.pem
  key_file: server.key
  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
  min_version: TLS13
basic_auth_users:
  prometheus: $2b$04$hBQasE7kZiOfSAEdCD09DOkRdPasqPTVHwL811JKjuCVp8tjOMPeK
"""
_ODD: Final = (
    "",
    "a: 2026-13-01",
    "a: !!int ''",
    "a: !!timestamp soon",
    "a: &a [*a]",
    "? [1, {2: 3}]\n: x",
    '"\\e[31m": "\\0"',
    "terms: [a]\n---\nterms: [b]\n",
    "[" * 1_000,
    "- " * 200,
    "prevalence: {spam: .nan}\ninverse_regularisation: .inf\nsources: {}\n",
)

TARGET: Final = Target(
    one,
    _seeds,
    (
        b"prevalence:",
        b"sources:",
        b"terms:",
        b"risks:",
        b"basic_auth_users:",
        b"\n  ",
        b"!!",
        b"&a",
        b"*a",
        b"---\n",
        b'"\\e"',
    ),
    longest=1_024,
    inputs=2_000,
)
