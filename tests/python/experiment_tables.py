"""Made-up tables of the experiments, whose claims have a known answer."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import product
from unittest.mock import patch

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
from experiments.layers.claims import PLAIN
from experiments.layers.data import cloud
from experiments.layers.table_1 import NARROW, kind
from experiments.magnitude.levy import levy
from experiments.magnitude.measures import STARTS
from experiments.magnitude.restarts import BATCHES, RATES, restart
from experiments.magnitude.walks import WINDOW

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
    """Walks whose measures fall as accuracy rises if `sign` is 1, restarts whose gap follows them.

    Also Lévy paths that are 0.3 too low.
    """
    rng = np.random.default_rng(0)

    def walk(job):
        p = job.parameters
        for iteration in range(p["first"], p["iterations"] + 1, WINDOW):
            accuracy = 80 + iteration / 1000 - (p["depth"] - 5) / 4 + rng.uniform(0, 0.2)
            yield {"part": "walk", "iteration": iteration, **walk_values(accuracy, sign, rng)}

    def again(job):
        for rate, batch in product(RATES, BATCHES):
            noise = np.log(rate / batch**0.5)
            place = {"part": "restart", "new rate": rate, "batch": batch}
            yield {**place, **restart_values(noise, sign, rng)}

    def path(job):
        alpha = job.parameters["alpha"]
        off = rng.uniform(-0.02, 0.02)
        yield {"part": "levy", "magnitude dimension": alpha - 0.3 + off, "PH dimension": alpha}

    rows_of = {levy: path, restart: again}
    with patch.object(magnitude.sizes, "of_the_size_of_mnist", lambda: "Fashion-MNIST"):
        jobs = magnitude.jobs("small")
    return table_of(jobs, lambda job: rows_of.get(job.function, walk)(job))


def performance_values(accuracy, rng):
    return {
        "training accuracy": accuracy + 3,
        "test accuracy": accuracy,
        "gap": 3.0,
        "loss gap": 0.3,
        "norm": rng.uniform(10, 20),
    }


def walk_values(accuracy, sign, rng):
    """All numbers of one window: better networks have small ones, if `sign` is 1."""
    size = np.exp(-sign * (accuracy - 85) / 4)
    dimension = 2 * size + rng.uniform(0, 0.01)
    slopes = dimension * np.linspace(1, -1, len(STARTS)) + 3 + rng.uniform(0, 0.01, len(STARTS))
    return {
        **performance_values(accuracy, rng),
        "distance from start": rng.uniform(5, 10),
        **{f"|{t:g} W|": t * size + rng.uniform(0, 0.01) for t in (1.36, 6.78, 16.95, 30.51)},
        "slope at the paper's scales": -size + 9,
        "slope below them": size + rng.uniform(0, 0.01),
        "slopes": " ".join(f"{value:.4f}" for value in slopes),
        "magnitude dimension": -size + 9 + rng.uniform(0, 0.01),
        "straight from": 5.0,
        "straight to": 10.0,
        "PH dimension": dimension,
        "positive magnitude": 990.0,
        "sum of lifetimes": 6 * size,
        "diameter": size + rng.uniform(0, 0.01),
    }


def restart_values(noise, sign, rng):
    """All numbers of one restart: noisy ones have a large gap, if `sign` is 1."""
    return {
        **performance_values(85.0, rng),
        "largest gap": 10 + sign * noise + rng.uniform(0, 0.01),
        "magnitude dimension": 2 + noise / 10,
        "straight from": 5.0,
        "straight to": 10.0,
        "PH dimension": 3 + noise / 10,
        "positive magnitude": 1000 / (1 + np.exp(-noise)),
        "sum of lifetimes": np.exp(noise),
        "diameter": rng.uniform(1, 2),
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


def layers_table():
    """Networks whose class a falls sooner with ReLU, and whose class b never ends with tanh."""
    rng = np.random.default_rng(0)
    late = {"relu": 3, "leaky": 5, "tanh": 7}
    shapes = ("D-I 15x9", "D-I 15x3", "D-II small 15x9", "D-III small 25x9", "digits 15x9")
    names = [f"{shape} {activation}" for shape in shapes for activation in late]
    rows = [row for name in [*names, NARROW, PLAIN] for row in rows_of_layers(name, late, rng)]
    return pd.DataFrame(rows).assign(size="small")


def rows_of_layers(name, late, rng):
    of_row = kind(name)
    points = cloud(of_row.data)
    layers = np.arange(len(of_row.widths) + 2)
    middle = late[of_row.activation] * len(of_row.widths) / 9
    if len(of_row.widths) == 3:
        middle = 3.6
    if name == NARROW:
        middle = 3
    for seed in range(15):
        wrong = int(seed >= 12)
        place = {"group": name, "row": name, "seed": seed}
        yield {**place, "measure": "training", "steps": 1000, "wrong": wrong, "unseen": 0.001}
        if wrong:
            continue
        for control in ("trained", *points.controls):
            for letter, class_ in enumerate(points.classes):
                here = {**place, "control": control, "class": class_}
                start = middle + rng.uniform(-0.3, 0.3) + 2 * (control != "trained")
                fall = np.round(8 / (1 + np.exp(2 * (layers - start))))
                if layers[-1] == 4 and control == "trained":
                    fall = np.array([8, 8, 8, 7, 0])
                holes = 1 if letter and of_row.activation == "tanh" else 0
                numbers = {0: 1 + fall * (layers < layers[-1]), 1: holes + 0 * layers}
                for hops in points.hops:
                    for degree, values in numbers.items():
                        curve = {"measure": "betti", "scale": float(hops), "degree": degree}
                        text = " ".join(f"{value:g}" for value in values)
                        yield {**here, **curve, "layers": text}
                for degree in (0, 1):
                    curve = {"measure": "total", "scale": 0.0, "degree": degree}
                    bulge = 5 + layers * (layers[-1] - layers) / 8 * (control == "trained")
                    text = " ".join(f"{value:.4g}" for value in bulge + rng.uniform(0, 0.1))
                    yield {**here, **curve, "layers": text}
