"""What is measured in the point cloud of one layer and one class.

A measure is any object with a `name` and a method `measure(X, *, rng, n_threads)` that yields
`Value` rows. These come with the package: `HopBetti`, the Betti numbers of the neighbourhood
graph at one hop scale; `Rips`, summaries of persistence over all scales; `PHDimension`, the
growth of spanning trees.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

import numpy as np

from topolens._calls import as_count, as_number
from topolens.fractal import ph_dimension
from topolens.homology import hop_betti, rips

if TYPE_CHECKING:
    from topolens.homology import PersistenceResult

NO_DIMENSION = -1


class Value(NamedTuple):
    """One number measured in one point cloud.

    Attributes
    ----------
    measure : str
        What was measured, such as ``"betti"``.
    dimension : int
        Homology dimension; -1 for a number that belongs to none.
    scale : float
        The scale it holds at, never nan; for a number drawn from all scales, the largest one.
    value : float
    """

    measure: str
    dimension: int
    scale: float
    value: float


@dataclass(frozen=True)
class Measurement:
    """The values of one call of a measure, with the diagrams they come from.

    Iterating gives the values. A measure without diagrams may return a plain list of `Value`.
    """

    values: tuple[Value, ...]
    diagrams: PersistenceResult | None = None

    def __iter__(self) -> Iterator[Value]:
        return iter(self.values)


@runtime_checkable
class Measure(Protocol):
    """What `analyse` asks of a measure.

    An optional attribute ``min_points`` (int) lets `analyse` refuse clouds that are too small
    before it computes anything.
    """

    @property
    def name(self) -> str:
        """Two measures of one analysis must differ in it."""
        ...

    def measure(
        self, X: np.ndarray, *, rng: np.random.Generator, n_threads: int | None
    ) -> Iterable[Value]:
        """Measure the points `X`, a finite (n, d) float64 array."""
        ...


@dataclass(frozen=True)
class HopBetti:
    """Betti numbers of the neighbourhood graph, at one hop scale.

    Joins every point with its `k` nearest, replaces distances by the number of hops, and takes
    the Betti numbers of the Vietoris-Rips complex of all pairs within `hops`.

    Parameters
    ----------
    k : int, default 14
        Neighbours of each point, the point itself included.
    hops : int, default 2
        Pairs at most so many hops apart are joined.
    maxdim : int, default 1
        Largest homology dimension.
    metric : str, default "euclidean"
        The metric that decides who is near.
    coeff : int, default 2
        Prime p of the coefficient field F_p.

    Notes
    -----
    Yields ``betti`` per dimension, ``components`` (of the neighbourhood graph) and
    ``max_degree`` (the most points that lie within `hops` of one point), each with scale `hops`.
    The method is that of Naitzat, Zhitnikov and Lim, "Topology of deep neural networks",
    JMLR 21(184), 2020, section 5. Hop counts do not change when a layer stretches its output,
    so the numbers of different layers can be compared.

    Examples
    --------
    >>> import numpy as np
    >>> angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    >>> circle = np.column_stack([np.cos(angle), np.sin(angle)])
    >>> values = HopBetti(k=5).measure(circle, rng=np.random.default_rng(0))
    >>> [(v.measure, v.dimension, v.value) for v in values][:2]
    [('betti', 0, 1.0), ('betti', 1, 1.0)]
    """

    k: int = 14
    hops: int = 2
    maxdim: int = 1
    metric: str = "euclidean"
    coeff: int = 2

    def __post_init__(self) -> None:
        as_count(self.k, "k", least=2)
        as_count(self.hops, "hops", least=1)
        as_count(self.maxdim, "maxdim")

    @property
    def name(self) -> str:
        """``hop-betti`` with its scale, the one setting that the rows of a table show."""
        return f"hop-betti({self.hops})"

    @property
    def min_points(self) -> int:
        """Fewest points that have `k` neighbours and one left over."""
        return self.k + 1

    def measure(
        self, X: np.ndarray, *, rng: np.random.Generator, n_threads: int | None = None
    ) -> Measurement:
        """Measure the points `X`; nothing is drawn from `rng`."""
        result = hop_betti(
            X,
            k=self.k,
            hops=self.hops,
            maxdim=self.maxdim,
            metric=self.metric,
            coeff=self.coeff,
            n_threads=n_threads,
        )
        scale = float(self.hops)
        betti = (Value("betti", d, scale, float(b)) for d, b in enumerate(result.betti))
        facts = (
            Value("components", NO_DIMENSION, scale, float(result.n_components)),
            Value("max_degree", NO_DIMENSION, scale, float(result.max_degree)),
        )
        return Measurement((*betti, *facts))


@dataclass(frozen=True)
class Rips:
    """Summaries of Vietoris-Rips persistence, over all scales up to `threshold`.

    Parameters
    ----------
    maxdim : int, default 1
        Largest homology dimension.
    threshold : float, default inf
        Largest scale looked at.
    metric : str, default "euclidean"
    coeff : int, default 2
        Prime p of the coefficient field F_p.
    scales : sequence of float, optional
        Also yield the Betti numbers at these scales.
    n_landmarks : int, optional
        Measure so many landmarks in place of all points.

    Notes
    -----
    Yields, per dimension and over the finite bars of positive length: ``bars`` (their number),
    ``total_persistence`` (sum of lengths), ``longest`` and ``entropy``, which is -sum p log p
    with p the share of each bar in the total. With `scales` also ``rips_betti``. Lengths are in
    the units of the layer: where a layer stretches its output, its bars grow with it. Entropy
    and the number of bars have no units.

    Examples
    --------
    >>> import numpy as np
    >>> square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    >>> values = Rips(scales=[1.0]).measure(square, rng=np.random.default_rng(0))
    >>> {v.dimension: v.value for v in values if v.measure == "rips_betti"}
    {0: 1.0, 1: 1.0}
    """

    maxdim: int = 1
    threshold: float = math.inf
    metric: str = "euclidean"
    coeff: int = 2
    scales: Sequence[float] | None = None
    n_landmarks: int | None = None

    def __post_init__(self) -> None:
        as_count(self.maxdim, "maxdim")
        if self.n_landmarks is not None:
            as_count(self.n_landmarks, "n_landmarks", least=1)
        scales = tuple(float(s) for s in self.scales or ())
        for scale in scales:
            if not 0 <= scale <= self.threshold or math.isinf(scale):
                raise ValueError(
                    f"`scales` must be finite, at least 0 and at most `threshold` "
                    f"({self.threshold:g}); found {scale:g}"
                )
        object.__setattr__(self, "scales", scales)

    @property
    def name(self) -> str:
        """``rips``."""
        return "rips"

    @property
    def min_points(self) -> int:
        """Fewest points that can be measured."""
        return self.n_landmarks or 1

    def measure(
        self, X: np.ndarray, *, rng: np.random.Generator, n_threads: int | None = None
    ) -> Measurement:
        """Measure the points `X`; `rng` chooses the landmarks."""
        result = rips(
            X,
            maxdim=self.maxdim,
            threshold=self.threshold,
            metric=self.metric,
            coeff=self.coeff,
            n_landmarks=self.n_landmarks,
            rng=rng,
            n_threads=n_threads,
        )
        values = [
            Value(measure, dimension, float(self.threshold), value)
            for dimension, diagram in enumerate(result.dgms)
            for measure, value in _bar_summaries(diagram).items()
        ]
        for scale in self.scales or ():
            betti = result.betti_numbers(scale)
            values += [Value("rips_betti", d, scale, float(b)) for d, b in enumerate(betti)]
        return Measurement(tuple(values), result)


@dataclass(frozen=True)
class PHDimension:
    """Persistent homology dimension, from the growth of minimum spanning trees.

    Parameters
    ----------
    alpha : float, default 1.0
        Positive exponent of the lifetimes.
    n_subsets : int, default 1
        Subsets of each size.
    metric : str, default "euclidean"

    Notes
    -----
    Yields ``ph_dimension`` and ``ph_fit_error``, the root mean square of the residuals of the
    logarithms; see :func:`topolens.ph_dimension`. The dimension is infinite where no finite one
    fits. Neither has a unit, and neither changes when a layer stretches all its distances by one
    factor. Dimensions of clouds with different numbers of points are not comparable: few points
    show fewer dimensions than there are.

    Examples
    --------
    >>> import numpy as np
    >>> square = np.random.default_rng(0).random((500, 2))
    >>> values = PHDimension().measure(square, rng=np.random.default_rng(0))
    >>> [(v.measure, round(v.value)) for v in values]
    [('ph_dimension', 2), ('ph_fit_error', 0)]
    """

    alpha: float = 1.0
    n_subsets: int = 1
    metric: str = "euclidean"
    min_points = 10

    def __post_init__(self) -> None:
        as_count(self.n_subsets, "n_subsets", least=1)
        if not 0 < as_number(self.alpha, "alpha") < math.inf:
            raise ValueError(f"`alpha` must be a positive number; found {self.alpha}")

    @property
    def name(self) -> str:
        """``ph-dimension`` with its exponent."""
        return f"ph-dimension({self.alpha:g})"

    def measure(
        self, X: np.ndarray, *, rng: np.random.Generator, n_threads: int | None = None
    ) -> Measurement:
        """Measure the points `X`; `rng` draws the subsets."""
        found = ph_dimension(
            X,
            self.alpha,
            n_subsets=self.n_subsets,
            metric=self.metric,
            rng=rng,
            n_bootstrap=100,
            n_threads=n_threads,
        )
        return Measurement(
            (
                Value("ph_dimension", NO_DIMENSION, math.inf, found.value),
                Value("ph_fit_error", NO_DIMENSION, math.inf, found.fit_error),
            )
        )


def _bar_summaries(diagram: np.ndarray) -> dict[str, float]:
    lengths = diagram[:, 1] - diagram[:, 0]
    lengths = lengths[np.isfinite(lengths) & (lengths > 0)]
    total = float(lengths.sum())
    share = lengths / total if total else lengths
    return {
        "bars": float(len(lengths)),
        "total_persistence": total,
        "longest": float(lengths.max(initial=0.0)),
        "entropy": max(0.0, float(-(share * np.log(share)).sum())),
    }
