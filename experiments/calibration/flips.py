"""Row by row: sign flips and intervals by Student's t."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.calibration.data import CLASSES, LAYERS, NAMES, pair
from experiments.calibration.rates import COVERAGE, LEVEL, grid, rate, rates, verdict
from experiments.harness.jobs import Job, Row
from topolens.statistics import paired_contrast

TITLE = "One row: networks with a control each"
VERSION = 3
TABLES = {"small": 60, "full": 2000}
DESIGNS = (
    *(("gauss", n) for n in (5, 6, 8, 10, 20)),
    *(("counts", n) for n in (5, 8, 10, 20)),
    *((kind, 10) for kind in ("heavy", "rare", "one")),
    ("gauss, 19", 8),
    ("rare, 19", 10),
    ("shared", 8),
)
NO_NULLS = ("one", "shared")
ALPHA = 0.05
RESAMPLES = 999


def jobs(size: str) -> list[Job]:
    """Return a job for each kind of data and number of networks."""
    return [
        Job(simulate, {"kind": kind, "n": n, "tables": TABLES[size]}, cost=TABLES[size] * 0.01)
        for kind, n in DESIGNS
    ]


def simulate(kind: str, n: int, tables: int) -> list[Row]:
    """Draw tables of rows in which nothing happens, and some in which all rows have an effect."""
    rng = np.random.default_rng([n, len(kind)])
    nothing, all_rows = np.zeros(CLASSES * LAYERS, bool), np.ones(CLASSES * LAYERS, bool)
    counted: dict[str, list[float]] = {}
    for _ in range(tables):
        trained, control = pair(rng, kind, n, nothing)
        found = paired_contrast(trained, control, rng=rng, n_resamples=RESAMPLES)
        covered = (found.low <= 0) & (found.high >= 0)
        row = {"flips": found.p <= ALPHA, "covered": covered}
        row["bootstrap"] = _bootstrap(
            trained - control.reshape(-1, *trained.shape).mean(axis=0), rng
        )
        trained, control = pair(rng, kind, n, all_rows)
        found = paired_contrast(trained, control, rng=rng, n_resamples=RESAMPLES)
        row["power"] = found.p <= ALPHA
        for name, values in row.items():
            counted.setdefault(name, []).append(float(np.mean(values)))
    return [rates(**counted)]


def _bootstrap(differences: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Whether the percentile interval over networks misses 0."""
    n = len(differences)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=400) / n
    low, high = np.quantile(weights @ differences, [ALPHA / 2, 1 - ALPHA / 2], axis=0)
    return (low > 0) | (high < 0)


def report(table: pd.DataFrame) -> str:
    """Say how often each rejects where nothing happens, and how often flips see what does."""
    rows = []
    for row in table.itertuples():
        alike = row.kind not in NO_NULLS
        flips, covered = rate(row, "flips"), rate(row, "covered")
        rows.append(
            [
                NAMES[row.kind],
                row.n,
                f"{flips}" + (f" {verdict(flips, LEVEL)}" if alike else ""),
                rate(row, "power") if alike else "",
                f"{covered} {verdict(covered, COVERAGE) if row.kind != 'shared' else ''}".rstrip(),
                rate(row, "bootstrap"),
            ]
        )
    heads = ("data", "networks", "sign flips: level", "power", "interval by t covers")
    text = (
        f"{table['tables'].iloc[0]} tables of {CLASSES * LAYERS} rows. Level: p ≤ 0.05 although "
        "nothing happens; power: with an effect of one standard deviation of the difference, or "
        "counts that rise. Beside it how often percentile intervals over "
        "resampled networks miss, which are not offered here for that reason.\n\n"
    )
    last = (
        "\n\nThe last rows are no nulls of sign flips. With a mean of 1 on both sides, trained "
        "networks are not like their controls; the interval is about the mean. And where all "
        "networks have one and the same control, what is odd about it stands in every difference: "
        "`pool` refuses such tables."
    )
    return text + grid((*heads, "bootstrap misses"), rows) + last
