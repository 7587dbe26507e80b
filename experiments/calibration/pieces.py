"""Pieces among others: labels that mean nothing, and classes that lie apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.calibration.rates import LEVEL, Rate, grid, rate, rates, verdict
from experiments.harness.jobs import Job, Row
from topolens.homology import pieces_among_others

TITLE = "Pieces among others"
VERSION = 1
CLOUDS = {"small": 200, "full": 1000}
POINTS = (60, 300)
SHARES = (0.5, 0.1)  # of the class that is looked at
KINDS = ("Gauss, d = 2", "Gauss, d = 64", "t with 3, d = 3", "integers", "one-hot", "equal")
RESAMPLES = 199
ALPHA = 0.05


def jobs(size: str) -> list[Job]:
    """Return a job for each kind of cloud, number of points and share of the class."""
    clouds = CLOUDS[size]
    return [
        Job(
            simulate,
            {"kind": kind, "n": n, "share": share, "clouds": clouds},
            cost=clouds * n * 1e-4,
        )
        for kind in KINDS
        for n in POINTS
        for share in SHARES
    ]


def simulate(kind: str, n: int, share: float, clouds: int) -> list[Row]:
    """Look at a class whose labels are drawn, and at one that lies apart."""
    rng = np.random.default_rng([n, round(100 * share), KINDS.index(kind)])
    counted: dict[str, list[float]] = {"level": [], "of_chance": [], "power": []}
    for _ in range(clouds):
        X, labels = cloud(kind, n, rng), rng.permutation(n) < share * n
        mixed = pieces_among_others(X, labels, n_resamples=RESAMPLES, rng=rng, n_threads=1)
        counted["level"].append(mixed.p_values[1] <= ALPHA)
        counted["of_chance"].append(mixed.n_pieces[1] / mixed.by_chance[1])
        apart = X + np.where(labels[:, None], step(kind, X), 0.0)
        apart = pieces_among_others(apart, labels, n_resamples=RESAMPLES, rng=rng, n_threads=1)
        counted["power"].append(apart.p_values[1] <= ALPHA)
    return [rates(**counted)]


def cloud(kind: str, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw points; in the last three kinds distances tie."""
    if kind == "integers":
        return rng.integers(0, 6, size=(n, 2)).astype(float)
    if kind == "one-hot":
        return np.eye(5)[rng.integers(0, 5, size=n)]
    if kind == "equal":
        return np.ones((n, 3))
    if kind.startswith("t"):
        return rng.standard_t(3, size=(n, 3))
    return rng.normal(size=(n, 2 if kind.endswith(" 2") else 64))


def step(kind: str, X: np.ndarray) -> np.ndarray:
    """Return by how much a class lies apart: two standard deviations along the first axis."""
    moved = np.zeros(X.shape[1])
    moved[0] = 2.0 if kind == "equal" else 2.0 * X[:, 0].std()
    return moved


def report(table: pd.DataFrame) -> str:
    """Say how often labels that mean nothing are found to hold together, and classes apart."""
    rows = []
    for row in table.itertuples():
        level, of_chance = rate(row, "level"), rate(row, "of_chance")
        biased = abs(of_chance.share - 1) > 2 * of_chance.error + 1e-9
        rows.append(
            [
                row.kind,
                row.n,
                f"{row.share:.0%}",
                f"{level} {verdict(level, LEVEL)}",
                f"{_as_ratio(of_chance)}{' is off' if biased else ''}",
                rate(row, "power"),
            ]
        )
    heads = ("points", "number", "in the class", "level", "pieces / by chance", "power")
    text = (
        f"{table['clouds'].iloc[0]} clouds each. Level: p ≤ {ALPHA:g} for a class whose labels are "
        "drawn; its pieces over those by chance should be 1 in the mean, also where "
        "distances tie (the last three kinds). Power: the class moved by two standard deviations "
        "along one axis, where distances tie too.\n\n"
    )
    return text + grid(heads, rows)


def _as_ratio(found: Rate) -> str:
    return f"{found.share:.3f} ± {2 * found.error:.3f}"
