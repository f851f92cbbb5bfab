"""The sentence encoder: texts to embeddings of unit length, by ONNX Runtime on one processor core."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from sluicegate.models.normalise import HEAD, TAIL, normalise

TOKENS = 128
"""Tokens that are read of a text at the most, as small sentence models were trained with."""


class Encoder:
    """Embeds texts, each alone; thread-safe, and without the interpreter lock while it computes.

    The 8-bit arithmetic takes its scale from all that is computed together: in a batch, an embedding would depend on
    the texts beside it.

    Parameters
    ----------
    graph
        Bytes of an ONNX model from ``input_ids`` to ``embedding``.
    tokenizer
        Bytes of a ``tokenizer.json``.

    Raises
    ------
    ValueError
        If either cannot be used; the message says why.
    """

    def __init__(self, graph: bytes, tokenizer: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # What fails is raised and counted; a line a text would flood the log.
        options.log_severity_level = 4
        try:
            self._tokenizer = Tokenizer.from_buffer(tokenizer)
            self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
            self.size = int(self._session.get_outputs()[0].shape[1])
        # Both libraries raise bare exceptions, or kinds of their own that they do not export.
        except Exception as error:
            raise ValueError(str(error).partition("\n")[0]) from error
        self._tokenizer.enable_truncation(TOKENS)
        self._tokenizer.no_padding()

    def read(self, text: str) -> tuple[list[int], bool]:
        """Return the token ids of a text, and whether they are those of the whole text."""
        tokens: Any = self._tokenizer.encode(normalise(text))
        return list(tokens.ids), not tokens.overflowing and len(text) <= HEAD + TAIL

    def embed(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """Return the embedding of token ids: shape (size,)."""
        found = self._session.run(None, {"input_ids": np.array([tokens], dtype=np.int64)})
        return np.asarray(found[0][0], dtype=np.float32)
