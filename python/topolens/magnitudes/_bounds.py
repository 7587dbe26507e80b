"""Lower bounds on the magnitude of spaces with too many points."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from topolens._calls import Progress, as_count
from topolens._core import NumericalError
from topolens.magnitudes._functions import magnitude_function
from topolens.spaces._landmarks import choose_landmarks
from topolens.spaces._metrics import Metric
from topolens.spaces._spaces import SpaceLike, as_space

# Distances for which exp(-t D) is positive definite at every scale t.
DEFINITE = ("euclidean", "sqeuclidean", "cityblock", "cosine", "correlation", "hamming")


@dataclass(frozen=True, eq=False)
class MagnitudeBound:
    """A number that the magnitude of a space is not below.

    Attributes
    ----------
    value : float
        The magnitude of the landmarks.
    t : float
        The scale.
    indices : ndarray of int64
        The landmarks.
    n_points : int
        Points of the whole space.
    certain : bool
        Whether similarities are positive definite for this metric, so that this is a
        bound. Otherwise it is one if they happen to be so for these points, of which
        only the landmarks are looked at.
    asymmetry : float
        By how much the two sides of given distances differed, at most; they were averaged.
    """

    value: float
    t: float
    indices: np.ndarray
    n_points: int
    certain: bool
    asymmetry: float = field(default=0.0, repr=False, kw_only=True)

    def __float__(self) -> float:
        return self.value

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the landmarks as columns, for pandas or polars."""
        return {"index": self.indices.copy()}

    def __repr__(self) -> str:
        is_bound = "at least" if self.certain else "if similarities are definite, at least"
        of = f"{len(self.indices)} of {self.n_points} points"
        return f"MagnitudeBound({is_bound} {self.value:.6g} at t = {self.t:g}, by {of})"


def magnitude_lower_bound(
    X: SpaceLike,
    t: float = 1.0,
    *,
    n_landmarks: int = 1000,
    metric: Metric = "euclidean",
    tol: float = 1e-8,
    rng: int | np.random.Generator | None = None,
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> MagnitudeBound:
    """Bound the magnitude of a space from below by that of landmarks.

    Parameters
    ----------
    X, t, metric, tol, n_threads, progress, max_memory
        As in :func:`magnitude`; sparse distances are not taken.
    n_landmarks : int
        Points to choose, by farthest-point sampling; all, where there are fewer: the bound
        is the magnitude then.
    rng : int or Generator, optional
        Chooses the first landmark; the rest follows from it.

    Returns
    -------
    MagnitudeBound

    Raises
    ------
    ValueError, MemoryError
        As in :func:`magnitude`, or if `n_landmarks` is below 1.
    NumericalError
        If similarities of the landmarks are not positive definite: no subset bounds
        anything then.

    See Also
    --------
    magnitude : The number itself.
    topolens.spaces.landmarks : How points are chosen.

    Notes
    -----
    If similarities are positive definite, a subset has no larger magnitude [1]_. What is
    computed is ``2 * x.sum() - x @ Z @ x``, which no `x` brings above the magnitude; so the
    bound does not depend on how well the weighting has been solved for.

    References
    ----------
    .. [1] T. Leinster, "The magnitude of metric spaces", Documenta Mathematica 18
       (2013), section 2.4.

    Examples
    --------
    >>> import topolens as tl
    >>> X = tl.datasets.torus(2000, rng=0)
    >>> tl.magnitudes.magnitude_lower_bound(X, t=1.0, n_landmarks=200, rng=0)
    MagnitudeBound(at least 11.9457 at t = 1, by 200 of 2000 points)
    >>> round(tl.magnitude(X, t=1.0), 2)
    12.08
    """
    space = as_space(X, metric, max_memory, n_threads)
    count = min(as_count(n_landmarks, "n_landmarks", least=1), len(space))
    chosen = choose_landmarks(space, count, rng, n_threads).indices
    call = {"n_threads": n_threads, "progress": progress, "max_memory": max_memory}
    f = magnitude_function(space.select(chosen.tolist()), [t], tol=tol, **call)
    if f.negative_eigenvalues[0] > 0:
        raise NumericalError(
            f"the similarity matrix at t = {t} is not positive definite: subsets bound nothing"
        )
    certain = isinstance(metric, str) and metric in DEFINITE
    found = float(f.values[0]), float(f.ts[0])
    return MagnitudeBound(*found, chosen, len(space), certain, asymmetry=space.asymmetry)
