"""Complexities Ω by layer and image, and numbers of networks, as the table has them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from experiments.cubical.rows import parted
from experiments.cubical.sizes import PAPERS, STUDIES, Study
from experiments.harness import Interval, bootstrap_interval, fullest

RESAMPLES = 1000
TOY = ["width", "depth", "steps", "seed"]
RESIDUAL = ["depth", "seed"]


def settled(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of both sizes; of networks that are trained here those of the larger size."""
    trained_here = [table[table["part"] == part] for part in ("toy", "residual")]
    others = table[~table["part"].isin(("toy", "residual"))]
    larger = [fullest(rows)[0] for rows in trained_here if len(rows)]
    return pd.concat([others, *larger], ignore_index=True)


def studies_in(table: pd.DataFrame) -> list[Study]:
    """Return the studies that were run."""
    there = set(table["kind"].dropna())
    return [study for studies in STUDIES.values() for study in studies if study.kind in there]


def has_residuals(table: pd.DataFrame) -> bool:
    """Say whether the residual networks were trained."""
    return bool((table["part"] == "residual").any())


def curve(table: pd.DataFrame, study: Study, network: str, **ways: Any) -> np.ndarray:
    """Return the complexities of a network, shape (layers, images).

    As the paper reads them, at the usual size and kind of image, unless `ways` says otherwise.
    """
    return permuted_curves(table, study, network, **ways)[0]


def permuted_curves(table: pd.DataFrame, study: Study, network: str, **ways: Any) -> np.ndarray:
    """Return the complexities under each permutation, shape (permutations, layers, images)."""
    wanted = {"network": network, **at_home(study, network), **PAPERS, **ways}
    return _array(_rows(table, {"part": "profile", **wanted}))


def half_curve(table: pd.DataFrame, study: Study, network: str, seed: int) -> np.ndarray:
    """Return the complexities in half of the channels, shape (layers, images)."""
    wanted = {"network": network, **at_home(study, network), "seed": seed}
    return _array(_rows(table, {"part": "half of the channels", **wanted}))[0]


def voxels(table: pd.DataFrame, study: Study, network: str) -> np.ndarray:
    """Return the sizes of the layers."""
    wanted = {"network": network, **at_home(study, network), **PAPERS}
    return parted(_rows(table, {"part": "profile, voxels", **wanted})["layers"].iloc[0])


def at_home(study: Study, network: str) -> dict[str, Any]:
    """Return kind and usual size of the images."""
    return {"kind": study.kind, "pixels": study.pixels[network][-1]}


def residual_curves(table: pd.DataFrame, name: str) -> pd.Series:
    """Return a curve of each residual network: a Series of arrays, shape (layers,)."""
    rows = _rows(table, {"part": "residual", "curve": name})
    return _by(rows, RESIDUAL)["layers"].map(parted)


def residual_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each residual network, with all that is one number of it."""
    rows = table[(table["part"] == "residual") & table["measure"].notna()]
    return _by(rows, RESIDUAL).pivot(columns="measure", values="value")


def toy_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each toy network, with all that is one number of it."""
    rows = _rows(table, {"part": "toy"})
    wide = rows.pivot(index=TOY, columns="measure", values="value")
    return wide.reset_index().astype(dict.fromkeys(TOY, int))


def over_images(n_images: int, statistic: Callable[[np.ndarray], float]) -> Interval:
    """Bootstrap a statistic of which images there are, each as often as drawn."""

    def of_drawn(images: np.ndarray) -> float:
        return statistic(images.astype(int))

    every = np.arange(n_images)
    with warnings.catch_warnings(category=RuntimeWarning, action="ignore"):
        found = bootstrap_interval(every, of_drawn, resamples=RESAMPLES)
    if found.low < found.estimate < found.high:
        return found._replace(method="bootstrap over images (BCa)")
    # BCa fails where nearly all resamples are on one side of the estimate: a largest difference of
    # two curves that are nearly the same only grows.
    drawn = np.random.default_rng(0).integers(n_images, size=(RESAMPLES, n_images))
    low, high = np.quantile([statistic(images) for images in drawn], [0.025, 0.975])
    low, high = min(low, found.estimate), max(high, found.estimate)
    return Interval(found.estimate, low, high, n_images, "bootstrap over images (percentiles)")


def _rows(table: pd.DataFrame, wanted: dict[str, Any]) -> pd.DataFrame:
    chosen = np.logical_and.reduce([table[name] == value for name, value in wanted.items()])
    if not chosen.any():
        raise ValueError(f"`table` must have rows of {wanted}; found none")
    return table[chosen]


def _by(rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    return rows.astype(dict.fromkeys(names, int)).set_index(names)


def _array(rows: pd.DataFrame) -> np.ndarray:
    ordered = rows.sort_values(["permutation", "image"])
    draws = ordered["permutation"].nunique()
    curves = np.stack([parted(text) for text in ordered["layers"]])
    return curves.reshape(draws, -1, curves.shape[1]).transpose(0, 2, 1)
