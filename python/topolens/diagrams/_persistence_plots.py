"""Plots of persistence: diagrams, barcodes and Betti curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from topolens import _core
from topolens._style import (
    BAND,
    INK,
    betti_symbol,
    color,
    homology_symbol,
    legend_beside,
    marker,
    new_axes,
    scale_counts,
    tidy,
)
from topolens.diagrams._grids import finite_range
from topolens.diagrams._reading import DiagramLike, as_diagrams, is_superlevel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from topolens.diagrams._confidence import ConfidenceBand


def plot_diagram(
    diagrams: DiagramLike, *, band: ConfidenceBand | None = None, ax: Axes | None = None
) -> Axes:
    """Draw persistence diagrams: birth against death, what is infinite on lines at the edge.

    Parameters
    ----------
    diagrams : array_like, shape (k, 2), or diagrams of several degrees
        From anywhere, as in :func:`topolens.diagrams.betti_curve`. Classes of superlevel results
        are drawn at their own values, below the diagonal.
    band : ConfidenceBand, optional
        Shade the band along the diagonal, and draw the classes within it hollow. The legend
        counts the others.
    ax : matplotlib Axes, optional
        A new figure when not given.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `diagrams` are none, as in :func:`topolens.diagrams.betti_curve`.

    See Also
    --------
    plot_barcode, plot_betti_curve : Other drawings of diagrams.
    topolens.diagrams.confidence_band : The band.

    Examples
    --------
    >>> import numpy as np
    >>> ax = plot_diagram([np.array([[0.0, 1.0], [0.0, np.inf]])])
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('birth', 'death')
    """
    dgms, sign = as_diagrams(diagrams, "diagrams"), _sign(diagrams)
    marks = _marks(diagrams, dgms, band)
    ax = ax or new_axes(4.2, 4.0)
    low, top = finite_range(dgms)
    margin = 0.05 * (top - low)
    first, last = low - margin, top + margin
    if any(np.isinf(dgm[:, 0]).any() for dgm in dgms):
        first = low - 3 * margin
        _draw_infinity(ax, "x", sign * (low - 2 * margin), -sign)
    if any(np.isinf(dgm[:, 1]).any() for dgm in dgms):
        last = top + 3 * margin
        _draw_infinity(ax, "y", sign * (top + 2 * margin), sign)

    edge = sign * np.array([first, last])
    ax.fill_between(edge, edge, edge[0], color=INK, alpha=0.06, linewidth=0)
    ax.plot(edge, edge, color=INK, linewidth=0.8, zorder=1)
    if band is not None:
        beside = edge + sign * band.length
        ax.fill_between(edge, edge, beside, color=BAND, alpha=0.22, linewidth=0)
        ax.plot(edge, beside, color=BAND, linewidth=0.8, zorder=1)
    for degree, (dgm, beyond) in enumerate(zip(dgms, marks, strict=True)):
        births, deaths = sign * np.clip(dgm, low - 2 * margin, top + 2 * margin).T
        hue = color(degree)
        looks: dict[str, Any] = {"s": 22, "marker": marker(degree), "alpha": 0.75, "zorder": 3}
        ax.scatter(
            births[beyond],
            deaths[beyond],
            color=hue,
            edgecolors="white",
            linewidths=0.4,
            label=_named(degree, beyond, band),
            **looks,
        )
        if band is not None:
            within = births[~beyond], deaths[~beyond]
            ax.scatter(*within, facecolors="none", edgecolors=hue, linewidths=0.9, **looks)
    limits = edge.min(), edge.max()
    ax.set(xlim=limits, ylim=limits, xlabel="birth", ylabel="death", aspect="equal")
    free = "lower right" if sign > 0 else "upper left"
    ax.legend(loc=free, frameon=False, handletextpad=0.2)
    tidy(ax, grid="both")
    return ax


def _draw_infinity(ax: Axes, axis: str, place: float, sign: int) -> None:
    """Draw a line for infinite births or deaths, and name it at its end."""
    dashed: dict[str, Any] = {"color": INK, "linewidth": 0.8, "linestyle": "--", "zorder": 1}
    words: dict[str, Any] = {"textcoords": "offset points", "color": INK, "fontsize": "large"}
    name = "∞" if sign > 0 else "−∞"
    if axis == "y":
        ax.axhline(place, **dashed)
        words |= {"xycoords": ("axes fraction", "data"), "xytext": (4, 0), "va": "center"}
        ax.annotate(name, (1, place), **words)
    else:
        ax.axvline(place, **dashed)
        words |= {"xycoords": ("data", "axes fraction"), "xytext": (0, 3), "ha": "center"}
        ax.annotate(name, (place, 1), **words)


def plot_barcode(
    diagrams: DiagramLike, *, band: ConfidenceBand | None = None, ax: Axes | None = None
) -> Axes:
    """Draw barcodes: one bar per class, from birth to death; arrows for essential classes.

    Parameters
    ----------
    diagrams
        As in :func:`plot_diagram`.
    band : ConfidenceBand, optional
        Draw the bars within the band pale, and count the others beside the axis.
    ax : matplotlib Axes, optional
        A new figure when not given.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `diagrams` are none, as in :func:`topolens.diagrams.betti_curve`.

    See Also
    --------
    plot_diagram, plot_betti_curve : Other drawings of diagrams.
    topolens.diagrams.confidence_band : The band.

    Examples
    --------
    >>> import topolens as tl
    >>> ax = tl.plotting.plot_barcode(tl.rips(tl.datasets.circle(30, rng=0)))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['H₀ (30)', 'H₁ (1)']
    """
    dgms, sign = as_diagrams(diagrams, "diagrams"), _sign(diagrams)
    marks = _marks(diagrams, dgms, band)
    n_bars = sum(map(len, dgms))
    ax = ax or new_axes(5.5, min(6.0, 1.4 + 0.09 * n_bars))
    low, top = finite_range(dgms)
    beyond_ends = 0.06 * (top - low)
    left, right = low - beyond_ends, top + beyond_ends
    arrows = ("<", ">") if sign > 0 else (">", "<")
    thickness = float(np.clip(150 / max(n_bars, 1), 0.5, 4))
    gap = max(1.0, 0.04 * n_bars)
    bottom, middles = 0.0, []
    for degree, dgm in enumerate(dgms):
        order = np.lexsort((dgm[:, 1], dgm[:, 0]))
        ordered, beyond = dgm[order], marks[degree][order]
        heights = bottom + np.arange(len(ordered))
        ends = sign * np.clip(ordered, left, right)
        hue = color(degree)
        ax.hlines(
            heights,
            ends[:, 0],
            ends[:, 1],
            colors=hue,
            alpha=None if beyond.all() else np.where(beyond, 1.0, 0.3),
            linewidth=thickness,
            label=homology_symbol(degree),
        )
        for end, arrow in enumerate(arrows):
            endless = np.isinf(ordered[:, end])
            ax.plot(ends[endless, end], heights[endless], arrow, color=hue, markersize=5)
        middles.append(bottom + max(len(ordered) - 1, 0) / 2)
        bottom += max(len(ordered), 1) + gap
    first = left if any(np.isinf(dgm[:, 0]).any() for dgm in dgms) else low
    room = 0.02 * (right - low)
    limits = sorted((sign * (first - room), sign * (right + room)))
    ax.set(xlim=limits, ylim=(bottom - gap, -1.0), xlabel="scale")
    ax.set_yticks(middles, [_named(d, mark, band) for d, mark in enumerate(marks)])
    ax.tick_params(axis="y", length=0)
    tidy(ax, grid="x")
    return ax


def plot_betti_curve(diagrams: DiagramLike, *, ax: Axes | None = None) -> Axes:
    """Draw Betti numbers against the scale, one step line per degree.

    Parameters
    ----------
    diagrams
        As in :func:`plot_diagram`.
    ax : matplotlib Axes, optional
        A new figure when not given.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `diagrams` are none, as in :func:`topolens.diagrams.betti_curve`.

    See Also
    --------
    plot_diagram, plot_barcode : Other drawings of diagrams.
    topolens.diagrams.betti_curve : The numbers.

    Notes
    -----
    The Betti number at scale t is the number of bars with birth <= t < death.

    Examples
    --------
    >>> import topolens as tl
    >>> ax = tl.plotting.plot_betti_curve(tl.rips(tl.datasets.circle(30, rng=0)))
    >>> len(ax.lines)
    2
    """
    dgms, sign = as_diagrams(diagrams, "diagrams"), _sign(diagrams)
    ax = ax or new_axes(5.5, 3.4)
    low, top = finite_range(dgms)
    # Nothing is known beyond a threshold that cut the filtration off.
    last = np.inf if getattr(diagrams, "complete", True) else getattr(diagrams, "threshold", np.inf)
    right = min(top + 0.05 * (top - low), last)
    highest = 0
    for degree, dgm in enumerate(dgms):
        events = np.unique(np.concatenate([[low, right], dgm[np.isfinite(dgm)]]))
        alive = _core.betti_curves([dgm], events, n_threads=1)[0]
        highest = max(highest, int(alive.max()))
        ax.step(
            sign * events[::sign],
            alive[::sign],
            # Bars are closed where they are born: at the left, or at the right for superlevel sets.
            where="post" if sign > 0 else "pre",
            color=color(degree),
            linewidth=1.8,
            label=betti_symbol(degree),
        )
    limits = sorted((sign * low, sign * right))
    ax.set(xlim=limits, xlabel="scale", ylabel="Betti number")
    scale_counts(ax, 0, highest)
    tidy(ax)
    legend_beside(ax)
    return ax


def _sign(diagrams: DiagramLike) -> int:
    """Tell what values are multiplied by to be drawn: superlevel results are read negated."""
    return -1 if is_superlevel(diagrams) else 1


def _marks(
    diagrams: DiagramLike, dgms: list[np.ndarray], band: ConfidenceBand | None
) -> list[np.ndarray]:
    """Tell which bars to stress: those that exceed the band, all without one."""
    if band is None:
        return [np.ones(len(dgm), dtype=bool) for dgm in dgms]
    return band.exceeds(diagrams)


def _named(degree: int, beyond: np.ndarray, band: ConfidenceBand | None) -> str:
    share = "" if band is None else f"{beyond.sum()} of "
    return f"{homology_symbol(degree)} ({share}{len(beyond)})"
