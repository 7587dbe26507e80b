"""Numbers by layer as one text, so that a curve is one row of the table."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def joined(numbers: Iterable[float]) -> str:
    """Write numbers with six digits."""
    return " ".join(f"{number:.6g}" for number in numbers)


def parted(text: str) -> np.ndarray:
    """Read them."""
    return np.array(text.split(), dtype=float)
