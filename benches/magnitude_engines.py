"""topolens, magnipy and bare Cholesky factors on one cloud, in a process of its own.

The parent is `magnitude.py`; this file is also what the child runs. magnipy may live in
another environment: nothing here is imported that it does not need.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version

import numpy as np

from inputs import distances
from measure import MOST_CALLS, SHORT, forget_peak, resident_mb

OURS, MAGNIPY, BARE = "topolens", "magnipy", "dpotrf"
SHARE = 0.95  # of the points, which the magnitude has at the convergence scale


@dataclass(frozen=True)
class Cloud:
    """Points and the largest of the scales that are asked for: where they are all apart."""

    make: Callable[[np.random.Generator, int], np.ndarray]
    largest: float


def clusters(rng: np.random.Generator, n: int) -> np.ndarray:
    """Twenty tight clusters in R^16."""
    return rng.normal(size=(20, 16))[np.arange(n) % 20] + 0.02 * rng.normal(size=(n, 16))


CLOUDS = {
    "gaussian-R16": Cloud(lambda rng, n: rng.normal(size=(n, 16)), 2.0),
    "gaussian-R3": Cloud(lambda rng, n: rng.normal(size=(n, 3)), 40.0),
    "clusters-R16": Cloud(clusters, 40.0),
}
GRIDS: dict[str, Callable[[float, int], np.ndarray]] = {
    "even": lambda largest, count: largest * np.arange(1, count + 1) / count,
    "log": lambda largest, count: np.geomspace(largest / count**2, largest, count),
}


@dataclass(frozen=True)
class Question:
    """A magnitude function, or the area under it where `grid` is None."""

    cloud: str
    n: int
    grid: str | None = "even"
    count: int = 20

    @property
    def name(self) -> str:
        return f"{self.cloud}-{self.n}-{self.grid or 'area'}"

    def points(self) -> np.ndarray:
        return CLOUDS[self.cloud].make(np.random.default_rng(0), self.n)

    def scales(self) -> np.ndarray:
        if self.grid is None:
            raise ValueError("`grid` must be the name of one; found None")
        return GRIDS[self.grid](CLOUDS[self.cloud].largest, self.count)


@dataclass
class Stopwatch:
    """Seconds of CPU and on the wall, of what is inside its `with` blocks."""

    cpu: float = 0.0
    wall: float = 0.0
    answers: list[float] = field(default_factory=list)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        start = time.process_time(), time.perf_counter()
        yield
        self.cpu += time.process_time() - start[0]
        self.wall += time.perf_counter() - start[1]


def topolens(question: Question, points: np.ndarray, threads: int, watch: Stopwatch) -> None:
    import topolens as tl

    if question.grid is None:
        with watch.running():
            area = tl.magnitudes.magnitude_area(points, n_threads=threads)
        watch.answers = [float(area)]
        return
    ts = question.scales()
    with watch.running():
        found = tl.magnitude_function(points, ts, n_threads=threads)
    watch.answers = found.values.tolist()


def magnipy(question: Question, points: np.ndarray, threads: int, watch: Stopwatch) -> None:
    from magnipy import Magnipy

    with contextlib.redirect_stdout(io.StringIO()), watch.running():
        if question.grid is None:
            answers = [Magnipy(points).MagArea()]
        else:
            answers = Magnipy(points, ts=question.scales()).get_magnitude()[0]
    watch.answers = [float(value) for value in answers]


def bare(question: Question, points: np.ndarray, threads: int, watch: Stopwatch) -> None:
    """Only the factors are timed; the magnitudes that come of them are the reference."""
    similarities = Similarities(points)
    if question.grid is None:
        with watch.running():
            area = similarities.area()
        watch.answers = [area]
        return
    watch.answers = [similarities.magnitude(t, watch) for t in question.scales()]


class Similarities:
    """The magnitudes of points by LAPACK."""

    def __init__(self, points: np.ndarray) -> None:
        self.distances = distances(points)

    def magnitude(self, t: float, watch: Stopwatch | None = None) -> float:
        from scipy.linalg.lapack import dpotrf, dpotrs

        z = np.exp(-t * self.distances).T  # in the order of Fortran, so that nothing is copied
        with watch.running() if watch else contextlib.nullcontext():
            factor, failed = dpotrf(z, lower=1, clean=0, overwrite_a=1)
        if failed:
            raise ArithmeticError(f"dpotrf must succeed; found {failed} at scale {t}")
        return float(dpotrs(factor, np.ones(len(z)), lower=1)[0].sum())

    def area(self, nodes: int = 60) -> float:
        """Integral up to the convergence scale, by Gauss and Legendre's rule in √t."""
        from scipy.optimize import brentq

        target = SHARE * len(self.distances)
        high = 1.0
        while self.magnitude(high) < target:
            high *= 2
        end = brentq(lambda t: self.magnitude(t) - target, high / 1024, high, rtol=1e-12)
        places, weights = np.polynomial.legendre.leggauss(nodes)
        roots = np.sqrt(end) * (places + 1) / 2
        values = [self.magnitude(root**2) * 2 * root for root in roots]
        return float(weights @ values * np.sqrt(end) / 2)


ENGINES = {OURS: topolens, MAGNIPY: magnipy, BARE: bare}


def main() -> None:
    job = json.loads(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
    engine, threads = ENGINES[job["engine"]], job["threads"]
    question = Question(**job["question"])
    # A first call on few points imports what the engine needs and starts its threads.
    few = Question(question.cloud, 30, question.grid)
    engine(few, few.points(), threads, Stopwatch())
    points = question.points()
    before = forget_peak()
    runs: list[Stopwatch] = []
    while sum(run.wall for run in runs) < SHORT and len(runs) < MOST_CALLS:
        runs.append(Stopwatch())
        engine(question, points, threads, runs[-1])
    peak = resident_mb("VmHWM") - before
    found = {
        "cpu": statistics.median(run.cpu for run in runs),
        "wall": statistics.median(run.wall for run in runs),
        "peak_mb": peak,
        "answers": runs[0].answers,
        "version": version("scipy" if job["engine"] == BARE else job["engine"]),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
