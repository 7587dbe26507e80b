"""Estimators from spaces and images to diagrams and magnitudes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from topolens.homology._cubical import cubical_batch
from topolens.homology._results import Construction, CubicalResult, PersistenceResult
from topolens.homology._rips import rips, rips_batch
from topolens.magnitudes._functions import as_scales, magnitude_function
from topolens.sklearn._inputs import OfSpaces, ToDiagrams, random_state, threads
from topolens.spaces._metrics import Metric


class RipsPersistence(ToDiagrams):
    """Vietoris-Rips persistence diagrams of point clouds: :func:`topolens.rips`.

    Parameters
    ----------
    maxdim, threshold, metric, coeff, n_landmarks
        As in :func:`topolens.rips`.
    random_state : int, RandomState or None
        Chooses the first landmark.
    n_jobs : int, optional
        Threads; None is one, -1 all. The result does not depend on it.

    Attributes
    ----------
    n_samples_fit_ : int
        Samples that `fit` saw.
    n_features_in_ : int
        Columns, where the input was a table.

    Notes
    -----
    A sample is a cloud (points, coordinates), a :class:`topolens.MetricSpace`, or distances with
    ``metric="precomputed"``. One of one axis, as a row of a table, is a cloud of points on a line;
    since one cloud is also a table, tables warn: pass a list.

    Examples
    --------
    >>> import topolens as tl
    >>> from topolens.sklearn import RipsPersistence
    >>> clouds = [tl.datasets.circle(n, rng=n) for n in (30, 40)]
    >>> [len(result[1]) for result in RipsPersistence().fit_transform(clouds)]
    [1, 1]
    """

    def __init__(
        self,
        *,
        maxdim: int = 1,
        threshold: float = math.inf,
        metric: Metric = "euclidean",
        coeff: int = 2,
        n_landmarks: int | None = None,
        random_state: int | np.random.RandomState | np.random.Generator | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.maxdim = maxdim
        self.threshold = threshold
        self.metric = metric
        self.coeff = coeff
        self.n_landmarks = n_landmarks
        self.random_state = random_state
        self.n_jobs = n_jobs

    def transform(self, X: Any) -> list[PersistenceResult]:
        """Compute the diagrams of each cloud.

        Parameters
        ----------
        X : list of array_like (points[, coordinates]) or MetricSpace, or array
            Clouds of any sizes; the first axis of an array counts them.

        Returns
        -------
        list of PersistenceResult
        """
        clouds = [as_cloud(sample, self.metric) for sample in self._samples(X, reset=False)]
        shared: dict[str, Any] = {
            "maxdim": self.maxdim,
            "threshold": self.threshold,
            "metric": self.metric,
            "coeff": self.coeff,
            "n_threads": threads(self.n_jobs),
        }
        state = random_state(self.random_state)
        if self.n_landmarks is None:
            return rips_batch(clouds, **shared)
        seeds = state.randint(np.iinfo(np.int32).max, size=len(clouds))
        return [
            rips(cloud, n_landmarks=self.n_landmarks, rng=int(seed), **shared)
            for cloud, seed in zip(clouds, seeds, strict=True)
        ]


def as_cloud(sample: Any, metric: Metric) -> Any:
    """Take a row of numbers for points on a line, unless they are distances; others as they are."""
    flat = getattr(sample, "ndim", 2) == 1 and metric != "precomputed"
    return sample[:, np.newaxis] if flat else sample


class CubicalPersistence(ToDiagrams):
    """Persistence diagrams of images: :func:`topolens.cubical`.

    Parameters
    ----------
    construction, sublevel, maxdim, coeff, periodic
        As in :func:`topolens.cubical`.
    n_jobs : int, optional
        Threads; None is one, -1 all. The result does not depend on it.

    Attributes
    ----------
    n_samples_fit_ : int
        Samples that `fit` saw.
    n_features_in_ : int
        Columns, where the input was a table.

    Notes
    -----
    A sample is an image of one to four axes, all of equally many. A row of a table is a signal;
    since one image is also a table, tables warn: pass a list.

    Examples
    --------
    >>> import numpy as np
    >>> from topolens.sklearn import CubicalPersistence
    >>> images = np.random.default_rng(0).random((3, 8, 8))
    >>> len(CubicalPersistence().fit_transform(images))
    3
    """

    _whole = "image"
    _row = "values of a signal"

    def __init__(
        self,
        *,
        construction: Construction = "V",
        sublevel: bool = True,
        maxdim: int | None = None,
        coeff: int = 2,
        periodic: bool | Sequence[bool] | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.construction = construction
        self.sublevel = sublevel
        self.maxdim = maxdim
        self.coeff = coeff
        self.periodic = periodic
        self.n_jobs = n_jobs

    def transform(self, X: Any) -> list[CubicalResult]:
        """Compute the diagrams of each image.

        Parameters
        ----------
        X : list of array_like, or array (samples, ...)
            Images of any sizes with equally many axes.

        Returns
        -------
        list of CubicalResult
        """
        return cubical_batch(
            self._samples(X, reset=False),
            construction=self.construction,
            sublevel=self.sublevel,
            maxdim=self.maxdim,
            coeff=self.coeff,
            periodic=self.periodic,
            n_threads=threads(self.n_jobs),
        )


class MagnitudeFunction(OfSpaces):
    """Magnitudes of point clouds at given scales: :func:`topolens.magnitude_function`.

    Parameters
    ----------
    ts : sequence of float
        Positive scales, in the inverse unit of the distances.
    metric, tol
        As in :func:`topolens.magnitude_function`.
    n_jobs : int, optional
        Threads; None is one, -1 all. The result does not depend on it.

    Attributes
    ----------
    ts_ : ndarray of float64, shape (s,)
        The scales.
    n_samples_fit_ : int
        Samples that `fit` saw.
    n_features_in_ : int
        Columns, where the input was a table.

    Notes
    -----
    A sample is a cloud, as in :class:`RipsPersistence`; a row of a table is a cloud of points on
    a line.

    Examples
    --------
    >>> import topolens as tl
    >>> from topolens.sklearn import MagnitudeFunction
    >>> clouds = [tl.datasets.circle(n, rng=n) for n in (30, 40)]
    >>> MagnitudeFunction(ts=[0.01, 1e6]).fit_transform(clouds).round().tolist()
    [[1.0, 30.0], [1.0, 40.0]]
    """

    def __init__(
        self,
        *,
        ts: Sequence[float] = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0),
        metric: Metric = "euclidean",
        tol: float = 1e-8,
        n_jobs: int | None = None,
    ) -> None:
        self.ts = ts
        self.metric = metric
        self.tol = tol
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None) -> MagnitudeFunction:
        """Check the input and the scales; nothing is learned.

        Parameters
        ----------
        X : array_like or list
            As in `transform`.
        y : None
            Not used.

        Returns
        -------
        self
        """
        super().fit(X, y)
        self.ts_ = as_scales(self.ts)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Compute the magnitude of each cloud at each scale.

        Parameters
        ----------
        X : list of array_like (points[, coordinates]) or MetricSpace, or array
            Clouds of any sizes; the first axis of an array counts them.

        Returns
        -------
        ndarray of float64, shape (samples, scales)
        """
        clouds = [as_cloud(sample, self.metric) for sample in self._samples(X, reset=False)]
        options: dict[str, Any] = {"metric": self.metric, "tol": self.tol}
        options["n_threads"] = threads(self.n_jobs)
        values = [magnitude_function(cloud, self.ts_, **options).values for cloud in clouds]
        return np.array(values).reshape(len(clouds), len(self.ts_))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Name the columns of the output.

        Parameters
        ----------
        input_features : array_like of str, optional
            Not used.

        Returns
        -------
        ndarray of str
        """
        check_is_fitted(self)
        return np.asarray([f"magnitude_{t:.17g}" for t in self.ts_], dtype=object)
