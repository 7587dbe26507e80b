"""Claims about how complexity falls with depth, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from experiments.cubical.curves import (
    curve,
    family_curves,
    family_voxels,
    over_images,
    voxels,
)
from experiments.cubical.shapes import fall
from experiments.cubical.sizes import N_SEEDS, Study
from experiments.harness import Claim, at_most, below, mean_interval

PAPER = "Suresh et al. 2024"
LONGEST = 150  # steps of those networks of the family that are called trained
SLOPE = "in log Ω from first to last layer"


def claims_on_decay(table: pd.DataFrame, studies: Sequence[Study]) -> list[Claim]:
    """Return the claims on pre-trained networks, study by study, then on the family."""
    found = [claim for study in studies for claim in of_study(table, study)]
    return [*found, *of_family(table)]


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

    def mean(curves: np.ndarray, images: np.ndarray) -> np.ndarray:
        return curves[:, images].mean(axis=1)

    def flattest(images: np.ndarray) -> float:
        return max(fall(mean(curves, images)) for curves in trained.values())

    def flattest_reading(images: np.ndarray) -> float:
        return max(fall(mean(c, images)) for name in networks for c in readings[name])

    def least_at_the_end(images: np.ndarray) -> float:
        return min(mean(curves, images)[-1] for curves in trained.values())

    def end_over_lowest_before(images: np.ndarray) -> float:
        means = [mean(curves, images) for curves in trained.values()]
        return max(omega[-1] / omega[:-1].min() for omega in means)

    def flattest_per_voxel(images: np.ndarray) -> float:
        return max(fall(mean(trained[name], images) / sizes[name]) for name in networks)

    def beyond_random(images: np.ndarray) -> float:
        return max(
            fall(mean(trained[name], images))
            - np.mean([fall(mean(curves, images)) for curves in random[name]])
            for name in networks
        )

    worst = f"of {len(networks)} networks the one for which it holds least"
    return [
        Claim(
            PAPER,
            "",
            f"Betti numbers fall with depth ({study.name}).",
            below(0),
            over_images(n, flattest),
            SLOPE,
            f"Slope of log Ω over depth from 0 to 1, least squares; {worst}.",
            remark="-2.3 is a fall to a tenth.",
        ),
        Claim(
            PAPER,
            "",
            f"They fall however the layers are read ({study.name}).",
            below(0),
            over_images(n, flattest_reading),
            SLOPE,
            "The same slope, the largest over all networks and over quartiles of the values as "
            "levels, channels one by one, and the norm of the channels.",
        ),
        Claim(
            PAPER,
            "",
            f"The last layer has the lowest Betti numbers of all ({study.name}).",
            below(1),
            over_images(n, end_over_lowest_before),
            "times the lowest Ω before",
            f"Ω of the last layer over the lowest of those before; {worst}.",
        ),
        Claim(
            PAPER,
            "",
            f"They attain the lowest possible value, one component ({study.name}).",
            at_most(1),
            over_images(n, least_at_the_end),
            "classes in the last layer",
            f"Ω of the last layer; of {len(networks)} networks the one with the least.",
        ),
        Claim(
            PAPER,
            "",
            f"They fall by more than the sizes of the layers do ({study.name}).",
            below(0),
            over_images(n, flattest_per_voxel),
            SLOPE,
            f"The slope with Ω divided by the number of voxels; {worst}.",
        ),
        Claim(
            PAPER,
            "",
            f"Training makes them fall: less so with random weights ({study.name}).",
            below(0),
            over_images(n, beyond_random),
            f"difference {SLOPE}",
            f"Slope of the trained network less the mean of {N_SEEDS} with random weights; "
            f"{worst}.",
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


def of_family(table: pd.DataFrame) -> list[Claim]:
    """Ask the same of the networks that are trained here."""
    trained = family_curves(table, "task").xs(LONGEST, level="steps")
    random = family_curves(table, "untrained").xs(LONGEST, level="steps")
    sizes = family_voxels(table).xs(LONGEST, level="steps")
    falls = trained.map(fall)
    lowest_last = np.mean([omega[-1] <= omega[:-1].min() for omega in trained])
    of_networks = f"networks trained here on digits, {LONGEST} steps"
    return [
        Claim(
            PAPER,
            "",
            f"Betti numbers fall with depth ({of_networks}).",
            below(0),
            mean_interval(falls),
            SLOPE,
            "Slope of log Ω over depth from 0 to 1, least squares; mean over networks.",
            remark=f"The last layer is the lowest in {100 * lowest_last:.0f} % of them.",
        ),
        Claim(
            PAPER,
            "",
            f"They fall by more than the sizes of the layers do ({of_networks}).",
            below(0),
            mean_interval([fall(omega / size) for omega, size in zip(trained, sizes, strict=True)]),
            SLOPE,
            "The slope with Ω divided by the number of voxels; mean over networks.",
        ),
        Claim(
            PAPER,
            "",
            f"Training makes them fall: less so with random weights ({of_networks}).",
            below(0),
            mean_interval(falls - random.map(fall)),
            f"difference {SLOPE}",
            "Slope of the trained network less that of the same one with new random weights; "
            "mean over networks.",
        ),
    ]
