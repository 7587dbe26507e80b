"""The point clouds of two classes, and the scale at which their Betti numbers are right."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

import topolens as tl

SIMULATED = ("D-I", "D-II", "D-III")
REAL = ("digits", "cancer")
# What the input must show for the first and the second class; real data have no such truth.
BETTI = {
    "D-I": ((9, 0), (1, 9)),
    "D-II": ((9, 9), (9, 9)),
    "D-III": ((9, 0, 9), (18, 0, 9)),
}


class Cloud(NamedTuple):
    """Points with labels 0 and 1, all of them for training and every `step`-th for homology.

    `k` neighbours and `hops` are those at which the input shows its true Betti numbers.
    """

    X: np.ndarray
    y: np.ndarray
    classes: tuple[str, str]
    step: int
    k: int
    hops: int
    maxdim: int


def cloud(data: str, size: str) -> Cloud:
    """Return a data set, with coordinates so large that deep networks with tanh train too."""
    paper = size == "paper"
    if data == "D-I":
        X, y = tl.datasets.naitzat("D-I", rng=0)
        return Cloud(X, y, ("disks", "plane"), step=3, k=14, hops=2, maxdim=1)
    if data == "D-II":
        X, y = tl.datasets.linked_tori(2500 if paper else 400, rng=0)
        rings = ("rings A", "rings B")
        return Cloud(5 * X, y, rings, step=4, k=35 if paper else 14, hops=2, maxdim=1)
    if data == "D-III":
        X, y = tl.datasets.nested_spheres(1000 if paper else 200)
        shells = ("middle shells", "outer shells and balls")
        steps, k = (4, 35) if paper else (2, 14)
        return Cloud(5 * X, y, shells, step=steps, k=k, hops=2, maxdim=2)
    if data == "digits":
        digits = load_digits()
        X = PCA(30, random_state=0).fit_transform(digits.data)
        y = (digits.target != 0).astype(np.int64)
        return Cloud(X / X.std(), y, ("zeros", "other digits"), step=1, k=6, hops=1, maxdim=1)
    if data == "cancer":
        table = load_breast_cancer()
        X = StandardScaler().fit_transform(table.data)
        y = 1 - table.target
        return Cloud(X, y, ("benign", "malignant"), step=1, k=6, hops=1, maxdim=1)
    raise ValueError(f"`data` must be one of {SIMULATED + REAL}; found {data!r}")
