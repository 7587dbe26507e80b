"""Tables of layers, by topolens and by hand from the packages for each number.

By hand the distances of a cloud are taken once, by scipy, and ripser, scipy and LAPACK get them:
the best that can be written in an afternoon.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from ripser import ripser
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse.csgraph import minimum_spanning_tree, shortest_path
from scipy.spatial.distance import pdist, squareform

import topolens as tl

BY_HAND = "scipy and ripser by hand"
REPEATS, SHARE = 5, 0.8
K, HOPS = 14, 2
MEASURES = (tl.Rips(), tl.HopBetti(k=K, hops=HOPS), tl.Magnitude(), tl.PHDimension())

Layers = Mapping[str, np.ndarray]
Numbers = dict[str, Any]


def analysed(layers: Layers, labels: np.ndarray | None) -> tl.layers.LayerTable:
    return tl.analyse(dict(layers), MEASURES, **arguments(labels))


def estimated(layers: Layers, labels: np.ndarray | None) -> float:
    return tl.layers.estimate(dict(layers), MEASURES, **arguments(labels)).seconds


def arguments(labels: np.ndarray | None) -> dict[str, Any]:
    drawn = {"repeats": REPEATS, "subsample": SHARE, "rng": 0}
    return {"labels": labels, **drawn, "n_threads": 1}


def clouds(layers: Layers, labels: np.ndarray | None) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield layers, classes and rows."""
    for layer, rows in layers.items():
        if labels is None:
            yield layer, "all", rows
            continue
        for label in np.unique(labels):
            yield layer, str(label), rows[labels == label]


def by_hand(layers: Layers, labels: np.ndarray | None) -> list[Numbers]:
    """The same numbers of as many subsamples of the same size."""
    rng = np.random.default_rng(0)
    found = []
    for _, _, rows in clouds(layers, labels):
        for _ in range(REPEATS):
            few = rng.choice(len(rows), round(SHARE * len(rows)), replace=False)
            found.append(numbers(rows[few], rng))
    return found


def numbers(rows: np.ndarray, rng: np.random.Generator) -> Numbers:
    """Bars, Betti numbers at two hops, magnitudes and a dimension of one cloud."""
    D = squareform(pdist(np.asarray(rows, np.float64)))
    return {
        "bars": [dgm[np.isfinite(dgm[:, 1])] for dgm in ripser(D, distance_matrix=True)["dgms"]],
        "betti": hop_betti(D),
        "magnitude": magnitudes(D, (1.0, 2.0, 4.0, 8.0)),
        "dimension": ph_dimension(D, rng),
    }


def hop_betti(D: np.ndarray) -> list[int]:
    near = np.argpartition(D, K - 1, axis=1)[:, :K]
    joined = np.zeros(D.shape, bool)
    np.put_along_axis(joined, near, True, axis=1)
    steps = shortest_path(joined | joined.T, unweighted=True)
    steps[np.isinf(steps)] = len(D)
    bars = ripser(steps, distance_matrix=True, maxdim=1, thresh=HOPS)["dgms"]
    return [int(np.isinf(dgm[:, 1]).sum()) for dgm in bars]


def magnitudes(D: np.ndarray, ts: tuple[float, ...]) -> list[float]:
    """At multiples of the inverse of the mean distance."""
    ones, mean = np.ones(len(D)), D.sum() / (len(D) * (len(D) - 1))
    return [float(cho_solve(cho_factor(np.exp(-D * t / mean)), ones).sum()) for t in ts]


def ph_dimension(D: np.ndarray, rng: np.random.Generator) -> float:
    """From spanning trees of 17 subsets."""
    sizes = np.unique(np.linspace(len(D) / 5, len(D), 17).round().astype(int))
    subsets = (rng.choice(len(D), size, replace=False) for size in sizes)
    sums = [minimum_spanning_tree(D[np.ix_(few, few)]).sum() for few in subsets]
    slope, _ = np.polyfit(np.log(sizes), np.log(sums), 1)
    return 1 / (1 - slope)


def furthest(layers: Layers, labels: np.ndarray | None) -> float:
    """Largest relative difference of the two ways on whole clouds.

    Dimensions are left out, which depend on the subsets that were drawn.
    """
    table = tl.analyse(dict(layers), MEASURES[:3], labels=labels, rng=0)
    worst = 0.0
    for layer, label, rows in clouds(layers, labels):
        expected = numbers(rows, np.random.default_rng(0))
        found = partial(table.select, layer=layer, class_=label)
        bars, unit = expected["bars"], found(measure="mean_distance")["value"]
        pairs = [
            (found(measure="betti")["value"], expected["betti"]),
            (found(measure="magnitude")["value"], expected["magnitude"]),
            (found(measure="bars")["value"], [(np.ptp(b, axis=1) > 0).sum() for b in bars]),
            (
                unit * found(measure="total_persistence")["value"],
                [np.ptp(b, axis=1).sum() for b in bars],
            ),
        ]
        worst = max(worst, *(apart(np.array(a), np.array(b)) for a, b in pairs))
    return worst


def apart(found: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest relative difference; what is withheld differs from nothing."""
    apart = np.abs(found - expected) / np.maximum(np.abs(expected), 1)
    return float(np.nan_to_num(apart).max())
