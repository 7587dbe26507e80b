"""From points to answers: effects that were planted are found, and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd

import topolens as tl
from experiments.calibration.rates import LEVEL, grid, rate, rates, verdict
from experiments.harness.jobs import Job, Row
from experiments.harness.wanted import above
from topolens.layers import contrast

TITLE = "From points to answers"
VERSION = 1
TABLES = {"small": 16, "full": 400}
TABLES_A_JOB = 8
NETWORKS = 10
POINTS = 60
LAYERS = ("input", "first", "second", "output")
MEASURES = [tl.HopBetti(k=8), tl.Rips()]
ALPHA = 0.05
PLANTED = {"pieces": ("betti", 0, "0"), "loop": ("longest", 1, "1")}  # measure, degree, class


class Layers(dict):
    """Layers of a network that can be drawn untrained."""

    def __init__(self, X: np.ndarray, rng: np.random.Generator, *, trained: bool) -> None:
        super().__init__(_layers(X, rng, trained=trained))
        self.X = X

    def untrained(self, rng: np.random.Generator) -> Layers:
        """Draw the weights anew."""
        return Layers(self.X, rng, trained=False)


def points() -> tuple[np.ndarray, np.ndarray]:
    """Return two clusters, class 0, and a noisy circle, class 1: the samples of all networks."""
    rng = np.random.default_rng(0)
    clusters = rng.normal(size=(POINTS, 2)) * 0.3 + np.repeat([[-1.5, 0.0], [1.5, 0.0]], 30, axis=0)
    circle = tl.datasets.circle(POINTS, noise=0.1, rng=rng)
    return np.vstack([clusters, circle]), np.repeat([0, 1], POINTS)


def _layers(X: np.ndarray, rng: np.random.Generator, *, trained: bool) -> dict[str, np.ndarray]:
    """Three random layers; training joins the clusters and closes the loop in the second."""
    shown = X.copy()
    found = {"input": X}
    for layer in LAYERS[1:]:
        if trained and layer == "second":
            shown[:POINTS] = 0.3 * rng.normal(size=(POINTS, 2))
            shown[POINTS:] *= np.sqrt(rng.random((POINTS, 1)))
        weights = rng.normal(size=(2, 16))
        found[layer] = np.tanh(shown @ weights / 2) + 0.05 * rng.normal(size=(len(X), 16))
    return found


def jobs(size: str) -> list[Job]:
    """Return jobs of a few tables each, with and without an effect."""
    return [
        Job(simulate, {"effect": effect, "first": first, "tables": TABLES_A_JOB}, cost=3.0)
        for effect in (False, True)
        for first in range(0, TABLES[size], TABLES_A_JOB)
    ]


def simulate(effect: bool, first: int, tables: int) -> list[Row]:
    """Analyse ten networks with an untrained copy each, again and again."""
    return [_one(effect, table) for table in range(first, first + tables)]


def _one(effect: bool, table: int) -> Row:
    X, labels = points()
    found = {}
    for network in range(NETWORKS):
        seed = [table, network, int(effect)]
        layers = Layers(X, np.random.default_rng([*seed, 7]), trained=effect)
        rng = np.random.default_rng(seed)
        found[network] = tl.analyse(
            layers, MEASURES, labels=labels, control="untrained", rng=rng, n_threads=1
        )
    pooled = tl.pool(found)
    answers, rows = contrast(pooled).overall, contrast(pooled, over="rows")
    row: Row = {"table": table}
    for name, (measure, degree, of_class) in PLANTED.items():
        asked = answers.select(measure=measure, degree=degree, class_=of_class)
        row[name] = bool(asked["p"][0] <= ALPHA)
    row["any_row"] = bool((rows["p_adjusted"] <= ALPHA).any())
    row["any_answer"] = bool((rows.overall["p_adjusted"] <= ALPHA).any())
    return row


def report(table: pd.DataFrame) -> str:
    """Say how often planted effects are found, and anything where none is."""
    with_effect, without = table[table["effect"]], table[~table["effect"]]
    rows = []
    for what, of_tables, name, wanted in (
        ("two clusters join in a layer: found", with_effect, "pieces", above(0.9)),
        ("a loop is closed in a layer: found", with_effect, "loop", above(0.9)),
        ("nothing happens: pieces of class 0 called", without, "pieces", LEVEL),
        ("nothing happens: loops of class 1 called", without, "loop", LEVEL),
        ("nothing happens: any row of the table called", without, "any_row", LEVEL),
        ("nothing happens: any answer over layers called", without, "any_answer", LEVEL),
    ):
        found = rate(next(pd.DataFrame([rates(it=of_tables[name])]).itertuples()), "it")
        rows.append([what, found, verdict(found, wanted)])
    text = (
        f"{len(without)} tables of {NETWORKS} networks, each with an untrained copy: two classes "
        f"of {POINTS} points, three layers, hops and bars, through `analyse`, `pool` and "
        '`contrast`. Rows and answers are called with `over="rows"`.\n\n'
    )
    return text + grid(("what", "rate", "verdict"), rows)
