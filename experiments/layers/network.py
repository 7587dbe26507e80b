"""One job: draw a network of a row, train it, and measure all layers if it is trained well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

import topolens as tl
from experiments.harness.jobs import Plain, Row
from experiments.layers.data import Cloud, Points, cloud
from experiments.layers.table_1 import kind
from experiments.layers.training import Exam, classes_told, share_wrong, trained
from topolens.measures import Value

VERSION = 1
CURVE = ("measure", "scale", "control", "class", "degree")


@dataclass(frozen=True)
class WholePersistence:
    """Total persistence over all scales, of landmarks whose largest distance is set to one.

    Lengths of bars grow where a layer stretches its output; shares of the diameter do not.
    """

    n_landmarks: int = 150
    name: str = "whole"
    min_points: int = 2

    def measure(
        self, X: np.ndarray, *, rng: np.random.Generator, n_threads: int | None = None
    ) -> list[Value]:
        """Measure the points `X`, or as many landmarks; a cloud of equal points has no bars."""
        count = min(self.n_landmarks, len(X))
        chosen = tl.landmarks(X, count, rng=rng, n_threads=n_threads).indices
        D = tl.distances(X[chosen], n_threads=n_threads)
        diameter = D.max()
        if diameter == 0:
            return [Value("total", degree, 0.0, 0.0) for degree in (0, 1)]
        diagrams = tl.rips(D / diameter, metric="precomputed", maxdim=1, n_threads=n_threads).dgms
        finite = [bars[np.isfinite(bars[:, 1])] for bars in diagrams]
        return [Value("total", d, 0.0, (b[:, 1] - b[:, 0]).sum()) for d, b in enumerate(finite)]


def network(row: str, seed: int) -> list[Row]:
    """Train a network of this row; one that is trained well is measured layer by layer.

    The first row of the result tells how training went, the others hold a number for each layer,
    as text with blanks between them.
    """
    of_row = kind(row)
    points = cloud(of_row.data)
    exam = None if points.may_be_wrong is None else Exam(points.unseen, points.may_be_wrong)
    model, steps, wrong, well = trained(points.training, of_row, seed, exam)
    told: Row = {"measure": "training", "steps": steps, "wrong": wrong}
    if not well:
        return [told]
    if points.unseen is not None:
        told["unseen"] = share_wrong(model, points.unseen)
    return [told, *_measured(model, points, seed)]


def _measured(model: nn.Sequential, points: Cloud, seed: int) -> Iterator[Row]:
    measured = points.homology
    if points.may_be_wrong is not None:
        measured = as_told(model, measured)
    X = torch.tensor(measured.X, dtype=torch.float32)
    at_scales = [
        tl.HopBetti(k=points.k, hops=h, maxdim=points.maxdim, max_reach=1) for h in points.hops
    ]
    table = tl.analyse(
        tl.record(model, X, max_samples=len(X)),
        [*at_scales, WholePersistence()],
        labels=np.array(points.classes)[measured.y],
        by="class",
        classes=points.classes,
        control=list(points.controls),
        rng=seed,
        n_threads=1,
    )
    through_layers: dict[tuple[Plain, ...], list[str]] = {}
    for row in table.rows():
        if row["measure"] in ("betti", "total"):
            curve = tuple(row[name] for name in CURVE)
            through_layers.setdefault(curve, []).append(f"{row['value']:.4g}")
    for curve, values in through_layers.items():
        yield {**dict(zip(CURVE, curve, strict=True)), "layers": " ".join(values)}


def as_told(model: nn.Module, points: Points) -> Points:
    """Return points with the class that the network gives them, as the paper splits them.

    All of class a, which the paper draws, and of class b evenly as many: it is large and slow.
    """
    told = classes_told(model, points.X)
    a, b = (np.flatnonzero(told == label) for label in (0, 1))
    kept = np.concatenate([a, b[:: max(len(b) // len(a), 1)][: len(a)]])
    return Points(points.X[kept], told[kept])
