"""Paths whose dimension is known: those of stable Lévy processes."""

from __future__ import annotations

import numpy as np

import topolens as tl
from experiments.harness.jobs import Row

VERSION = 3


def levy(alpha: float, n: int, dimension: int, seed: int) -> list[Row]:
    """Estimate the dimension of one path of n points; the truth is alpha."""
    path = levy_path(alpha, n, dimension, np.random.default_rng([seed, n, round(100 * alpha)]))
    found = {
        "magnitude dimension": tl.magnitudes.magnitude_dimension(path, bootstrap=None, n_threads=1),
        "PH dimension": tl.ph_dimension(path, rng=seed, n_threads=1),
    }
    return [{"part": "levy", **{name: float(d) for name, d in found.items()}}]


def levy_path(alpha: float, n: int, dimension: int, rng: np.random.Generator) -> np.ndarray:
    """Sum isotropic stable steps: Gaussian ones with a stable variance (Kanter 1975)."""
    half = alpha / 2
    angle, rest = rng.uniform(0, np.pi, (n, 1)), rng.exponential(size=(n, 1))
    variance = np.sin(half * angle) / np.sin(angle) ** (1 / half)
    variance *= (np.sin((1 - half) * angle) / rest) ** ((1 - half) / half)
    return np.cumsum(np.sqrt(variance) * rng.normal(size=(n, dimension)), axis=0)
