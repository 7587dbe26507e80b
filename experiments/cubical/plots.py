"""Pictures of decay, of what does not change it, and of the ranking."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from experiments.cubical.curves import curve, family_curves, family_voxels, permuted_curves, voxels
from experiments.cubical.decay import LONGEST
from experiments.cubical.ranking import NINE, TARGET, THETA, nines, ranking, scores
from experiments.cubical.sizes import N_SEEDS, Study
from experiments.harness import Figure
from experiments.harness.drawing import COLORS, INK, MARKERS, drawing, plain_ticks

RESAMPLES = 1000


def draw(table: pd.DataFrame, folder: Path, studies: Sequence[Study]) -> list[Figure]:
    """Draw all figures into a folder."""
    return [
        decay(table, folder, studies),
        invariance(table, folder, studies[0]),
        ranks(table, folder),
    ]


def decay(table: pd.DataFrame, folder: Path, studies: Sequence[Study]) -> Figure:
    """Draw Ω over depth, and Ω per voxel, trained and with random weights."""
    n = len(studies) + 1
    path = folder / "decay.png"
    with drawing(path, nrows=2, ncols=n, figsize=(3.6 * n, 6.2), sharex=True, squeeze=False) as (
        _,
        axes,
    ):
        for column, study in zip(axes.T, studies, strict=False):
            for hue, network in zip(COLORS * 2, study.networks, strict=False):
                sizes = voxels(table, study, network)
                ways = [{"weights": "untrained", "seed": seed} for seed in range(N_SEEDS)]
                random = np.mean([curve(table, study, network, **way) for way in ways], axis=0)
                for ax, divisor in zip(column, (np.ones(len(sizes)), sizes), strict=True):
                    band(ax, curve(table, study, network) / divisor[:, None], hue, label=network)
                    depth = np.linspace(0, 1, len(sizes))
                    ax.plot(depth, random.mean(axis=1) / divisor, "--", color=hue, linewidth=1)
            column[0].set_title(study.name.replace(" on ", "\non "))
            column[0].legend(loc="lower left")
        of_family(table, axes[:, -1])
        for ax in axes[0]:
            ax.set_yscale("log")
            plain_ticks(ax)
        for ax in axes[1]:
            ax.set_ylim(bottom=0)
            ax.set_xlabel("depth, from first to last layer")
        axes[0, 0].set_ylabel("Ω, Betti numbers together")
        axes[1, 0].set_ylabel("Ω per voxel")
    return Figure(
        path,
        "Complexity over depth. Lines: trained networks, with 95 % bands over images (left) and "
        "the middle 90 % of networks (right). Dashed: random weights. Below, the same divided by "
        "the number of voxels of each layer.",
    )


def band(ax: Axes, complexities: np.ndarray, hue: str, label: str) -> None:
    """Draw the mean over images with a bootstrap band."""
    n_layers, n_images = complexities.shape
    drawn = np.random.default_rng(0).integers(n_images, size=(RESAMPLES, n_images))
    low, high = np.quantile(complexities[:, drawn].mean(axis=2), [0.025, 0.975], axis=1)
    depth = np.linspace(0, 1, n_layers)
    ax.fill_between(depth, low, high, color=hue, alpha=0.18, linewidth=0)
    ax.plot(depth, complexities.mean(axis=1), color=hue, label=label)


def of_family(table: pd.DataFrame, column: np.ndarray) -> None:
    """Draw the networks trained here, depth by depth, over all widths and seeds."""
    sizes = family_voxels(table).xs(LONGEST, level="steps")
    trained = family_curves(table, "task").xs(LONGEST, level="steps")
    random = family_curves(table, "untrained").xs(LONGEST, level="steps")
    depths = sorted({int(depth) for depth in trained.index.get_level_values("depth")})
    for hue, n_layers in zip(COLORS, depths, strict=False):
        place = np.linspace(0, 1, n_layers)
        size, omega, chance = (
            np.stack(list(found.xs(n_layers, level="depth"))) for found in (sizes, trained, random)
        )
        for ax, divisor in zip(column, (np.ones_like(size), size), strict=True):
            low, high = np.quantile(omega / divisor, [0.05, 0.95], axis=0)
            ax.fill_between(place, low, high, color=hue, alpha=0.13, linewidth=0)
            ax.plot(place, (omega / divisor).mean(axis=0), color=hue, label=f"{n_layers} layers")
            ax.plot(place, (chance / divisor).mean(axis=0), "--", color=hue, linewidth=1)
    column[0].set_title(f"networks trained here,\n{LONGEST} steps on digits")
    column[0].legend(loc="lower left")


def invariance(table: pd.DataFrame, folder: Path, study: Study) -> Figure:
    """Draw the share of complexity up to each depth under four changes."""
    path = folder / "invariance.png"
    with drawing(path, nrows=1, ncols=4, figsize=(13.5, 3.5), sharex=True, sharey=True) as (
        _,
        axes,
    ):
        network = study.networks[0]
        *others, usual = study.pixels[network]
        for hue, pixels in zip(COLORS, (*others, usual), strict=False):
            share(axes[0], curve(table, study, network, pixels=pixels), hue, f"{pixels} pixels")
        for hue, kind in zip(COLORS, (study.kind, *study.similar), strict=False):
            share(axes[1], curve(table, study, network, kind=kind), hue, kind)
        for hue, other in zip(COLORS, study.networks, strict=False):
            found = curve(table, study, other)
            share(axes[2], found, hue, f"{other}, {len(found)} layers")
        orders = permuted_curves(table, study, network, layout="volume_permuted")
        for k, order in enumerate(orders):
            share(axes[3], order, COLORS[1], None if k else f"{len(orders)} random orders")
        share(axes[3], curve(table, study, network), COLORS[0], "order of the network")
        titles = [
            f"{network}: resolution",
            f"{network}: images",
            "networks",
            f"{network}: channels",
        ]
        for ax, title in zip(axes, titles, strict=True):
            ax.set(title=title, xlabel="depth", ylim=(0, 1.02), xlim=(0, 1))
            ax.legend(loc="lower right")
        axes[0].set_ylabel("share of complexity up to there")
    return Figure(
        path,
        "What the curve depends on. The share of all complexity in the layers up to "
        "each depth. The claims measure the largest vertical distance between two lines.",
    )


def share(ax: Axes, complexities: np.ndarray, hue: str, label: str | None) -> None:
    """Draw the cumulated share of complexity over depth."""
    omega = complexities.mean(axis=1)
    places = np.linspace(0, 1, len(omega) + 1)
    ax.plot(places, np.concatenate([[0], np.cumsum(omega) / omega.sum()]), color=hue, label=label)


def ranks(table: pd.DataFrame, folder: Path) -> Figure:
    """Draw θ against accuracy, τ of all scores, and what groups of nine networks give."""
    found = scores(table)
    ranked = ranking(found)
    path = folder / "ranking.png"
    with drawing(path, nrows=1, ncols=3, figsize=(13.5, 4.4), width_ratios=[1.1, 1.1, 0.7]) as (
        figure,
        (left, middle, right),
    ):
        for marker, (steps, of_steps) in zip(MARKERS, found.groupby("steps"), strict=False):
            for hue, (n_layers, rows) in zip(COLORS, of_steps.groupby("depth"), strict=False):
                left.scatter(rows["theta"], rows[TARGET], color=hue, marker=marker, s=20, alpha=0.8)
                if marker == MARKERS[0]:
                    left.plot([], [], "o", color=hue, label=f"{n_layers} layers")
            left.plot([], [], marker, color=INK, label=f"{steps} steps")
        left.set(xlabel="θ (low is said to be good)", ylabel="accuracy after fine-tuning in %")
        left.set_xscale("symlog", linthresh=0.1)
        figure.legend(*left.get_legend_handles_labels(), loc="outside lower left", ncols=7)
        left.set_title(f"{len(found)} networks")
        ranked.plot(middle)
        middle.set_title("every score; grey: what chance gives")
        taus = nines(found)
        chance = 2 * np.sqrt(2 * (2 * NINE + 5) / (9 * NINE * (NINE - 1)))
        right.axhspan(-chance, chance, color=INK, alpha=0.1, linewidth=0)
        right.axhline(ranked.kendall[THETA], color=COLORS[1], label="all networks")
        spread = np.linspace(-0.6, 0.6, len(taus))
        right.plot(spread, sorted(taus), "o", label="nine networks each")
        right.set(ylim=(-1.05, 1.05), xlim=(-1, 1), xticks=[], ylabel="Kendall's τ of −θ")
        right.legend(loc="lower right")
        right.set_title("groups of nine")
    return Figure(
        path,
        "θ and accuracy after fine-tuning. Left: the networks trained here. Middle: Kendall's τ of "
        "θ, of plainer measures of decay, and of other scores (dark), with 95 % intervals over "
        "networks. Right: τ of θ in disjoint groups of nine networks, as many as the paper has; "
        "grey is two standard deviations of chance.",
    )
