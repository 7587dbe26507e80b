"""Claims about θ as a score that ranks networks by how well they are fine-tuned.

The networks are toys, since no package brings nine good ones: θ is compared with every other score
by itself, as the best of many is not known beforehand.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

import topolens as tl
from experiments.cubical.curves import TOY, toy_numbers
from experiments.cubical.decay import ABSTRACT, PAPER
from experiments.harness import OURS, Claim, Interval, above, at_most, bootstrap_interval

TARGET = "fine-tuned accuracy"
THETA = "−θ"
DECAY = ("−slope", "−log slope", "−last / first", "−area")
PUBLISHED = {
    "knn": "nearest neighbours",
    "hscore": "H-score",
    "logme": "LogME",
    "transrate": "TransRate",
    "gbc": "GBC",
    "parc": "PARC",
    "leep": "LEEP",
    "nce": "NCE",
}
FREE = {
    "source accuracy": "the accuracy on the source task",
    "parameters": "the number of parameters",
}
NINE = 9  # networks, as in the paper
RESAMPLES = 1000
BOOTSTRAP = "bootstrap over networks (percentiles)"


def scores(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each toy network; all scores so that higher is better."""
    found = toy_numbers(table)
    found[THETA] = -found["theta"]
    for name in DECAY:
        found[name] = -found[name.removeprefix("−")]
    return found


def ranking(found: pd.DataFrame) -> tl.statistics.RankCorrelation:
    """Correlate every score with the accuracy after fine-tuning."""
    return tl.statistics.rank_correlation(
        found[[THETA, *DECAY]],
        found[TARGET],
        baselines=found[[*PUBLISHED, *FREE]],
        rng=0,
        n_resamples=RESAMPLES,
    )


def claims_on_ranking(table: pd.DataFrame) -> list[Claim]:
    """Ask whether θ ranks, better than each of the others, and what nine networks can show."""
    found = scores(table)
    ranked = ranking(found)
    return [
        *of_theta(found, ranked),
        *(than_another(ranked, PAPER, name, what, len(found)) for name, what in PUBLISHED.items()),
        *(than_another(ranked, OURS, name, what, len(found)) for name, what in FREE.items()),
        Claim(
            OURS,
            "",
            "Nine networks fix Kendall's τ of θ to about a tenth (toy networks).",
            at_most(0.1),
            spread_of_nines(found),
            "standard deviation of τ",
            f"Spread of τ over disjoint groups of nine of the {len(found)} networks, drawn at "
            "random.",
            remark="With no relation at all it would be 0.27: a τ of nine networks needs 0.56 to "
            "be unlikely by chance (5 %, two-sided).",
        ),
    ]


def of_theta(found: pd.DataFrame, ranked: tl.statistics.RankCorrelation) -> list[Claim]:
    """Ask whether low θ goes with high accuracy, among all networks and among similar ones."""
    grouped = tl.statistics.granulated_kendall(found, THETA, TARGET, TOY[:-1], rng=0)
    statement = "Low θ goes with high accuracy after fine-tuning ({})."
    each = [
        Claim(
            OURS,
            "",
            statement.format(f"toy networks that differ in {name} alone"),
            above(0),
            Interval(grouped.psi[name], *grouped.psi_intervals[name], len(found), BOOTSTRAP),
            "Kendall's τ",
            f"Of −θ and accuracy, within {grouped.n_groups[name]} groups of networks that differ "
            f"in {name} and seed alone.",
        )
        for name in grouped.psi
    ]
    return [
        Claim(
            PAPER,
            ABSTRACT,
            statement.format("toy networks of several widths, depths and lengths of training"),
            above(0),
            Interval(
                ranked.kendall[THETA], *ranked.kendall_intervals[THETA], len(found), BOOTSTRAP
            ),
            "Kendall's τ",
            "Of −θ and the accuracy on digits 5 to 9 of networks that were trained on 0 to 4.",
            bound="the paper's",
            theirs=".78 for nine networks on CIFAR-10 (stored numbers)",
        ),
        *each,
    ]


def than_another(
    ranked: tl.statistics.RankCorrelation, paper: str, name: str, what: str, n: int
) -> Claim:
    """Ask whether θ ranks better than one other score, on the same resamples."""
    gain = ranked.kendall[THETA] - ranked.kendall[name]
    return Claim(
        paper,
        ABSTRACT if paper == PAPER else "",
        f"θ has “a better correlation” to the accuracy than {what} (toy networks).",
        above(0),
        Interval(gain, *ranked.gains[THETA, name], n, BOOTSTRAP),
        "difference of Kendall's τ",
        f"τ of −θ less that of {what}, on the same resamples.",
        bound="the paper's" if paper == PAPER else "ours",
        remark=f"{ranked.kendall[THETA]:.2f} against {ranked.kendall[name]:.2f}.",
    )


def nines(found: pd.DataFrame) -> list[float]:
    """Return τ of θ in disjoint random groups of nine networks."""
    order = np.random.default_rng(0).permutation(len(found))
    groups = order[: len(found) // NINE * NINE].reshape(-1, NINE)
    return [found.iloc[group][[THETA, TARGET]].corr("kendall").iloc[0, 1] for group in groups]


def spread_of_nines(found: pd.DataFrame) -> Interval:
    """Bootstrap the standard deviation of τ among groups of nine."""
    return bootstrap_interval(nines(found), lambda taus: np.std(taus, ddof=1))
