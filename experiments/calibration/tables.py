"""Whole tables: one false row anywhere, and the share of the true ones that is found."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from experiments.calibration.data import CLASSES, FAMILIES, LAYERS, NAMES, pair
from experiments.calibration.rates import LEVEL, grid, rate, rates, verdict
from experiments.harness.jobs import Job, Row
from topolens.statistics import paired_contrast

TITLE = "A table: 8 classes of 5 layers"
VERSION = 2
TABLES = {"small": 60, "full": 1500}
DESIGNS = (
    *(("gauss", n) for n in (6, 8, 10, 20)),
    *(("counts", n) for n in (10, 20)),
    *(("one", n) for n in (10, 20)),
)
ALPHA = 0.05
RESAMPLES = 999
TRUE_CLASSES = 2
METHODS = {
    "rows": "rows, Benjamini and Hochberg",
    "all_rows": "largest t over 40 rows",
    "classes": "largest t over layers, then classes",
    "one_class": "largest t over layers of one class",
}


def jobs(size: str) -> list[Job]:
    """Return a job for each kind of data and number of networks."""
    return [
        Job(simulate, {"kind": kind, "n": n, "tables": TABLES[size]}, cost=TABLES[size] * 0.03)
        for kind, n in DESIGNS
    ]


def simulate(kind: str, n: int, tables: int) -> list[Row]:
    """Draw tables without any effect, and tables with one in two of the classes."""
    rng = np.random.default_rng([n, len(kind), 1])
    effect = np.array(FAMILIES) < TRUE_CLASSES
    counted: dict[str, list[float]] = {}
    for _ in range(tables):
        for name, calls in _calls(rng, kind, n, np.zeros_like(effect)).items():
            counted.setdefault(f"false_{name}", []).append(calls.any())
        for name, calls in _calls(rng, kind, n, effect).items():
            counted.setdefault(f"found_{name}", []).append(calls[: -(-len(calls) // 4)].mean())
    return [rates(**counted)]


def _calls(
    rng: np.random.Generator, kind: str, n: int, effect: np.ndarray
) -> dict[str, np.ndarray]:
    """Return what each method calls a difference; the first quarter are those with an effect."""
    trained, control = pair(rng, kind, n, effect)
    draws = {"rng": rng, "n_resamples": RESAMPLES}
    by_class = paired_contrast(trained, control, families=FAMILIES, **draws)
    together = paired_contrast(trained, control, **draws)
    return {
        "rows": stats.false_discovery_control(by_class.p) <= ALPHA,
        "all_rows": together.p_adjusted <= ALPHA,
        "classes": stats.false_discovery_control(by_class.p_family) <= ALPHA,
        "one_class": by_class.p_family[:1] <= ALPHA,
    }


def report(table: pd.DataFrame) -> str:
    """Say how often anything is called where nothing happens, and how much of the truth."""
    rows = []
    for row in table.itertuples():
        cells = []
        for name in METHODS:
            false = rate(row, f"false_{name}")
            said = f"{false}" + (f" {verdict(false, LEVEL)}" if row.kind != "one" else "")
            found = f" → {100 * rate(row, f'found_{name}').share:.0f}" if row.kind != "one" else ""
            cells.append(said + found)
        rows.append([NAMES[row.kind], row.n, *cells])
    text = (
        f"{table['tables'].iloc[0]} tables. Share of the tables in which anything is called a "
        f"difference although nothing happens → share of the rows (or classes) that are found "
        f"where {TRUE_CLASSES} of {CLASSES} classes have an effect in all {LAYERS} layers.\n\n"
    )
    last = (
        "\n\nFlips test whether trained networks and controls are alike. The last rows have equal "
        "means and are not alike, and may be called different more often."
    )
    return text + grid(("data", "networks", *METHODS.values()), rows) + last
