"""Levels of confidence, and the quantiles that belong to them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from topolens._calls import as_number

__all__ = ["as_level", "upper_quantile"]


def as_level(level: Any, name: str = "level") -> float:
    """Read a confidence, above 0 and below 1."""
    confidence = as_number(level, name)
    if not 0 < confidence < 1:
        raise ValueError(f"`{name}` must be above 0 and below 1; found {level}")
    return confidence


def upper_quantile(values: np.ndarray, level: float) -> float:
    """Return the least value that at most a share 1 - `level` of the values exceed."""
    above = math.floor((1 - level) * len(values) + 1e-9)
    return float(np.sort(values)[len(values) - above - 1])
