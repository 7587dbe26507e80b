"""The distances of networks, and all that is computed from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any

import numpy as np

from topolens import _core
from topolens._calls import Progress, as_count, as_non_negative
from topolens._faces import hinted
from topolens._html import table_html
from topolens.homology._rips import rips
from topolens.networks._comparisons import Compared, ComparisonName
from topolens.networks._intervals import DistanceIntervals, IntervalMethod, intervals_of
from topolens.networks._persistence import NetworkPersistence
from topolens.networks._predictions import Predictions
from topolens.networks._quotients import Induced, Quotient, QuotientMethod, quotient
from topolens.networks._shape import CoveringCurve, Embedding
from topolens.spaces._scaling import scale_classically
from topolens.spaces._spaces import MetricSpace, as_space

MOST_SHOWN = 12


@dataclass(frozen=True, eq=False, repr=False)
class NetworkDistances:
    """Distances of all pairs of networks, as made by :meth:`topolens.NetworkSpace.distances`.

    :func:`topolens.rips`, :func:`topolens.magnitude_function` and all others that take distances
    take it as it is, unless it is no metric: then ``D.to_space(allow_nonmetric=True)``.

    Attributes
    ----------
    names : tuple
        The networks.
    comparison : str
        What was compared, and how.
    is_metric : bool
        Whether the triangle inequality holds for all predictions; if not, what needs it refuses.
    negative_type : bool
        Whether the distance is of negative type for all predictions: then the square root of it
        embeds in a Euclidean space, and similarity matrices exp(-t D) are positive semidefinite.
    sizes : ndarray of float64, shape (M(M-1)/2,) or (), or None
        Samples behind each distance, effective ones where they have weights; None where the
        distance is not the mean of numbers between 0 and 1.

    Examples
    --------
    >>> import topolens as tl
    >>> space = tl.NetworkSpace.from_labels({"a": [0, 1, 1], "b": [0, 1, 2], "c": [2, 0, 2]})
    >>> D = space.distances()
    >>> D.counts
    array([[0, 1, 3],
           [1, 0, 2],
           [3, 2, 0]])
    >>> tl.rips(D, maxdim=0)[0][:, 1].round(3)
    array([0.333, 0.667,   inf])
    """

    comparison: ComparisonName
    _compared: Compared = field(repr=False)
    _predictions: Predictions = field(repr=False)

    def __len__(self) -> int:
        """Count the networks."""
        return len(self._predictions)

    def __repr__(self) -> str:
        metric = "" if self.is_metric else ", not a metric"
        return f"NetworkDistances({len(self)} networks, {self.comparison}{metric})"

    @property
    def names(self) -> tuple[Any, ...]:
        """The networks."""
        return self._predictions.names

    @property
    def is_metric(self) -> bool:
        """Whether the triangle inequality holds for all predictions."""
        return self._compared.is_metric

    @property
    def negative_type(self) -> bool:
        """Whether the square root of the distance embeds in a Euclidean space."""
        return self._compared.negative_type

    @property
    def sizes(self) -> np.ndarray | np.float64 | None:
        """Samples behind each distance."""
        return self._compared.sizes

    def to_space(self, *, allow_nonmetric: bool = False) -> MetricSpace:
        """Return the networks as a :class:`topolens.MetricSpace`.

        Parameters
        ----------
        allow_nonmetric : bool
            Also where the triangle inequality can fail.

        Returns
        -------
        MetricSpace

        Raises
        ------
        ValueError
            If this is no metric and that is not allowed.
        """
        if not (self.is_metric or allow_nonmetric):
            raise ValueError(
                f"`distances` must be a metric; found {self.comparison!r}, which breaks the "
                f"triangle inequality. `D.to_space(allow_nonmetric=True)` takes it anyway"
            )
        return self._space

    @cached_property
    def _space(self) -> MetricSpace:
        return MetricSpace(self._compared.values, names=self.names)

    def condensed(self) -> np.ndarray:
        """Return the distances of the pairs i < j in the order of scipy's `pdist`."""
        return self._compared.values.copy()

    @property
    def values(self) -> np.ndarray:
        """The matrix of distances, float64 of shape (M, M)."""
        return _core.square(self._compared.values, len(self))

    @property
    def counts(self) -> np.ndarray | None:
        """Samples on which networks differ, int64 of shape (M, M), where samples count alike."""
        if self._compared.counts is None:
            return None
        return _core.square_counts(self._compared.counts, len(self))

    # --- statistics ---------------------------------------------------------------------------

    def interval(
        self,
        confidence_level: float = 0.95,
        method: IntervalMethod = "clopper-pearson",
        *,
        simultaneous: bool = True,
        n_resamples: int = 1000,
        rng: int | np.random.Generator | None = None,
        n_threads: int | None = None,
        progress: Progress = False,
    ) -> DistanceIntervals:
        """Compute confidence intervals for the distances under the law of the samples.

        Parameters
        ----------
        confidence_level : float
            Above 0 and below 1.
        method : {"clopper-pearson", "wilson", "hoeffding", "bootstrap", "multiplier"}
            "clopper-pearson", "wilson" or "bootstrap" for shares of samples; "hoeffding" for
            means of any numbers between 0 and 1; "multiplier" for one band around all
            disagreements of samples that count alike, by random signs, which takes their
            correlation into account. "wilson", "bootstrap" and "multiplier" hold for many
            samples only; the bootstrap of a share of 0 has no width.
        simultaneous : bool
            Let all intervals hold at once: by Bonferroni's inequality over the pairs.
        n_resamples : int
            Draws of signs, at least 100; for "multiplier" alone.
        rng : int or Generator, optional
            Draws the signs.
        n_threads, progress
            As in :func:`topolens.distances`.

        Returns
        -------
        DistanceIntervals

        Raises
        ------
        ValueError
            If the distance is of a kind that the method does not cover.

        Notes
        -----
        With weights v the number of samples is the effective one, (Σv)² / Σv²; for Hoeffding's
        inequality that is exact, for the others an approximation.
        """
        return intervals_of(
            self._predictions,
            self.comparison,
            self._compared,
            confidence_level,
            method,
            simultaneous=simultaneous,
            n_resamples=n_resamples,
            rng=rng,
            n_threads=n_threads,
            progress=progress,
        )

    def decide(
        self,
        eps: float,
        confidence_level: float = 0.95,
        method: IntervalMethod = "clopper-pearson",
        **options: Any,
    ) -> np.ndarray:
        """Decide for each pair whether the true distance is at most `eps`.

        Parameters
        ----------
        eps : float
            The distance to decide about. No number of samples certifies a distance of 0.
        confidence_level, method, **options
            As in :meth:`interval`, but no bootstrap, which has no width where no sample differs.

        Returns
        -------
        ndarray of int8, shape (M, M)
            +1 certified within `eps`, -1 certified beyond, 0 undetermined.

        Raises
        ------
        ValueError
            If the method is a bootstrap, or does not cover the distance.
        """
        radius = as_non_negative(eps, "eps")
        if method == "bootstrap":
            raise ValueError(
                "`method` must have a width where no sample differs; found 'bootstrap', which "
                "takes a share of 0 for certain"
            )
        lower, upper = self.interval(confidence_level, method, **options).interval
        return (upper <= radius).astype(np.int8) - (lower > radius).astype(np.int8)

    def persistence(
        self,
        maxdim: int = 1,
        confidence_level: float = 0.95,
        method: IntervalMethod = "clopper-pearson",
        **options: Any,
    ) -> NetworkPersistence:
        """Compute the homology of the space of networks, and which bars the samples certify.

        Parameters
        ----------
        maxdim : int
            Highest degree of homology.
        confidence_level, method
            Of the simultaneous intervals, as in :meth:`interval`.
        **options
            As in :func:`topolens.rips`.

        Returns
        -------
        NetworkPersistence

        Raises
        ------
        ValueError
            If the distance is no metric, or has no intervals.

        Notes
        -----
        If all distances are within h of the true ones, so are the diagrams in bottleneck
        distance, and a bar longer than 2h has a true one near it.
        """
        space = self.to_space()
        band = self.interval(confidence_level, method).half_width
        diagrams = hinted(rips)(space, maxdim=maxdim, **options)
        significant = [bars[:, 1] - bars[:, 0] > 2 * band for bars in diagrams.dgms]
        return NetworkPersistence(diagrams, band, float(confidence_level), significant)

    # --- shape --------------------------------------------------------------------------------

    def quotient(
        self,
        eps: float = 0.0,
        method: QuotientMethod | None = None,
        induced: Induced = "representative",
    ) -> Quotient:
        """Gather networks that are near each other into classes: see :func:`quotient`.

        Parameters
        ----------
        eps, method, induced
            As there.

        Returns
        -------
        Quotient
        """
        return quotient(self, eps, method, induced)

    @property
    def diameter(self) -> float:
        """The largest distance."""
        return float(self._compared.values.max(initial=0.0))

    def medoid(self) -> int:
        """Return the network with the smallest sum of distances, the first of several."""
        return _core.medoid(as_space(self._space, "precomputed"))

    def covering_curve(self) -> CoveringCurve:
        """Cover the networks by fewer and fewer, farthest points from the medoid on."""
        order, radii = _core.covering(as_space(self._space, "precomputed"))
        return CoveringCurve(order=order, radii=radii)

    def embed(self, k: int = 2) -> Embedding:
        """Draw the networks in `k` dimensions: classical scaling of the root of the distance.

        Parameters
        ----------
        k : int
            Dimensions, at least 1.

        Returns
        -------
        Embedding

        Raises
        ------
        ValueError
            If `k` is below 1.

        Notes
        -----
        For distances of negative type, as those with `negative_type` are, squared Euclidean
        distances in all M - 1 dimensions are exactly the distances, and no eigenvalue is
        negative but for rounding [1]_.

        References
        ----------
        .. [1] I. J. Schoenberg, "Metric spaces and positive definite functions", Trans. AMS 44
           (1938).
        """
        dimensions = as_count(k, "k", least=1)
        points, eigenvalues = scale_classically(self.values, dimensions)
        return Embedding(points=points, eigenvalues=eigenvalues, names=self.names)

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the pairs as columns, for pandas.DataFrame or polars.DataFrame."""
        i, j = np.triu_indices(len(self), 1)
        names = np.array([str(name) for name in self.names], dtype=str)
        columns = {"first": names[i], "second": names[j], "distance": self.condensed()}
        if self._compared.counts is not None:
            columns["count"] = self._compared.counts.astype(np.int64)
        return columns

    def _repr_html_(self) -> str:
        shown = [escape(str(name)) for name in self.names[:MOST_SHOWN]]
        more = ["…"] if len(self) > MOST_SHOWN else []
        rows = (
            [name, *(f"{value:.4g}" for value in row[:MOST_SHOWN]), *more]
            for name, row in zip(shown, self.values, strict=False)
        )
        head = ["", *shown, *([""] if more else [])]
        return table_html(head, rows, caption=repr(self), row_heads=1)
