"""Grids and ranges on which diagrams become arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from topolens._arrays import as_values
from topolens._calls import as_count, as_number


def as_grid(grid: Any, name: str = "grid") -> np.ndarray:
    """Read ascending finite numbers, at least one."""
    points = as_values(grid, name)
    if points.ndim != 1:
        raise ValueError(f"`{name}` must have shape (g,); found shape {points.shape}")
    if not len(points):
        raise ValueError(f"`{name}` must have at least one point; found none")
    if not np.isfinite(points).all():
        place = int(np.argmax(~np.isfinite(points)))
        raise ValueError(f"`{name}` must be finite; found {points[place]} at [{place}]")
    falls = np.diff(points) < 0
    if falls.any():
        place = int(np.argmax(falls))
        raise ValueError(
            f"`{name}` must ascend; found {points[place]:g} before {points[place + 1]:g} "
            f"at [{place}]"
        )
    return points


def check_reach(diagrams: Any, grid: np.ndarray, name: str) -> None:
    """Refuse a grid that goes beyond the threshold of a filtration that was cut off there."""
    if not getattr(diagrams, "complete", True) and grid[-1] > diagrams.threshold:
        raise ValueError(
            f"`grid` must end at the threshold of the filtration of `{name}`, "
            f"{diagrams.threshold:g}, beyond which nothing is known; found {grid[-1]:g}"
        )


def finite_range(dgms: Sequence[np.ndarray]) -> tuple[float, float]:
    """Least and largest finite value, or a range of some width where they are one."""
    values = np.concatenate([dgm[np.isfinite(dgm)] for dgm in dgms])
    if not len(values):
        return 0.0, 1.0
    low, top = float(values.min()), float(values.max())
    return low, top if top > low else low + max(1.0, 1e-3 * abs(low))


def as_resolution(resolution: Any) -> tuple[int, int]:
    """Read the pixels along births and lengths: two numbers, or one for both."""
    if isinstance(resolution, Sequence) and not isinstance(resolution, str):
        if len(resolution) != 2:
            raise ValueError(
                f"`resolution` must be a number or (births, lengths); found {resolution!r}"
            )
        across, up = resolution
    else:
        across = up = resolution
    return as_count(across, "resolution", least=1), as_count(up, "resolution", least=1)


def as_range(given: Any, name: str) -> tuple[float, float]:
    """Read two ascending finite numbers."""
    try:
        low, high = given
    except (TypeError, ValueError):
        raise ValueError(f"`{name}` must be (low, high); found {given!r}") from None
    low, high = as_number(low, name), as_number(high, name)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"`{name}` must be two ascending numbers; found ({low}, {high})")
    return low, high


def image_ranges(
    diagrams: Sequence[np.ndarray], sigma: float, births: Any, lengths: Any
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ranges as given, or wide enough for all but 0.3 % of each bar's Gaussian along each axis."""
    return _range(diagrams, 0, sigma, births, "birth_range"), _range(
        diagrams, 1, sigma, lengths, "persistence_range"
    )


@np.errstate(over="ignore")  # the kernel refuses ranges that do not end
def _range(
    diagrams: Sequence[np.ndarray], axis: int, sigma: float, given: Any, name: str
) -> tuple[float, float]:
    if given is not None:
        return as_range(given, name)
    bars = np.concatenate([*diagrams, np.empty((0, 2))])
    if not len(bars):
        raise ValueError(f"`{name}` must be given where there are no bars")
    values = bars[:, 0] if axis == 0 else bars[:, 1] - bars[:, 0]
    low = values.min() - 3 * sigma if axis == 0 else 0.0
    return float(low), float(values.max() + 3 * sigma)
