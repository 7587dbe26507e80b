"""Plots of what diagrams become: landscapes, images, distances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from topolens._arrays import as_values
from topolens._calls import as_count, memory_limit, refuse_unused
from topolens._style import INK, color, legend_beside, new_axes, tidy
from topolens.diagrams._curves import Pixels, Weight, as_sigma, as_tents, images, landscapes
from topolens.diagrams._essential import Essential, as_finite_diagram
from topolens.diagrams._grids import as_grid, as_resolution, finite_range, image_ranges
from topolens.diagrams._landscape_bands import LandscapeBand
from topolens.diagrams._reading import DiagramLike, is_superlevel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_WRITTEN = 12
MOST_TICKS = 40


def plot_landscape(
    dgm: DiagramLike | LandscapeBand,
    k: int = 5,
    *,
    grid: ArrayLike | None = None,
    degree: int | None = None,
    essential: Essential = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the first persistence landscapes, or a band around mean landscapes.

    Parameters
    ----------
    dgm : as in :func:`landscape`, or LandscapeBand
        With a band, its mean landscapes are drawn, each between its ends.
    k : int
        Number of landscapes; all those of a band.
    grid : array_like, shape (g,), optional
        Where to evaluate, as in :func:`landscape`; 500 points over the bars when not given.
        Superlevel results are drawn at their own values.
    degree, essential
        As in :func:`landscape`.
    ax : matplotlib Axes, optional
        A new figure when not given.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        As :func:`landscape`, or if there are no bars and no `grid`.

    See Also
    --------
    topolens.diagrams.landscape, topolens.diagrams.landscape_band : The numbers.
    plot_persistence_image : A diagram as an image.

    Examples
    --------
    >>> ax = plot_landscape([[0.0, 4.0], [1.0, 3.0]], k=2)
    >>> len(ax.lines)
    2
    """
    if isinstance(dgm, LandscapeBand):
        unused = {"grid": grid, "degree": degree, "essential": essential}
        refuse_unused("for a LandscapeBand", k=(k, 5), **{n: (v, None) for n, v in unused.items()})
        points, heights = dgm.grid, dgm.mean
    else:
        given = None if grid is None else as_grid(grid)
        bars = as_tents(dgm, essential, given, degree=degree)
        if given is None and not len(bars):
            raise ValueError("`grid` must be given where there are no bars")
        points = np.linspace(*finite_range([bars]), 500) if given is None else given
        heights = landscapes([bars], as_count(k, "k", least=1), points, 1, memory_limit(None))[0]
    if is_superlevel(dgm):
        points = -points
    ax = ax or new_axes(5.5, 3.2)
    for level, height in enumerate(heights):
        name = f"λ{level + 1}".translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
        ax.plot(points, height, color=color(level), linewidth=1.6, label=name)
        if isinstance(dgm, LandscapeBand):
            lower, upper = dgm.lower[level], dgm.upper[level]
            ax.fill_between(points, lower, upper, color=color(level), alpha=0.2, linewidth=0)
    ax.set(xlabel="scale", ylabel="landscape")
    ax.margins(x=0)
    ax.set_ylim(bottom=0, auto=True)  # what is drawn into the same axes later may be higher
    tidy(ax)
    legend_beside(ax)
    return ax


def plot_persistence_image(
    dgm: DiagramLike,
    sigma: float,
    resolution: int | tuple[int, int] = 50,
    weight: Weight = "linear",
    *,
    birth_range: tuple[float, float] | None = None,
    persistence_range: tuple[float, float] | None = None,
    pixels: Pixels = "integral",
    degree: int | None = None,
    essential: Essential = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a persistence image in its coordinates: birth and persistence.

    Parameters
    ----------
    dgm, sigma, resolution, weight, birth_range, persistence_range, pixels, degree, essential
        As in :func:`persistence_image`. Superlevel results are drawn at their own births.
    ax : matplotlib Axes, optional
        A new figure when not given.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        As :func:`persistence_image`.

    See Also
    --------
    topolens.diagrams.persistence_image : The numbers.
    plot_landscape : A diagram as curves.

    Examples
    --------
    >>> ax = plot_persistence_image([[0.0, 2.0]], sigma=0.1)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('birth', 'persistence')
    """
    bars = as_finite_diagram(dgm, essential, degree=degree)
    spread = as_sigma(sigma)
    ranges = image_ranges([bars], spread, birth_range, persistence_range)
    drawn = images(
        [bars],
        spread,
        resolution=as_resolution(resolution),
        weight=weight,
        ranges=ranges,
        pixels=pixels,
        n_threads=1,
        limit=memory_limit(None),
    )[0]
    first, last = ranges[0]
    if is_superlevel(dgm):
        drawn, first, last = drawn[:, ::-1], -last, -first
    ax = ax or new_axes(4.6, 3.6)
    extent = (first, last, *ranges[1])
    shown = ax.imshow(drawn, origin="lower", extent=extent, aspect="auto", cmap="viridis")
    label = "weight in a pixel" if pixels == "integral" else "density of weight"
    ax.figure.colorbar(shown, ax=ax, label=label)
    ax.set(xlabel="birth", ylabel="persistence")
    return ax


def plot_distance_matrix(
    distances: ArrayLike, names: Sequence[str] | None = None, *, ax: Axes | None = None
) -> Axes:
    """Draw distances between diagrams, such as those of the layers of a network, as a heat map.

    Parameters
    ----------
    distances : array_like, shape (n, n)
        As :func:`distance_matrix` returns them. Infinite distances stay white.
    names : sequence of str, optional
        What the diagrams belong to; their numbers when not given.
    ax : matplotlib Axes, optional
        A new figure when not given.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the shapes do not fit, or a distance is NaN or negative.

    See Also
    --------
    topolens.diagrams.distance_matrix : The numbers.
    plot_network_space : Distances of networks.

    Examples
    --------
    >>> ax = plot_distance_matrix([[0.0, 1.0], [1.0, 0.0]], names=["input", "output"])
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['input', 'output']
    """
    matrix = as_values(distances, "distances")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not len(matrix):
        raise ValueError(f"`distances` must have shape (n, n); found shape {matrix.shape}")
    if not (matrix >= 0).all():
        place = np.argwhere(~(matrix >= 0))[0].tolist()
        raise ValueError(
            f"`distances` must not be negative; found {matrix[tuple(place)]} at {place}"
        )
    n = len(matrix)
    labels = [str(name) for name in (range(n) if names is None else names)]
    if len(labels) != n:
        raise ValueError(f"`names` must be {n} names; found {len(labels)}")
    side = float(np.clip(1.6 + 0.38 * n, 3.2, 9.0))
    ax = ax or new_axes(side + 1.2, side)
    shown = ax.imshow(np.where(np.isinf(matrix), np.nan, matrix), cmap="viridis", vmin=0)
    ax.figure.colorbar(shown, ax=ax, label="distance", shrink=0.8)
    ticks = np.arange(0, n, -(-n // MOST_TICKS))
    chosen = [labels[i] for i in ticks]
    ax.set_yticks(ticks, chosen)
    ax.set_xticks(ticks, chosen)
    if max(map(len, chosen)) > 2:
        ax.set_xticklabels(ax.get_xticklabels(), rotation=40, ha="right", rotation_mode="anchor")
    if n <= MOST_WRITTEN:
        _write_values(ax, matrix)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0, colors=INK)
    return ax


def _write_values(ax: Axes, matrix: np.ndarray) -> None:
    """Write each distance into its cell, dark on bright and bright on dark."""
    finite = matrix[np.isfinite(matrix)]
    highest = finite.max(initial=0.0)
    for (row, column), value in np.ndenumerate(matrix):
        bright = np.isinf(value) or value > 0.6 * highest
        text = "∞" if np.isinf(value) else f"{value:.2g}"
        ink = INK if bright else "white"
        ax.text(column, row, text, ha="center", va="center", color=ink, fontsize="small")
