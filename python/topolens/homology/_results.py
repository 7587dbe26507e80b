"""Persistence diagrams as they are computed: one list of bars for each degree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from topolens import _core
from topolens._html import table_html

Construction = Literal["V", "T"]

CONSTRUCTIONS: tuple[str, ...] = get_args(Construction)


@dataclass(frozen=True, eq=False, repr=False)
class Diagrams:
    """What the results of all filtrations have in common: ``dgms``, and what is read off them."""

    dgms: list[np.ndarray]

    def __getitem__(self, degree: int) -> np.ndarray:
        """Diagram of a degree."""
        return self.dgms[degree]

    def __len__(self) -> int:
        """Count the degrees."""
        return len(self.dgms)

    def to_columns(self) -> dict[str, np.ndarray]:
        """All bars as columns, for pandas.DataFrame or polars.DataFrame.

        Returns
        -------
        dict of str to ndarray
            ``degree``, ``birth`` and ``death``.
        """
        bars = np.concatenate(self.dgms)
        degrees = np.repeat(np.arange(len(self.dgms)), [len(dgm) for dgm in self.dgms])
        return {"degree": degrees, "birth": bars[:, 0].copy(), "death": bars[:, 1].copy()}

    def __repr__(self) -> str:
        """One line with the number of bars in each degree."""
        bars = ", ".join(f"H{degree}: {len(dgm)}" for degree, dgm in enumerate(self.dgms))
        return f"{type(self).__name__}({bars}; {self._facts()})"

    def _repr_html_(self) -> str:
        rows = [_row(degree, dgm) for degree, dgm in enumerate(self.dgms)]
        head = ("", "bars", "essential", "longest", "at")
        return table_html(head, rows, caption=self._caption(), row_heads=1)

    def _facts(self) -> str:
        raise NotImplementedError

    def _caption(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class PersistenceResult(Diagrams):
    """Persistence diagrams, degree after degree.

    Attributes
    ----------
    dgms : list of ndarray of float64, shape (k, 2)
        One row (birth, death) a class, sorted; death is ``inf`` for a class
        that is alive at `threshold`.
    n_points : int
        Points of the filtration (the landmarks, where there are any).
    threshold : float
        The largest scale that was looked at: the smaller one of the threshold
        asked for and the enclosing radius (which is unknown, and not needed,
        for sparse distances and for points with ``maxdim=0``).
    complete : bool
        Whether nothing can happen beyond `threshold`, so that ``inf`` means an
        essential class. Otherwise it means alive at `threshold`. It is so if no
        pair has a longer finite distance (with `epsilon`, late length); if a point
        has all others within `threshold`, as at the enclosing radius; or if no
        degree above 0 can have a class, since ``maxdim`` is 0 or there are fewer
        than four points, and no longer distance joins two components.
    coeff : int
        Order of the coefficient field.
    birth_edges, death_edges : list of ndarray of int64, shape (k, 2)
        For each bar the two points whose distance is its birth, or its death (with
        `epsilon`, whose late length it is); -1 for the births in degree 0 and for
        the deaths of essential classes.
    cocycles : list of list of ndarray of int64, shape (m, degree + 2), optional
        For each bar a cocycle of the complex just before its death: rows of
        vertices and a coefficient; the order of the vertices, ascending (with
        landmarks, in their order), is the orientation. Empty in degree 0.
    landmarks : ndarray of int64, optional
        Indices of the landmarks.
    covering_radius : float, optional
        The diagrams of all points are within twice this in bottleneck distance.
    epsilon : float, optional
        Births and deaths may be late by factors up to 1 + `epsilon`; None if they
        are exact.
    plan : str, optional
        The way that was gone, and why.
    asymmetry : float
        By how much the two sides of given distances differed, at most; they were averaged.
    mean_distance : float, optional
        Mean distance of the points of the filtration, where a measure of layers took it.
    """

    n_points: int
    threshold: float
    complete: bool
    coeff: int = 2
    birth_edges: list[np.ndarray] = field(default_factory=list, repr=False)
    death_edges: list[np.ndarray] = field(default_factory=list, repr=False)
    cocycles: list[list[np.ndarray]] | None = field(default=None, repr=False)
    landmarks: np.ndarray | None = field(default=None, repr=False)
    covering_radius: float | None = None
    epsilon: float | None = None
    plan: str | None = None
    asymmetry: float = 0.0
    mean_distance: float | None = None

    def betti_numbers(self, scale: ArrayLike) -> np.ndarray:
        """Count the classes alive at a scale: birth <= scale < death.

        Parameters
        ----------
        scale : float or array_like, shape (s,)
            At ``inf`` the essential classes are alive.

        Returns
        -------
        ndarray of int64, shape (maxdim + 1,) or (s, maxdim + 1)

        Raises
        ------
        ValueError
            If a scale is NaN, or beyond a threshold that cut the filtration off.
        """
        scales = np.asarray(scale, dtype=np.float64)
        if not self.complete and (scales > self.threshold).any():
            raise ValueError(
                f"`scale` must be at most the threshold of the filtration ({self.threshold:g}); "
                f"found {scales.max():g}"
            )
        return _alive(self.dgms, scales, "scale", superlevel=False)

    def _facts(self) -> str:
        return f"n_points={self.n_points}, threshold={self.threshold:g}"

    def _caption(self) -> str:
        points = f"{self.n_points} points up to {self.threshold:.6g}"
        rounded = f", symmetric up to {self.asymmetry:.1g}" if self.asymmetry else ""
        return f"{points}, coefficients Z/{self.coeff}{rounded}"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class CubicalResult(Diagrams):
    """Persistence diagrams of an image, degree after degree.

    Attributes
    ----------
    dgms : list of ndarray of float64, shape (k, 2)
        One row (birth, death) a class, sorted; death is ``inf`` for a class that never
        dies (``-inf`` for superlevel sets).
    shape : tuple of int
        Shape of the image.
    construction : str
        "V" if voxels are vertices, "T" if they are top cells.
    sublevel : bool
        Whether voxels entered from the smallest value up.
    coeff : int
        Order of the coefficient field.
    locations : list of ndarray of int64, shape (k, 2, ndim), optional
        For each bar the index of the voxel whose value is its birth, then of that whose
        value is its death; -1 for the deaths of classes that never die.
    """

    shape: tuple[int, ...]
    construction: Construction = "V"
    sublevel: bool = True
    coeff: int = 2
    locations: list[np.ndarray] | None = field(default=None, repr=False)

    def betti_numbers(self, value: ArrayLike) -> np.ndarray:
        """Count the classes of the sublevel (or superlevel) set at a value.

        Parameters
        ----------
        value : float or array_like, shape (s,)
            Classes with birth <= value < death count (birth >= value > death in
            superlevel sets), and those that never die at infinity too.

        Returns
        -------
        ndarray of int64, shape (degrees,) or (s, degrees)

        Raises
        ------
        ValueError
            If a value is NaN.
        """
        values = np.asarray(value, dtype=np.float64)
        return _alive(self.dgms, values, "value", superlevel=not self.sublevel)

    def _facts(self) -> str:
        return f"shape={self.shape}, construction={self.construction!r}"

    def _caption(self) -> str:
        sets = "sublevel" if self.sublevel else "superlevel"
        return (
            f"{' × '.join(map(str, self.shape))} voxels, {sets} sets, "
            f"{self.construction}-construction, coefficients Z/{self.coeff}"
        )


def _alive(
    dgms: list[np.ndarray], scales: np.ndarray, argument: str, *, superlevel: bool
) -> np.ndarray:
    """Count the classes of each degree with birth <= scale < death."""
    if np.isnan(scales).any():
        raise ValueError(f"`{argument}` must be a number; found nan")
    counts = _core.betti_numbers(dgms, scales.reshape(-1), superlevel=superlevel, n_threads=1)
    return counts.reshape(*scales.shape, len(dgms))


def _row(degree: int, dgm: np.ndarray) -> list[str]:
    """Say of one degree how many bars it has, and which is the longest."""
    finite = dgm[np.isfinite(dgm).all(axis=1)]
    longest, at = "", ""
    if len(finite):
        birth, death = finite[np.argmax(np.abs(finite[:, 1] - finite[:, 0]))]
        longest, at = f"{abs(death - birth):.6g}", f"[{birth:.6g}, {death:.6g})"
    essential = int(np.isinf(dgm[:, 1]).sum())
    return [f"H<sub>{degree}</sub>", str(len(dgm)), str(essential), longest, at]
