"""The distances of networks, and all that is computed from them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from topolens import _core
from topolens._calls import Progress, as_count, as_non_negative, memory_limit
from topolens._networks.coverings import CoveringCurve, cover, medoid
from topolens._networks.embeddings import Embedding, scale_classically
from topolens._networks.intervals import DistanceIntervals, intervals_of
from topolens._networks.persistence import NetworkPersistence
from topolens._networks.quotients import Quotient, quotient_of_matrix
from topolens._networks.tables import html_table
from topolens.homology import rips
from topolens.spaces import MetricSpace, _square

if TYPE_CHECKING:
    from topolens.networks import NetworkSpace

__all__ = [
    "CoveringCurve",
    "DistanceIntervals",
    "Embedding",
    "NetworkDistances",
    "NetworkPersistence",
    "Quotient",
]


class NetworkDistances(MetricSpace):
    """Distances of all pairs of networks, as made by :meth:`topolens.NetworkSpace.distances`.

    It is a :class:`topolens.MetricSpace`: :func:`topolens.rips`,
    :func:`topolens.magnitude_function` and all others take it as it is, unless it is no metric.

    Attributes
    ----------
    names : tuple
        The networks.
    measure : str
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

    def __init__(
        self,
        values: np.ndarray,
        names: tuple[Any, ...],
        *,
        measure: str,
        counts: np.ndarray | None = None,
        sizes: np.ndarray | np.float64 | None = None,
        is_metric: bool = True,
        negative_type: bool = True,
        networks: NetworkSpace | None = None,
    ) -> None:
        self.names = names
        self.measure = measure
        self.is_metric = is_metric
        self.negative_type = negative_type
        self.sizes = sizes
        self._condensed = values
        self._counts = counts
        self._networks = networks

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        metric = "" if self.is_metric else ", not a metric"
        return f"NetworkDistances({len(self)} networks, {self.measure}{metric})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (
            self._condensed,
            self.names,
            {
                "measure": self.measure,
                "counts": self._counts,
                "sizes": self.sizes,
                "is_metric": self.is_metric,
                "negative_type": self.negative_type,
                "networks": self._networks,
            },
        )

    @cached_property
    def _as_space(self) -> _core.Space:
        return _core.Space.condensed(len(self), self._condensed, memory_limit(None))

    @property
    def _space(self) -> _core.Space:  # type: ignore[override]
        self._refuse_nonmetric(False)
        return self._as_space

    def _refuse_nonmetric(self, allow_nonmetric: bool) -> None:
        if not (self.is_metric or allow_nonmetric):
            raise ValueError(
                f"`distances` must be a metric; found {self.measure!r}, which breaks the triangle "
                f"inequality. `allow_nonmetric=True` takes it anyway"
            )

    def to_space(self, *, allow_nonmetric: bool = False) -> MetricSpace:
        """Return a plain :class:`topolens.MetricSpace`, of what is no metric only if allowed."""
        self._refuse_nonmetric(allow_nonmetric)
        return MetricSpace(self._condensed, names=self.names)

    def to_square(self) -> np.ndarray:
        """Return the matrix of distances, shape (M, M)."""
        return _square(self._condensed, len(self))

    @property
    def distances(self) -> np.ndarray:
        """The distances of the pairs i < j, as a new array of float64."""
        return self._condensed.copy()

    def condensed(self) -> np.ndarray:
        """Return the distances of the pairs i < j in the order of scipy's `pdist`."""
        return self._condensed.copy()

    @property
    def values(self) -> np.ndarray:
        """The matrix of distances, float64 of shape (M, M)."""
        return self.to_square()

    @property
    def counts(self) -> np.ndarray | None:
        """Samples on which networks differ, int64 of shape (M, M), where samples count alike."""
        if self._counts is None:
            return None
        return _core.square_counts(self._counts, len(self))

    # --- statistics ---------------------------------------------------------------------------

    def interval(
        self,
        level: float = 0.95,
        method: str = "clopper-pearson",
        *,
        simultaneous: bool = True,
        n_bootstrap: int = 1000,
        rng: int | np.random.Generator | None = None,
        n_threads: int | None = None,
        progress: Progress = False,
    ) -> DistanceIntervals:
        """Compute confidence intervals for the distances under the law of the samples.

        Parameters
        ----------
        level : float
            Confidence level, between 0 and 1.
        method : str
            "clopper-pearson", "wilson" or "bootstrap" for shares of samples; "hoeffding" for
            means of any numbers between 0 and 1; "multiplier" for one band around all
            disagreements of samples that count alike, by random signs, which takes their
            correlation into account. "wilson", "bootstrap" and "multiplier" hold for many
            samples only; the bootstrap of a share of 0 has no width.
        simultaneous : bool
            Let all intervals hold at once: by Bonferroni's inequality over the pairs.
        n_bootstrap : int
            Draws of signs, at least 100.
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
            self, level, method, simultaneous, n_bootstrap, rng, n_threads, progress
        )

    def decide(
        self,
        eps: float,
        level: float = 0.95,
        method: str = "clopper-pearson",
        *,
        simultaneous: bool = True,
        **options: Any,
    ) -> np.ndarray:
        """Decide for each pair whether the true distance is at most `eps`.

        Parameters
        ----------
        eps : float
            The distance to decide about. No number of samples certifies a distance of 0.
        level, method, simultaneous, **options
            As in :meth:`interval`, but no bootstrap, which has no width where no sample differs.

        Returns
        -------
        ndarray of int8, shape (M, M)
            +1 certified within `eps`, -1 certified beyond, 0 undetermined.
        """
        radius = as_non_negative(eps, "eps")
        if method == "bootstrap":
            raise ValueError(
                "`method` must have a width where no sample differs; found 'bootstrap', which "
                "takes a share of 0 for certain"
            )
        lower, upper = self.interval(level, method, simultaneous=simultaneous, **options)
        return (upper <= radius).astype(np.int8) - (lower > radius).astype(np.int8)

    def persistence(
        self,
        maxdim: int = 1,
        level: float = 0.95,
        method: str = "clopper-pearson",
        *,
        allow_nonmetric: bool = False,
        **options: Any,
    ) -> NetworkPersistence:
        """Compute the homology of the space of networks, and which bars the samples certify.

        Parameters
        ----------
        maxdim : int
            Highest degree of homology.
        level, method
            Of the simultaneous intervals, as in :meth:`interval`.
        allow_nonmetric : bool
            Take distances that break the triangle inequality too.
        **options
            As in :func:`topolens.rips`.

        Returns
        -------
        NetworkPersistence

        Notes
        -----
        If all distances are within h of the true ones, so are the diagrams in bottleneck
        distance, and a bar longer than 2h has a true one near it.
        """
        space = self.to_space(allow_nonmetric=allow_nonmetric)
        band = self.interval(level, method).half_width
        diagrams = rips(space, maxdim=maxdim, **options)
        significant = [bars[:, 1] - bars[:, 0] > 2 * band for bars in diagrams.dgms]
        return NetworkPersistence(diagrams, band, float(level), significant)

    # --- shape --------------------------------------------------------------------------------

    def quotient(
        self,
        eps: float = 0.0,
        method: str | None = None,
        induced: str = "representative",
        *,
        allow_nonmetric: bool = False,
    ) -> Quotient:
        """Gather networks that are near each other into classes.

        Parameters
        ----------
        eps : float
            How near.
        method : str, optional
            "exact" for networks at distance 0, the default for `eps` 0. "net" for balls of
            radius `eps` around farthest points, whose centres are more than `eps` apart, the
            default otherwise. "single" for connected components, "complete" for classes of
            diameter at most `eps`, by complete linkage.
        induced : str
            "representative" for the distance of representatives, "chain" for the infimum over
            chains that change place within classes for free, "hausdorff" for the Hausdorff
            distance. At `eps` 0 they agree.
        allow_nonmetric : bool
            Take distances that break the triangle inequality too.

        Returns
        -------
        Quotient

        Notes
        -----
        Vietoris-Rips diagrams of the representatives of a net are within ``2 * eps`` of those
        of all networks, in bottleneck distance. The chain metric is that of the quotient space
        in M. Bridson, A. Haefliger, "Metric Spaces of Non-Positive Curvature" (1999), I.5.19.

        Examples
        --------
        >>> import topolens as tl
        >>> space = tl.NetworkSpace.from_labels([[0, 0, 0], [0, 0, 0], [1, 1, 0]])
        >>> q = space.distances().quotient()
        >>> q.labels, q.sizes
        (array([0, 0, 1]), array([2, 1]))
        """
        self._refuse_nonmetric(allow_nonmetric)
        return quotient_of_matrix(self._as_space, self.names, eps, method, induced)

    @property
    def diameter(self) -> float:
        """The largest distance."""
        return float(self._condensed.max(initial=0.0))

    def medoid(self) -> int:
        """Return the network with the smallest sum of distances, the first of several."""
        return medoid(self._as_space)

    def covering_curve(self) -> CoveringCurve:
        """Cover the networks by fewer and fewer, farthest points from the medoid on."""
        return cover(self._as_space)

    def embed(self, k: int = 2) -> Embedding:
        """Draw the networks in `k` dimensions: classical scaling of the root of the distance.

        Parameters
        ----------
        k : int
            Dimensions, at least 1.

        Returns
        -------
        Embedding

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
        points, eigenvalues = scale_classically(self.to_square(), dimensions)
        return Embedding(points=points, eigenvalues=eigenvalues, names=self.names)

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the pairs as columns, for pandas.DataFrame or polars.DataFrame."""
        i, j = np.triu_indices(len(self), 1)
        names = np.array([str(name) for name in self.names], dtype=str)
        columns = {"first": names[i], "second": names[j], "distance": self.condensed()}
        if self._counts is not None:
            columns["count"] = self._counts.astype(np.int64)
        return columns

    def _repr_html_(self) -> str:
        return html_table(self.to_square(), self.names, repr(self))


def _rebuilt(values: np.ndarray, names: tuple[Any, ...], facts: dict[str, Any]) -> NetworkDistances:
    return NetworkDistances(values, names, **facts)
