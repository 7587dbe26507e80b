"""Betti numbers of the neighbourhood graph, as a measure of layers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topolens._calls import as_coeff, as_count
from topolens.homology._hops import hop_betti
from topolens.measures._protocol import NO_DEGREE, Measurement, Value, read_metric
from topolens.spaces._metrics import Metric


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
        Largest degree of homology.
    metric : str or callable, default "euclidean"
        The metric that decides who is near.
    coeff : int, default 2
        Prime p of the coefficient field F_p.

    Notes
    -----
    Yields ``betti`` per degree, ``components`` (of the neighbourhood graph) and
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
    >>> [(v.measure, v.degree, v.value) for v in values][:2]
    [('betti', 0, 1.0), ('betti', 1, 1.0)]
    """

    k: int = 14
    hops: int = 2
    maxdim: int = 1
    metric: Metric = "euclidean"
    coeff: int = 2
    # Of points, neighbours are found among pairs that are mostly looked at in single precision.
    distance_passes = 1 / 3

    def __post_init__(self) -> None:
        as_count(self.k, "k", least=2)
        as_count(self.hops, "hops", least=1)
        as_count(self.maxdim, "maxdim")
        as_coeff(self.coeff, least=2)
        read_metric(self)

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
            Value("components", NO_DEGREE, scale, float(result.n_components)),
            Value("max_degree", NO_DEGREE, scale, float(result.max_degree)),
        )
        return Measurement((*betti, *facts))
