"""Claims about one network along its training, as the paper's figures show it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.harness import (
    OURS,
    Claim,
    Interval,
    at_least,
    below,
    in_words,
    mean_interval,
)
from experiments.magnitude.intervals import begun
from experiments.magnitude.measures import BELOW, SCALES
from experiments.magnitude.runs import (
    ACCURACY,
    NETWORK,
    along,
    correlations,
    kinds,
    mean_correlation,
    over_networks,
    windows,
)

PAPER = "Andreeva et al. 2023"
TAU = "Kendall's τ"
SMALL_SCALES, STRAIGHTEST = "slope below them", "magnitude dimension"
SLOPES = {
    SMALL_SCALES: f"slope from t = {BELOW[0]:g} to {BELOW[1]:g}",
    STRAIGHTEST: "slope where the curve is straightest",
}
LARGEST = f"|{SCALES[-1]:g} W|"
WINDOWS_OF_PAPER = 6
THEIRS = {
    "|1.36 W|": dict.fromkeys(("fcn-5", "fcn-7", "AlexNet"), "about 10 → 2.3, read off a figure"),
    SMALL_SCALES: {
        "fcn-5": "2.25 → 0.8 over a straight part chosen by hand",
        "fcn-7": "10.7 → 0.6 over a straight part chosen by hand",
        "AlexNet": "15 → 1.5 over a straight part chosen by hand",
    },
}
BY_HAND = (
    "The paper chooses the interval by hand and does not print it. This one is ours; our questions "
    "ask for others."
)
IMPLIED = "The paper says so of the magnitude dimension, and that the two go together."
EACH = "of one network, mean over networks."


def claims_along(table: pd.DataFrame) -> list[Claim]:
    """Ask whether measures fall as accuracy rises, and whether the two dimensions agree."""
    claims = []
    for kind, found in kinds(windows(table)):
        dimension = f"magnitude dimension ({SLOPES[SMALL_SCALES]})"
        claims += [
            falls(found, kind, "|1.36 W|", "effective number of models at t = 1.36"),
            falls(found, kind, SMALL_SCALES, dimension, BY_HAND),
            falls(found, kind, "PH dimension", "PH dimension", IMPLIED),
            agree(found, kind),
        ]
    return claims


def questions_along(table: pd.DataFrame) -> list[Claim]:
    """Ask what the paper leaves open: other scales, networks together, networks of one age."""
    claims = []
    for kind, found in kinds(windows(table)):
        claims += [
            too(found, kind, LARGEST, LARGEST),
            too(found, kind, STRAIGHTEST, f"the {SLOPES[STRAIGHTEST]}"),
            agree_too(found, kind),
            *(at_one_age(found, kind, measure) for measure in ("|1.36 W|", "PH dimension")),
            ruler(found, kind),
        ]
    return [*claims, *(agree_across(windows(table), name) for name in SLOPES)]


def place(found: pd.DataFrame) -> str:
    """Say which of the paper's experiments has such networks."""
    return "experiments on " + ("CIFAR-10" if "AlexNet" in set(found["network"]) else "MNIST")


def course(found: pd.DataFrame, measure: str) -> str:
    """Write the mean over networks in the first and in the last window."""
    means = found.groupby("iteration")[measure].mean()
    return f"{means.iloc[0]:.3g} → {means.iloc[-1]:.3g}"


def falls(found: pd.DataFrame, kind: str, measure: str, name: str, remark: str = "") -> Claim:
    """Ask whether a measure goes down while accuracy goes up."""
    with_time = [along(found, of, "iteration").mean() for of in (ACCURACY, measure)]
    return Claim(
        PAPER,
        place(found),
        f"{kind}: the {name} falls as test accuracy rises.",
        below(0),
        mean_interval(along(found, measure)),
        TAU,
        f"τ of measure and accuracy over the windows {EACH}",
        theirs=THEIRS.get(measure, {}).get(kind.partition(" ")[0], ""),
        remark=f"{course(found, measure)} while accuracy goes {course(found, ACCURACY)} %. τ with "
        f"the iteration: accuracy {with_time[0]:.2f}, measure {with_time[1]:.2f}. {remark}".strip(),
    )


def too(found: pd.DataFrame, kind: str, measure: str, name: str) -> Claim:
    """Ask whether what is said of one scale or interval is true of another."""
    return Claim(
        OURS,
        "",
        f"{kind}: {name} falls too as test accuracy rises.",
        below(0),
        mean_interval(along(found, measure)),
        TAU,
        f"τ of measure and accuracy over the windows {EACH}",
        remark=f"{course(found, measure)} from the first to the last window.",
    )


def agree(found: pd.DataFrame, kind: str) -> Claim:
    """Ask how the two dimensions correlate within one network that has begun to learn."""
    six, later, all_of_them = agreement(found, SMALL_SCALES)
    return Claim(
        PAPER,
        place(found),
        f"{kind}: magnitude dimension ({SLOPES[SMALL_SCALES]}) and PH dimension of one network go "
        "together.",
        at_least(0.9),
        six,
        "Pearson's correlation",
        f"Over {WINDOWS_OF_PAPER} windows that do not begin at random weights, {EACH}",
        theirs=".96, one network, six windows",
        remark=f"Over all such windows {in_words(later, '')}; with the one that begins at random "
        f"weights {in_words(all_of_them, '')}. {BY_HAND}",
    )


def agree_too(found: pd.DataFrame, kind: str) -> Claim:
    """Ask the same of another interval of scales."""
    six, later, all_of_them = agreement(found, STRAIGHTEST)
    return Claim(
        OURS,
        "",
        f"{kind}: the {SLOPES[STRAIGHTEST]} and the PH dimension of one network go together too.",
        at_least(0.9),
        six,
        "Pearson's correlation",
        f"Over {WINDOWS_OF_PAPER} windows that do not begin at random weights, {EACH}",
        remark=f"Over all such windows {in_words(later, '')}; with the one that begins at random "
        f"weights {in_words(all_of_them, '')}.",
    )


def agreement(found: pd.DataFrame, measure: str) -> list[Interval]:
    """Correlate with the PH dimension over six windows, over all of them, and with the first."""
    of_begun = begun(found)
    six = of_begun[of_begun.groupby(NETWORK).cumcount() < WINDOWS_OF_PAPER]
    return [
        mean_correlation(correlations(of, measure, "PH dimension")) for of in (six, of_begun, found)
    ]


def agree_across(found: pd.DataFrame, measure: str) -> Claim:
    """Ask how the two dimensions correlate over the windows of all networks together."""
    later, all_of_them = (
        over_networks(of, [measure, "PH dimension"], pooled_correlation)
        for of in (begun(found), found)
    )
    return Claim(
        OURS,
        "",
        f"Magnitude dimension ({SLOPES[measure]}) and PH dimension go together in the windows of "
        "all networks.",
        at_least(0.9),
        later,
        "Pearson's correlation",
        f"Over {len(begun(found))} windows together that do not begin at random weights.",
        remark=f"Over all {len(found)}: {in_words(all_of_them, '')}.",
    )


def pooled_correlation(groups: list[np.ndarray]) -> float:
    """Pearson's correlation over the rows of all groups."""
    return float(np.corrcoef(np.concatenate(groups).T)[0, 1])


def at_one_age(found: pd.DataFrame, kind: str, measure: str) -> Claim:
    """Ask whether a measure orders networks that have been trained equally long."""
    interval = over_networks(found.sort_values("iteration"), [measure, ACCURACY], among_others)
    return Claim(
        OURS,
        "",
        f"{kind}: of networks of one age those with a lower {measure} are better.",
        below(0),
        interval,
        TAU,
        "τ of measure and test accuracy over the networks at one iteration, mean over iterations.",
        remark="Where age alone moves both, this is 0.",
    )


def among_others(groups: list[np.ndarray]) -> float:
    """Mean over iterations of τ over networks; one that was drawn twice is no pair."""
    x, y = (np.stack(groups, axis=2)[:, k] for k in (0, 1))
    first, second = (np.sign(of[:, :, None] - of[:, None]) for of in (x, y))
    pairs = np.count_nonzero(first)
    return float((first * second).sum() / pairs) if pairs else np.nan


def ruler(found: pd.DataFrame, kind: str) -> Claim:
    """Ask whether magnitude at a fixed scale is more than how far the network moves."""
    at_large = along(found, LARGEST, "diameter").mean()
    return Claim(
        OURS,
        "",
        f"{kind}: |1.36 W| orders the windows just as their diameter does.",
        at_least(0.9),
        mean_interval(along(found, "|1.36 W|", "diameter")),
        TAU,
        "τ of magnitude and the largest distance of two weight vectors, mean over networks.",
        remark=f"{LARGEST}: {at_large:.2f}.",
    )
