"""What is measured in the feature maps of one layer and one class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np

from topolens.homology._results import Construction
from topolens.measures._protocol import NO_DEGREE, Measurement, Value
from topolens.profiles._reader import Layout, MapReader, Reduce, Rule, as_reader


@dataclass(frozen=True)
class Cubical:
    """Cubical Betti numbers of feature maps: means over the images of a cloud.

    Parameters
    ----------
    thresholds : float or sequence of float, default 0.0
    layout, rule, reduce, construction, sublevel, n_permutations
        As in :func:`topolens.cubical_profile`.

    Notes
    -----
    Yields ``cubical_betti`` per degree and ``complexity``, their sum, each at the scale of its
    threshold (or quantile). What is measured are single images, not the cloud that they form: each
    number is a mean over images. Layers that are not recorded as maps (n, C, H, W) have no rows.
    With ``layout="volume_permuted"`` numbers are means over permutations too, and depend on `rng`.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> maps = np.random.default_rng(0).normal(size=(8, 3, 6, 6))
    >>> layers = {"conv": maps, "relu": np.maximum(maps, 0), "pooled": maps.mean(axis=(2, 3))}
    >>> table = tl.analyse(layers, tl.Cubical()).select(measure="complexity")
    >>> table.columns["layer"].tolist(), len(set(table.columns["value"].tolist()))
    (['conv', 'relu'], 1)
    """

    thresholds: float | Sequence[float] = (0.0,)
    _: KW_ONLY
    layout: Layout = "volume"
    rule: Rule = "value"
    reduce: Reduce = "mean"
    construction: Construction = "V"
    sublevel: bool = True
    n_permutations: int = 10
    feature_maps = True  # asks `analyse` for maps in place of rows

    def __post_init__(self) -> None:
        checked = self._reader(0, None)
        object.__setattr__(self, "thresholds", checked.thresholds)

    @property
    def name(self) -> str:
        """``cubical`` with its layout."""
        return f"cubical({self.layout})"

    def measure(
        self, X: np.ndarray, *, rng: np.random.Generator, n_threads: int | None = None
    ) -> Measurement:
        """Measure the maps `X`, shape (n, C, H, W); `rng` draws the permutations."""
        if X.ndim != 4:
            return Measurement(())
        means = self._reader(rng, n_threads)("", X).mean(axis=(0, 1))
        values = []
        for threshold, betti in zip(self.thresholds, means.tolist(), strict=True):
            values += [Value("cubical_betti", d, threshold, b) for d, b in enumerate(betti)]
            values.append(Value("complexity", NO_DEGREE, threshold, sum(betti)))
        return Measurement(tuple(values))

    def _reader(self, rng: int | np.random.Generator, n_threads: int | None) -> MapReader:
        return as_reader(
            self.thresholds,
            rule=self.rule,
            layout=self.layout,
            reduce=self.reduce,
            construction=self.construction,
            sublevel=self.sublevel,
            n_permutations=self.n_permutations,
            rng=rng,
            n_threads=n_threads,
            max_memory=None,
        )
