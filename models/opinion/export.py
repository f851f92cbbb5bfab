"""Makes ``encoder.onnx`` of a sentence model's safetensors, in 8 bits: a tool of training, needed once.

The graph is that of BERT (Devlin et al. 2019), with the mean over tokens and the unit length of
sentence-transformers (Reimers & Gurevych 2019) at its end. It is written out here since the usual way
to it is through several gigabytes of PyTorch.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from safetensors import SafetensorError
from safetensors.numpy import load

from sluicegate.models.opinion.bundle import GRAPH, TOKENIZER
from sluicegate.models.opinion.errors import OpinionError

OPSET = 20
INPUT = "input_ids"
OUTPUT = "embedding"

_LEAST_LENGTH = 1e-12


class Architecture(msgspec.Struct, frozen=True):
    """What a BERT's ``config.json`` says of the graph; its other members are of no matter here."""

    model_type: str
    hidden_size: int
    num_attention_heads: int
    num_hidden_layers: int
    layer_norm_eps: float
    hidden_act: str


def export_encoder(source: Path, out: Path) -> None:
    """Write the 8-bit encoder of a sentence model.

    Parameters
    ----------
    source
        Folder with ``config.json`` and ``model.safetensors`` of a BERT, as sentence-transformers lays it out.
    out
        Folder to make, with ``encoder.onnx`` and ``tokenizer.json``.

    Raises
    ------
    OpinionError
        If the folder holds no such model.
    """
    try:
        tokenizer = (source / TOKENIZER).read_bytes()
        architecture = msgspec.json.decode((source / "config.json").read_bytes(), type=Architecture)
        weights = load((source / "model.safetensors").read_bytes())
    except (OSError, msgspec.DecodeError, SafetensorError) as error:
        raise OpinionError(
            f"{source} holds no sentence model ({error}); "
            "give a folder with config.json, model.safetensors and tokenizer.json"
        ) from error
    if (architecture.model_type, architecture.hidden_act) != ("bert", "gelu"):
        raise OpinionError(
            f"{source} is a {architecture.model_type} with {architecture.hidden_act}; give a bert with gelu"
        )
    try:
        model = encoder_graph(architecture, weights)
    except KeyError as error:
        raise OpinionError(f"{source} has no tensor {error}; give the weights of a whole bert") from error
    with tempfile.TemporaryDirectory() as workshop:
        exact, prepared = Path(workshop) / "exact.onnx", Path(workshop) / "prepared.onnx"
        onnx.save(model, exact)
        quant_pre_process(exact, prepared, skip_symbolic_shape=True)
        # Ranges of 7 bits: with 8, processors without VNNI overflow in the sums of pairs and give other results.
        quantize_dynamic(
            prepared, Path(workshop) / GRAPH, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True
        )
        out.mkdir(parents=True)
        (out / TOKENIZER).write_bytes(tokenizer)
        (out / GRAPH).write_bytes((Path(workshop) / GRAPH).read_bytes())


def encoder_graph(architecture: Architecture, weights: Mapping[str, NDArray[Any]]) -> onnx.ModelProto:
    """Return the graph in full precision: token ids (n_texts, n_tokens) to embeddings (n_texts, hidden).

    There is no mask, as no text is padded: each is embedded alone.

    Raises
    ------
    KeyError
        If a tensor is missing.
    """
    return _Graph(architecture, weights).model()


class _Graph:
    """Collects the nodes and tensors of one encoder."""

    def __init__(self, architecture: Architecture, weights: Mapping[str, NDArray[Any]]) -> None:
        self._architecture = architecture
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._tensors: dict[str, onnx.TensorProto] = {}

    def model(self) -> onnx.ModelProto:
        state = self._embeddings(INPUT)
        for number in range(self._architecture.num_hidden_layers):
            state = self._layer(state, f"encoder.layer.{number}.")
        self._pool(state)
        graph = helper.make_graph(
            self._nodes,
            "encoder",
            [helper.make_tensor_value_info(INPUT, TensorProto.INT64, ["texts", "tokens"])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["texts", self._architecture.hidden_size])],
            list(self._tensors.values()),
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
        onnx.checker.check_model(model)
        return model

    def _embeddings(self, ids: str) -> str:
        words = self._node("Gather", self._weight("embeddings.word_embeddings.weight"), ids)
        positions = self._weights["embeddings.position_embeddings.weight"]
        # All tokens are of the first segment, whose vector is the same at each position.
        fixed = positions + self._weights["embeddings.token_type_embeddings.weight"][0]
        count = self._node("Shape", ids, start=1, end=2)
        start, axis = self._constant("zero", np.array([0])), self._constant("axis0", np.array([0]))
        table = self._constant("positions", fixed.astype(np.float32))
        placed = self._node("Slice", table, start, count, axis)
        return self._norm(self._node("Add", words, placed), "embeddings.LayerNorm")

    def _layer(self, state: str, prefix: str) -> str:
        heads = self._architecture.num_attention_heads
        size = self._architecture.hidden_size // heads
        split = self._constant("split", np.array([0, 0, heads, size]))
        joined = self._constant("joined", np.array([0, 0, heads * size]))
        across: list[str] = []
        for name, order in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3])):
            dense = self._dense(state, f"{prefix}attention.self.{name}")
            across.append(self._node("Transpose", self._node("Reshape", dense, split), perm=order))
        scale = self._constant("scale", np.float32(size**-0.5))
        scores = self._node("Mul", self._node("MatMul", across[0], across[1]), scale)
        mixed = self._node("MatMul", self._node("Softmax", scores, axis=-1), across[2])
        merged = self._node("Reshape", self._node("Transpose", mixed, perm=[0, 2, 1, 3]), joined)
        attended = self._node("Add", self._dense(merged, f"{prefix}attention.output.dense"), state)
        state = self._norm(attended, f"{prefix}attention.output.LayerNorm")
        inner = self._node("Gelu", self._dense(state, f"{prefix}intermediate.dense"))
        return self._norm(
            self._node("Add", self._dense(inner, f"{prefix}output.dense"), state), f"{prefix}output.LayerNorm"
        )

    def _pool(self, state: str) -> None:
        over_tokens = self._constant("axis1", np.array([1]))
        # The length of the mean is divided out, so the sum does as well.
        total = self._node("ReduceSum", state, over_tokens, keepdims=0)
        length = self._node("ReduceL2", total, over_tokens, keepdims=1)
        safe = self._node("Max", length, self._constant("least", np.float32(_LEAST_LENGTH)))
        self._nodes.append(helper.make_node("Div", [total, safe], [OUTPUT]))

    def _dense(self, state: str, name: str) -> str:
        kernel = self._constant(f"{name}.kernel", np.ascontiguousarray(self._weights[f"{name}.weight"].T))
        return self._node("Add", self._node("MatMul", state, kernel), self._weight(f"{name}.bias"))

    def _norm(self, state: str, name: str) -> str:
        scale, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return self._node("LayerNormalization", state, scale, bias, epsilon=self._architecture.layer_norm_eps)

    def _weight(self, name: str) -> str:
        return self._constant(name, self._weights[name].astype(np.float32))

    def _constant(self, name: str, value: NDArray[Any] | np.float32) -> str:
        if name not in self._tensors:
            self._tensors[name] = numpy_helper.from_array(np.asarray(value), name)
        return name

    def _node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        output = f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output
