"""Ten images, as in the paper, in place of all: where complexity lies, and the score."""

from __future__ import annotations

import numpy as np

import topolens as tl
from experiments.cubical.shapes import shift

FEW = 10
N_FEW = 20


def few_images(found: tl.profiles.CubicalProfile, seed: int) -> dict[str, float]:
    """Compare profiles of ten random images with that of all."""
    rng = np.random.default_rng(seed)
    few = [found.select(rng.choice(found.n_images, FEW, replace=False)) for _ in range(N_FEW)]
    thetas = [theta(profile) for profile in few]
    shifts = [shift(profile.complexity(), found.complexity()) for profile in few]
    return {
        "theta": theta(found),
        "sd of theta, ten images": np.std(thetas, ddof=1),
        "shift, ten images": np.mean(shifts),
    }


def theta(found: tl.profiles.CubicalProfile) -> float:
    """Return the paper's score; low is said to be good."""
    return tl.ttp_score(found, rng=0, n_resamples=100).value
