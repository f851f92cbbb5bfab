"""Model cards: what a bundle is, what it was trained on and what may be relied on, from its manifest and evaluation."""

from sluicegate.models.card.card import CardError, model_card
from sluicegate.models.card.page import card_page
from sluicegate.models.card.reading import card_of, default_card, read_words, shipped_words_path
from sluicegate.models.card.words import CardText

__all__ = [
    "CardError",
    "CardText",
    "card_of",
    "card_page",
    "default_card",
    "model_card",
    "read_words",
    "shipped_words_path",
]
