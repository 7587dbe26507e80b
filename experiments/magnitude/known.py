"""Claims about paths whose dimension is known."""

from __future__ import annotations

from math import log2

import pandas as pd
from scipy import stats

from experiments.harness import OURS, Claim, Interval, above, below, between, mean_interval
from experiments.harness.intervals import LEVEL
from experiments.magnitude.along import PAPER
from experiments.magnitude.runs import paths

OF_PAPER = 1000  # points
HOW = "least squares, Student's t"


def claims_on_known(table: pd.DataFrame) -> list[Claim]:
    """Ask how estimates of the dimension of Lévy processes are off."""
    found = paths(table)
    of_paper = found[found["n"] == OF_PAPER]
    error = found["magnitude dimension"] - found["alpha"]
    at_paper = error[of_paper.index]
    by_alpha = at_paper.groupby(of_paper["alpha"]).mean()
    return [
        Claim(
            PAPER,
            "",
            "The magnitude dimension of an α-stable Lévy process follows α.",
            between(0.75, 1.25),
            slope(of_paper["alpha"], of_paper["magnitude dimension"]),
            "per α",
            f"Slope of the estimate over α, paths of {OF_PAPER} points in ten dimensions.",
        ),
        Claim(
            PAPER,
            "",
            "The magnitude dimension of a Lévy process is estimated too low.",
            below(0),
            mean_interval(at_paper),
            "estimate less α",
            f"Mean over paths of {OF_PAPER} points.",
            remark="By α: "
            + ", ".join(f"{a:g}: {value:.2f}" for a, value in by_alpha.items())
            + ".",
        ),
        Claim(
            PAPER,
            "",
            "It is too low by about 0.3.",
            between(-0.4, -0.2),
            mean_interval(at_paper),
            "estimate less α",
            f"Mean over paths of {OF_PAPER} points.",
        ),
        Claim(
            OURS,
            "",
            "With more points the magnitude dimension comes nearer to α.",
            above(0),
            slope(found["n"].map(doublings), error),
            "for each doubling",
            "Slope of the error over the logarithm of the number of points.",
        ),
        Claim(
            OURS,
            "",
            "The PH dimension of a Lévy process is α, to 0.1 on average.",
            between(-0.1, 0.1),
            mean_interval(of_paper["PH dimension"] - of_paper["alpha"]),
            "estimate less α",
            f"Mean over paths of {OF_PAPER} points.",
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
    return Interval(value, value - half, value + half, len(x), HOW)
