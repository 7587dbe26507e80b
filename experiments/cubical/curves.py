"""Complexities Ω by layer and image, as the table has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from experiments.cubical.sizes import PAPERS, Study
from experiments.harness import Interval, bootstrap_interval

RESAMPLES = 2000


def curve(table: pd.DataFrame, study: Study, network: str, **ways: Any) -> np.ndarray:
    """Return the complexities of a network, shape (layers, images).

    As the paper reads them, at the usual size and kind of image, unless `ways` says otherwise.
    """
    return permuted_curves(table, study, network, **ways)[0]


def permuted_curves(table: pd.DataFrame, study: Study, network: str, **ways: Any) -> np.ndarray:
    """Return the complexities under each permutation, shape (permutations, layers, images)."""
    at_home = {"kind": study.kind, "pixels": study.pixels[network][-1]}
    wanted = {"part": "profile", "network": network, **at_home, **PAPERS, **ways}
    return _array(_rows(table, wanted), "value")


def half_curve(table: pd.DataFrame, study: Study, network: str, seed: int) -> np.ndarray:
    """Return the complexities in half of the channels, shape (layers, images)."""
    wanted = {"part": "half of the channels", "network": network, "seed": seed}
    return _array(_rows(table, wanted), "value")[0]


def voxels(table: pd.DataFrame, study: Study, network: str) -> np.ndarray:
    """Return the sizes of the layers."""
    at_home = {"kind": study.kind, "pixels": study.pixels[network][-1]}
    wanted = {"part": "profile", "network": network, **at_home, **PAPERS}
    return _array(_rows(table, wanted), "voxels")[0, :, 0]


def family_curves(table: pd.DataFrame, profile: str) -> pd.Series:
    """Return the curve of each network of the family: a Series of arrays, shape (layers,)."""
    rows = table[(table["part"] == "family") & (table["measure"] == "complexity")]
    rows = rows[rows["profile"] == profile]
    return rows.groupby(FAMILY)["value"].agg(np.array)


def family_voxels(table: pd.DataFrame) -> pd.Series:
    """Return the sizes of the layers of each network of the family."""
    rows = table[(table["part"] == "family") & (table["measure"] == "voxels")]
    return rows.groupby(FAMILY)["value"].agg(np.array)


def family_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each network of the family, with all that is one number of it."""
    rows = table[(table["part"] == "family") & table["layer"].isna()]
    wide = rows.pivot(index=FAMILY, columns="measure", values="value")
    return wide.reset_index().astype({name: int for name in FAMILY})


FAMILY = ["width", "depth", "steps", "seed"]


def over_images(n_images: int, statistic: Callable[[np.ndarray], float]) -> Interval:
    """Bootstrap a statistic of which images there are, each as often as drawn."""

    def of_drawn(images: np.ndarray) -> float:
        return statistic(images.astype(int))

    found = bootstrap_interval(np.arange(n_images), of_drawn, resamples=RESAMPLES)
    return found._replace(method="bootstrap over images (BCa)")


def _rows(table: pd.DataFrame, wanted: dict[str, Any]) -> pd.DataFrame:
    chosen = np.logical_and.reduce([table[name] == value for name, value in wanted.items()])
    if not chosen.any():
        raise ValueError(f"`table` must have rows of {wanted}; found none")
    return table[chosen]


def _array(rows: pd.DataFrame, column: str) -> np.ndarray:
    axes = ["permutation", "layer", "image"]
    shape = tuple(rows[axis].astype(int).max() + 1 for axis in axes)
    return rows.sort_values(axes)[column].to_numpy().reshape(shape)
