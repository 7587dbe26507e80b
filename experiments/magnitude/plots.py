"""Pictures of walks, of slopes over every interval, of restarts and of known dimensions."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from experiments.harness import Figure, mean_interval
from experiments.harness.drawing import (
    COLORS,
    INK,
    MARKERS,
    drawing,
    mean_and_band,
)
from experiments.magnitude.across import TARGET
from experiments.magnitude.intervals import MIDDLES, begun, slopes, within
from experiments.magnitude.measures import RATIO, SCALES
from experiments.magnitude.runs import ACCURACY, NETWORK, kinds, paths, restarts, windows

TITLES = {
    ACCURACY: "test accuracy in %",
    "|1.36 W|": "|1.36 W|",
    "|30.51 W|": "|30.51 W|",
    "slope below them": "slope, t = 0.1 to 1.36",
    "magnitude dimension": "slope, straightest part",
    "PH dimension": "PH dimension",
    "positive magnitude": "positive magnitude, t = √n",
    "sum of lifetimes": "sum of lifetimes",
    "norm": "norm of the weights",
}
LOGARITHMIC = ("sum of lifetimes", "positive magnitude")


def draw(table: pd.DataFrame, folder: Path) -> list[Figure]:
    """Draw all figures into a folder."""
    return [
        along_training(table, folder),
        against_accuracy(table, folder),
        over_intervals(table, folder),
        after_restarts(table, folder),
        known_dimensions(table, folder),
    ]


def along_training(table: pd.DataFrame, folder: Path) -> Figure:
    """Draw accuracy and measures over the iterations."""
    shown = list(TITLES)[:6]
    path = folder / "along.png"
    with drawing(path, nrows=2, ncols=3, figsize=(11, 6), sharex=True) as (_, axes):
        for ax, name in zip(axes.flat, shown, strict=True):
            for hue, (kind, found) in zip(COLORS, kinds(windows(table)), strict=False):
                grid = found.pivot(index=NETWORK, columns="iteration", values=name)
                ax.plot(grid.columns, grid.T, color=hue, alpha=0.15, linewidth=0.8)
                mean_and_band(ax, grid.columns, grid.to_numpy(), color=hue, label=kind)
            ax.set_title(TITLES[name])
        for ax in axes[-1]:
            ax.set_xlabel("iteration")
        axes[0, 0].legend(loc="lower right")
    return Figure(
        path,
        "Networks along their training. Windows of 1000 iterations; faint lines are networks, "
        "bands 95 % intervals of their mean.",
    )


def against_accuracy(table: pd.DataFrame, folder: Path) -> Figure:
    """Draw measures against test accuracy, a point for each window: the paper's own figure."""
    shown = list(TITLES)[1:6]
    by_data = windows(table).groupby("data")
    path = folder / "accuracy.png"
    options = {"figsize": (14.5, 3.2 * len(by_data)), "sharey": "row", "squeeze": False}
    with drawing(path, nrows=len(by_data), ncols=len(shown), **options) as (_, axes):
        for row, (_, of_data) in zip(axes, by_data, strict=True):
            for mark, (kind, found) in zip(MARKERS, kinds(of_data), strict=False):
                means_by_age(found, shown, row, mark)
                row[0].plot([], [], mark, color=INK, label=kind)
            row[0].set_ylabel(TITLES[ACCURACY])
            row[0].legend()
        for ax, name in zip(axes[-1], shown, strict=True):
            ax.set_xlabel(TITLES[name])
    return Figure(
        path,
        "Measures against test accuracy. A point is the mean over networks of one window, from "
        "the first (dark) to the last (bright), with 95 % intervals both ways.",
    )


def means_by_age(found: pd.DataFrame, shown: list[str], axes: Iterable[Axes], mark: str) -> None:
    """Draw the mean over networks of each window, with its intervals."""
    by_age = found.groupby("iteration")[[ACCURACY, *shown]].agg(mean_interval)
    hues = plt.colormaps["viridis"](np.linspace(0, 0.9, len(by_age)))
    for ax, name in zip(axes, shown, strict=True):
        for hue, x, y in zip(hues, by_age[name], by_age[ACCURACY], strict=True):
            ax.plot([x.low, x.high], [y.estimate] * 2, color=hue, linewidth=1)
            ax.plot([x.estimate] * 2, [y.low, y.high], color=hue, linewidth=1)
            ax.plot(x.estimate, y.estimate, mark, color=hue, markersize=5)


def over_intervals(table: pd.DataFrame, folder: Path) -> Figure:
    """Draw the slope over [t, 2t], and how it correlates within networks, for every t."""
    of_kinds = list(kinds(windows(table)))
    path = folder / "intervals.png"
    size = (13, 3.3 * len(of_kinds))
    with drawing(path, nrows=len(of_kinds), ncols=2, figsize=size, squeeze=False) as (_, axes):
        for (left, right), (kind, found) in zip(axes, of_kinds, strict=True):
            curves = slopes(found)
            ages = found["iteration"].to_numpy()
            stops = np.unique(ages)
            hues = plt.colormaps["viridis"](np.linspace(0, 0.9, len(stops)))
            for hue, age in zip(hues, stops, strict=True):
                label = f"{age:g}" if age in stops[[0, -1]] else None
                left.plot(MIDDLES, curves[ages == age].mean(axis=0), color=hue, label=label)
            left.set(title=f"{kind}: slope of log|tW| over [t, {RATIO:g}t]", ylim=(0, None))
            left.legend(title="iteration")
            for hue, name in zip(COLORS, ("PH dimension", ACCURACY), strict=False):
                of = within(begun(found), name)
                mean_and_band(right, MIDDLES, of, color=hue, label=f"with {name}")
            everywhere = within(found, "PH dimension").mean(axis=0)
            label = "with PH dimension, all windows"
            right.plot(MIDDLES, everywhere, "--", color=COLORS[0], linewidth=1, label=label)
            right.axhline(0, color=INK, linewidth=0.8)
            right.set(title=f"{kind}: its correlation within networks", ylim=(-1.05, 1.05))
            for ax in (left, right):
                ax.set_xscale("log")
                ax.set_xlabel("t, middle of the interval")
                for t in SCALES:
                    ax.axvline(t, color=INK, linewidth=0.6, linestyle=":")
        axes[0, 1].legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize="small")
    return Figure(
        path,
        "The slope depends on the interval. Left: mean over networks, one line a window. Right: "
        "Pearson's correlation over the windows of one network, mean over networks and its 95 % "
        "interval, without the window that begins at random weights, which the dashed line has "
        "too. Dotted: the four scales of the paper.",
    )


def after_restarts(table: pd.DataFrame, folder: Path) -> Figure:
    """Draw the gap against complexities, dimensions and norm, a point for each training."""
    found = restarts(table)
    shown = ["sum of lifetimes", "positive magnitude", "PH dimension", "norm"]
    path = folder / "restarts.png"
    hues = dict(zip(sorted(found["new rate"].unique()), COLORS, strict=False))
    marks = dict(zip(sorted(found["batch"].unique()), MARKERS, strict=False))
    with drawing(path, nrows=1, ncols=len(shown), figsize=(14, 3.6), sharey=True) as (figure, axes):
        for ax, name in zip(axes, shown, strict=True):
            for (rate, batch), of in found.groupby(["new rate", "batch"]):
                style = {"color": hues[rate], "marker": marks[batch]}
                ax.scatter(of[name], of[TARGET], s=28, alpha=0.8, **style)
            ax.set_xlabel(TITLES[name])
            if name in LOGARITHMIC:
                ax.set_xscale("log")
        axes[0].set_ylabel("largest gap of the window in %")
        handles = [
            *(
                plt.Line2D([], [], color=hue, marker="o", ls="", label=f"rate {rate:g}")
                for rate, hue in hues.items()
            ),
            *(
                plt.Line2D([], [], color=INK, marker=mark, ls="", label=f"batches of {batch:g}")
                for batch, mark in marks.items()
            ),
        ]
        figure.legend(handles=handles, loc="outside right upper")
    return Figure(
        path,
        f"Trainings that start from trained weights. One point for each of {len(found)} windows, "
        f"from {found['seed'].nunique()} networks that were trained alike before.",
    )


def known_dimensions(table: pd.DataFrame, folder: Path) -> Figure:
    """Draw estimates of the dimension of Lévy paths against the truth."""
    found = paths(table)
    path = folder / "dimensions.png"
    with drawing(path, nrows=1, ncols=2, figsize=(8.5, 3.8)) as (_, axes):
        for name, ax in zip(("magnitude dimension", "PH dimension"), axes, strict=True):
            against_truth(found, name, ax)
    return Figure(
        path,
        "Paths of stable Lévy processes in ten dimensions, whose dimension is α. Means with 95 % "
        "intervals over paths.",
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
    ax.set(xlabel="α", title=f"{name} of Lévy paths", ylim=(0.5, 2.6))
    ax.legend(loc="upper left")
