"""The homology of what networks that others have trained make of images."""

from __future__ import annotations

import numpy as np

import topolens as tl
from experiments.cubical.networks import layers_of, load
from experiments.cubical.pictures import images
from experiments.cubical.rows import joined
from experiments.harness.jobs import Row

VERSION = 2
N_PERMUTATIONS = 4


def profile(
    network: str,
    kind: str,
    pixels: int,
    layout: str,
    rule: str,
    eta: float,
    statistics: str,
    weights: str,
    seed: int,
) -> list[Row]:
    """Count homology in each layer for each image, in one of many ways.

    Parameters
    ----------
    network : str
    kind, pixels
        Of the images.
    layout, rule, eta, statistics
        As in :func:`topolens.cubical_profile`.
    weights : {"trained", "untrained"}
    seed : int
        Of untrained weights, or of the permutations.
    """
    model = load(network)
    draws = {"n_permutations": N_PERMUTATIONS} if layout == "volume_permuted" else {}
    found = tl.cubical_profile(
        model,
        eta,
        images=images(kind, pixels),
        layers=layers_of(network, model),
        layout=layout,
        rule=rule,
        statistics=statistics,
        rng=seed,
        n_threads=1,
        **draws,
    )
    if weights == "untrained":
        found = found.untrained(seed)
    return rows_of("profile", found)


def half_of_the_channels(network: str, kind: str, pixels: int, seed: int) -> list[Row]:
    """Count homology in volumes of half of the channels, drawn at random in each layer."""
    model = load(network)
    layers = layers_of(network, model)
    recording = tl.record(model, images(kind, pixels), layers=layers)
    rng = np.random.default_rng(seed)
    halves = {}
    for layer in layers:
        maps = recording.feature_maps(layer)
        kept = np.sort(rng.permutation(maps.shape[1])[: maps.shape[1] // 2])
        halves[layer] = maps[:, kept]
    return rows_of("half of the channels", tl.cubical_profile(halves, 0.0, n_threads=1))


def rows_of(part: str, found: tl.profiles.CubicalProfile) -> list[Row]:
    """Return the complexities by layer for every image, and permutation if there are any."""
    permuted = found.permutations is not None
    draws = found.permuted_complexities() if permuted else found.complexities()[None]
    complexities = [
        {"part": part, "permutation": k, "image": image, "layers": joined(draw[:, image])}
        for k, draw in enumerate(draws)
        for image in range(found.n_images)
    ]
    return [*complexities, {"part": f"{part}, voxels", "layers": joined(found.n_voxels)}]
