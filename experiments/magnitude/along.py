"""Claims about one network along its training, as the paper's figures show it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.harness import OURS, Claim, Interval, at_least, below, between, mean_interval
from experiments.magnitude.runs import FITTED, SETTINGS, along, stops

PAPER = "Andreeva et al. 2023"
NAMES = {
    "|1.36 W|": "Magnitude at t = 1.36",
    "|30.51 W|": "Magnitude at t = 30.51",
    "dimension at the paper's scales": "The slope between the paper's scales",
    "magnitude dimension": "The magnitude dimension",
    "PH dimension": "The PH dimension",
}
RESAMPLES = 2000


def claims_along(table: pd.DataFrame) -> list[Claim]:
    """Ask whether measures fall as accuracy rises, and whether the two dimensions agree."""
    found = stops(table)
    with_iteration = along(found, "iteration").mean()
    falls = [
        Claim(
            PAPER,
            "",
            f"{name} falls along training as test accuracy rises.",
            below(0),
            mean_interval(along(found, measure)),
            "Kendall's τ",
            "τ of measure and accuracy over the windows of one network; mean over networks.",
            remark=(
                f"With the number of the iteration accuracy has {with_iteration:.2f}, the measure "
                f"{along(found, measure, 'iteration').mean():.2f}."
            ),
        )
        for measure, name in NAMES.items()
    ]
    settled = found[found["training accuracy"] >= FITTED]
    settled = settled[settled["iteration"] == settled["iteration"].max()]
    return [
        *falls,
        accuracy_stands_still(found),
        dimensions_agree(found, "all windows of all networks"),
        dimensions_agree(settled, "the last windows of networks that have learned"),
    ]


def accuracy_stands_still(found: pd.DataFrame) -> Claim:
    """Ask what accuracy does while the magnitude of networks that have learned goes on falling."""
    before, last = last_two(found)
    change = last["test accuracy"] - before["test accuracy"]
    factor = np.exp(np.log(last["|30.51 W|"] / before["|30.51 W|"]).mean())
    return Claim(
        OURS,
        "",
        "Networks that have learned their training images get no better while magnitude falls.",
        between(-0.001, 0.001),
        mean_interval(change / 100),
        "of the test images",
        "Change of test accuracy between the last two windows, of networks that had learned their "
        "training images in the last but one; mean over networks.",
        remark=f"In the same time |30.51 W| falls to {100 * factor:.0f} % on average.",
    )


def last_two(found: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the last two stops of each network that had learned by the last but one."""
    by_network = found.sort_values("iteration").groupby(SETTINGS)
    before, last = (by_network.nth(k).set_index(SETTINGS) for k in (-2, -1))
    learned = before["training accuracy"] >= FITTED
    return before[learned], last.reindex(before.index)[learned]


def dimensions_agree(found: pd.DataFrame, which: str) -> Claim:
    """Ask how the two dimensions correlate; windows of one network are drawn together."""
    groups = [
        rows[["magnitude dimension", "PH dimension"]].to_numpy()
        for _, rows in found.groupby(SETTINGS)
    ]
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(groups), size=(RESAMPLES, len(groups)))
    values = [correlation(np.concatenate([groups[k] for k in chosen])) for chosen in drawn]
    low, high = np.quantile(values, [0.025, 0.975])
    how = "bootstrap over networks (percentiles)"
    return Claim(
        PAPER,
        "",
        f"Magnitude dimension and PH dimension go together, correlation .96 ({which}).",
        at_least(0.9),
        Interval(correlation(np.concatenate(groups)), low, high, len(groups), how),
        "Pearson's correlation",
        f"Over {len(found)} windows: {which}.",
    )


def correlation(pairs: np.ndarray) -> float:
    """Pearson's correlation of two columns."""
    return float(np.corrcoef(pairs.T)[0, 1])
