"""Distances of persistence diagrams, beside gudhi, hera, POT and persim.

    python benches/diagrams.py            all cases, one thread
    python benches/diagrams.py --quick    small diagrams only
    python benches/diagrams.py --json diagrams.json

CPU seconds, medians; of peers once where they take seconds. Every package must find the same
distance: to rounding where it is exact, to its own tolerance where it is not.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import gudhi
import gudhi.hera
import gudhi.wasserstein
import numpy as np
import persim

import topolens as tl

OURS = "topolens"
LONG = 1.0  # what takes longer is done once
MOST_FOR_PERSIM = 1000
HERA = 1e-2  # relative error asked of hera, which has no exact Wasserstein distance
SINGLE = 1e-5  # sums of numbers in single precision
Call = Callable[[], float]
Pair = tuple[np.ndarray, np.ndarray]


def uniform(n: int, rng: np.random.Generator) -> np.ndarray:
    return np.sort(rng.random((n, 2)), axis=1)


def bars(n: int, rng: np.random.Generator) -> np.ndarray:
    """Many short bars and a few long ones, as of real data."""
    births, lengths = rng.gamma(4, 0.05, n), rng.exponential(0.02, n)
    lengths[: max(3, n // 100)] = rng.uniform(0.2, 1, max(3, n // 100))
    return np.c_[births, births + lengths]


def pair(shape: str, n: int) -> Pair:
    """Two diagrams: unrelated ones, or one and the same after a small change."""
    rng = np.random.default_rng(n)
    if shape == "uniform":
        return uniform(n, rng), uniform(n, rng)
    a = bars(n, rng)
    if shape == "bars":
        return a, bars(n, rng)
    b = a + rng.normal(0, 0.003, a.shape)
    return a, np.c_[b[:, 0], np.maximum(b[:, 0], b[:, 1])][rng.permutation(n)]


SHAPES = ("uniform", "bars", "near")


@dataclass(frozen=True)
class Row:
    """Figures of one case: CPU seconds and distances by package."""

    case: str
    seconds: dict[str, float] = field(default_factory=dict)
    distances: dict[str, float] = field(default_factory=dict)
    tolerances: dict[str, float] = field(default_factory=dict)

    def disagree(self) -> list[str]:
        """Packages whose distance is not ours."""
        ours = self.distances[OURS]
        return [
            name
            for name, found in self.distances.items()
            if not abs(found - ours) <= self.tolerances.get(name, 1e-9) * abs(ours)
        ]

    def best(self) -> str:
        """The fastest peer among those that agree."""
        peers = set(self.seconds) - {OURS, *self.disagree()}
        return min(peers, key=lambda name: self.seconds[name], default="")

    def ratio(self) -> float:
        """How many times as long as we the best peer takes."""
        best = self.best()
        return self.seconds[best] / self.seconds[OURS] if best else float("nan")


def seconds(call: Call, repeats: int) -> tuple[float, float]:
    """CPU seconds, the median of some calls, and what the call returned."""
    taken = []
    while len(taken) < repeats and sum(taken) < LONG:
        start = time.process_time()
        found = call()
        taken.append(time.process_time() - start)
    return statistics.median(taken), float(found)


def contest(case: str, calls: dict[str, Call], tolerances: dict[str, float], repeats: int) -> Row:
    """Let all packages answer one question."""
    row = Row(case, tolerances=tolerances)
    for name, call in calls.items():
        row.seconds[name], row.distances[name] = seconds(call, repeats)
    return row


def bottleneck(shape: str, n: int, repeats: int) -> Row:
    a, b = pair(shape, n)
    calls: dict[str, Call] = {
        OURS: lambda: tl.bottleneck_distance(a, b),
        "gudhi": lambda: gudhi.bottleneck_distance(a, b),
        "hera": lambda: gudhi.hera.bottleneck_distance(a, b, 0.0),
    }
    if n <= MOST_FOR_PERSIM // 5:  # minutes otherwise
        calls["persim"] = lambda: persim.bottleneck(a, b)
    return contest(f"bottleneck {shape} {n}", calls, {}, repeats)


def wasserstein(shape: str, n: int, p: int, repeats: int) -> Row:
    a, b = pair(shape, n)
    norm = 2 if p == 1 else np.inf  # persim knows this one only
    arguments = {"order": p, "internal_p": norm}
    calls: dict[str, Call] = {
        OURS: lambda: tl.wasserstein_distance(a, b, p=p, q=norm),
        "hera 1%": lambda: gudhi.hera.wasserstein_distance(a, b, delta=HERA, **arguments),
        "gudhi with POT": lambda: gudhi.wasserstein.wasserstein_distance(a, b, **arguments),
    }
    if p == 1 and n <= MOST_FOR_PERSIM:
        calls["persim"] = lambda: persim.wasserstein(a, b)
    return contest(f"wasserstein p={p} {shape} {n}", calls, {"hera 1%": HERA}, repeats)


def sliced(shape: str, n: int, repeats: int) -> Row:
    a, b = pair(shape, n)
    calls: dict[str, Call] = {
        OURS: lambda: tl.diagrams.sliced_wasserstein_distance(a, b),
        "persim": lambda: persim.sliced_wasserstein(a, b),
    }
    return contest(f"sliced {shape} {n}", calls, {"persim": SINGLE}, repeats)


def matrix(count: int, n: int, threads: int) -> dict[str, float]:
    """Wall seconds of a matrix on one thread and on several."""
    rng = np.random.default_rng(0)
    diagrams = [bars(n, rng) for _ in range(count)]
    taken, found = {}, []
    for threads_used in (1, threads):
        start = time.perf_counter()
        found.append(tl.distance_matrix(diagrams, n_threads=threads_used))
        taken[str(threads_used)] = time.perf_counter() - start
    assert np.array_equal(*found)
    return taken


def describe(row: Row) -> str:
    """One line: ratio to the best peer, then everyone's time, the fastest first."""
    order = sorted(row.seconds, key=lambda name: row.seconds[name])
    wrong = row.disagree()
    times = ", ".join(
        f"{name} {1000 * row.seconds[name]:.4g} ms" + " DISAGREES" * (name in wrong)
        for name in order
    )
    return f"{row.case:28} {row.ratio():7.1f} times   {times}"


def main() -> None:
    """Run the cases that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small diagrams only")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2, help="for the matrix of distances")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    chosen = parser.parse_args()
    sizes = (200,) if chosen.quick else (200, 1000, 5000)
    rows = []
    for n in sizes:
        for shape in SHAPES:
            cases = [bottleneck(shape, n, chosen.repeats)]
            if n <= MOST_FOR_PERSIM:
                cases += [wasserstein(shape, n, p, chosen.repeats) for p in (1, 2)]
                cases.append(sliced(shape, n, chosen.repeats))
            for row in cases:
                print(describe(row), flush=True)
            rows += cases
    count = 40 if chosen.quick else 200
    walls = matrix(count, 200, chosen.threads)
    print(f"bottleneck matrix of {count} diagrams of 200 points, wall seconds by threads: {walls}")
    least = min(rows, key=Row.ratio)
    print(f"least ratio to the best peer: {least.ratio():.2f} in {least.case}")
    if chosen.json:
        figures = [asdict(row) | {"ratio": row.ratio(), "best": row.best()} for row in rows]
        chosen.json.write_text(json.dumps({"cases": figures, "matrix": walls}, indent=1))


if __name__ == "__main__":
    main()
