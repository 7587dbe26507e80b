"""Claims about what complexity does not depend on, and about the order of the channels."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

import topolens as tl
from experiments.cubical.curves import (
    curve,
    family_curves,
    family_numbers,
    half_curve,
    over_images,
    permuted_curves,
)
from experiments.cubical.decay import LONGEST, PAPER
from experiments.cubical.shapes import shift
from experiments.cubical.sizes import N_SEEDS, Study
from experiments.harness import OURS, Claim, Interval, at_most, below, mean_interval

SAME = 0.1
SHIFT = "of all complexity lies at another depth"
HOW = "Largest difference, over all depths, of the shares of all complexity up to there"
Curve = Callable[[np.ndarray], np.ndarray]


def claims_on_invariance(table: pd.DataFrame, studies: Sequence[Study]) -> list[Claim]:
    """Return the claims on pre-trained networks, study by study, then on the family."""
    found = [claim for study in studies for claim in of_study(table, study)]
    return [*found, *of_family(table)]


def of_study(table: pd.DataFrame, study: Study) -> list[Claim]:
    """Ask about resolution, kind of images, depth, number of channels and their order."""
    found = [similar_images(table, study), half_of_the_channels(table, study)]
    if any(len(pixels) > 1 for pixels in study.pixels.values()):
        found.append(resolution(table, study))
    found += [depth(table, study), order_of_the_channels(table, study)]
    return [*found, order_and_theta(table, study)]


def similar_images(table: pd.DataFrame, study: Study) -> Claim:
    """Ask whether images of a similar kind give the same curve."""
    one, other = study.similar
    pairs = [
        (curve(table, study, name, kind=one), curve(table, study, name, kind=other))
        for name in study.networks
    ]
    remark = ""
    if study.kind not in study.similar:
        far = max(
            shift(curve(table, study, name).mean(axis=1), curves.mean(axis=1))
            for name, (curves, _) in zip(study.networks, pairs, strict=True)
        )
        remark = f"Between {study.kind} and {one}, which are not similar, it is {far:.2f}."
    return Claim(
        PAPER,
        "",
        f"Similar images give the same curve ({study.name}; {one} and {other}).",
        at_most(SAME),
        largest_shift(pairs),
        SHIFT,
        f"{HOW}, for {one} and for {other}; largest of {len(pairs)} networks.",
        remark=remark,
    )


def resolution(table: pd.DataFrame, study: Study) -> Claim:
    """Ask whether the size of the input changes the curve."""
    pairs = [
        (curve(table, study, name), curve(table, study, name, pixels=pixels))
        for name in study.networks
        for pixels in study.pixels[name][:-1]
    ]
    *others, usual = study.pixels[study.networks[0]]
    return Claim(
        PAPER,
        "",
        f"The curve does not depend on the resolution of the input ({study.name}).",
        at_most(SAME),
        largest_shift(pairs),
        SHIFT,
        f"{HOW}, at {usual} pixels and at {', '.join(map(str, others))}; largest of all networks "
        f"and sizes.",
    )


def depth(table: pd.DataFrame, study: Study) -> Claim:
    """Ask whether the depth of the network changes the curve."""
    curves = [curve(table, study, name) for name in study.networks]
    pairs = [(one, other) for k, one in enumerate(curves) for other in curves[:k]]
    numbers = ", ".join(str(len(omega)) for omega in curves)
    return Claim(
        PAPER,
        "",
        f"Networks of different depth give the same curve ({study.name}).",
        at_most(SAME),
        largest_shift(pairs),
        SHIFT,
        f"{HOW}, as a part of the depth; largest over pairs of networks with {numbers} layers.",
    )


def half_of_the_channels(table: pd.DataFrame, study: Study) -> Claim:
    """Ask whether half of the channels give the same curve."""
    pairs = [
        (
            curve(table, study, name, statistics="running"),
            half_curve(table, study, name, seed),
        )
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


Curves = dict[str, np.ndarray]


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

    return Claim(
        OURS,
        "",
        f"The order of the channels, which means nothing, does not matter ({study.name}).",
        below(0.05),
        over_images(curves[study.networks[0]].shape[1], change),
        "of Ω",
        "Relative change of Ω under a random order of the channels, without its sign; mean over "
        f"networks, layers and {len(orders[study.networks[0]])} orders.",
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


def largest_shift(pairs: list[tuple[np.ndarray, np.ndarray]]) -> Interval:
    """Bootstrap the largest shift between two curves over the images that all pairs have."""

    def largest(images: np.ndarray) -> float:
        return max(
            shift(one[:, images].mean(axis=1), other[:, images].mean(axis=1))
            for one, other in pairs
        )

    return over_images(pairs[0][0].shape[1], largest)


def of_family(table: pd.DataFrame) -> list[Claim]:
    """Ask about similar data, few images and other depths of the networks trained here."""
    on_task = family_curves(table, "task")
    on_source = family_curves(table, "source")
    of_networks = f"networks trained here on digits, {LONGEST} steps"
    long = on_task.xs(LONGEST, level="steps")
    by_depth = long.unstack("depth")
    shallow, deep = by_depth.columns[0], by_depth.columns[-1]
    alike = [
        shift(one, other)
        for one, other in zip(long, on_source.xs(LONGEST, level="steps"), strict=True)
    ]
    apart = [
        shift(one, other) for one, other in zip(by_depth[shallow], by_depth[deep], strict=True)
    ]
    random = family_curves(table, "untrained").xs(LONGEST, level="steps").unstack("depth")
    apart_random = np.mean(
        [shift(one, other) for one, other in zip(random[shallow], random[deep], strict=True)]
    )
    numbers = family_numbers(table)
    numbers = numbers[numbers["steps"] == LONGEST]
    between_networks = numbers.groupby("depth")["theta"].std().mean()
    return [
        Claim(
            PAPER,
            "",
            f"Similar images give the same curve ({of_networks}; digits 0 to 4 and 5 to 9).",
            at_most(SAME),
            mean_interval(alike),
            SHIFT,
            f"{HOW}; mean over networks.",
        ),
        Claim(
            PAPER,
            "",
            f"Ten images give the same curve as a hundred ({of_networks}).",
            at_most(SAME),
            mean_interval(numbers["shift, ten images"]),
            SHIFT,
            f"{HOW}, for ten random images and for all; mean over 20 draws and over networks.",
        ),
        Claim(
            PAPER,
            "",
            f"Ten images give the score θ well enough to compare networks ({of_networks}).",
            below(0.5),
            mean_interval(numbers["sd of theta, ten images"] / between_networks),
            "of the spread of θ among networks",
            "Standard deviation of θ over draws of ten images, over the standard deviation of θ "
            "among networks of the same depth; mean over networks.",
        ),
        Claim(
            PAPER,
            "",
            f"Networks of different depth give the same curve ({of_networks}).",
            at_most(SAME),
            mean_interval(apart),
            SHIFT,
            f"{HOW}, as a part of the depth, for {shallow} and {deep} layers of the same width; "
            "mean over widths and seeds.",
            remark=f"With random weights it is {np.mean(apart_random):.2f}.",
        ),
    ]
