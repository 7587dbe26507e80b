"""The supported loop: how often noise has one, and how often a noisy circle."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist

from experiments.calibration.clouds import NOISE, circle, grid, rotated
from experiments.harness.intervals import share_interval
from experiments.harness.jobs import Job, Row
from topolens.diagrams import universal_null_test
from topolens.homology import rips

TITLE = "The supported loop"
VERSION = 1
CLOUDS = {"small": 40, "full": 400}
SIZES = {"small": (50, 100), "full": (50, 100, 200, 500)}
CIRCLES = ((2, 0.5), (16, 0.5), (64, 0.5), (16, 0.8), (64, 0.8))  # dimension, norm of the noise
LEVEL, WORST = 0.05, 0.1  # promised of all noise together, and of the worst kind


def jobs(size: str) -> list[Job]:
    """Return a job for each kind of noise or circle, and number of points."""
    clouds = CLOUDS[size]
    made = []
    for n in SIZES[size]:
        cost = clouds * (n / 500) ** 2 * 0.02
        made += [Job(of_noise, {"kind": kind, "n": n, "clouds": clouds}, cost) for kind in NOISE]
        for dim, noise in CIRCLES:
            parameters = {"dim": dim, "noise": noise, "n": n, "clouds": clouds}
            made.append(Job(of_circles, parameters, cost))
    return made


def of_noise(kind: str, n: int, clouds: int) -> list[Row]:
    """Count the clouds of noise in which a loop is found."""
    seeds = range(clouds)
    return [counts([NOISE[kind](np.random.default_rng([seed, n]), n) for seed in seeds])]


def of_circles(dim: int, noise: float, n: int, clouds: int) -> list[Row]:
    """Count the noisy circles in which a loop is found."""
    rngs = [np.random.default_rng([seed, n, 1]) for seed in range(clouds)]
    return [counts([rotated(circle(rng, n), dim, noise, rng) for rng in rngs])]


def counts(clouds: list[np.ndarray]) -> Row:
    """Count where a loop is supported, where the law alone finds one, and where it cannot judge."""
    tests = [universal_null_test(rips(X, n_threads=1), pdist(X).mean(), degree=1) for X in clouds]
    return {
        "supported": sum(test.n_supported > 0 for test in tests),
        "by_law": sum(test.p_value < test.alpha for test in tests),
        "too_few": sum(np.isnan(test.p_value) for test in tests),
    }


def report(table: pd.DataFrame) -> str:
    """Say how often loops are found, beside the level that is promised."""
    noise, circles = (table[table["kind"].notna() == known] for known in (True, False))
    sizes = sorted(table["n"].unique())
    clouds = int(table["clouds"].iloc[0])
    rows = []
    for kind, of_kind in noise.groupby("kind", sort=False):
        rows.append([kind, *(_shares(of_kind, n, ("supported", "by_law")) for n in sizes)])
    rows.append(["all", *(_shares(noise, n, ("supported", "by_law")) for n in sizes)])
    levels = grid(("noise", *(f"n = {n}" for n in sizes)), rows)
    found = []
    for (noise_norm, dim), of_one in circles.groupby(["noise", "dim"]):
        cells = [_shares(of_one, n, ("supported", "by_law")) for n in sizes]
        found.append([f"noise {noise_norm:g}, d = {dim:g}", *cells])
    powers = grid(("circle", *(f"n = {n}" for n in sizes)), found)
    return (
        f"{clouds} clouds each. Share with a supported loop; in brackets, by the law alone, of "
        f"any length. {_verdict(noise, sizes)}\n\n{levels}\n\n"
        "Noisy circles of radius 1: how often the loop is supported. In the plane noise of this "
        f"size fills the hole.\n\n{powers}"
    )


def _shares(rows: pd.DataFrame, n: int, names: tuple[str, str]) -> str:
    chosen = rows[rows["n"] == n]
    supported, by_law = (chosen[name].sum() / chosen["clouds"].sum() for name in names)
    return f"{supported:.3g} ({by_law:.3g})"


def _verdict(noise: pd.DataFrame, sizes: list[int]) -> str:
    """Compare the upper ends of intervals of noise with what is promised."""
    said = []
    for n in sizes:
        chosen = noise[noise["n"] == n]
        found = share_interval(chosen["supported"].sum(), chosen["clouds"].sum())
        worst = (chosen["supported"] / chosen["clouds"]).max()
        kept = "kept" if found.estimate <= LEVEL and worst <= WORST else "broken"
        said.append(f"n = {n}: {found.estimate:.1%} [{found.low:.1%}, {found.high:.1%}], {kept}")
    return (
        f"Promised of noise: at most {LEVEL:.0%}, of no kind more than {WORST:.0%}. "
        + "; ".join(said)
    )
