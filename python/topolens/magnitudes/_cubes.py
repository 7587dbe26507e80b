"""What uniform cubes give where magnitude dimensions are estimated: by how much those are low."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from topolens._calls import as_choice, as_count
from topolens._style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Fit = Literal["straightest", "profile_max"]

FITS: tuple[str, ...] = get_args(Fit)

# Means over samples, by tests/long/cubes.py: a row for each number of points.
DIMENSIONS = (1, 2, 3, 5, 10, 20, 50)
SIZES = (1, 10, 30, 100, 300, 1000, 3000, 10_000)
ESTIMATES = {
    "straightest": (
        (0.000, 0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
        (0.579, 0.771, 0.866, 0.949, 1.022, 1.053, 1.072),
        (0.752, 1.055, 1.214, 1.402, 1.576, 1.666, 1.723),
        (0.863, 1.315, 1.557, 1.828, 2.130, 2.347, 2.486),
        (0.924, 1.498, 1.824, 2.166, 2.538, 2.898, 3.179),
        (0.958, 1.649, 2.068, 2.514, 2.946, 3.379, 3.892),
        (0.974, 1.747, 2.256, 2.814, 3.305, 3.699, 4.435),
        (0.984, 1.824, 2.419, 3.104, 3.718, 3.989, 4.958),
    ),
    "profile_max": (
        (0.000, 0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
        (0.588, 0.782, 0.879, 0.964, 1.037, 1.069, 1.088),
        (0.763, 1.071, 1.233, 1.424, 1.600, 1.692, 1.749),
        (0.876, 1.335, 1.580, 1.856, 2.163, 2.383, 2.524),
        (0.937, 1.522, 1.853, 2.201, 2.579, 2.942, 3.228),
        (0.971, 1.674, 2.101, 2.555, 2.999, 3.437, 3.957),
        (0.986, 1.774, 2.293, 2.859, 3.355, 3.773, 4.504),
        (0.994, 1.852, 2.460, 3.154, 3.775, 4.097, 5.035),
    ),
}


def cube_dimensions(n_points: int, method: Fit = "straightest") -> dict[int, float]:
    """Look up the magnitude dimensions that are estimated for uniform cubes.

    Estimates are low, the more so the more dimensions and the fewer points there are. This says
    by how much, where the answer is known.

    Parameters
    ----------
    n_points : int
        Number of distinct points.
    method : {"straightest", "profile_max"}
        As in :func:`magnitude_dimension`.

    Returns
    -------
    dict of int to float
        From the dimension of the cube to the mean estimate. The estimates were computed once for
        10 to 10 000 points with Euclidean distances, and are interpolated in the logarithm of
        the number of points; beyond 10 000 points they are those of 10 000.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    See Also
    --------
    magnitude_dimension : What is estimated.
    magnitude_slopes : Its dependence on the scales.

    Examples
    --------
    >>> import topolens as tl
    >>> cubes = tl.magnitudes.cube_dimensions(300)
    >>> round(cubes[2], 1), round(cubes[10], 1)
    (1.5, 2.5)
    """
    size = math.log(as_count(n_points, "n_points", least=1))
    columns = zip(*ESTIMATES[as_choice(method, "method", FITS)], strict=True)
    at = [float(np.interp(size, np.log(SIZES), column)) for column in columns]
    return dict(zip(DIMENSIONS, at, strict=True))


def dimension_of_cube(value: float, n_points: int, method: Fit) -> float:
    """Return the dimension of the uniform cube that has this estimate; inf beyond all of them."""
    if value <= 0:
        return 0.0
    cubes = cube_dimensions(n_points, method)
    return float(np.interp(value, [0, *cubes.values()], [0, *cubes], right=np.inf))


def cubes_in_words(n_points: int, method: Fit) -> str:
    """Say what cubes are estimated to have."""
    cubes = cube_dimensions(n_points, method)
    few = [d for d in cubes if d <= 10]
    dimensions, values = ([f"{x:.2g}" for x in row] for row in (few, [cubes[d] for d in few]))
    return (
        f"uniform cubes of {_listed(dimensions)} dimensions have {_listed(values)} "
        f"at {n_points} points"
    )


def draw_cubes(ax: Axes, fewest: int, most: int, method: Fit) -> None:
    """Mark what cubes of so many points have, up to the first one above the data."""
    high = ax.get_ylim()[1]
    shade = {"facecolor": INK, "edgecolor": INK, "alpha": 0.25, "linewidth": 0.8, "zorder": 0}
    text = {"ha": "right", "va": "bottom", "fontsize": "x-small", "color": INK}
    few, many = cube_dimensions(fewest, method), cube_dimensions(most, method)
    for d, value in many.items():
        ax.axhspan(few[d], value, **shade)
        place = ("axes fraction", "data")
        ax.annotate(f"cube, {d}", (1.0, value), xycoords=place, **text)
        if value > high:
            break
    ax.set_ylim(0, max(high, 1.1 * value))


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"
