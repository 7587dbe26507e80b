"""Made-up tables of the experiments, whose claims have a known answer."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest

from experiments import cubical, magnitude
from experiments.cubical import curves, ranking
from experiments.cubical.pretrained import N_PERMUTATIONS, half_of_the_channels, profile
from experiments.cubical.residual import residual
from experiments.cubical.rows import joined
from experiments.cubical.sizes import residuals
from experiments.cubical.toys import toy
from experiments.magnitude.levy import levy
from experiments.magnitude.walks import WINDOWS

N_IMAGES = 6
DEPTHS = {"Lite 0": 18, "Lite 1": 23, "Lite 2": 23, "RNet": 5, "ONet": 7}
RESIDUAL = (
    *("test accuracy", "training accuracy", "change of order", "theta"),
    *("sd of theta, ten images", "shift, ten images"),
)
DECAY = ("slope", "log slope", "last / first", "area")
SCORES = ("knn", "hscore", "logme", "transrate", "gbc", "parc", "leep", "nce")


def table_of(jobs, rows_of):
    """Make the table that jobs would, with rows of another function."""
    rows = [{**job.parameters, **row} for job in jobs for row in rows_of(job)]
    return pd.DataFrame(rows).assign(size="small")


@contextmanager
def few_resamples():
    """Make rough intervals: these tables have claims that are far from undecided."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (curves, ranking):
            patch.setattr(module, "RESAMPLES", 100)
        yield


def magnitude_table(sign):
    """Walks whose measures follow the gap if `sign` is 1, and Lévy paths that are 0.3 too low."""
    rng = np.random.default_rng(0)

    def walk(job):
        p = job.parameters
        gap = 8 - 20 * p["rate"] - p["width"] / 64 + (p["depth"] - 5) + rng.uniform(0, 0.1)
        stops = range(WINDOWS[-1], p["iterations"] + 1, WINDOWS[-1])
        for iteration in stops:
            now = gap + 3 * (p["iterations"] - iteration) / p["iterations"]
            for window in WINDOWS if iteration == p["iterations"] else WINDOWS[-1:]:
                place = {"part": "walk", "iteration": iteration, "window": window}
                for name, value in walk_values(now, sign, rng).items():
                    yield {**place, "measure": name, "value": value}

    def path(job):
        alpha = job.parameters["alpha"]
        values = {"magnitude dimension": alpha - 0.3, "PH dimension": alpha}
        for name, value in values.items():
            noisy = value + rng.uniform(-0.02, 0.02)
            yield {"part": "levy", "measure": name, "value": noisy}

    jobs = magnitude.jobs("small")
    return table_of(jobs, lambda job: path(job) if job.function is levy else walk(job))


def walk_values(gap, sign, rng):
    """All numbers of one window: better networks have small ones, if `sign` is 1."""
    size = np.exp(sign * gap / 4)
    return {
        "training accuracy": 100.0,
        "test accuracy": 100 - gap,
        "gap": gap,
        "loss gap": gap / 10,
        "norm": rng.uniform(10, 20),
        "distance from start": rng.uniform(5, 10),
        "|1.36 W|": size + rng.uniform(0, 0.01),
        "|6.78 W|": 2 * size,
        "|16.95 W|": 3 * size,
        "|30.51 W|": 4 * size,
        "dimension at the paper's scales": size / 4,
        "magnitude dimension": size + rng.uniform(0, 0.01),
        "PH dimension": 2 * size + rng.uniform(0, 0.01),
        "positive magnitude": 5 * size + rng.uniform(0, 0.5),
        "sum of lifetimes": 6 * size + rng.uniform(0, 0.5),
        "diameter": size + rng.uniform(0, 0.5),
    }


def cubical_table(slope):
    """Complexities that go as exp(slope · depth) in trained networks, and are even in others."""
    rng = np.random.default_rng(0)

    def curve(n_layers, slope):
        means = 1000 * np.exp(slope * np.linspace(0, 1, n_layers))
        return joined(means * rng.uniform(0.97, 1.03, n_layers))

    def read(job):
        p = job.parameters
        n_layers = DEPTHS[p["network"]]
        draws = N_PERMUTATIONS if p.get("layout") == "volume_permuted" else 1
        part = "profile" if job.function is profile else "half of the channels"
        for place in range(draws * N_IMAGES):
            layers = curve(n_layers, 0 if p.get("weights") == "untrained" else slope)
            permutation, image = divmod(place, N_IMAGES)
            yield {"part": part, "permutation": permutation, "image": image, "layers": layers}
        yield {"part": f"{part}, voxels", "layers": joined([4096] * n_layers)}

    def residual_network(job):
        n_layers = job.parameters["depth"] // 2 + 2
        curves = {
            "trained": curve(n_layers, slope),
            "untrained": curve(n_layers, 0),
            "voxels": joined([4096] * n_layers),
        }
        for name, layers in curves.items():
            yield {"part": "residual", "curve": name, "layers": layers}
        for name in RESIDUAL:
            yield {"part": "residual", "measure": name, "value": rng.uniform(0.01, 0.02)}

    def toy_network(job):
        p = job.parameters
        accuracy = 80 + p["width"] + p["depth"] / 10 + p["steps"] / 1000 + rng.uniform(0, 0.1)
        numbers = {
            "fine-tuned accuracy": accuracy,
            "source accuracy": rng.uniform(50, 60),
            "parameters": rng.uniform(50, 60),
            "theta": slope * (accuracy + rng.uniform(0, 1)),
            **{name: rng.uniform() for name in (*DECAY, *SCORES)},
            "sd of theta, ten images": 0.1,
            "shift, ten images": rng.uniform(0.01, 0.02),
        }
        for name, value in numbers.items():
            yield {"part": "toy", "measure": name, "value": value}

    rows_of = {
        profile: read,
        half_of_the_channels: read,
        residual: residual_network,
        toy: toy_network,
    }
    others = [job for job in cubical.jobs("small") if job.function is not residual]
    jobs = [*others, *residuals("small")]
    return table_of(jobs, lambda job: rows_of[job.function](job))
