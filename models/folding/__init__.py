"""Text as people write it, folded to one form: what training, serving and explanations read."""

from sluicegate.models.folding.sequence import Folded, fold, fold_text
from sluicegate.models.folding.token import fold_token

__all__ = ["Folded", "fold", "fold_text", "fold_token"]
