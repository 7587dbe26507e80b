"""Numbers of trained networks and of their controls, correlated as layers of classes are."""

from __future__ import annotations

import numpy as np
from scipy import stats

CLASSES, LAYERS = 8, 5
FAMILIES = [row // LAYERS for row in range(CLASSES * LAYERS)]
SHARED = 0.2  # of the variance by the network, and as much by the class in it
NAMES = {
    "gauss": "Gauss",
    "counts": "counts (Poisson 0.6, then 2)",
    "heavy": "heavy tails (t with 2.5)",
    "rare": "rare counts (Poisson 0.1, then 1)",
    "one": "always 1 against Poisson 1",
    "shared": "Gauss, all against one and the same control",
    "gauss, 19": "Gauss, 19 controls each",
    "rare, 19": "rare counts, 19 controls each",
}


def correlated(
    rng: np.random.Generator, n: int, rows: int = CLASSES * LAYERS, group: int = LAYERS
) -> np.ndarray:
    """Draw standard Gauss numbers of n networks that share a part, more so within a class."""
    groups = -(-rows // group)
    network = rng.normal(size=(n, 1))
    of_class = np.repeat(rng.normal(size=(n, groups)), group, axis=1)[:, :rows]
    own = rng.normal(size=(n, rows))
    return np.sqrt(SHARED) * (network + of_class) + np.sqrt(1 - 2 * SHARED) * own


def numbers(kind: str, z: np.ndarray, shifted: np.ndarray) -> np.ndarray:
    """Turn Gauss numbers into those of a kind, with an effect where `shifted`."""
    if kind in ("gauss", "shared"):  # differences of two have a standard deviation of 1
        return z / np.sqrt(2) + shifted
    uniform = stats.norm.cdf(z)
    if kind == "heavy":
        return stats.t.ppf(uniform, 2.5) + 2 * shifted
    before, after = {"counts": (0.6, 2.0), "rare": (0.1, 1.0), "one": (1.0, 1.0)}[kind]
    return stats.poisson.ppf(uniform, np.where(shifted, after, before))


def pair(
    rng: np.random.Generator, kind: str, n: int, shifted: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Draw trained networks and their controls, or several controls of each."""
    if kind.endswith(", 19"):
        kind = kind.removesuffix(", 19")
        controls = [pair(rng, kind, n, shifted)[1] for _ in range(19)]
        return pair(rng, kind, n, shifted)[0], np.array(controls)
    control = numbers(kind, correlated(rng, n), np.zeros_like(shifted))
    if kind == "one":
        return np.ones_like(control), control
    if kind == "shared":
        control[:] = control[0]
    return numbers(kind, correlated(rng, n), shifted), control
