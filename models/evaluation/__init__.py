"""How good a bundle is on labelled texts, with intervals; nothing here draws numbers but from a seed."""

from sluicegate.models.evaluation.evaluate import evaluate
from sluicegate.models.evaluation.evaluation import Estimate, Evaluation, decode_evaluation, encode_evaluation

__all__ = ["Estimate", "Evaluation", "decode_evaluation", "encode_evaluation", "evaluate"]
