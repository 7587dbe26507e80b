"""The space of networks: how it is covered, what is certified, how it looks, and paths in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from experiments.harness import Figure, fullest
from experiments.harness.drawing import COLORS, drawing
from experiments.networks.claims import END, STAGES
from experiments.networks.space import KIND, nearest_known, rows_of, space_of
from experiments.networks.training import EPOCHS, PATH_STEPS

RADII = np.linspace(0, 0.2, 81)


def figures(table: pd.DataFrame, folder: Path) -> list[Figure]:
    """Draw all figures into the folder."""
    table, _ = fullest(table)
    checkpoints = rows_of(table, "checkpoint")
    return [
        _coverings(checkpoints, folder / "coverings.png"),
        _decisions(checkpoints, folder / "decisions.png"),
        _map(checkpoints, folder / "map.png"),
        _paths(rows_of(table, "path"), folder / "paths.png"),
    ]


def _coverings(checkpoints: pd.DataFrame, path: Path) -> Figure:
    with drawing(path, ncols=2, figsize=(9.4, 3.6)) as (figure, axes):
        for color, epoch in zip(COLORS, EPOCHS, strict=False):
            at = checkpoints[checkpoints["epoch"] == epoch].reset_index(drop=True)
            seeds = at["seed"].nunique()
            sizes = sorted({2**i for i in range(20) if 2**i < seeds} | {seeds})
            kinds = len(at) // seeds
            known, balls, far = [], [], []
            for count in sizes:
                some = at[at["seed"] < count]
                known.append(len(some))
                balls.append(space_of(some).distances().covering_curve().number(0.1))
            label = f"epoch {epoch}"
            axes[0].plot(known, balls, marker=".", color=color, label=label)
            halves = [count for count in sizes if 2 * count <= seeds]
            far = [(nearest_known(at, count) > 0.1).mean() for count in halves]
            axes[1].plot(np.array(halves) * kinds, far, marker=".", color=color)
        axes[0].set(xscale="log", yscale="log", xlabel="networks", ylabel="balls of radius 0.1")
        axes[0].plot(known, known, color="0.8", zorder=0, label="one ball a network")
        axes[1].set(xscale="log", xlabel="known networks", ylim=(0, 1))
        axes[1].set_ylabel("share of new networks beyond 0.1")
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=6)
    return Figure(
        path,
        "Does the space fill up? Left: balls of radius 0.1 that cover so many networks, at least "
        "the covering number. Right: how many new networks are farther than 0.1 from all that are "
        "known. Where the space is compact, the left curve must level off and the right one fall "
        "to 0.",
    )


def _decisions(checkpoints: pd.DataFrame, path: Path) -> Figure:
    with drawing(path, ncols=2, figsize=(9.4, 3.4), sharey=True) as (figure, axes):
        for ax, epoch in zip(axes, (1, END), strict=True):
            D = space_of(checkpoints[checkpoints["epoch"] == epoch]).distances()
            pairs = np.triu_indices(len(D), 1)
            radii = RADII * (5 if epoch == 1 else 1)
            decided = np.array([D.decide(eps)[pairs] for eps in radii])
            shares = [(decided == sign).mean(axis=1) for sign in (1, 0, -1)]
            colors = [COLORS[2], "0.85", COLORS[1]]
            labels = ["certified within ε", "undetermined", "certified beyond ε"]
            ax.stackplot(radii, shares, colors=colors, labels=labels)
            within = (D.condensed() <= radii[:, None]).mean(axis=1)
            ax.plot(radii, within, color=COLORS[-1], label="estimate within ε")
            ax.set(title=STAGES[epoch], xlabel="ε", xlim=(0, radii[-1]), ylim=(0, 1))
            ax.set_xticks(np.linspace(0, radii[-1], 5))
            ax.xaxis.set_major_formatter("{x:g}")
        axes[0].set_ylabel("share of the pairs")
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return Figure(
        path,
        "Which pairs are equivalent at ε? All decisions, for all pairs and all ε, are right at "
        "once with 95 % confidence (Clopper and Pearson with Bonferroni's correction).",
    )


def _map(checkpoints: pd.DataFrame, path: Path) -> Figure:
    with drawing(path, ncols=2, figsize=(9.4, 4.2)) as (_, axes):
        everything = space_of(checkpoints).distances().embed(2).points
        shades = dict(zip(EPOCHS, COLORS, strict=False))
        for epoch in EPOCHS:
            at = (checkpoints["epoch"] == epoch).to_numpy()
            axes[0].scatter(*everything[at].T, s=5, color=shades[epoch], label=f"epoch {epoch}")
        axes[0].set_title("all checkpoints")
        final = checkpoints[checkpoints["epoch"] == END].reset_index(drop=True)
        points = space_of(final).distances().embed(2).points
        for color, (kind, rows) in zip(COLORS, final.groupby(KIND), strict=False):
            name = f"{kind[0]} {kind[1]} {kind[2]}"
            axes[1].scatter(*points[rows.index].T, s=8, color=color, label=name)
        axes[1].set_title("trained networks")
        for ax in axes:
            ax.set(xticks=[], yticks=[], aspect="equal")
            ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncols=3, fontsize="small")
    return Figure(
        path,
        "Two axes of the space. The root of the distance embeds without error in many dimensions; "
        "shown are the first two.",
    )


def _paths(paths: pd.DataFrame, path: Path) -> Figure:
    with drawing(path, figsize=(5.4, 3.4)) as (figure, ax):
        markers = "osD^vP"
        for i, (kind, rows) in enumerate(paths.groupby(KIND)):
            jumps = rows.pivot(index="seed", columns="steps", values="jump")
            name = f"{kind[0]} {kind[1]} {kind[2]}"
            style = {"marker": markers[i % 6], "color": COLORS[i % len(COLORS)], "markersize": 5}
            ax.plot(jumps.columns, jumps.mean(), label=name, **style)
        ax.set(xscale="log", yscale="log", xlabel="steps", ylabel="largest step")
        ax.set_xticks(PATH_STEPS, [str(n) for n in PATH_STEPS])
        ax.minorticks_off()
        figure.legend(loc="outside right upper", fontsize="small")
    return Figure(
        path,
        "Straight paths between trained networks of one kind: the largest share of images whose "
        "label changes in one step, mean over pairs of seeds.",
    )
