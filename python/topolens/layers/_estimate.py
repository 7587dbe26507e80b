"""How long an analysis will take, before it begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from topolens._calls import as_threads
from topolens.layers._cloud import Pool
from topolens.layers._job import Control, Job, Split
from topolens.layers._sampling import Seeds
from topolens.layers._settings import settings_of
from topolens.layers._sharing import metric_of, pairs, passes_by_metric, pools_of, way_to_share
from topolens.layers._trials import Trials
from topolens.measures._protocol import Measure, compares_classes, passes_of
from topolens.spaces._metrics import Metric
from topolens.spaces._spaces import MetricSpace

DISTANCES = "distances"  # those that measures share
# Trials have in caches what large clouds wait for, and no table is made of them: jobs of trained
# networks take between 1 and 1.8 times what trials of them add up to.
MORE = 4 / 3
MATRICES = 4  # as large as the distances of a cloud, that a measure may hold


@dataclass(frozen=True, eq=False)
class Estimate:
    """What an analysis will take, to a factor of 2 or so.

    Attributes
    ----------
    seconds : float
        On a machine that does nothing else.
    bytes : int
        Memory beside the layers.
    by_measure : dict of str to float
        Seconds of each measure, and of the distances that measures share.
    """

    seconds: float
    bytes: int
    by_measure: dict[str, float]

    def __str__(self) -> str:
        return f"about {_duration(self.seconds)} and {self.bytes / 1e6:.2g} MB"

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the seconds as columns, for pandas or polars."""
        return {
            "measure": np.array(list(self.by_measure), dtype=str),
            "seconds": np.array(list(self.by_measure.values()), dtype=np.float64),
        }


def estimate(
    layers: Mapping[str, ArrayLike],
    measures: Measure | Sequence[Measure] | None = None,
    *,
    labels: ArrayLike | None = None,
    by: Split | None = None,
    repeats: int = 1,
    subsample: int | float | None = None,
    control: Control | Sequence[Control] | None = None,
    controls: int | None = None,
    classes: Sequence[Any] | None = None,
    rng: int | np.random.Generator | None = None,
    n_threads: int | None = None,
) -> Estimate:
    """Tell how long `analyse` would take with the same arguments, without running it.

    Parameters
    ----------
    layers, measures, labels, by, repeats, subsample, control, controls, classes
        As in :func:`analyse`.
    rng : int, Generator or None, default None
        Draws the samples of the trials.
    n_threads : int, optional
        Threads of each trial.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError, TypeError
        As in :func:`analyse`, before anything is computed.

    See Also
    --------
    analyse : Shows it with ``progress=True``.

    Notes
    -----
    Each measure is tried on up to 96 samples of the first and of the last layer, and distances on
    up to 48, all in a few hundredths of a second. Seconds are taken to grow with the square of the
    number of points (a higher power above degree 1 of homology), and in proportion to the number
    of coordinates where these are read. Shapes of many points may be unlike those of few, and then
    the estimate of persistent homology is wrong by more than a factor of 2. What an untrained
    control takes to record its layers is not counted.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> layers = {"input": np.random.default_rng(0).normal(size=(300, 50))}
    >>> told = tl.layers.estimate(layers, [tl.Rips(), tl.HopBetti()], repeats=5)
    >>> list(told.by_measure), told.seconds < 60
    (['rips', 'hop-betti(2)', 'distances'], True)
    """
    as_threads(n_threads)
    job = Job.of(
        layers,
        measures,
        labels=labels,
        by=by,
        repeats=repeats,
        subsample=subsample,
        control=control,
        controls=controls,
        classes=classes,
    )
    return estimated(job, Seeds.of(rng), n_threads)


def estimated(job: Job, seeds: Seeds, n_threads: int | None) -> Estimate:
    """Add up what measures and distances cost in all clouds of a job."""
    trials = Trials(job, seeds.generator("trials"), n_threads)
    costs = dict(zip(_names(job.measures), map(trials.cost, job.measures), strict=True))
    passes = passes_by_metric(job.measures)
    paces = {metric: trials.pace(metric) for metric in passes}
    seconds = dict.fromkeys([*costs, *([DISTANCES] if passes else [])], 0.0)
    kept, largest = 0, 0
    for array, condition in product(job.arrays.values(), job.conditions):
        dim = 0 if isinstance(array, MetricSpace) else array.shape[1]
        networks = job.copies(condition)
        repeats = len(networks[0][1])
        looks = repeats * len(networks)
        pools = pools_of(job, condition, repeats)
        clouds = [(n, pools.get(name)) for name, n in job.sizes.items()]
        together = [(sum(job.sizes.values()), pool) for _, pool in clouds[:1]]
        for (label, cost), measure in zip(costs.items(), job.measures, strict=True):
            metric = metric_of(measure)
            for n, pool in together if compares_classes(measure) else clouds:
                seconds[label] += looks * cost.of(n, dim)
                if metric is not None and not way_to_share(metric, passes[metric], dim, pool):
                    seconds[label] += looks * paces[metric].of(
                        n, dim, passes_of(measure) * pairs(n)
                    )
        looked_at = [*clouds, *together] if any(map(compares_classes, job.measures)) else clouds
        most = max(n for n, _ in looked_at)
        rows = most
        for metric, pace in paces.items():
            of_pools, of_clouds = _matrices(clouds, metric, passes[metric], dim)
            once = sum(pace.of(n, dim, pairs(n)) for n in of_pools)
            each = sum(pace.of(n, dim, pairs(n)) for n in of_clouds)
            seconds[DISTANCES] += len(networks) * once + looks * each
            kept = max(kept, 8 * sum(map(pairs, of_pools)))
            rows = max(rows, *of_pools, 0)
        largest = max(largest, 16 * rows * dim + 8 * MATRICES * pairs(most))
    seconds = {label: MORE * taken for label, taken in seconds.items()}
    return Estimate(sum(seconds.values()), kept + largest, seconds)


def _matrices(
    clouds: list[tuple[int, Pool | None]], metric: Metric, passes: float, dim: int
) -> tuple[list[int], list[int]]:
    """Return the sizes of matrices that are shared: of pools, once, and of clouds, each time."""
    ways = [(way_to_share(metric, passes, dim, pool), n, pool) for n, pool in clouds]
    # Several clouds may have one pool.
    pools = {id(pool): pool for way, _, pool in ways if pool is not None and way == "pool"}
    of_pools = [len(pool.members) for pool in pools.values()]
    return of_pools, [n for way, n, _ in ways if way == "cloud"]


def _names(measures: Sequence[Measure]) -> list[str]:
    """Return the names of measures, with their settings where a name repeats."""
    names = [measure.name for measure in measures]
    return [
        f"{measure.name} {settings_of(measure)}".strip()
        if names.count(measure.name) > 1
        else measure.name
        for measure in measures
    ]


def _duration(seconds: float) -> str:
    """Write seconds with two digits, or minutes or hours."""
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return (
                f"{seconds / size:.2g} {unit}"
                if seconds < 100 * size
                else f"{seconds / size:.0f} {unit}"
            )
    return f"{seconds:.2g} s"
