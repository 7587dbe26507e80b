"""Claims about trainings that start from one trained network and differ in rate and batch."""

from __future__ import annotations

import pandas as pd

import topolens as tl
from experiments.harness import OURS, Claim, Finding, above, mean_interval
from experiments.magnitude.runs import restarts
from experiments.magnitude.walks import WINDOW

FOLLOW_UP = "Andreeva et al. 2024"
CRITICS = "Tan et al. 2024"
HYPERPARAMETERS = ["new rate", "batch"]
TARGET = "largest gap"
PSI = "granulated τ (Ψ)"
COMPLEXITIES = {
    "positive magnitude": "positive magnitude at the root of n",
    "sum of lifetimes": "the sum of lifetimes E_1",
}
GROUPS = "τ within groups that differ in rate or batch alone, mean; of one start; mean over starts."
FROM_HERE = (
    "Transformers and graph networks there, trained on by ADAM as well; small fully connected "
    "ones and plain SGD here."
)
FULL = 0.99  # of the points


def claims_across(table: pd.DataFrame) -> list[Claim | Finding]:
    """Ask whether complexities go with the gap, and whether simpler numbers do so better."""
    found = restarts(table)
    return [
        *(with_gap(found, measure) for measure in COMPLEXITIES),
        norm_against_dimension(found),
        *(beyond_diameter(found, measure) for measure in COMPLEXITIES),
        all_apart(found),
    ]


def granulated(found: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Correlate with the gap one hyper-parameter at a time; a row for each start."""
    rows = []
    for seed, of_start in found.groupby("seed"):
        of = tl.statistics.granulated_kendall(
            of_start, measure, TARGET, HYPERPARAMETERS, rng=0, n_resamples=100
        )
        rows.append({"seed": seed, "tau": of.tau, "Psi": of.Psi, **of.psi})
    return pd.DataFrame(rows).set_index("seed")


def with_gap(found: pd.DataFrame, measure: str) -> Claim:
    """Ask whether a complexity is low where the gap is small."""
    of = granulated(found, measure)
    parts = ", ".join(f"{name} {of[name].mean():.2f}" for name in HYPERPARAMETERS)
    return Claim(
        FOLLOW_UP,
        "experiments",
        f"The generalisation gap grows with {COMPLEXITIES[measure]} of the trajectory.",
        above(0),
        mean_interval(of["Psi"]),
        PSI,
        f"With the largest gap of a window: {GROUPS}",
        remark=f"By what differs: {parts}; all trainings of a start {of['tau'].mean():.2f}. "
        f"{FROM_HERE}",
    )


def norm_against_dimension(found: pd.DataFrame) -> Claim:
    """Ask whether the norm of the last weights goes with the gap more closely."""
    norm, other = (granulated(found, name)["Psi"] for name in ("norm", "PH dimension"))
    return Claim(
        CRITICS,
        "experiments",
        "The norm of the last weights goes with the gap more closely than does the PH dimension.",
        above(0),
        mean_interval(norm - other),
        f"difference of {PSI}",
        f"Ψ of the norm less that of the dimension: {GROUPS}",
        remark=f"{norm.mean():.2f} against {other.mean():.2f}. There every network begins at "
        "random weights; here those of one start have nearly one norm.",
    )


def beyond_diameter(found: pd.DataFrame, measure: str) -> Claim:
    """Ask whether a complexity says more than a ruler."""
    of, diameter = (granulated(found, name)["Psi"] for name in (measure, "diameter"))
    name = COMPLEXITIES[measure]
    return Claim(
        OURS,
        "",
        f"{name[0].upper() + name[1:]} goes with the gap more closely than does the diameter.",
        above(0),
        mean_interval(of - diameter),
        f"difference of {PSI}",
        f"Ψ of the complexity less that of the largest distance of two weight vectors: {GROUPS}",
        remark=f"{of.mean():.2f} against {diameter.mean():.2f}.",
    )


def all_apart(found: pd.DataFrame) -> Finding:
    """Say how often positive magnitude has nothing left to tell."""
    full = found["positive magnitude"] >= FULL * WINDOW
    by_rate = full.groupby(found["new rate"]).mean()
    listed = ", ".join(
        f"{100 * share:.0f} % of the windows at rate {rate:g}" for rate, share in by_rate.items()
    )
    return Finding(
        FOLLOW_UP,
        "experiments",
        "Positive magnitude is taken at the scale of the root of n.",
        f"It counts {100 * FULL:.0f} % of the points or more in {listed}.",
        "There all weight vectors are far apart in that unit, and it cannot order trainings.",
    )
