"""Which bars are longer than chance would have them, without a null to simulate."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field

import numpy as np

from topolens import _core
from topolens._bootstrap import as_confidence
from topolens._calls import as_non_negative
from topolens.diagrams._reading import DiagramLike, as_diagram


@dataclass(frozen=True, eq=False)
class UniversalNullTest:
    """Result of a test of every bar against the universal law.

    Attributes
    ----------
    dgm : ndarray of float64, shape (k, 2)
        The bars, as they were given.
    supported : ndarray of bool, shape (k,)
        Bars that are neither chance nor small.
    p_values : ndarray of float64, shape (k,)
        After Bonferroni over the bars tested; nan for those that are not, and for all where
        fewer than 10 are.
    statistics : ndarray of float64, shape (k,)
        ln ln(death/birth) - `shift` - 0.5772, which follows the law; p is exp(-exp(statistic))
        times `n_tested`.
    shift : float
        Mean of ln ln(death/birth) over the bars that chance explains; nan where fewer than 10
        bars are tested.
    n_tested : int
        Bars tested: finite, with a positive birth, and a death beyond it by more than rounding.
    mean_distance : float
        Mean distance of the points.
    alpha : float
        Level of the test.
    """

    _: KW_ONLY
    dgm: np.ndarray = field(repr=False)
    supported: np.ndarray = field(repr=False)
    p_values: np.ndarray = field(repr=False)
    statistics: np.ndarray = field(repr=False)
    shift: float
    n_tested: int
    mean_distance: float
    alpha: float

    @property
    def n_supported(self) -> int:
        """How many bars are supported."""
        return int(self.supported.sum())

    @property
    def p_value(self) -> float:
        """The least p of all bars; 1 where no bar is tested, nan where fewer than 10 are."""
        if self.n_tested == 0:
            return 1.0
        return float(np.fmin.reduce(self.p_values))

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the bars with what is known of them as columns, for pandas or polars."""
        return {
            "birth": self.dgm[:, 0].copy(),
            "death": self.dgm[:, 1].copy(),
            "statistic": self.statistics.copy(),
            "p_value": self.p_values.copy(),
            "supported": self.supported.copy(),
        }

    def __repr__(self) -> str:
        """One line with the bars that are supported, and the least p."""
        return (
            f"UniversalNullTest({self.n_supported} of {len(self.dgm)} bars supported; "
            f"{self.n_tested} tested, least p {self.p_value:.3g})"
        )


def universal_null_test(
    dgm: DiagramLike,
    mean_distance: float,
    *,
    degree: int | None = None,
    alpha: float = 0.05,
) -> UniversalNullTest:
    """Test which bars of a Vietoris-Rips diagram are more than the chance of a sample.

    Parameters
    ----------
    dgm : array_like, shape (k, 2), or diagrams of several degrees
        Bars of positive degree of a Vietoris-Rips filtration, in any form that
        :func:`betti_curve` takes. Those of degree 0 are born at 0 and cannot be tested.
    mean_distance : float
        Mean distance of the pairs of points, in the unit of the bars, by which is told what is
        small: ``topolens.distances(X, condensed=True).mean()``.
    degree : int, optional
        The degree to take; needed where diagrams have several.
    alpha : float
        Probability that any bar of a diagram of chance alone is found significant.

    Returns
    -------
    UniversalNullTest
        A p-value for each bar, and whether it is supported: p below `alpha` and longer than 0.2
        of the mean distance.

    Raises
    ------
    ValueError
        If an argument breaks its rule, or there are several degrees and none is chosen.

    See Also
    --------
    confidence_band : Bars longer than the sampling error of the diagram.
    permutation_test : Whether two groups of diagrams differ.
    topolens.measures.Loops : The same for every layer of a network.

    Notes
    -----
    Of the ratios π = death/birth in filtrations of random points, ln ln π follows one
    distribution up to a shift, whatever the points are drawn from: the left-skewed Gumbel
    distribution. This is a conjecture, with wide numerical support [1]_; that there is one such
    distribution for each dimension of the points, in the limit of many, is proven [2]_. With
    ℓ = ln ln π - mean(ln ln π) - 0.5772, p = exp(-exp ℓ), times the number of bars tested
    (Bonferroni). Bars that are found significant are no chance, so that the mean is taken again
    without them, until nothing changes.

    Bars that are not tested: essential classes, since their ratio is not known; bars born at 0 or
    before; and those with death/birth - 1 below 1e-6, which rounding can make and which would
    shift the mean. Take diagrams of the whole filtration: bars that outlive a threshold are not
    judged.

    A mean of fewer than 10 bars says too little. A clean curve has one bar: then bars are
    supported that die at more than twice their birth and are longer than 0.3 of the mean
    distance, and no p is given.

    A hole that is filled in part, by noise or by points in between, is not supported, nor one
    that few points outline, nor one that is small beside the whole, such as a ring among eight
    others: `p_values` tell of that one. So "not supported" means that these points cannot show a
    loop of a size. Where points lie much more densely in some places than in others the test sees
    the holes of the thin places only; :func:`topolens.hop_betti` adapts to density. On a grid
    chance has few ratios, all of them large, and loops must be larger still.

    References
    ----------
    .. [1] O. Bobrowski, P. Skraba, "A universal null-distribution for topological data
       analysis", Scientific Reports 13 (2023), doi 10.1038/s41598-023-37842-2.
    .. [2] O. Bobrowski, P. Skraba, "Universality in random persistent homology and
       scale-invariant functionals", arXiv:2406.05553 (2024).

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> X = np.pad(tl.datasets.circle(100, rng=0), ((0, 0), (0, 8)))
    >>> X += 0.15 * np.random.default_rng(0).normal(size=X.shape)
    >>> mean = tl.distances(X, condensed=True).mean()
    >>> tl.diagrams.universal_null_test(tl.rips(X), mean, degree=1).n_supported
    1

    In noise the longest bar is no loop:

    >>> noise = np.random.default_rng(0).normal(size=X.shape)
    >>> mean = tl.distances(noise, condensed=True).mean()
    >>> tl.diagrams.universal_null_test(tl.rips(noise), mean, degree=1).n_supported
    0
    """
    bars = as_diagram(dgm, degree=degree)
    unit, level = as_non_negative(mean_distance, "mean_distance"), as_confidence(alpha, "alpha")
    statistics, p_values, supported, shift, n_tested = _core.universal_law(
        bars, mean_distance=unit, alpha=level, n_threads=1
    )
    return UniversalNullTest(
        dgm=bars,
        supported=supported,
        p_values=p_values,
        statistics=statistics,
        shift=shift,
        n_tested=n_tested,
        mean_distance=unit,
        alpha=level,
    )
