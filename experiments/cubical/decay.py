"""Claims about how complexity falls with depth, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from experiments.cubical.curves import (
    curve,
    has_residuals,
    over_images,
    residual_curves,
    studies_in,
    voxels,
)
from experiments.cubical.shapes import fall
from experiments.cubical.sizes import LARGE, N_SEEDS, Study
from experiments.harness import OURS, Claim, Interval, at_most, below, mean_interval

PAPER = "Suresh et al."
ABSTRACT = "abstract"
SLOPE = "in log Ω from first to last layer"
STORED = "five of nine networks: VGG-16 8670 → 631, but ResNet-50 2868 → 6465 (stored numbers)"
RESIDUALS = "ResNet-8, 14 and 20 on Fashion-MNIST"


def claims_on_decay(table: pd.DataFrame) -> list[Claim]:
    """Return the claims on networks that others have trained, then on residual networks."""
    found = [claim for study in studies_in(table) for claim in of_study(table, study)]
    return [*found, *(of_residuals(table) if has_residuals(table) else [])]


def of_study(table: pd.DataFrame, study: Study) -> list[Claim]:
    """Ask whether complexity falls, how far, and more than sizes and random weights explain."""
    networks = study.networks
    trained = {name: curve(table, study, name) for name in networks}
    random = {
        name: [curve(table, study, name, weights="untrained", seed=s) for s in range(N_SEEDS)]
        for name in networks
    }
    sizes = {name: voxels(table, study, name) for name in networks}
    readings = {name: other_readings(table, study, name) for name in networks}
    n = trained[networks[0]].shape[1]

    def worst(of_network: Callable[[str, np.ndarray], float]) -> Interval:
        return over_images(n, lambda images: max(of_network(name, images) for name in networks))

    def mean(curves: np.ndarray, images: np.ndarray) -> np.ndarray:
        return curves[:, images].mean(axis=1)

    def falls(name: str, images: np.ndarray) -> float:
        return fall(mean(trained[name], images))

    def last_over_first(name: str, images: np.ndarray) -> float:
        omega = mean(trained[name], images)
        return omega[-1] / omega[0]

    def last_over_lowest(name: str, images: np.ndarray) -> float:
        omega = mean(trained[name], images)
        return omega[-1] / omega[:-1].min()

    def reading_falls(name: str, images: np.ndarray) -> float:
        return max(fall(mean(curves, images)) for curves in readings[name])

    def falls_per_voxel(name: str, images: np.ndarray) -> float:
        return fall(mean(trained[name], images) / sizes[name])

    def beyond_random(name: str, images: np.ndarray) -> float:
        by_chance = np.mean([fall(mean(curves, images)) for curves in random[name]])
        return falls(name, images) - by_chance

    def least_at_the_end(images: np.ndarray) -> float:
        return min(mean(curves, images)[-1] for curves in trained.values())

    of_worst = f"of {len(networks)} networks the one for which it holds least"
    ratios = ", ".join(f"{last_over_first(name, np.arange(n)):.2f}" for name in networks)
    return [
        *papers_claims(
            study.name,
            {
                "fall": worst(falls),
                "first": worst(last_over_first),
                "lowest": worst(last_over_lowest),
                "one": over_images(n, least_at_the_end),
            },
            of_worst,
            f"of {len(networks)} networks the one with the least",
            at_paper_settings=study is LARGE,
            ratios=f"{ratios} for the {len(networks)} networks.",
        ),
        Claim(
            OURS,
            "",
            f"Betti numbers fall however the layers are read ({study.name}).",
            below(0),
            worst(reading_falls),
            SLOPE,
            "Slope of log Ω over depth, the largest over all networks and over quartiles of the "
            "values as levels, channels one by one, and the norm of the channels.",
        ),
        Claim(
            OURS,
            "",
            f"Betti numbers fall by more than the sizes of the layers do ({study.name}).",
            below(0),
            worst(falls_per_voxel),
            SLOPE,
            f"The slope with Ω divided by the number of voxels; {of_worst}.",
        ),
        Claim(
            OURS,
            "",
            f"Training makes Betti numbers fall: less so with random weights ({study.name}).",
            below(0),
            worst(beyond_random),
            f"difference {SLOPE}",
            f"Slope of the trained network less the mean of {N_SEEDS} with random weights; "
            f"{of_worst}.",
        ),
    ]


def papers_claims(
    name: str,
    found: dict[str, Interval],
    of_worst: str,
    of_least: str,
    *,
    at_paper_settings: bool,
    ratios: str,
) -> list[Claim]:
    """Return what the paper says of decay, for numbers found in one population of networks."""
    settings: dict[str, Any] = {"bound": "the paper's", "at_paper_settings": at_paper_settings}
    return [
        Claim(
            PAPER,
            ABSTRACT,
            f"As depth increases, Betti numbers fall ({name}).",
            below(0),
            found["fall"],
            SLOPE,
            f"Slope of log Ω over depth from 0 to 1, least squares; {of_worst}.",
            remark="-2.3 is a fall to a tenth.",
            **settings,
        ),
        Claim(
            PAPER,
            ABSTRACT,
            f"Betti numbers are lower in the last layer than in the first ({name}).",
            below(1),
            found["first"],
            "times Ω of the first layer",
            f"Ω of the last layer over that of the first; {of_worst}.",
            theirs=STORED,
            remark=ratios,
            **settings,
        ),
        Claim(
            PAPER,
            ABSTRACT,
            f"Betti numbers attain their lowest value in the last layer ({name}).",
            below(1),
            found["lowest"],
            "times the lowest Ω before",
            f"Ω of the last layer over the lowest of those before; {of_worst}.",
            **settings,
        ),
        Claim(
            PAPER,
            ABSTRACT,
            f"Betti numbers attain “their lowest possible value”, one component ({name}).",
            at_most(1),
            found["one"],
            "classes in the last layer",
            f"Ω of the last layer; {of_least}.",
            theirs="631 at the least (VGG-16, stored numbers)",
            **settings,
        ),
    ]


def other_readings(table: pd.DataFrame, study: Study, network: str) -> list[np.ndarray]:
    """Return the curves under other levels and layouts."""
    ways: list[dict[str, Any]] = [{"rule": "quantile", "eta": eta} for eta in (0.25, 0.5, 0.75)]
    ways += [
        {"rule": "quantile", "eta": 0.5, "layout": layout}
        for layout in ("per_channel", "channel_norm")
    ]
    return [curve(table, study, network, **way) for way in ways]


def of_residuals(table: pd.DataFrame) -> list[Claim]:
    """Ask the same of the residual networks that are trained here."""
    trained, random, sizes = (
        residual_curves(table, name) for name in ("trained", "untrained", "voxels")
    )
    falls = trained.map(fall)
    ratios = trained.map(lambda omega: omega[-1] / omega[0])
    over_networks = f"mean over {len(trained)} networks"
    by_depth = ratios.groupby("depth").mean()
    return [
        *papers_claims(
            RESIDUALS,
            {
                "fall": mean_interval(falls),
                "first": mean_interval(ratios),
                "lowest": mean_interval(trained.map(lambda omega: omega[-1] / omega[:-1].min())),
                "one": mean_interval(trained.map(lambda omega: omega[-1])),
            },
            over_networks,
            over_networks,
            at_paper_settings=False,
            ratios=f"{', '.join(f'{ratio:.2f}' for ratio in by_depth)} for the three depths.",
        ),
        Claim(
            OURS,
            "",
            f"Betti numbers fall by more than the sizes of the layers do ({RESIDUALS}).",
            below(0),
            mean_interval([fall(omega / size) for omega, size in zip(trained, sizes, strict=True)]),
            SLOPE,
            f"Slope of log Ω over depth, with Ω divided by the number of voxels; {over_networks}.",
        ),
        Claim(
            OURS,
            "",
            f"Training makes Betti numbers fall: less so with random weights ({RESIDUALS}).",
            below(0),
            mean_interval(falls - random.map(fall)),
            f"difference {SLOPE}",
            "Slope of the trained network less that of the same one with new random weights; "
            f"{over_networks}.",
        ),
    ]
