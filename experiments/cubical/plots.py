"""Pictures of decay, of what does not change it, and of the ranking."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from experiments.cubical.curves import curve, has_residuals, residual_curves, studies_in, voxels
from experiments.cubical.pictures import SMALL_IMAGENET
from experiments.cubical.ranking import NINE, TARGET, THETA, nines, ranking, scores
from experiments.cubical.sizes import CIFAR, IMAGENET, N_SEEDS, Study
from experiments.harness import Figure
from experiments.harness.drawing import COLORS, INK, MARKERS, drawing, plain_ticks

RESAMPLES = 1000


def draw(table: pd.DataFrame, folder: Path) -> list[Figure]:
    """Draw all figures into a folder."""
    return [decay(table, folder), invariance(table, folder), ranks(table, folder)]


def decay(table: pd.DataFrame, folder: Path) -> Figure:
    """Draw Ω over depth, and Ω per voxel, trained and with random weights."""
    studies = studies_in(table)
    n = len(studies) + has_residuals(table)
    path = folder / "decay.png"
    with drawing(path, nrows=2, ncols=n, figsize=(3.4 * n, 6.2), sharex=True, squeeze=False) as (
        _,
        axes,
    ):
        for column, study in zip(axes.T, studies, strict=False):
            of_study(table, study, column)
        if has_residuals(table):
            of_residuals(table, axes[:, -1])
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
        "Complexity over depth. Lines: trained networks, with 95 % bands over images; right, one "
        "line for each of three seeds. Dashed: random weights. Below, the same divided by the "
        "number of voxels of each layer.",
    )


def of_study(table: pd.DataFrame, study: Study, column: np.ndarray) -> None:
    """Draw networks that others have trained."""
    for hue, network in zip(COLORS * 2, study.networks, strict=False):
        sizes = voxels(table, study, network)
        ways = [{"weights": "untrained", "seed": seed} for seed in range(N_SEEDS)]
        random = np.mean([curve(table, study, network, **way) for way in ways], axis=0)
        for ax, divisor in zip(column, (np.ones(len(sizes)), sizes), strict=True):
            band(ax, curve(table, study, network) / divisor[:, None], hue, label=network)
            depth = np.linspace(0, 1, len(sizes))
            ax.plot(depth, random.mean(axis=1) / divisor, "--", color=hue, linewidth=1)
    column[0].set_title(study.name.replace(" on ", "\non "))
    column[0].legend(fontsize="small")


def of_residuals(table: pd.DataFrame, column: np.ndarray) -> None:
    """Draw the residual networks, depth by depth."""
    trained, random, sizes = (
        residual_curves(table, name) for name in ("trained", "untrained", "voxels")
    )
    hues = dict(zip(trained.index.unique("depth"), COLORS, strict=False))
    for (depth, seed), omega in trained.items():
        place = np.linspace(0, 1, len(omega))
        label = None if seed else f"ResNet-{depth}"
        for ax, divisor in zip(column, (1, sizes[depth, seed]), strict=True):
            ax.plot(place, omega / divisor, color=hues[depth], label=label)
            chance = random[depth, seed] / divisor
            ax.plot(place, chance, "--", color=hues[depth], linewidth=0.8, alpha=0.6)
    column[0].set_title("residual networks\non Fashion-MNIST")
    column[0].legend(fontsize="small")


def band(ax: Axes, complexities: np.ndarray, hue: str, label: str) -> None:
    """Draw the mean over images with a bootstrap band."""
    n_layers, n_images = complexities.shape
    drawn = np.random.default_rng(0).integers(n_images, size=(RESAMPLES, n_images))
    low, high = np.quantile(complexities[:, drawn].mean(axis=2), [0.025, 0.975], axis=1)
    depth = np.linspace(0, 1, n_layers)
    ax.fill_between(depth, low, high, color=hue, alpha=0.18, linewidth=0)
    ax.plot(depth, complexities.mean(axis=1), color=hue, label=label)


def invariance(table: pd.DataFrame, folder: Path) -> Figure:
    """Draw the share of complexity up to each depth under the changes that the paper names."""
    study = studies_in(table)[0]
    first = study.networks[0]
    panels = [f"{first}: images", f"{first}: size of the input", "depth, one family"]
    panels += ["depth, ResNets"] * has_residuals(table)
    n = len(panels)
    path = folder / "invariance.png"
    with drawing(path, nrows=1, ncols=n, figsize=(3.5 * n, 4.0), sharex=True, sharey=True) as (
        _,
        axes,
    ):
        kinds = [study.kind, study.similar, *study.others]
        kinds += [IMAGENET.kind] * (study is CIFAR)
        for hue, kind in zip(COLORS, kinds, strict=False):
            dash = ":" if kind == SMALL_IMAGENET else "-"  # on top of that of CIFAR-10
            share(axes[0], curve(table, study, first, kind=kind), hue, kind, dash)
        for shown, dash in ((study, "-"), (IMAGENET, "--"))[: 1 + (study is CIFAR)]:
            for hue, pixels in zip(COLORS, shown.pixels[first], strict=False):
                label = f"{pixels} pixels" if shown is study else None
                share(axes[1], curve(table, shown, first, pixels=pixels), hue, label, dash)
        for hue, other in zip(COLORS, study.families[0], strict=False):
            found = curve(table, study, other)
            share(axes[2], found, hue, f"{other}, {len(found)} layers")
        if has_residuals(table):
            trained = residual_curves(table, "trained")
            for hue, (depth, curves) in zip(COLORS, trained.groupby("depth"), strict=False):
                for seed, omega in enumerate(curves):
                    label = None if seed else f"ResNet-{depth}"
                    share(axes[3], omega[:, None], hue, label)
        for ax, title in zip(axes, panels, strict=True):
            ax.set(title=title, xlabel="depth", ylim=(0, 1.02), xlim=(0, 1))
            ax.legend(loc="lower right", fontsize="small")
        axes[0].set_ylabel("share of complexity up to there")
    return Figure(
        path,
        "What the curve depends on. The share of all complexity in the layers up to each depth; "
        "the claims measure the largest vertical distance between two lines. Second panel: "
        "CIFAR-10, dashed ImageNet. Last panel: three seeds of each depth.",
    )


def share(ax: Axes, complexities: np.ndarray, hue: str, label: str | None, dash: str = "-") -> None:
    """Draw the cumulated share of complexity over depth."""
    omega = complexities.mean(axis=1)
    places = np.linspace(0, 1, len(omega) + 1)
    ax.plot(
        places, np.concatenate([[0], np.cumsum(omega) / omega.sum()]), dash, color=hue, label=label
    )


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
        left.set_title(f"{len(found)} toy networks")
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
        "θ and accuracy after fine-tuning. Left: toy networks. Middle: Kendall's τ of "
        "θ, of plainer measures of decay, and of other scores (dark), with 95 % intervals over "
        "networks. Right: τ of θ in disjoint groups of nine networks, as many as the paper has; "
        "grey is two standard deviations of chance.",
    )
