"""The space of networks: how it is covered, what is certified, how it looks, and paths in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from experiments.harness import Figure, fullest
from experiments.harness.drawing import COLORS, INK, MARKERS, drawing, mean_and_band, plain_ticks
from experiments.networks.claims import END, STAGES
from experiments.networks.coverage import ORDERS, RADIUS, coverage, middle
from experiments.networks.space import KIND, rows_of, space_of
from experiments.networks.training import EPOCHS, PATH_STEPS

RADII = np.linspace(0, 0.2, 81)


def figures(table: pd.DataFrame, folder: Path) -> list[Figure]:
    """Draw all figures into the folder."""
    table, _ = fullest(table)
    checkpoints = rows_of(table, "checkpoint")
    return [
        _weights(rows_of(table, "pair"), rows_of(table, "copy"), folder / "weights.png"),
        _coverings(checkpoints, folder / "coverings.png"),
        _decisions(checkpoints, folder / "decisions.png"),
        _map(checkpoints, folder / "map.png"),
        _paths(rows_of(table, "path"), folder / "paths.png"),
    ]


def _coverings(checkpoints: pd.DataFrame, path: Path) -> Figure:
    with drawing(path, ncols=2, figsize=(9.4, 3.6)) as (figure, axes):
        for color, epoch in zip(COLORS, EPOCHS, strict=False):
            found = coverage(checkpoints[checkpoints["epoch"] == epoch].reset_index(drop=True))
            style = {"color": color, "marker": ".", "label": f"epoch {epoch}"}
            for ax, values in zip(axes, (found.balls, found.beyond), strict=True):
                known = found.known[: values.shape[1]]
                ax.plot(known, values.mean(axis=0), **style)
                ax.fill_between(known, *middle(values), color=color, alpha=0.2, linewidth=0)
        axes[0].plot(found.known, found.known, color="0.8", zorder=0, label="one ball a network")
        axes[0].set(xscale="log", yscale="log", ylabel=f"balls of radius {RADIUS}")
        axes[1].set(xscale="log", ylim=(-0.03, 1), ylabel=f"share of new networks beyond {RADIUS}")
        for ax in axes:
            ax.set(xlabel="known networks")
            plain_ticks(ax, "x")
        plain_ticks(axes[0])
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=6)
    return Figure(
        path,
        f"Does the space fill up? Left: balls of radius {RADIUS} that cover so many networks. "
        "Right: how many of the others are farther than that from all of them. Networks are taken "
        f"in {ORDERS} random orders: mean and middle 95 %, which is narrow where all are taken. "
        "In a compact space the left curves level off in the end and the right ones fall to 0; "
        "trained networks do so here, and others would need far more networks.",
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
            axes[1].scatter(*points[rows.index].T, s=8, color=color, label=name_of(kind))
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
        for marker, color, (kind, rows) in zip(MARKERS, COLORS, paths.groupby(KIND), strict=False):
            jumps = rows.pivot(index="seed", columns="steps", values="jump")
            style = {"marker": marker, "color": color, "markersize": 5, "label": name_of(kind)}
            mean_and_band(ax, jumps.columns, jumps.to_numpy(), **style)
        ax.set(xscale="log", yscale="log", xlabel="steps", ylabel="largest step")
        ax.set_xticks(PATH_STEPS, [str(n) for n in PATH_STEPS])
        ax.minorticks_off()
        figure.legend(loc="outside right upper", fontsize="small")
    return Figure(
        path,
        "Straight paths between trained networks of one kind: the largest share of images whose "
        "label changes in one step, mean over disjoint pairs of seeds with 95 % intervals.",
    )


def _weights(pairs: pd.DataFrame, copies: pd.DataFrame, path: Path) -> Figure:
    with drawing(path, ncols=2, figsize=(9.4, 3.4), sharey=True) as (figure, axes):
        for marker, color, (kind, rows) in zip(MARKERS, COLORS, pairs.groupby(KIND), strict=False):
            style = {"marker": marker, "color": color, "s": 5, "label": name_of(kind)}
            for ax in axes:
                ax.scatter(rows["weights_apart"], rows["disagree"], **style)
        style = {"marker": "x", "color": INK, "s": 12, "linewidth": 0.7, "label": "copies"}
        axes[1].scatter(copies["moved"], copies["distance"], **style)
        axes[0].set(title="pairs", ylabel="share of images predicted differently")
        axes[1].set(title="with copies by symmetry", xscale="log")
        plain_ticks(axes[1], "x")
        figure.supxlabel("distance of the weights, in norms of them", fontsize="medium")
        figure.legend(*axes[1].get_legend_handles_labels(), loc="outside right upper")
    return Figure(
        path,
        "Weights do not tell what networks predict. Each mark is a pair of trained networks of one "
        "kind. All of them are nearly √2 norms apart, as independent vectors are. Copies differ "
        "from their originals by a symmetry of the weights alone, and predict the same at any "
        "distance.",
    )


def name_of(kind: tuple[object, ...]) -> str:
    """Name a kind of network."""
    return " ".join(map(str, kind))
