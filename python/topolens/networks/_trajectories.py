"""Networks in training, from checkpoint to checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from topolens import _core
from topolens._calls import UndefinedError
from topolens.networks._predictions import Predictions


class UndefinedRatioError(_core.NumericalError, UndefinedError):
    """Of two runs that begin as one."""


@dataclass(frozen=True, eq=False)
class NetworkTrajectory:
    """A path of networks.

    Attributes
    ----------
    names : tuple
        The checkpoints.
    steps : ndarray of float64, shape (m - 1,)
        Disagreement of each with the next.
    to_end : ndarray of float64, shape (m,)
        Disagreement of each with the last.
    gaps : ndarray of float64, shape (m,), or None
        Disagreement with the paired run at each checkpoint.
    """

    names: tuple[Any, ...]
    steps: np.ndarray = field(repr=False)
    to_end: np.ndarray = field(repr=False)
    gaps: np.ndarray | None = field(default=None, repr=False)

    @property
    def length(self) -> float:
        """Sum of the steps."""
        return float(self.steps.sum())

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the checkpoints, with the step to the next, as columns, for pandas or polars."""
        names = np.array([str(name) for name in self.names], dtype=str)
        gaps = {} if self.gaps is None else {"gap": self.gaps.copy()}
        steps = np.r_[self.steps, np.nan]
        return {"name": names, "step": steps, "to_end": self.to_end.copy(), **gaps}

    @property
    def contraction(self) -> float:
        """Disagreement of paired runs at the end, as a ratio to that at the start."""
        if self.gaps is None:
            raise UndefinedError("`paired` must be given for the contraction ratio; found None")
        if not self.gaps[0] > 0:
            raise UndefinedRatioError("the paired runs agree at the start: no ratio is defined")
        return float(self.gaps[-1] / self.gaps[0])


def follow(
    space: Predictions,
    names: Iterable[Any],
    paired: Iterable[Any] | None,
    cross: Callable[[Any, Any], np.ndarray],
) -> NetworkTrajectory:
    """Follow a run by `cross`, which compares two spaces of networks."""
    run = positions(names, space.names, "names")
    if len(run) < 2:
        raise ValueError(f"`names` must hold at least two networks; found {len(run)}")
    path = space.select(run)
    matrix = cross(path, path)
    gaps = None
    if paired is not None:
        second = positions(paired, space.names, "paired")
        if len(second) != len(run):
            raise ValueError(
                f"`paired` must have as many names as `names`, {len(run)}; found {len(second)}"
            )
        gaps = cross(path, space.select(second)).diagonal().copy()
    return NetworkTrajectory(
        names=path.names,
        steps=matrix.diagonal(1).copy(),
        to_end=matrix[:, -1].copy(),
        gaps=gaps,
    )


def positions(run: Iterable[Any], names: tuple[Any, ...], argument: str) -> list[int]:
    """Return where the networks of a run stand among all."""
    place = {name: i for i, name in enumerate(names)}
    found = []
    for name in run:
        if name not in place:
            raise ValueError(f"`{argument}` must hold names of networks; found {name!r}")
        found.append(place[name])
    return found
