"""Numbers that say what a curve of complexity over the layers looks like."""

from __future__ import annotations

import numpy as np


def fall(omega: np.ndarray) -> float:
    """Least-squares slope of log Ω over depth, where the first layer is at 0 and the last at 1.

    A slope of -2.3 is a fall to a tenth.
    """
    depth = np.linspace(-0.5, 0.5, len(omega))
    return float(np.log(omega) @ depth / (depth @ depth))


def shift(omega: np.ndarray, other: np.ndarray) -> float:
    """How differently two curves share their complexity among the depths: from 0 to 1.

    The largest difference, over all depths, of the shares of all complexity up to there. The two
    networks may have different numbers of layers.
    """
    depths = _depths(omega)
    if len(other) != len(omega):
        depths = np.unique(np.concatenate([depths, _depths(other)]))
    return float(np.abs(_share(omega, depths) - _share(other, depths)).max())


def _depths(omega: np.ndarray) -> np.ndarray:
    return np.linspace(0, 1, len(omega) + 1)


def _share(omega: np.ndarray, depths: np.ndarray) -> np.ndarray:
    return np.interp(depths, _depths(omega), np.concatenate([[0], np.cumsum(omega) / omega.sum()]))
