"""Betti numbers of the neighbourhood graph, as a measure of layers."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from typing import Literal

import numpy as np

from topolens._calls import as_coeff, as_count, as_number
from topolens.homology._hops import as_neighbors, hop_betti
from topolens.measures._protocol import NO_DEGREE, Measurement, Value, read_metric
from topolens.spaces._metrics import Metric

MOST_REACH = 0.7  # of the points, by one of them
TOO_COARSE = "too coarse"
LEAST_POINTS = 7  # that have more than their 3 log n neighbours


@dataclass(frozen=True)
class HopBetti:
    """Betti numbers of the neighbourhood graph, at one hop scale.

    Joins every point with its `k` nearest, replaces distances by the number of hops, and takes
    the Betti numbers of the Vietoris-Rips complex of all pairs within `hops`.

    Parameters
    ----------
    k : int or "auto", default "auto"
        Neighbours of each point, the point itself included; "auto" is 3 log n for n points,
        rounded up: 14 of 100, 21 of 1000.
    hops : int, default 2
        Pairs at most so many hops apart are joined.
    maxdim : int, default 1
        Largest degree of homology.
    metric : str or callable, default "euclidean"
        The metric that decides who is near.
    coeff : int, default 2
        Prime p of the coefficient field F_p.
    max_reach : float, default 0.7
        Withhold Betti numbers where one point reaches a larger share of the points within `hops`;
        1 withholds none, as the paper does.

    Notes
    -----
    Yields ``betti`` per degree, ``components`` (of the neighbourhood graph) and
    ``max_degree`` (the most points that lie within `hops` of one point), each with scale `hops`.
    Where one point reaches more than `max_reach` of all points, Betti numbers would be 1, 0, 0,
    ... whatever the shape: they are withheld, nan with a note. Then take more points, a smaller `k`
    or, of few points, `Loops`, which has no scale to choose.

    The method is that of Naitzat, Zhitnikov and Lim, "Topology of deep neural networks",
    JMLR 21(184), 2020, section 5. Hop counts do not change when a layer stretches its output,
    so the numbers of different layers can be compared.

    Examples
    --------
    >>> import numpy as np
    >>> angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    >>> circle = np.column_stack([np.cos(angle), np.sin(angle)])
    >>> values = HopBetti(k=5).measure(circle, rng=np.random.default_rng(0))
    >>> [(v.measure, v.degree, v.value) for v in values][:2]
    [('betti', 0, 1.0), ('betti', 1, 1.0)]
    """

    k: int | Literal["auto"] = "auto"
    hops: int = 2
    maxdim: int = 1
    metric: Metric = "euclidean"
    coeff: int = 2
    _: KW_ONLY
    max_reach: float = MOST_REACH
    # Of points, neighbours are found among pairs that are mostly looked at in single precision.
    distance_passes = 1 / 3

    def __post_init__(self) -> None:
        as_neighbors(self.k, LEAST_POINTS, least=2)
        as_count(self.hops, "hops", least=1)
        as_count(self.maxdim, "maxdim")
        as_coeff(self.coeff, least=2)
        if not 0 < as_number(self.max_reach, "max_reach") <= 1:
            raise ValueError(f"`max_reach` must be in (0, 1]; found {self.max_reach}")
        read_metric(self)

    @property
    def name(self) -> str:
        """``hop-betti`` with its scale, the one setting that the rows of a table show."""
        return f"hop-betti({self.hops})"

    @property
    def min_points(self) -> int:
        """Fewest points that have `k` neighbours and one left over."""
        return LEAST_POINTS if self.k == "auto" else self.k + 1

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
        coarse = result.reach > self.max_reach
        note = self._too_coarse if coarse else ""
        betti = (
            Value("betti", d, scale, math.nan if coarse else float(b), note)
            for d, b in enumerate(result.betti)
        )
        facts = (
            Value("components", NO_DEGREE, scale, float(result.n_components)),
            Value("max_degree", NO_DEGREE, scale, float(result.max_degree)),
        )
        return Measurement((*betti, *facts))

    @property
    def _too_coarse(self) -> str:
        return (
            f"{TOO_COARSE}: one point reaches more than {self.max_reach:.0%} of the points, so "
            "that any shape would be one piece; take more points or a smaller k"
        )
