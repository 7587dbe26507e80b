"""Plots of persistence: diagrams, barcodes and Betti curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

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

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from topolens.diagrams._confidence import ConfidenceBand
    from topolens.homology._results import PersistenceResult

    Diagrams: TypeAlias = PersistenceResult | np.ndarray | Sequence[np.ndarray]


def plot_diagram(
    diagrams: Diagrams, *, band: ConfidenceBand | None = None, ax: Axes | None = None
) -> Axes:
    """Draw persistence diagrams: birth against death, essential classes on a line at the top.

    Parameters
    ----------
    diagrams : PersistenceResult, array (k, 2), or sequence of arrays (k, 2)
        With a sequence, one array per degree.
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
        If `diagrams` are empty, or an array has another shape than (k, 2).

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
    dgms, marks = _as_diagrams(diagrams), _marks(diagrams, band)
    ax = ax or new_axes(4.2, 4.0)
    low, top = _finite_range(dgms)
    margin = 0.05 * (top - low)
    infinity = top + 2 * margin
    essential = any(np.isinf(dgm).any() for dgm in dgms)
    limits = (low - margin, (infinity if essential else top) + margin)

    ax.fill_between(limits, limits, limits[0], color=INK, alpha=0.06, linewidth=0)
    ax.plot(limits, limits, color=INK, linewidth=0.8, zorder=1)
    if essential:
        ax.axhline(infinity, color=INK, linewidth=0.8, linestyle="--", zorder=1)
        ax.annotate(
            "∞",
            (1, infinity),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=INK,
            fontsize="large",
        )
    if band is not None:
        edge = np.array(limits)
        ax.fill_between(edge, edge, edge + band.length, color=BAND, alpha=0.22, linewidth=0)
        ax.plot(edge, edge + band.length, color=BAND, linewidth=0.8, zorder=1)
    for degree, dgm in enumerate(dgms):
        deaths = np.where(np.isinf(dgm[:, 1]), infinity, dgm[:, 1])
        beyond, hue = marks[degree], color(degree)
        looks: dict[str, Any] = {"s": 22, "marker": marker(degree), "alpha": 0.75, "zorder": 3}
        ax.scatter(
            dgm[beyond, 0],
            deaths[beyond],
            color=hue,
            edgecolors="white",
            linewidths=0.4,
            label=_named(degree, beyond, band),
            **looks,
        )
        if band is not None:
            within = dgm[~beyond, 0], deaths[~beyond]
            ax.scatter(*within, facecolors="none", edgecolors=hue, linewidths=0.9, **looks)
    ax.set(xlim=limits, ylim=limits, xlabel="birth", ylabel="death", aspect="equal")
    ax.legend(loc="lower right", frameon=False, handletextpad=0.2)
    tidy(ax, grid="both")
    return ax


def plot_barcode(
    diagrams: Diagrams, *, band: ConfidenceBand | None = None, ax: Axes | None = None
) -> Axes:
    """Draw barcodes: one bar per class, from birth to death; arrows for essential classes.

    Parameters
    ----------
    diagrams : PersistenceResult, array (k, 2), or sequence of arrays (k, 2)
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
        If `diagrams` are empty, or an array has another shape than (k, 2).

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
    dgms, marks = _as_diagrams(diagrams), _marks(diagrams, band)
    n_bars = sum(map(len, dgms))
    ax = ax or new_axes(5.5, min(6.0, 1.4 + 0.09 * n_bars))
    low, top = _finite_range(dgms)
    right = top + 0.06 * (top - low)
    thickness = float(np.clip(150 / max(n_bars, 1), 0.5, 4))
    gap = max(1.0, 0.04 * n_bars)
    bottom, middles = 0.0, []
    for degree, dgm in enumerate(dgms):
        order = np.lexsort((dgm[:, 1], dgm[:, 0]))
        ordered, beyond = dgm[order], marks[degree][order]
        heights = bottom + np.arange(len(ordered))
        endless = np.isinf(ordered[:, 1])
        hue = color(degree)
        ax.hlines(
            heights,
            ordered[:, 0],
            np.where(endless, right, ordered[:, 1]),
            colors=hue,
            alpha=None if beyond.all() else np.where(beyond, 1.0, 0.3),
            linewidth=thickness,
            label=homology_symbol(degree),
        )
        ax.plot(np.full(endless.sum(), right), heights[endless], ">", color=hue, markersize=5)
        middles.append(bottom + max(len(ordered) - 1, 0) / 2)
        bottom += max(len(ordered), 1) + gap
    ax.set(xlim=(low, right + 0.02 * (right - low)), ylim=(bottom - gap, -1.0), xlabel="scale")
    ax.set_yticks(middles, [_named(d, mark, band) for d, mark in enumerate(marks)])
    ax.tick_params(axis="y", length=0)
    tidy(ax, grid="x")
    return ax


def plot_betti_curve(diagrams: Diagrams, *, ax: Axes | None = None) -> Axes:
    """Draw Betti numbers against the scale, one step line per degree.

    Parameters
    ----------
    diagrams : PersistenceResult, array (k, 2), or sequence of arrays (k, 2)
    ax : matplotlib Axes, optional
        A new figure when not given.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `diagrams` are empty, or an array has another shape than (k, 2).

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
    dgms = _as_diagrams(diagrams)
    ax = ax or new_axes(5.5, 3.4)
    low, top = _finite_range(dgms)
    right = top + 0.05 * (top - low)
    highest = 0
    for degree, dgm in enumerate(dgms):
        births, deaths = np.sort(dgm[:, 0]), np.sort(dgm[:, 1])
        events = np.unique(np.concatenate([[low, right], dgm[np.isfinite(dgm)]]))
        alive = np.searchsorted(births, events, "right") - np.searchsorted(deaths, events, "right")
        highest = max(highest, int(alive.max()))
        ax.step(
            events,
            alive,
            where="post",
            color=color(degree),
            linewidth=1.8,
            label=betti_symbol(degree),
        )
    ax.set(xlim=(low, right), xlabel="scale", ylabel="Betti number")
    scale_counts(ax, 0, highest)
    tidy(ax)
    legend_beside(ax)
    return ax


def _marks(diagrams: Diagrams, band: ConfidenceBand | None) -> list[np.ndarray]:
    """Tell which bars to stress: those that exceed the band, all without one."""
    if band is None:
        return [np.ones(len(dgm), dtype=bool) for dgm in _as_diagrams(diagrams)]
    return band.exceeds(diagrams)


def _named(degree: int, beyond: np.ndarray, band: ConfidenceBand | None) -> str:
    share = "" if band is None else f"{beyond.sum()} of "
    return f"{homology_symbol(degree)} ({share}{len(beyond)})"


def _as_diagrams(diagrams: Diagrams) -> list[np.ndarray]:
    found: Any = getattr(diagrams, "dgms", diagrams)
    if isinstance(found, np.ndarray) and found.ndim == 2:
        found = [found]
    dgms = [np.asarray(dgm, dtype=float) for dgm in found]
    for degree, dgm in enumerate(dgms):
        if dgm.ndim != 2 or dgm.shape[1] != 2:
            raise ValueError(
                f"`diagrams` must be arrays of shape (k, 2); "
                f"found shape {dgm.shape} in degree {degree}"
            )
    if not dgms:
        raise ValueError("`diagrams` must not be empty")
    return dgms


def _finite_range(dgms: Sequence[np.ndarray]) -> tuple[float, float]:
    finite = np.concatenate([dgm[np.isfinite(dgm)] for dgm in dgms])
    low, top = min(finite.min(initial=0.0), 0.0), finite.max(initial=0.0)
    return float(low), float(top if top > low else low + 1.0)
