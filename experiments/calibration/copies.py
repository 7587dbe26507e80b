"""One network among copies of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.calibration.data import LAYERS, correlated, numbers
from experiments.calibration.rates import COVERAGE, LEVEL, grid, rate, rates, verdict
from experiments.harness.jobs import Job, Row
from topolens.statistics import copy_contrast

TITLE = "One network among its untrained copies"
VERSION = 1
TABLES = {"small": 400, "full": 4000}
COPIES = (9, 19, 39)
KINDS = ("gauss", "counts")
ALPHA = 0.05


def jobs(size: str) -> list[Job]:
    """Return a job for each kind of data and number of copies."""
    return [
        Job(simulate, {"kind": kind, "copies": n, "tables": TABLES[size]}, cost=TABLES[size] * 2e-3)
        for kind in KINDS
        for n in COPIES
    ]


def simulate(kind: str, copies: int, tables: int) -> list[Row]:
    """Draw copies, one of which is the network; then shift it in one layer of five."""
    rng = np.random.default_rng([copies, len(kind), 2])
    counted: dict[str, list[float]] = {}
    none = np.zeros(LAYERS, bool)
    for _ in range(tables):
        drawn = numbers(kind, correlated(rng, copies + 1, LAYERS), none)
        found = copy_contrast(drawn[0], drawn[1:])
        row = {
            "largest": found.p_family[0] <= ALPHA + 1e-12,
            "square": found.p_mean_square[0] <= ALPHA + 1e-12,
            "covered": ((found.low <= 0) & (found.high >= 0))[0] if copies > 9 else True,
        }
        sd = numbers(kind, correlated(rng, 200, LAYERS), none)[:, 0].std()
        for size in (2, 3):
            one, everywhere = drawn[0].copy(), drawn[0] + size * sd
            one[0] += size * sd
            for name, value in (("one", one), ("all", everywhere)):
                found = copy_contrast(value, drawn[1:])
                row[f"largest_{name}_{size}"] = found.p_family[0] <= ALPHA + 1e-12
                row[f"square_{name}_{size}"] = found.p_mean_square[0] <= ALPHA + 1e-12
        for name, value in row.items():
            counted.setdefault(name, []).append(value)
    return [rates(**counted)]


def report(table: pd.DataFrame) -> str:
    """Say how often ranks reject, for both ways to look at all layers."""
    rows = []
    for row in table.itertuples():
        cells = []
        for name in ("square", "largest"):
            level = rate(row, name)
            powers = [
                f"{100 * rate(row, f'{name}_{where}_{size}').share:.0f}"
                for where in ("one", "all")
                for size in (2, 3)
            ]
            cells += [f"{level} {verdict(level, LEVEL)}", ", ".join(powers)]
        covered = rate(row, "covered")
        said = f"{covered} {verdict(covered, COVERAGE)}" if row.copies > 9 else "infinite"
        rows.append([row.kind, row.copies, *cells, said])
    heads = ("data", "copies", "mean z²: level", "power", "largest z: level", "power")
    text = (
        f"{table['tables'].iloc[0]} tables of {LAYERS} layers. Power: the network is shifted by 2, "
        "3 standard deviations of the copies in one layer; by 2, 3 in all. The interval is that "
        "of the first layer.\n\n"
    )
    return text + grid((*heads, "interval covers"), rows)
