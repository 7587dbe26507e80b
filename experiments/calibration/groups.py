"""Two kinds of networks, of equal and unequal spread."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.calibration.data import LAYERS, correlated
from experiments.calibration.rates import COVERAGE, LEVEL, grid, rate, rates, verdict
from experiments.harness.jobs import Job, Row
from topolens.statistics import group_contrast

TITLE = "Two kinds of networks"
VERSION = 1
TABLES = {"small": 100, "full": 4000}
DESIGNS = (
    *((n, n, 1.0) for n in (3, 4, 5, 8)),
    *((n, n, 3.0) for n in (4, 5, 8)),
    *((5, 10, spread) for spread in (1.0, 3.0)),
)
ALPHA = 0.05
RESAMPLES = 999


def jobs(size: str) -> list[Job]:
    """Return a job for each pair of sizes and spread of the first kind."""
    return [
        Job(
            simulate,
            {"first": n, "second": m, "spread": spread, "tables": TABLES[size]},
            cost=TABLES[size] * 0.005,
        )
        for n, m, spread in DESIGNS
    ]


def simulate(first: int, second: int, spread: float, tables: int) -> list[Row]:
    """Draw both kinds alike, but for their spread; then shift the first by 1.5."""
    rng = np.random.default_rng([first, second, int(spread)])
    counted: dict[str, list[float]] = {}
    for _ in range(tables):
        one, other = correlated(rng, first, LAYERS) * spread, correlated(rng, second, LAYERS)
        found = group_contrast(one, other, rng=rng, n_resamples=RESAMPLES)
        shifted = group_contrast(one + 1.5, other, rng=rng, n_resamples=RESAMPLES)
        row = {
            "row": found.p[0] <= ALPHA,
            "largest": found.p_family[0] <= ALPHA,
            "power": shifted.p_family[0] <= ALPHA,
            "covered": found.low[0] <= 0 <= found.high[0],
        }
        for name, value in row.items():
            counted.setdefault(name, []).append(value)
    return [rates(**counted)]


def report(table: pd.DataFrame) -> str:
    """Say how often permutations reject, alike and not."""
    rows = []
    for row in table.itertuples():
        alike = row.spread == 1
        levels = [rate(row, name) for name in ("row", "largest")]
        said = [f"{x} {verdict(x, LEVEL)}" if alike else str(x) for x in levels]
        covered = rate(row, "covered")
        rows.append(
            [
                f"{row.first} against {row.second}",
                "alike" if alike else f"first {row.spread:g} times as wide",
                *said,
                rate(row, "power") if alike else "",
                f"{covered} {verdict(covered, COVERAGE)}",
            ]
        )
    heads = ("networks", "spread", "one row: level", "largest t over 5 layers: level", "power")
    text = (
        f"{table['tables'].iloc[0]} tables of {LAYERS} layers. Power: shifted by 1.5 standard "
        "deviations in all layers. Groups of unequal spread are not alike; what their rows show is "
        "how far permutations of Welch's t can be taken as a test of means.\n\n"
    )
    return text + grid((*heads, "Welch's interval covers"), rows)
