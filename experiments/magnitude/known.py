"""Paths whose dimension is known, and how estimates of it are off."""

from __future__ import annotations

from math import log2

import pandas as pd
from scipy import stats

from experiments.harness import Finding, Interval, in_words, mean_interval
from experiments.harness.intervals import LEVEL
from experiments.magnitude.along import PAPER
from experiments.magnitude.runs import paths

OF_PAPER = 1000  # points
PLACE = "experiments on Lévy processes"
OTHER_ESTIMATOR = (
    "The paper's figure shows its own about 0.3 too low, over a straight part chosen by hand: "
    "another estimator, so no verdict."
)


def findings_on_known(table: pd.DataFrame) -> list[Finding]:
    """Say how estimates of the dimension of Lévy processes are off."""
    found = paths(table)
    of_paper = found[found["n"] == OF_PAPER]
    error = found["magnitude dimension"] - found["alpha"]
    at_paper = error[of_paper.index]
    by_alpha = at_paper.groupby(of_paper["alpha"]).mean()
    listed = ", ".join(f"{alpha:g}: {value:+.2f}" for alpha, value in by_alpha.items())
    on_paths = f"{len(of_paper)} paths of {OF_PAPER} points in ten dimensions."
    return [
        Finding(
            PAPER,
            PLACE,
            "The magnitude dimension of an α-stable Lévy process follows α.",
            in_words(slope(of_paper["alpha"], of_paper["magnitude dimension"]), "for each 1 of α"),
            f"Least-squares line over {on_paths}",
        ),
        Finding(
            PAPER,
            PLACE,
            "It is estimated somewhat too low.",
            in_words(mean_interval(at_paper), "against α"),
            f"Mean over {on_paths} By α: {listed}. {OTHER_ESTIMATOR}",
        ),
        Finding(
            PAPER,
            PLACE,
            "With more points it comes nearer.",
            in_words(slope(found["n"].map(doublings), error), "for each doubling"),
            f"Least-squares line over {len(found)} paths.",
        ),
        Finding(
            "Birdal et al. 2021",
            PLACE,
            "The PH dimension of a Lévy process is α.",
            in_words(mean_interval(of_paper["PH dimension"] - of_paper["alpha"]), "against α"),
            f"Mean over {on_paths}",
        ),
    ]


def doublings(n: float) -> float:
    """How many times n is twice the paper's number."""
    return log2(n / OF_PAPER)


def slope(x: pd.Series, y: pd.Series) -> Interval:
    """Slope of a least-squares line with its interval."""
    line = stats.linregress(x, y)
    half = float(stats.t.ppf((1 + LEVEL) / 2, len(x) - 2) * line.stderr)
    value = float(line.slope)
    return Interval(value, value - half, value + half, len(x), "least squares, Student's t")
