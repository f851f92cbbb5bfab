"""A sentence model of a few kilobytes with random weights, whole in every respect and made in milliseconds."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

WORDS = [
    "buy",
    "cheap",
    "click",
    "link",
    "free",
    "offer",
    "talked",
    "lovely",
    "hurt",
    "because",
    "see",
    "bring",
    "soup",
    "bread",
    "park",
    "market",
    "the",
    "a",
    "i",
    "you",
    "at",
]
HIDDEN, HEADS, LAYERS, INNER = 32, 4, 2, 64


def write_sentence_model(folder: Path) -> None:
    """Write a BERT with random weights into a new folder, as sentence-transformers lays one out."""
    folder.mkdir()
    random = np.random.default_rng(1)

    def drawn(*shape: int) -> NDArray[np.float32]:
        return random.normal(0, 0.3, shape).astype(np.float32)

    vocabulary = {
        word: number for number, word in enumerate(dict.fromkeys(["[UNK]", *WORDS, *"abcdefghijklmnopqrstuvwxyz"]))
    }
    weights = {
        "embeddings.word_embeddings.weight": drawn(len(vocabulary), HIDDEN),
        "embeddings.position_embeddings.weight": drawn(256, HIDDEN),
        "embeddings.token_type_embeddings.weight": drawn(2, HIDDEN),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in (f"encoder.layer.{number}" for number in range(LAYERS)):
        shapes = dict.fromkeys(("attention.self.query", "attention.self.key", "attention.self.value"), (HIDDEN, HIDDEN))
        shapes |= {"attention.output.dense": (HIDDEN, HIDDEN), "intermediate.dense": (INNER, HIDDEN)}
        for name, shape in {**shapes, "output.dense": (HIDDEN, INNER)}.items():
            weights |= {f"{layer}.{name}.weight": drawn(*shape), f"{layer}.{name}.bias": drawn(shape[0])}
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
    for name in norms:
        weights |= {f"{name}.weight": 1 + drawn(HIDDEN), f"{name}.bias": drawn(HIDDEN)}
    save_file(weights, folder / "model.safetensors")
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = BertNormalizer(), BertPreTokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"model_type": "bert", "hidden_act": "gelu", "hidden_size": HIDDEN, "num_attention_heads": HEADS}
    config |= {"num_hidden_layers": LAYERS, "layer_norm_eps": 1e-12, "vocab_size": len(vocabulary)}
    (folder / "config.json").write_text(json.dumps(config))
