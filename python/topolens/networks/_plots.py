"""Plots of the space of networks: a map and a matrix."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from topolens._calls import as_choice, refuse_unused
from topolens._style import INK, color, legend_beside, marker, new_axes, plain_text, tidy
from topolens.networks._distances import NetworkDistances
from topolens.networks._quotients import quotient
from topolens.networks._trajectories import positions

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PlotKind = Literal["map", "matrix"]

KINDS: tuple[str, ...] = get_args(PlotKind)
MOST_LABELED = 40


def plot_network_space(
    D: NetworkDistances,
    kind: PlotKind = "map",
    *,
    eps: float = 0.0,
    trajectories: Iterable[Iterable[Any]] = (),
    groups: Iterable[Any] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the space of networks, as a map or as a matrix.

    Parameters
    ----------
    D : NetworkDistances
        As made by :meth:`topolens.NetworkSpace.distances`.
    kind : {"map", "matrix"}
        "map": the first two axes of the exact scaling of the root of the distance, in which
        squared distances are distances but for what the other axes account for; the title says
        how much. "matrix": all distances, ordered by average linkage.
    eps : float
        The map has one colour a class of ``D.quotient(eps)``, where that leaves fewer than all.
    trajectories : iterable of iterables of names
        Checkpoints to join by lines on the map, each with a ring around its last.
    groups : iterable, optional
        One entry per network, such as its architecture, which colours the map in place of the
        classes.
    ax : matplotlib Axes, optional
        A new figure when not given.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If a name is unknown, or there is not one group a network.

    See Also
    --------
    topolens.networks.NetworkDistances.embed : The map.
    topolens.networks.NetworkDistances.quotient : The classes.

    Examples
    --------
    >>> import topolens as tl
    >>> space = tl.NetworkSpace.from_labels({"a": [0, 0, 1], "b": [0, 1, 1], "c": [1, 1, 1]})
    >>> ax = tl.plotting.plot_network_space(space.distances(), trajectories=[["a", "b", "c"]])
    >>> ax.get_title()
    '100 % of the squared distances'
    """
    as_choice(kind, "kind", KINDS)
    if kind == "matrix":
        shown = {"eps": (eps, 0.0), "trajectories": (trajectories, ()), "groups": (groups, None)}
        refuse_unused('for kind="matrix"', **shown)
        return _draw_matrix(D, ax or new_axes(5.2, 4.4))
    if groups is not None:
        refuse_unused("with `groups`", eps=(eps, 0.0))
    ax = ax or new_axes(5.6, 4.2)
    embedding = D.embed(2)
    points = embedding.points
    for members, place, name in _colored(D, eps, groups):
        x, y = points[members].T
        ax.scatter(
            x,
            y,
            s=26,
            color=color(place),
            marker=marker(place),
            edgecolors="white",
            linewidths=0.4,
            zorder=3,
            label=None if name is None else plain_text(name),
        )
    for run in trajectories:
        path = positions(run, D.names, "trajectories")
        ax.plot(*points[path].T, color=INK, linewidth=0.9, alpha=0.7, zorder=2)
        ax.plot(*points[path[-1:]].T, "o", color=INK, fillstyle="none", markersize=9, zorder=4)
    ax.set(
        xlabel="first axis",
        ylabel="second axis",
        aspect="equal",
        title=f"{100 * embedding.share:.0f} % of the squared distances",
    )
    ax.set_adjustable("datalim")
    if len(ax.get_legend_handles_labels()[0]) > 1:
        legend_beside(ax)
    tidy(ax, grid="both")
    return ax


def _colored(
    D: NetworkDistances, eps: float, groups: Iterable[Any] | None
) -> list[tuple[np.ndarray, int, str | None]]:
    """Return which networks share a colour, which one, and what it stands for."""
    if groups is None:
        labels = quotient(D.to_space(allow_nonmetric=True), eps).labels
        count = int(labels.max()) + 1
        if count == len(D) or count > MOST_LABELED:
            return [(np.arange(len(D)), 0, None)]
        classes = [np.flatnonzero(labels == c) for c in range(count)]
        return [(one, c, f"{D.names[one[0]]} ({len(one)})") for c, one in enumerate(classes)]
    given = list(groups)
    if len(given) != len(D):
        raise ValueError(
            f"`groups` must have one entry for each of {len(D)} networks; found {len(given)}"
        )
    kinds = list(dict.fromkeys(given))
    return [
        (np.flatnonzero([one == kind for one in given]), c, str(kind))
        for c, kind in enumerate(kinds)
    ]


def _draw_matrix(D: NetworkDistances, ax: Axes) -> Axes:
    order = np.arange(len(D))
    if len(D) > 2:
        from scipy.cluster.hierarchy import leaves_list, linkage

        order = leaves_list(linkage(D.condensed(), "average"))
    image = ax.imshow(
        D.values[np.ix_(order, order)], cmap="viridis", vmin=0, interpolation="nearest"
    )
    ax.figure.colorbar(image, ax=ax, label=D.comparison)
    if len(D) <= MOST_LABELED:
        names = [plain_text(D.names[i]) for i in order]
        ax.set_xticks(range(len(D)), names, rotation=90, fontsize="small")
        ax.set_yticks(range(len(D)), names, fontsize="small")
    else:
        ax.set(xlabel="networks, by average linkage", xticks=[], yticks=[])
    return ax
