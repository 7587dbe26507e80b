"""Intervals of one network from its subsamples, for the difference of two fixed maps."""

from __future__ import annotations

import numpy as np
import pandas as pd

import topolens as tl
from experiments.calibration.rates import COVERAGE, Rate, grid, verdict
from experiments.harness.jobs import Job, Row
from topolens.statistics import subsample_intervals

TITLE = "One network and its subsamples"
VERSION = 1
POINTS = 160
REPEATS = 20
SHARES = (0.5, 0.8)
SETS = {"small": 24, "full": 200}
SETS_A_JOB = 8
NAMES = {
    "longest": "longest loop over the mean distance",
    "hops": "hop β₁, k = 6",
    "norm": "mean norm",
}


def jobs(size: str) -> list[Job]:
    """Return jobs of a few data sets each."""
    return [
        Job(simulate, {"first": first, "sets": SETS_A_JOB}, cost=SETS_A_JOB * 1.5)
        for first in range(0, SETS[size], SETS_A_JOB)
    ]


def simulate(first: int, sets: int) -> list[Row]:
    """Return for each data set, share and number what all points and the subsamples have."""
    rows: list[Row] = []
    for data_set in range(first, first + sets):
        rng = np.random.default_rng([data_set, 3])
        X = tl.datasets.circle(POINTS, noise=0.25, rng=rng)
        before, after = maps(X)
        whole = np.array(_numbers(after)) - _numbers(before)
        for share in SHARES:
            drawn = []
            for _ in range(REPEATS):
                part = rng.choice(POINTS, round(share * POINTS), replace=False)
                drawn.append(np.array(_numbers(after[part])) - _numbers(before[part]))
            found = {
                around: subsample_intervals(
                    drawn, share=share, whole=whole if around == "whole" else None
                )
                for around in ("whole", "mean")
            }
            naive = np.std(drawn, axis=0, ddof=1) * 2.09
            for i, name in enumerate(NAMES):
                rows.append(
                    {
                        "data_set": data_set,
                        "share": share,
                        "number": name,
                        "whole": float(whole[i]),
                        "mean": float(found["mean"].difference[i]),
                        "half": float((found["whole"].high - found["whole"].low)[i] / 2),
                        "naive": float(naive[i]),
                    }
                )
    return rows


def maps(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Show points to two fixed layers of 16 units, of which the second squashes the circle."""
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(2, 16))
    return np.tanh(X @ weights), np.tanh((X * [1.0, 0.6]) @ rng.normal(size=(2, 16)))


def _numbers(X: np.ndarray) -> list[float]:
    distances = tl.distances(X, n_threads=1)
    bars = tl.rips(X, maxdim=1, n_threads=1).dgms[1]
    longest = float((bars[:, 1] - bars[:, 0]).max(initial=0.0))
    hops = tl.hop_betti(X, k=6, n_threads=1).betti[1]
    mean = distances.sum() / (len(X) * (len(X) - 1))
    return [longest / float(mean), float(hops), float(np.linalg.norm(X, axis=1).mean())]


def report(table: pd.DataFrame) -> str:
    """Say how often each interval holds the mean over all data sets."""
    rows = []
    for (name, share), of_one in table.groupby(["number", "share"], sort=False):
        truth = of_one["whole"].mean()
        cells = []
        for centre, half in (("whole", "half"), ("mean", "half"), ("mean", "naive")):
            covered = (of_one[centre] - truth).abs() <= of_one[half] + 1e-12
            n = len(covered)
            error = float(np.sqrt(max(covered.mean() * (1 - covered.mean()), 1 / n) / n))
            found = Rate(float(covered.mean()), error)
            said = verdict(found, COVERAGE) if (half, share) == ("half", 0.8) else ""
            cells.append(f"{found} {said}".rstrip())
        rows.append([NAMES[name], share, *cells])
    heads = ("number", "share", "around all points", "around the mean of the repeats")
    text = (
        f"{table['data_set'].nunique()} data sets of {POINTS} points on a circle, {REPEATS} "
        "repeats; the difference of two fixed layers. How often 95 % intervals hold the mean over "
        "data sets; last without the factor sqrt(m/(n - m)).\n\n"
    )
    last = (
        "\n\nHalf of the points see another scale than all of them, which no factor mends: take a "
        "share of 0.8."
    )
    return text + grid((*heads, "without the factor"), rows) + last
