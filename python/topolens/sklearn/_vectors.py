"""Estimators from diagrams to vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from topolens import _core
from topolens._calls import as_count, memory_limit, refuse_unused
from topolens.diagrams._curves import Pixels, Weight, as_sigma, as_tents, images, landscapes
from topolens.diagrams._essential import Essential, check_essential, end_essential
from topolens.diagrams._grids import as_grid, as_resolution, check_reach, image_ranges
from topolens.sklearn._inputs import OfDiagrams, threads


class OnGrid(OfDiagrams):
    """Diagrams as functions on a grid, given or learned."""

    grid: Any
    resolution: int
    grid_: np.ndarray

    def fit(self, X: Any, y: Any = None) -> OnGrid:
        """Lay the grid, unless it is given: from the least birth to the largest finite value.

        Parameters
        ----------
        X : list
            As in `transform`.
        y : None
            Not used.

        Returns
        -------
        self
        """
        diagrams = self._diagrams(X)
        if self.grid is not None:
            refuse_unused("with a `grid`", resolution=(self.resolution, 100))
            self.grid_ = as_grid(self.grid)
            return self
        values = np.concatenate([dgm.ravel() for dgm in diagrams])
        values = values[np.isfinite(values)]
        if not len(values):
            raise ValueError("`grid` must be given where no diagram has a finite value")
        count = as_count(self.resolution, "resolution", least=1)
        self.grid_ = np.linspace(values.min(), values.max(), count)
        return self


class BettiCurve(OnGrid):
    """Betti curves of diagrams: :func:`topolens.diagrams.betti_curve`.

    Parameters
    ----------
    grid : array_like, shape (g,), optional
        Ascending filtration values; learned when not given.
    resolution : int
        Points of a learned grid, even from the least birth to the largest finite value of the
        diagrams that `fit` sees.
    degree : int, optional
        The degree to take; needed where diagrams have several.
    n_jobs : int, optional
        Threads; None is one, -1 all. The result does not depend on it.

    Attributes
    ----------
    grid_ : ndarray of float64, shape (g,)

    Examples
    --------
    >>> from topolens.sklearn import BettiCurve
    >>> BettiCurve(grid=[0.5, 1.5]).fit_transform([[[0.0, 1.0]], [[0.0, 2.0], [1.0, 2.0]]])
    array([[1., 0.],
           [1., 2.]])
    """

    def __init__(
        self,
        *,
        grid: ArrayLike | None = None,
        resolution: int = 100,
        degree: int | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.grid = grid
        self.resolution = resolution
        self.degree = degree
        self.n_jobs = n_jobs

    def transform(self, X: Any) -> np.ndarray:
        """Evaluate the Betti curve of each diagram.

        Parameters
        ----------
        X : list
            Diagrams, each as in :func:`topolens.diagrams.betti_curve`.

        Returns
        -------
        ndarray of float64, shape (samples, g)
        """
        check_is_fitted(self)
        diagrams = self._diagrams(X)
        for i, sample in enumerate(self._spaces(X)):
            check_reach(sample, self.grid_, f"X[{i}]")
        curves = _core.betti_curves(diagrams, self.grid_, n_threads=threads(self.n_jobs))
        return curves.astype(np.float64)

    def _names(self) -> list[str]:
        return [f"betti_{i}" for i in range(len(self.grid_))]


class PersistenceLandscape(OnGrid):
    """Persistence landscapes of diagrams: :func:`topolens.diagrams.landscape`.

    Parameters
    ----------
    k : int
        Number of landscapes.
    grid, resolution, degree, n_jobs
        As in :class:`BettiCurve`.
    essential : {None, "drop"} or float
        As in :func:`topolens.diagrams.landscape`: None refuses essential classes, "drop" leaves
        them out, a number ends them there, ``inf`` keeps them.

    Attributes
    ----------
    grid_ : ndarray of float64, shape (g,)

    Examples
    --------
    >>> from topolens.sklearn import PersistenceLandscape
    >>> PersistenceLandscape(k=1, grid=[1.0, 2.0]).fit_transform([[[0.0, 3.0]], [[1.0, 5.0]]])
    array([[1., 1.],
           [0., 1.]])
    """

    def __init__(
        self,
        *,
        k: int = 5,
        grid: ArrayLike | None = None,
        resolution: int = 100,
        degree: int | None = None,
        essential: Essential = None,
        n_jobs: int | None = None,
    ) -> None:
        self.k = k
        self.grid = grid
        self.resolution = resolution
        self.degree = degree
        self.essential = essential
        self.n_jobs = n_jobs

    def transform(self, X: Any) -> np.ndarray:
        """Evaluate the landscapes of each diagram.

        Parameters
        ----------
        X : list
            Diagrams, each as in :func:`topolens.diagrams.landscape`.

        Returns
        -------
        ndarray of float64, shape (samples, k · g)
            λ₁ on the grid, then λ₂, ...
        """
        check_is_fitted(self)
        diagrams = [
            as_tents(sample, self.essential, self.grid_, f"X[{i}]", degree=self.degree)
            for i, sample in enumerate(self._spaces(X))
        ]
        limit = memory_limit(None)
        heights = landscapes(diagrams, self.k, self.grid_, threads(self.n_jobs), limit)
        return heights.reshape(len(diagrams), -1)

    def _names(self) -> list[str]:
        places = range(len(self.grid_))
        return [f"landscape{level + 1}_{i}" for level in range(self.k) for i in places]


class PersistenceImage(OfDiagrams):
    """Persistence images of diagrams: :func:`topolens.diagrams.persistence_image`.

    Parameters
    ----------
    sigma : float, optional
        Standard deviation of the Gaussians; when not given, a twentieth of the longest bar that
        `fit` sees.
    resolution, weight, pixels
        As in :func:`topolens.diagrams.persistence_image`.
    birth_range, persistence_range : (float, float), optional
        Learned when not given: they hold the bars that `fit` sees and 3 `sigma` around them.
        What lies outside is cut off.
    degree, n_jobs
        As in :class:`BettiCurve`.
    essential : {None, "drop"} or float
        What becomes of essential classes: None refuses them, "drop" leaves them out, a number
        ends them there.

    Attributes
    ----------
    sigma_ : float
    birth_range_, persistence_range_ : (float, float)

    Examples
    --------
    >>> from topolens.sklearn import PersistenceImage
    >>> PersistenceImage(resolution=(4, 3)).fit_transform([[[0.0, 2.0]], [[1.0, 2.0]]]).shape
    (2, 12)
    """

    def __init__(
        self,
        *,
        sigma: float | None = None,
        resolution: int | tuple[int, int] = 20,
        weight: Weight = "linear",
        birth_range: tuple[float, float] | None = None,
        persistence_range: tuple[float, float] | None = None,
        pixels: Pixels = "integral",
        degree: int | None = None,
        essential: Essential = None,
        n_jobs: int | None = None,
    ) -> None:
        self.sigma = sigma
        self.resolution = resolution
        self.weight = weight
        self.birth_range = birth_range
        self.persistence_range = persistence_range
        self.pixels = pixels
        self.degree = degree
        self.essential = essential
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None) -> PersistenceImage:
        """Learn the ranges, and the spread of the Gaussians, unless they are given.

        Parameters
        ----------
        X : list
            As in `transform`.
        y : None
            Not used.

        Returns
        -------
        self
        """
        diagrams = _finite(self._diagrams(X), self.essential)
        self.sigma_ = self._learned_sigma(diagrams) if self.sigma is None else self.sigma
        as_sigma(self.sigma_)
        self.birth_range_, self.persistence_range_ = image_ranges(
            diagrams, self.sigma_, self.birth_range, self.persistence_range
        )
        return self

    @staticmethod
    def _learned_sigma(diagrams: list[np.ndarray]) -> float:
        longest = max((np.ptp(dgm, axis=1).max(initial=0) for dgm in diagrams), default=0.0)
        if not longest > 0:
            raise ValueError("`sigma` must be given where no diagram has a bar")
        return float(longest) / 20

    def transform(self, X: Any) -> np.ndarray:
        """Draw the image of each diagram.

        Parameters
        ----------
        X : list
            Diagrams, each as in :func:`topolens.diagrams.persistence_image`.

        Returns
        -------
        ndarray of float64, shape (samples, pixels)
            Row after row of the image, from the least persistence up.
        """
        check_is_fitted(self)
        diagrams = _finite(self._diagrams(X), self.essential)
        drawn = images(
            diagrams,
            self.sigma_,
            resolution=as_resolution(self.resolution),
            weight=self.weight,
            ranges=(self.birth_range_, self.persistence_range_),
            pixels=self.pixels,
            n_threads=threads(self.n_jobs),
            limit=memory_limit(None),
        )
        return drawn.reshape(len(diagrams), -1)

    def _names(self) -> list[str]:
        across, up = as_resolution(self.resolution)
        return [f"pixel_{row}_{column}" for row in range(up) for column in range(across)]


def _finite(diagrams: list[np.ndarray], essential: Any) -> list[np.ndarray]:
    rule = check_essential(essential)
    return [end_essential(dgm, rule, f"X[{i}]") for i, dgm in enumerate(diagrams)]
