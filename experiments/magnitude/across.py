"""Claims about many networks at the end of training, which the paper does not compare."""

from __future__ import annotations

import pandas as pd

import topolens as tl
from experiments.harness import OURS, Claim, Interval, above, at_least, below
from experiments.magnitude.along import NAMES, PAPER
from experiments.magnitude.runs import HYPERPARAMETERS, ends
from experiments.magnitude.walks import WINDOWS

ACCURACY, GAP = "test accuracy", "gap"
HOW = "bootstrap over networks (percentiles)"
DIMENSION = "magnitude dimension"
LOWER_IS_BETTER = ["|1.36 W|", "dimension at the paper's scales", DIMENSION]
TAU, PSI = "Kendall's τ", "granulated τ (Ψ)"
NOTHING_ELSE = "Mean of Kendall's τ within groups of networks that differ in one of rate, width and"


def claims_across(table: pd.DataFrame) -> list[Claim]:
    """Ask whether measures predict accuracy and gap, beyond what costs nothing."""
    found = ends(table)
    return [
        *with_accuracy(found),
        *with_gap(found),
        *beyond_baselines(found),
        *of_follow_up(found),
        *shorter_windows(table),
    ]


def granulated(found: pd.DataFrame, measure: str, target: str) -> tl.statistics.GranulatedKendall:
    """Correlate, one hyper-parameter at a time."""
    return tl.statistics.granulated_kendall(found, measure, target, HYPERPARAMETERS, rng=0)


def with_accuracy(found: pd.DataFrame) -> list[Claim]:
    """Ask for the plain and the granulated correlation with test accuracy."""
    claims = []
    for measure in LOWER_IS_BETTER:
        of = granulated(found, measure, ACCURACY)
        claims += [
            Claim(
                PAPER,
                "",
                f"{NAMES[measure]} is low where test accuracy is high (all networks).",
                below(0),
                Interval(of.tau, *of.tau_interval, of.n_runs, HOW),
                TAU,
                "Over all networks at the end of training.",
            ),
            Claim(
                PAPER,
                "",
                f"{NAMES[measure]} is low where test accuracy is high (one hyper-parameter at a "
                "time).",
                below(0),
                Interval(of.Psi, *of.Psi_interval, of.n_runs, HOW),
                PSI,
                f"{NOTHING_ELSE} depth alone.",
                remark=parts(of),
            ),
        ]
    return claims


def with_gap(found: pd.DataFrame) -> list[Claim]:
    """Ask for the granulated correlation with the generalisation gap."""
    return [
        Claim(
            PAPER,
            "",
            f"{NAMES[measure]} is low where the generalisation gap is small.",
            above(0),
            Interval(of.Psi, *of.Psi_interval, of.n_runs, HOW),
            PSI,
            f"{NOTHING_ELSE} depth alone.",
            remark=f"Over all networks τ is {of.tau:.2f}. {parts(of)}",
        )
        for measure in LOWER_IS_BETTER
        for of in [granulated(found, measure, GAP)]
    ]


def parts(of: tl.statistics.GranulatedKendall) -> str:
    """Say what Ψ is the mean of."""
    return "; ".join(f"{name}: {value:.2f}" for name, value in of.psi.items()).capitalize() + "."


def beyond_baselines(found: pd.DataFrame) -> list[Claim]:
    """Ask whether a measure is more than the size of the walk, the rate and the norm."""
    given = ["rate", "norm"]
    partial = [
        Claim(
            PAPER,
            "",
            f"{NAMES[measure]} is low where test accuracy is high, learning rate and norm of the "
            "weights being equal.",
            below(0),
            Interval(of.value, *of.interval, of.n_runs, HOW),
            "partial τ",
            "Partial Kendall correlation with test accuracy, given learning rate and norm.",
            remark=f"Without anything given: {of.plain:.2f}.",
        )
        for measure in LOWER_IS_BETTER
        for of in [tl.statistics.partial_correlation(found, measure, ACCURACY, given, rng=0)]
    ]
    return [*partial, as_the_diameter(found), *norm_does_better(found)]


def as_the_diameter(found: pd.DataFrame) -> Claim:
    """Ask whether magnitude at a fixed scale is more than how far the network moves."""
    columns = found[["|1.36 W|", "|30.51 W|"]]
    ranked = tl.statistics.rank_correlation(columns, found["diameter"], rng=0)
    return Claim(
        OURS,
        "",
        "Magnitude at t = 1.36 orders networks just as the diameter of the window does.",
        at_least(0.95),
        Interval(
            ranked.kendall["|1.36 W|"],
            *ranked.kendall_intervals["|1.36 W|"],
            ranked.n_models,
            HOW,
        ),
        TAU,
        "Between magnitude and the largest distance of two weight vectors of the window.",
        remark=(
            f"At t = 30.51 it is {ranked.kendall['|30.51 W|']:.2f}. So what holds of the one holds "
            "of the other, which needs no magnitude."
        ),
    )


def norm_does_better(found: pd.DataFrame) -> list[Claim]:
    """Ask whether the norm of the last weights ranks networks better."""
    everywhere = [norm_against(found, name, "all networks") for name in ("|1.36 W|", DIMENSION)]
    of_depth = [
        norm_against(rows, "|1.36 W|", f"{depth:g} layers")
        for depth, rows in found.groupby("depth")
    ]
    return [*everywhere, *of_depth]


def norm_against(found: pd.DataFrame, measure: str, which: str) -> Claim:
    """Compare the norm with one measure, signs taken so that higher is better."""
    ranked = tl.statistics.rank_correlation(
        {"norm": found["norm"]}, found[ACCURACY], baselines={"measure": -found[measure]}, rng=0
    )
    norm, other = ranked.kendall["norm"], ranked.kendall["measure"]
    gain = Interval(norm - other, *ranked.gains["norm", "measure"], ranked.n_models, HOW)
    return Claim(
        OURS,
        "",
        f"The norm of the weights ranks networks by accuracy better than does "
        f"{in_a_sentence(NAMES[measure])} ({which}).",
        above(0),
        gain,
        "difference of Kendall's τ",
        "τ of the norm less that of the measure, signs taken so that higher is better.",
        remark=f"{norm:.2f} against {other:.2f}.",
    )


def in_a_sentence(name: str) -> str:
    """Begin a name with a small letter."""
    return name[0].lower() + name[1:]


def of_follow_up(found: pd.DataFrame) -> list[Claim]:
    """Ask about the two quantities that were proposed a year later."""
    names = {
        "positive magnitude": "Positive magnitude at the root of n",
        "sum of lifetimes": "The sum of lifetimes in degree 0",
    }
    claims = []
    for measure, name in names.items():
        of = granulated(found, measure, GAP)
        left = tl.statistics.partial_correlation(found, measure, GAP, "diameter", rng=0)
        claims += [
            Claim(
                OURS,
                "",
                f"{name} is low where the generalisation gap is small.",
                above(0),
                Interval(of.Psi, *of.Psi_interval, of.n_runs, HOW),
                PSI,
                f"{NOTHING_ELSE} depth alone.",
                remark=parts(of),
            ),
            Claim(
                OURS,
                "",
                f"{name} says more about the gap than the diameter of the window.",
                above(0),
                Interval(left.value, *left.interval, left.n_runs, HOW),
                "partial τ",
                "Partial Kendall correlation with the gap, given the diameter.",
                remark=f"Without the diameter: {left.plain:.2f}.",
            ),
        ]
    return claims


def shorter_windows(table: pd.DataFrame) -> list[Claim]:
    """Ask whether a quarter of the window orders the networks alike."""
    short, long = (ends(table, window) for window in (WINDOWS[0], WINDOWS[-1]))
    claims = []
    for measure in ("|1.36 W|", DIMENSION, "PH dimension"):
        ranked = tl.statistics.rank_correlation({"short": short[measure]}, long[measure], rng=0)
        claims.append(
            Claim(
                OURS,
                "",
                f"{NAMES[measure]} orders networks alike over {WINDOWS[0]} and {WINDOWS[-1]} "
                "iterations.",
                at_least(0.8),
                Interval(
                    ranked.kendall["short"],
                    *ranked.kendall_intervals["short"],
                    ranked.n_models,
                    HOW,
                ),
                TAU,
                "Between the last window of each network and the last quarter of it.",
            )
        )
    return claims
