"""Predicted labels as short texts, so that a table of many networks stays small."""

from __future__ import annotations

import base64
import zlib

import numpy as np

CLASSES = 10


def pack(labels: np.ndarray, truth: np.ndarray) -> str:
    """Write labels, or how they differ from the truth, whichever is shorter.

    Good networks are nearly the truth, new ones predict few classes.
    """
    ways = {"labels ": labels, "errors ": (labels - truth) % CLASSES}
    texts = [name + _text(values) for name, values in ways.items()]
    return min(texts, key=len)


def unpack(text: str, truth: np.ndarray) -> np.ndarray:
    """Read what `pack` wrote."""
    name, _, packed = text.partition(" ")
    values = np.frombuffer(zlib.decompress(base64.b85decode(packed)), dtype=np.uint8).astype(int)
    return values if name == "labels" else (truth + values) % CLASSES


def _text(values: np.ndarray) -> str:
    return base64.b85encode(zlib.compress(values.astype(np.uint8).tobytes(), 9)).decode()
