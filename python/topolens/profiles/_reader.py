"""From the feature maps of one layer to Betti numbers, in each of the layouts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from topolens._arrays import as_values
from topolens._calls import as_choice, as_count, as_threads, refuse_unused
from topolens.homology._cubical_betti import cubical_betti
from topolens.homology._results import CONSTRUCTIONS, Construction
from topolens.layers._sampling import Seeds

Layout = Literal["volume", "per_channel", "channel_norm", "volume_permuted"]
Rule = Literal["value", "quantile"]
Reduce = Literal["mean", "sum"]

LAYOUTS: tuple[str, ...] = get_args(Layout)
RULES: tuple[str, ...] = get_args(Rule)
REDUCTIONS: tuple[str, ...] = get_args(Reduce)


@dataclass(frozen=True)
class MapReader:
    """What is read off feature maps, as in :func:`topolens.cubical_profile`."""

    thresholds: tuple[float, ...]
    rule: Rule
    layout: Layout
    reduce: Reduce
    construction: Construction
    sublevel: bool
    n_permutations: int
    seeds: Seeds
    n_threads: int | None
    max_memory: float | None

    def __call__(self, layer: str, maps: np.ndarray) -> np.ndarray:
        """Count the homology of maps (n, C, H, W).

        Returns
        -------
        ndarray of shape (n, P, n_thresholds, n_degrees)
            P is 1, or the number of permutations.
        """
        if self.layout == "volume":
            return self._each(maps)[:, None]
        if self.layout == "per_channel":
            combine = np.mean if self.reduce == "mean" else np.sum
            channels = (self._counted(image, self._levels(image)) for image in maps)
            return np.array([combine(betti, axis=0)[None] for betti in channels])
        if self.layout == "channel_norm":
            return self._each(np.sqrt(np.square(maps, dtype=np.float64).sum(axis=1)))[:, None]
        orders = (
            self.seeds.generator("channels", layer, draw).permutation(maps.shape[1])
            for draw in range(self.n_permutations)
        )
        return np.stack([self._each(maps[:, order]) for order in orders], axis=1)

    def _each(self, images: np.ndarray) -> np.ndarray:
        """Count in images side by side where they share their thresholds."""
        if self.rule == "value":
            return self._counted(images, np.array(self.thresholds))
        return np.concatenate([self._counted(image[None], self._levels(image)) for image in images])

    def _levels(self, values: np.ndarray) -> np.ndarray:
        """Thresholds for what one layer shows of one image."""
        if self.rule == "value":
            return np.array(self.thresholds)
        # Quantiles that are among the values, so that any increasing function moves both alike.
        return np.quantile(values, self.thresholds, method="inverted_cdf").astype(np.float64)

    def _counted(self, images: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
        different, place = np.unique(thresholds, return_inverse=True)
        found = cubical_betti(
            images,
            different,
            construction=self.construction,
            sublevel=self.sublevel,
            batch=True,
            n_threads=self.n_threads,
            max_memory=self.max_memory,
        )
        return found.betti_numbers[:, place]


def as_reader(
    thresholds: ArrayLike,
    *,
    rule: Rule,
    layout: Layout,
    reduce: Reduce,
    construction: Construction,
    sublevel: bool,
    n_permutations: int,
    rng: Any,
    n_threads: int | None,
    max_memory: float | None,
) -> MapReader:
    """Check what is to be read."""
    as_choice(layout, "layout", LAYOUTS)
    as_choice(reduce, "reduce", REDUCTIONS)
    as_choice(construction, "construction", CONSTRUCTIONS)
    draws = as_count(n_permutations, "n_permutations", least=1)
    used = {"per_channel": ("reduce",), "volume_permuted": ("n_permutations",)}.get(layout, ())
    given = {"reduce": (reduce, "mean"), "n_permutations": (draws, 10)}
    refuse_unused(f"for layout={layout!r}", used, **given)
    return MapReader(
        thresholds=as_thresholds(thresholds, rule),
        rule=rule,
        layout=layout,
        reduce=reduce,
        construction=construction,
        sublevel=bool(sublevel),
        n_permutations=draws,
        seeds=Seeds.of(rng),
        n_threads=as_threads(n_threads),
        max_memory=max_memory,
    )


def as_thresholds(thresholds: ArrayLike, rule: Rule) -> tuple[float, ...]:
    """Read one threshold or several, as values or as quantiles."""
    as_choice(rule, "rule", RULES)
    levels = np.atleast_1d(as_values(thresholds, "thresholds"))
    if levels.ndim != 1 or not levels.size:
        raise ValueError(
            f"`thresholds` must be a number or a sequence of some; found shape {levels.shape}"
        )
    if not np.isfinite(levels).all():
        raise ValueError(f"`thresholds` must be finite; found {levels[~np.isfinite(levels)][0]}")
    if rule == "quantile" and not ((levels >= 0) & (levels <= 1)).all():
        outside = levels[(levels < 0) | (levels > 1)][0]
        raise ValueError(
            f"`thresholds` must be from 0 to 1 where they are quantiles; found {outside:g}"
        )
    if len(np.unique(levels)) < len(levels):
        raise ValueError("`thresholds` must not repeat")
    return tuple(levels.tolist())
