"""Claims about θ as a score that ranks networks by how well they are fine-tuned."""

from __future__ import annotations

import numpy as np
import pandas as pd

import topolens as tl
from experiments.cubical.curves import FAMILY, family_numbers
from experiments.cubical.decay import PAPER
from experiments.harness import OURS, Claim, Interval, above, at_most, bootstrap_interval

TARGET = "fine-tuned accuracy"
THETA = "−θ"
DECAY = ("−slope", "−log slope", "−last / first", "−area")
PUBLISHED = ("knn", "hscore", "logme", "transrate", "gbc", "parc", "leep", "nce")
FREE = ("source accuracy", "parameters")
NINE = 9  # networks, as in the paper


def scores(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each network of the family; all scores so that higher is better."""
    found = family_numbers(table)
    found[THETA] = -found["theta"]
    for name in DECAY:
        found[name] = -found[name.removeprefix("−")]
    return found


def ranking(found: pd.DataFrame) -> tl.statistics.RankCorrelation:
    """Correlate every score with the accuracy after fine-tuning."""
    return tl.statistics.rank_correlation(
        found[[THETA, *DECAY]], found[TARGET], baselines=found[[*PUBLISHED, *FREE]], rng=0
    )


def claims_on_ranking(table: pd.DataFrame) -> list[Claim]:
    """Ask whether θ ranks, better than others, and what nine networks can show."""
    found = scores(table)
    ranked = ranking(found)
    grouped = tl.statistics.granulated_kendall(found, THETA, TARGET, FAMILY[:-1], rng=0)
    best = max(PUBLISHED, key=lambda name: ranked.kendall[name])
    n = len(found)
    n_groups = "within {} groups of networks that differ in {} alone"
    how = "bootstrap over networks (percentiles)"
    each = [
        Claim(
            PAPER,
            "",
            f"Low θ goes with high accuracy after fine-tuning (networks of different {name}).",
            above(0),
            Interval(grouped.psi[name], *grouped.psi_intervals[name], n, how),
            "Kendall's τ",
            f"Of −θ and accuracy, {n_groups.format(grouped.n_groups[name], name)}.",
        )
        for name in grouped.psi
    ]
    return [
        Claim(
            PAPER,
            "",
            "Low θ goes with high accuracy after fine-tuning (all networks trained here).",
            above(0),
            Interval(ranked.kendall[THETA], *ranked.kendall_intervals[THETA], n, how),
            "Kendall's τ",
            "Of −θ and the accuracy on digits 5 to 9 of networks that were trained on 0 to 4.",
            remark="The paper has .78 for nine networks, by the authors' numbers.",
        ),
        *each,
        Claim(
            PAPER,
            "",
            "θ ranks better than existing scores.",
            above(0),
            better(ranked, best, n, how),
            "difference of Kendall's τ",
            f"τ of −θ less that of the best published score here, {best}, on the same resamples.",
            remark=(
                f"{best} has {ranked.kendall[best]:.2f}; the interval does not know that it was "
                "chosen as the best."
            ),
        ),
        *[
            Claim(
                OURS,
                "",
                f"θ ranks better than {what}.",
                above(0),
                better(ranked, name, n, how),
                "difference of Kendall's τ",
                f"τ of −θ less that of {what}, on the same resamples.",
                remark=f"{what.capitalize()} has {ranked.kendall[name]:.2f}.",
            )
            for name, what in (
                ("source accuracy", "the accuracy on the source task"),
                ("parameters", "the number of parameters"),
            )
        ],
        Claim(
            OURS,
            "",
            "Nine networks fix Kendall's τ of θ to about a tenth.",
            at_most(0.1),
            spread_of_nines(found),
            "standard deviation of τ",
            f"Spread of τ over disjoint groups of nine of the {n} networks, drawn at random.",
            remark=(
                "With no relation at all it would be 0.27: a τ of nine networks needs 0.56 to be "
                "unlikely by chance (5 %, two-sided)."
            ),
        ),
    ]


def better(ranked: tl.statistics.RankCorrelation, other: str, n: int, how: str) -> Interval:
    """Return the gain of θ on another score."""
    gain = ranked.kendall[THETA] - ranked.kendall[other]
    return Interval(gain, *ranked.gains[THETA, other], n, how)


def nines(found: pd.DataFrame) -> list[float]:
    """Return τ of θ in disjoint random groups of nine networks."""
    order = np.random.default_rng(0).permutation(len(found))
    groups = order[: len(found) // NINE * NINE].reshape(-1, NINE)
    return [found.iloc[group][[THETA, TARGET]].corr("kendall").iloc[0, 1] for group in groups]


def spread_of_nines(found: pd.DataFrame) -> Interval:
    """Bootstrap the standard deviation of τ among groups of nine."""
    return bootstrap_interval(nines(found), lambda taus: np.std(taus, ddof=1))
