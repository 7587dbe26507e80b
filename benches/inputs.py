"""The inputs of the comparison: what is computed, on which data, made from fixed seeds."""

from __future__ import annotations

import math
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import shortest_path
from scipy.spatial.distance import pdist, squareform

CACHE = Path(tempfile.gettempdir()) / "topolens-benches"
# A full matrix of distances, a sparse one, points whose matrix is too large, several matrices.
Kind = Literal["matrix", "sparse", "points", "batch"]
Make = Callable[[np.random.Generator], Any]


@dataclass(frozen=True)
class Case:
    """One input with its question; `quick` where the best peer needs less than 5 s of CPU."""

    name: str
    make: Make
    maxdim: int
    threshold: float = math.inf
    kind: Kind = "matrix"
    quick: bool = True

    def input(self) -> np.ndarray | sp.coo_matrix:
        return self.make(np.random.default_rng(0))


def distances(points: np.ndarray) -> np.ndarray:
    return squareform(pdist(points))


def uniform(n: int, dim: int) -> Make:
    return lambda rng: distances(rng.random((n, dim)))


def gaussian(n: int, dim: int) -> Make:
    return lambda rng: distances(rng.normal(size=(n, dim)))


def torus(n: int) -> Make:
    """Points of the flat torus in R^4."""

    def make(rng: np.random.Generator) -> np.ndarray:
        t = rng.uniform(0, 2 * np.pi, (n, 2))
        return distances(np.c_[np.cos(t), np.sin(t)])

    return make


def sphere(n: int) -> Make:
    def make(rng: np.random.Generator) -> np.ndarray:
        x = rng.normal(size=(n, 3))
        return distances(x / np.linalg.norm(x, axis=1, keepdims=True))

    return make


def orthogonal(n: int) -> Make:
    """Orthogonal 3x3 matrices, drawn evenly, as points of R^9."""

    def make(rng: np.random.Generator) -> np.ndarray:
        q, r = np.linalg.qr(rng.normal(size=(n, 3, 3)))
        return distances((q * np.sign(np.diagonal(r, axis1=1, axis2=2))[:, None, :]).reshape(n, 9))

    return make


def clusters(n: int) -> Make:
    """Twenty tight clusters in R^16."""

    def make(rng: np.random.Generator) -> np.ndarray:
        centers = rng.normal(size=(20, 16))
        return distances(centers[np.arange(n) % 20] + 0.02 * rng.normal(size=(n, 16)))

    return make


def activations(n: int) -> Make:
    """What a small network, trained on scikit-learn's digits, makes of the first n of them."""

    def make(rng: np.random.Generator) -> np.ndarray:
        file = CACHE / "activations.npy"
        if not file.exists():
            CACHE.mkdir(exist_ok=True)
            np.save(file, trained_activations())
        return distances(np.load(file)[:n])

    return make


def trained_activations() -> np.ndarray:
    """Values of the second hidden layer for all digits, after a few epochs."""
    from sklearn.datasets import load_digits
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    digits = load_digits()
    values = digits.data / 16
    network = MLPClassifier((128, 64), max_iter=15, batch_size=64, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a few epochs are enough
        network.fit(values, digits.target)
    for weights, bias in zip(network.coefs_[:2], network.intercepts_[:2], strict=True):
        values = np.maximum(values @ weights + bias, 0)
    return values


def neighbors(n: int, dim: int, k: int) -> Make:
    """Graph of the k nearest neighbours of uniform points, with the lengths of its edges."""
    from sklearn.neighbors import kneighbors_graph

    def make(rng: np.random.Generator) -> sp.csr_matrix:
        directed = kneighbors_graph(rng.random((n, dim)), k, mode="distance")
        return sp.csr_matrix(directed.maximum(directed.T))

    return make


def neighbor_graph(n: int) -> Make:
    """Each edge twice, as scipy's own functions give it."""
    return lambda rng: neighbors(n, 3, 12)(rng).tocoo()


def hops(n: int, k: int) -> Make:
    """Numbers of hops on a graph of nearest neighbours: hardly any two edges differ."""

    def make(rng: np.random.Generator) -> np.ndarray:
        d = shortest_path(neighbors(n, 3, k)(rng), unweighted=True)
        return np.where(np.isfinite(d), d, n)

    return make


def batch(count: int, n: int, dim: int) -> Make:
    return lambda rng: np.stack([distances(rng.random((n, dim))) for _ in range(count)])


def many_points(n: int, dim: int) -> Make:
    return lambda rng: rng.normal(size=(n, dim))


CASES = [
    Case("uniform-500-R3-H1", uniform(500, 3), 1),
    Case("gaussian-2000-R3-H1", gaussian(2000, 3), 1),
    Case("uniform-1000-R16-H1", uniform(1000, 16), 1),
    Case("uniform-2000-R16-H1", uniform(2000, 16), 1),
    Case("uniform-4000-R16-H1", uniform(4000, 16), 1),
    Case("gaussian-10000-R16-H1", gaussian(10000, 16), 1, quick=False),
    Case("gaussian-1000-R64-H1", gaussian(1000, 64), 1),
    Case("gaussian-3000-R64-H1", gaussian(3000, 64), 1),
    Case("uniform-6000-R64-H1", uniform(6000, 64), 1),
    Case("gaussian-500-R512-H1", gaussian(500, 512), 1),
    Case("uniform-2000-R512-H1", uniform(2000, 512), 1),
    Case("gaussian-5000-R512-H1", gaussian(5000, 512), 1),
    Case("gaussian-300-R3-H2", gaussian(300, 3), 2),
    Case("uniform-600-R3-H2", uniform(600, 3), 2),
    Case("uniform-500-R16-H2", uniform(500, 16), 2),
    Case("gaussian-1000-R16-H2", gaussian(1000, 16), 2, quick=False),
    Case("gaussian-600-R64-H2", gaussian(600, 64), 2),
    Case("uniform-400-R512-H2", uniform(400, 512), 2),
    Case("digits-1797-H1", activations(1797), 1),
    Case("digits-500-H2", activations(500), 2),
    Case("torus-1500-H1", torus(1500), 1),
    Case("torus-4000-H1", torus(4000), 1, quick=False),
    Case("torus-500-H2", torus(500), 2),
    Case("sphere-1000-H1", sphere(1000), 1),
    Case("sphere-400-H2", sphere(400), 2),
    Case("sphere-1000-H2", sphere(1000), 2, quick=False),
    Case("sphere-1000-thr1-H2", sphere(1000), 2, 1.0),
    Case("orthogonal-300-H2", orthogonal(300), 2),
    Case("orthogonal-1024-thr1.8-H3", orthogonal(1024), 3, 1.8),
    Case("orthogonal-4096-thr1.4-H3", orthogonal(4096), 3, 1.4),
    Case("hops-2000-thr2-H2", hops(2000, 14), 2, 2.0),
    Case("hops-1000-H1", hops(1000, 14), 1),
    Case("graph-10000-H1", neighbor_graph(10000), 1, kind="sparse"),
    Case("graph-100000-H1", neighbor_graph(100000), 1, kind="sparse"),
    Case("clusters-1000-R16-H1", clusters(1000), 1),
    Case("clusters-500-R16-H2", clusters(500), 2),
    Case("gaussian-20000-R64-H0", many_points(20000, 64), 0, kind="points", quick=False),
    Case("gaussian-100000-R64-H0", many_points(100000, 64), 0, kind="points", quick=False),
    Case("uniform-50-R16-H2", uniform(50, 16), 2),
    Case("batch-100x60-R3-H1", batch(100, 60, 3), 1, kind="batch"),
]
