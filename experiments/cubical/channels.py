"""Our questions about the channels: how many there are, and their order, which means nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

import topolens as tl
from experiments.cubical.curves import (
    curve,
    half_curve,
    has_residuals,
    over_images,
    permuted_curves,
    residual_numbers,
    studies_in,
)
from experiments.cubical.decay import RESIDUALS
from experiments.cubical.invariance import HOW, SAME, SHIFT, largest_shift
from experiments.cubical.residual import N_ORDERS
from experiments.cubical.sizes import N_SEEDS, Study
from experiments.harness import OURS, Claim, Interval, at_most, below, mean_interval

Curves = dict[str, np.ndarray]
CHANGED = 0.05  # of Ω


def claims_on_channels(table: pd.DataFrame) -> list[Claim]:
    """Return the claims on networks that others have trained, then on residual networks."""
    studies = [study for study in studies_in(table) if study.channels]
    found = [claim for study in studies for claim in of_study(table, study)]
    return [*found, *([of_residuals(table)] if has_residuals(table) else [])]


def of_study(table: pd.DataFrame, study: Study) -> list[Claim]:
    """Ask about half of the channels, and about their order."""
    return [
        half_of_the_channels(table, study),
        order_of_the_channels(table, study),
        order_and_theta(table, study),
    ]


def half_of_the_channels(table: pd.DataFrame, study: Study) -> Claim:
    """Ask whether half of the channels give the same curve."""
    pairs = [
        (curve(table, study, name, statistics="running"), half_curve(table, study, name, seed))
        for name in study.networks
        for seed in range(N_SEEDS)
    ]
    return Claim(
        OURS,
        "",
        f"Half of the channels give the same curve ({study.name}).",
        at_most(SAME),
        largest_shift(pairs),
        SHIFT,
        f"{HOW}, with all channels and with a random half; largest of all networks and "
        f"{N_SEEDS} halves.",
    )


def in_any_order(table: pd.DataFrame, study: Study) -> tuple[Curves, Curves]:
    """Return Ω of each network with its channels in their order, and in random ones."""
    curves = {name: curve(table, study, name) for name in study.networks}
    orders = {
        name: permuted_curves(table, study, name, layout="volume_permuted")
        for name in study.networks
    }
    return curves, orders


def order_of_the_channels(table: pd.DataFrame, study: Study) -> Claim:
    """Ask how much Ω changes when channels are put into another order."""
    curves, orders = in_any_order(table, study)

    def change(images: np.ndarray) -> float:
        changes = [
            np.abs(
                orders[name][:, :, images].mean(axis=2) / curves[name][:, images].mean(axis=1) - 1
            ).mean()
            for name in study.networks
        ]
        return float(np.mean(changes))

    return order_claim(
        study.name,
        over_images(curves[study.networks[0]].shape[1], change),
        f"mean over networks, layers and {len(orders[study.networks[0]])} orders",
    )


def of_residuals(table: pd.DataFrame) -> Claim:
    """Ask the same of the residual networks."""
    return order_claim(
        RESIDUALS,
        mean_interval(residual_numbers(table)["change of order"]),
        f"mean over networks, layers and {N_ORDERS} orders",
    )


def order_claim(name: str, found: Interval, over: str) -> Claim:
    """Return the claim that the order of the channels does not matter."""
    return Claim(
        OURS,
        "",
        f"The order of the channels, which means nothing, does not matter ({name}).",
        below(CHANGED),
        found,
        "of Ω",
        f"Relative change of Ω under a random order of the channels, without its sign; {over}.",
        remark="It is 7 to 9 % in the volumes of which the authors have stored the Betti numbers.",
    )


def order_and_theta(table: pd.DataFrame, study: Study) -> Claim:
    """Ask how much the score moves when channels are put into another order."""
    curves, orders = in_any_order(table, study)
    n = curves[study.networks[0]].shape[1]

    def moved(images: np.ndarray) -> float:
        return max(
            abs(
                theta(curves[name][:, images].mean(axis=1))
                - np.mean([theta(order[:, images].mean(axis=1)) for order in orders[name]])
            )
            for name in study.networks
        )

    values = [theta(omega.mean(axis=1)) for omega in curves.values()]
    return Claim(
        OURS,
        "",
        f"The order of the channels hardly moves the score θ ({study.name}).",
        below(0.01),
        over_images(n, moved),
        "in θ",
        "Difference of θ in the given order and its mean over random orders; largest of "
        f"{len(curves)} networks.",
        remark=f"θ of the networks: {', '.join(f'{value:.3f}' for value in values)}.",
    )


def theta(omega: np.ndarray) -> float:
    """Return the paper's score of a curve."""
    return tl.ttp_score(omega).value
