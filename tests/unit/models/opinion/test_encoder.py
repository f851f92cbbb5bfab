"""The encoder that is made of a sentence model computes what the model says."""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from onnxruntime import InferenceSession
from safetensors.numpy import load_file

from sluicegate.models.opinion.bundle import read_encoder
from sluicegate.models.opinion.errors import OpinionError
from sluicegate.models.opinion.export import Architecture, encoder_graph, export_encoder

ARCHITECTURE = Architecture("bert", 32, 4, 2, 1e-12, "gelu")
TEXT = "you talked at the market because soup"

Weights = dict[str, NDArray[np.float32]]


def by_definition(weights: Weights, ids: list[int]) -> NDArray[np.float64]:
    """Compute BERT as its paper has it, head by head, then the mean over tokens at unit length."""

    def dense(name: str, state: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(state @ weights[f"{name}.weight"].T + weights[f"{name}.bias"])

    def norm(name: str, state: NDArray[np.float64]) -> NDArray[np.float64]:
        centred = state - state.mean(1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(1, keepdims=True) + 1e-12)
        return np.asarray(scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"])

    embeddings = weights["embeddings.word_embeddings.weight"][ids].astype(np.float64)
    embeddings += weights["embeddings.position_embeddings.weight"][: len(ids)]
    state = norm("embeddings.LayerNorm", embeddings + weights["embeddings.token_type_embeddings.weight"][0])
    for layer in ("encoder.layer.0", "encoder.layer.1"):
        query, key, value = (dense(f"{layer}.attention.self.{name}", state) for name in ("query", "key", "value"))
        mixed = np.empty_like(state)
        for head in (slice(start, start + 8) for start in range(0, 32, 8)):
            weight = np.exp(query[:, head] @ key[:, head].T / math.sqrt(8))
            mixed[:, head] = weight / weight.sum(1, keepdims=True) @ value[:, head]
        state = norm(f"{layer}.attention.output.LayerNorm", dense(f"{layer}.attention.output.dense", mixed) + state)
        inner = dense(f"{layer}.intermediate.dense", state)
        inner = inner / 2 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
        state = norm(f"{layer}.output.LayerNorm", dense(f"{layer}.output.dense", inner) + state)
    mean = state.mean(0)
    return np.asarray(mean / np.linalg.norm(mean))


def test_the_graph_computes_what_the_definition_says(sentence_model: Path, encoder_folder: Path) -> None:
    weights: Weights = load_file(sentence_model / "model.safetensors")
    ids = read_encoder(encoder_folder)[0].read(TEXT)[0]
    session = InferenceSession(encoder_graph(ARCHITECTURE, weights).SerializeToString())
    found = session.run(None, {"input_ids": np.array([ids])})[0][0]
    assert np.abs(found - by_definition(weights, ids)).max() < 1e-5


def test_eight_bits_change_an_embedding_little(sentence_model: Path, encoder_folder: Path) -> None:
    encoder, _ = read_encoder(encoder_folder)
    ids = encoder.read(TEXT)[0]
    assert encoder.embed(ids) @ by_definition(load_file(sentence_model / "model.safetensors"), ids) > 0.98


def test_an_embedding_has_unit_length_also_of_no_text(encoder_folder: Path) -> None:
    encoder, _ = read_encoder(encoder_folder)
    assert np.linalg.norm(encoder.embed(encoder.read(TEXT)[0])) == pytest.approx(1, abs=1e-5)
    assert np.isfinite(encoder.embed(encoder.read("")[0])).all()


@pytest.mark.parametrize(
    ("text", "whole"), [("soup " * 100, True), ("soup " * 129, False), ("q" * 3_000, False), ("\ud800 soup", True)]
)
def test_it_is_told_whether_the_whole_text_was_read(encoder_folder: Path, text: str, whole: bool) -> None:
    tokens, found = read_encoder(encoder_folder)[0].read(text)
    assert len(tokens) <= 128
    assert found is whole


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_sentence_model_without_one_of_its_files_is_refused(sentence_model: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(sentence_model, tmp_path / "model")
    (tmp_path / "model" / name).unlink()
    with pytest.raises(OpinionError, match="holds no sentence model"):
        export_encoder(tmp_path / "model", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_another_architecture_is_refused(sentence_model: Path, tmp_path: Path) -> None:
    shutil.copytree(sentence_model, tmp_path / "model")
    config = json.loads((sentence_model / "config.json").read_text())
    (tmp_path / "model" / "config.json").write_text(json.dumps({**config, "model_type": "mpnet"}))
    with pytest.raises(OpinionError, match="is a mpnet"):
        export_encoder(tmp_path / "model", tmp_path / "out")


def test_weights_that_lack_a_tensor_are_refused(sentence_model: Path, tmp_path: Path) -> None:
    shutil.copytree(sentence_model, tmp_path / "model")
    config = json.loads((sentence_model / "config.json").read_text())
    (tmp_path / "model" / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 3}))
    with pytest.raises(OpinionError, match=r"encoder\.layer\.2"):
        export_encoder(tmp_path / "model", tmp_path / "out")


def test_a_graph_that_is_none_is_refused(encoder_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(encoder_folder, tmp_path / "encoder")
    (tmp_path / "encoder" / "encoder.onnx").write_bytes(b"no graph")
    with pytest.raises(OpinionError, match="cannot be used"):
        read_encoder(tmp_path / "encoder")
