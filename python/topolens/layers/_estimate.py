"""How long an analysis will take, before it begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from topolens._calls import as_threads
from topolens.layers._job import Control, Job
from topolens.layers._protocol import Measure, passes_of
from topolens.layers._sampling import By, Seeds
from topolens.layers._settings import settings_of
from topolens.layers._sharing import metric_of, pairs, passes_by_metric, way_to_share
from topolens.layers._trials import Trials
from topolens.spaces._spaces import MetricSpace

DISTANCES = "distances"  # those that measures share
MATRICES = 4  # as large as the distances of a cloud, that a measure may hold


@dataclass(frozen=True)
class Estimate:
    """What an analysis will take, to a factor of 2 or so.

    Attributes
    ----------
    seconds : float
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
    measures: Measure | Sequence[Measure],
    *,
    labels: ArrayLike | None = None,
    by: By | None = None,
    repeats: int = 1,
    subsample: int | float | None = None,
    control: Control | Sequence[Control] | None = None,
    classes: Sequence[Any] | None = None,
    rng: int | np.random.Generator | None = None,
    n_threads: int | None = None,
) -> Estimate:
    """Tell how long `analyse` would take with the same arguments, without running it.

    Parameters
    ----------
    layers, measures, labels, by, repeats, subsample, control, classes
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
    counts, kept, largest = job.groups.counts(), 0, 0
    for array, (name, n), condition in product(
        job.arrays.values(), job.sizes.items(), job.conditions
    ):
        dim = 0 if isinstance(array, MetricSpace) else array.shape[1]
        members = counts[name] if condition == "trained" else 0
        ways = {
            metric: way_to_share(metric, times, dim=dim, n=n, members=members, repeats=job.repeats)
            for metric, times in passes.items()
        }
        for (label, cost), measure in zip(costs.items(), job.measures, strict=True):
            seconds[label] += job.repeats * cost.of(n, dim)
            metric = metric_of(measure)
            if metric is not None and ways[metric] is None:
                alone = paces[metric].of(n, dim, passes_of(measure) * pairs(n))
                seconds[label] += job.repeats * alone
        for metric, way in ways.items():
            if way == "class":
                seconds[DISTANCES] += paces[metric].of(members, dim, pairs(members))
                kept += 8 * pairs(members)
            elif way == "cloud":
                seconds[DISTANCES] += job.repeats * paces[metric].of(n, dim, pairs(n))
        rows = max(n, members if "class" in ways.values() else 0)
        largest = max(largest, 16 * rows * dim + 8 * MATRICES * pairs(n))
    return Estimate(sum(seconds.values()), kept + largest, seconds)


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
