"""Pictures of walks, of what predicts generalisation, and of known dimensions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from experiments.harness import Figure, mean_interval
from experiments.harness.drawing import COLORS, INK, MARKERS, drawing, plain_ticks
from experiments.magnitude.across import ACCURACY, GAP, granulated
from experiments.magnitude.along import NAMES
from experiments.magnitude.runs import HYPERPARAMETERS, ends, paths, stops
from experiments.magnitude.walks import WINDOWS

SHORT = {
    "|1.36 W|": "|1.36 W|",
    "|30.51 W|": "|30.51 W|",
    "dimension at the paper's scales": "slope, paper's scales",
    "magnitude dimension": "magnitude dimension",
    "PH dimension": "PH dimension",
    "positive magnitude": "positive magnitude",
    "sum of lifetimes": "sum of lifetimes",
    "diameter": "diameter of the window",
    "norm": "norm of the weights",
    "distance from start": "distance from the start",
    "rate": "learning rate",
}
SIZES = ("|1.36 W|", "|30.51 W|")  # drawn on a logarithmic axis
TARGETS = {ACCURACY: "test accuracy in %", GAP: "generalisation gap in %"}


def draw(table: pd.DataFrame, folder: Path) -> list[Figure]:
    """Draw all figures into a folder."""
    return [
        along_training(table, folder),
        across_networks(table, folder),
        correlations(table, folder),
        known_dimensions(table, folder),
    ]


def along_training(table: pd.DataFrame, folder: Path) -> Figure:
    """Draw accuracy and measures over the iterations, by depth."""
    found = stops(table)
    shown = [ACCURACY, *NAMES]
    path = folder / "along.png"
    with drawing(path, nrows=1, ncols=len(shown), figsize=(14.5, 3.1), sharex=True) as (
        _,
        axes,
    ):
        groups = found.groupby(["network", "depth"])
        for ax, name in zip(axes, shown, strict=True):
            for hue, ((network, depth), rows) in zip(COLORS, groups, strict=False):
                label = f"{depth:g} layers" if network != "AlexNet" else network
                values = rows.groupby("iteration")[name]
                middle, (low, high) = values.median(), (values.quantile(q) for q in (0.1, 0.9))
                ax.fill_between(middle.index, low, high, color=hue, alpha=0.15, linewidth=0)
                ax.plot(middle.index, middle, marker="o", color=hue, label=label)
            ax.set(title=SHORT.get(name, name), xlabel="iteration")
            if name in SIZES:
                ax.set_yscale("log")
                plain_ticks(ax)
            elif name != ACCURACY:
                ax.set_ylim(bottom=0)
        axes[0].legend(loc="lower right")
    return Figure(
        path,
        "Networks along their training. Windows of 1000 iterations; lines are medians over "
        "networks, bands hold the middle 80 %. The last two panels show dimensions that do not "
        "depend on the size of the walk.",
    )


def across_networks(table: pd.DataFrame, folder: Path) -> Figure:
    """Draw measures against accuracy and gap, one point a network."""
    found = ends(table)
    shown = ["|1.36 W|", "|30.51 W|", "magnitude dimension", "PH dimension", "norm"]
    path = folder / "networks.png"
    with drawing(
        path,
        nrows=2,
        ncols=len(shown),
        figsize=(14.5, 5.6),
        sharex="col",
        sharey="row",
        squeeze=False,
    ) as (figure, axes):
        hues = dict(zip(sorted(found["rate"].unique()), COLORS, strict=False))
        marks = dict(zip(found.groupby(["depth", "width"]).groups, MARKERS * 2, strict=False))
        for row, (target, label) in zip(axes, TARGETS.items(), strict=True):
            row[0].set_ylabel(label)
            for ax, name in zip(row, shown, strict=True):
                for (rate, depth, width), of in found.groupby(["rate", "depth", "width"]):
                    style = {"color": hues[rate], "marker": marks[depth, width]}
                    ax.scatter(of[name], of[target], s=26, alpha=0.85, **style)
                if name in SIZES:
                    ax.set_xscale("log")
                    plain_ticks(ax, "x")
        for ax, name in zip(axes[1], shown, strict=True):
            ax.set_xlabel(SHORT[name])
        handles = [
            *(
                plt.Line2D([], [], color=hue, marker="o", ls="", label=f"rate {rate:g}")
                for rate, hue in hues.items()
            ),
            *(
                plt.Line2D(
                    [], [], color=INK, marker=mark, ls="", label=f"{depth:g} layers of {width:g}"
                )
                for (depth, width), mark in marks.items()
            ),
        ]
        figure.legend(handles=handles, loc="outside right upper")
    return Figure(
        path,
        f"Networks at the end of their training. One point for each of {len(found)} networks that "
        "have learned their training images. Colours are learning rates, markers are shapes of "
        "networks: where these lie apart, a measure follows the hyper-parameter.",
    )


def correlations(table: pd.DataFrame, folder: Path) -> Figure:
    """Draw τ and granulated τ of all measures, for accuracy and for the gap."""
    found = ends(table)
    path = folder / "correlations.png"
    with drawing(path, nrows=1, ncols=3, figsize=(14.5, 6), width_ratios=[1, 1, 0.8]) as (
        figure,
        axes,
    ):
        kinds = ["tau", *(f"psi({name})" for name in HYPERPARAMETERS), "Psi"]
        labels = ["τ, all networks", *(f"ψ({name})" for name in HYPERPARAMETERS), "Ψ, their mean"]
        for ax, (target, label) in zip(axes, TARGETS.items(), strict=False):
            for place, name in enumerate(SHORT):
                rows = pd.DataFrame(granulated(found, name, target).to_columns())
                rows = rows.set_index("correlation").loc[kinds]
                heights = place + np.linspace(-0.32, 0.32, len(kinds))
                for k, (height, row) in enumerate(zip(heights, rows.itertuples(), strict=True)):
                    hue = (INK, *COLORS)[k]
                    ax.hlines(height, row.low, row.high, color=hue, alpha=0.45, linewidth=2)
                    name_once = labels[k] if place == 0 else None
                    ax.plot(
                        row.value, height, MARKERS[k], color=hue, markersize=4.5, label=name_once
                    )
            ax.axvline(0, color=INK, linewidth=0.8)
            ax.set(xlim=(-1.05, 1.05), title=f"with {label.removesuffix(' in %')}")
            ax.set_xlabel("Kendall's τ")
            ax.set_yticks(range(len(SHORT)), SHORT.values() if ax is axes[0] else [])
            ax.invert_yaxis()
        handles = axes[0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside lower left", ncols=len(kinds))
        growing(table, axes[2])
    return Figure(
        path,
        "What goes with accuracy and gap. Kendall's τ over all networks, within groups that differ "
        "in one hyper-parameter (ψ), and the mean of those (Ψ), with 95 % intervals. Right: Ψ "
        "with test accuracy at growing size: windows of 250, 500 and 1000 iterations, one seed to "
        "all seeds.",
    )


def growing(table: pd.DataFrame, ax: Axes) -> None:
    """Draw Ψ with accuracy for longer windows and more seeds."""
    shown = ["|1.36 W|", "magnitude dimension", "PH dimension"]
    cases = [(f"window {window}", ends(table, window)) for window in WINDOWS]
    whole = cases[-1][1]
    for n_seeds in range(1, int(whole["seed"].nunique()) + 1):
        of = whole[whole["seed"] < n_seeds]
        cases.append((f"{len(of)} networks", of.reset_index(drop=True)))
    for k, name in enumerate(shown):
        for place, (_, found) in enumerate(cases):
            of = granulated(found, name, ACCURACY)
            height = place + 0.22 * (k - 1)
            ax.hlines(height, *of.Psi_interval, color=COLORS[k], alpha=0.45, linewidth=2)
            label = SHORT[name] if place == 0 else None
            ax.plot(of.Psi, height, MARKERS[k], color=COLORS[k], markersize=5, label=label)
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set(xlim=(-1.05, 1.05), xlabel="Ψ", title="growing size")
    ax.set_yticks(range(len(cases)), [label for label, _ in cases])
    ax.invert_yaxis()
    ax.legend(loc="upper right", fontsize="x-small")


def known_dimensions(table: pd.DataFrame, folder: Path) -> Figure:
    """Draw estimates against the truth, and the two dimensions against each other."""
    found, walks = paths(table), stops(table)
    path = folder / "dimensions.png"
    with drawing(path, nrows=1, ncols=3, figsize=(12.5, 4)) as (_, (left, middle, right)):
        for name, ax in {"magnitude dimension": left, "PH dimension": middle}.items():
            against_truth(found, name, ax)
        finite = walks[np.isfinite(walks["PH dimension"])]
        for hue, (iteration, rows) in zip(COLORS, finite.groupby("iteration"), strict=False):
            x, y = rows["PH dimension"], rows["magnitude dimension"]
            right.scatter(x, y, s=16, alpha=0.7, color=hue, label=f"to iteration {iteration:g}")
        right.set(xlabel="PH dimension", ylabel="magnitude dimension", title="windows of networks")
        right.legend(loc="lower right")
    return Figure(
        path,
        "Dimensions. Left and middle: paths of stable Lévy processes in ten dimensions, whose "
        "dimension is α; means with 95 % intervals over paths. Right: the two dimensions of every "
        "window of every network. The paper has a correlation of .96.",
    )


def against_truth(found: pd.DataFrame, name: str, ax: Axes) -> None:
    """Draw means of an estimate over α, with intervals, for each number of points."""
    for k, (n, rows) in enumerate(found.groupby("n")):
        by_alpha = rows.groupby("alpha")[name].agg(mean_interval)
        means = np.array([of.estimate for of in by_alpha])
        around = np.abs(np.array([(of.low, of.high) for of in by_alpha]).T - means)
        ax.errorbar(
            by_alpha.index + 0.012 * (k - 1),  # beside each other
            means,
            around,
            fmt=MARKERS[k] + "-",
            color=COLORS[k],
            capsize=2,
            markersize=4,
            linewidth=1,
            label=f"{n:g} points",
        )
    truth = np.array([found["alpha"].min(), found["alpha"].max()])
    ax.plot(truth, truth, color=INK, linewidth=1, label="α")
    ax.plot(truth, truth - 0.3, ":", color=INK, linewidth=1, label="α − 0.3")
    ax.set(xlabel="α", title=f"{name} of Lévy paths", ylim=(0.5, 2.6))
    ax.legend(loc="upper left")
