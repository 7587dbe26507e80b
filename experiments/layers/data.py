"""The point clouds of two classes, and the scale at which their Betti numbers are right."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.decomposition import PCA
from sklearn.neighbors import LocalOutlierFactor
from sklearn.preprocessing import StandardScaler

import topolens as tl
from experiments.harness.fashion import fashion

SIMULATED = ("D-I", "D-II", "D-III")
REAL = ("digits", "cancer", "fashion")
CHEAP = ("untrained",)  # controls of large clouds
# What the input must show for the first and the second class; real data have no such truth.
BETTI = {
    "D-I": ((9, 0), (1, 9)),
    "D-II": ((9, 9), (9, 9)),
    "D-III": ((9, 0, 9), (18, 0, 9)),
}


class Points(NamedTuple):
    """Points with labels 0 and 1."""

    X: np.ndarray
    y: np.ndarray


class Cloud(NamedTuple):
    """Points for training, unseen ones, and those whose homology is computed.

    At `k` neighbours and two `hops` the input shows its true Betti numbers; real data, which have
    none, are measured at one, two and three. A network has learned them when no point of training
    is wrong or, where it says so, when at most the share `may_be_wrong` of unseen points is.
    """

    training: Points
    unseen: Points | None
    homology: Points
    classes: tuple[str, str]
    k: int
    hops: tuple[int, ...]
    maxdim: int
    controls: tuple[str, ...] = ("untrained", "shuffled")
    may_be_wrong: float | None = None


@cache
def cloud(data: str) -> Cloud:
    """Return a data set, at the scale of the authors: all coordinates within -1 and 1.

    "D-II small" and "D-III small" have a sixth and a fifth of the points for training, and the
    paper's points for homology.
    """
    if data == "D-I":
        X, y = tl.datasets.disks_in_plane(10_000, rng=0)
        training, unseen = Points(X[:7800], y[:7800]), Points(X[7800:], y[7800:])
        return Cloud(training, unseen, _every(3, training), ("disks", "plane"), 14, (2,), 1)
    if data in ("D-II", "D-II small"):
        X, y = tl.datasets.linked_tori(5000, rng=0)
        paper, unseen = Points(X[::2], y[::2]), Points(X[1::2], y[1::2])
        training = paper if data == "D-II" else _every(6, paper)
        return Cloud(training, unseen, _every(4, paper), ("rings A", "rings B"), 35, (2,), 1, CHEAP)
    if data in ("D-III", "D-III small"):
        paper = Points(*tl.datasets.nested_spheres(1000))
        training = paper if data == "D-III" else Points(*tl.datasets.nested_spheres(200))
        unseen = Points(*tl.datasets.nested_spheres(1234))
        shells = ("middle shells", "outer shells and balls")
        return Cloud(training, unseen, _every(4, paper), shells, 35, (2,), 2, CHEAP)
    if data == "digits":
        digits = load_digits()
        X = PCA(30, random_state=0).fit_transform(digits.data)
        y = (digits.target != 0).astype(np.int64)
        points = Points(X / X.std(), y)
        return Cloud(points, None, points, ("zeros", "other digits"), 6, (1, 2, 3), 1)
    if data == "cancer":
        table = load_breast_cancer()
        points = Points(StandardScaler().fit_transform(table.data), 1 - table.target)
        return Cloud(points, None, points, ("benign", "malignant"), 6, (1, 2, 3), 1)
    if data == "fashion":
        return _t_shirts()
    raise ValueError(f"`data` must be one of {SIMULATED + REAL}; found {data!r}")


def _t_shirts() -> Cloud:
    """Class 0 of Fashion-MNIST against all others, by the authors' recipe for MNIST.

    Homology is that of the test part without its outliers. With one neighbour less the input would
    show more at two hops than the zeros of MNIST do in the paper, which has 6.
    """
    both = [fashion(part) for part in ("train", "t10k")]
    pictures, labels = (np.concatenate(arrays) for arrays in zip(*both, strict=True))
    pixels = pictures.reshape(len(pictures), -1).astype(np.float32)
    X = PCA(50, svd_solver="covariance_eigh").fit_transform(pixels)
    X, y = X / abs(X).max(), (labels != 0).astype(np.int64)
    order = np.random.default_rng(0).permutation(len(y))
    seen, rest = np.split(order, [len(y) * 4 // 5])
    training, unseen = (Points(X[part], y[part]) for part in (seen, rest))
    names = ("T-shirts", "other clothes")
    hops = (1, 2, 3)
    return Cloud(training, unseen, without_outliers(unseen), names, 7, hops, 1, may_be_wrong=0.05)


def without_outliers(points: Points) -> Points:
    """Leave out what the local outlier factor finds, at scikit-learn's defaults."""
    inside = LocalOutlierFactor().fit_predict(points.X) == 1
    return Points(points.X[inside], points.y[inside])


def _every(step: int, points: Points) -> Points:
    return Points(points.X[::step], points.y[::step])
