"""Compare topolens with its peers: same input, same answer, CPU seconds side by side.

Every engine runs in a process of its own on a distance matrix that is ready, a
short call many times; the engines take turns, and medians are compared. Engines that are
not installed are left out. Usage:

    python benches/compare.py [--rounds 3] [--case NAME ...] [--json FILE] [--timeout S]
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

SHORT, MOST_CALLS = 0.2, 50  # seconds of calls in one process, and how many at most
RELATIVE_TOLERANCE = 1e-5  # most peers work in float32


def orthogonal_matrices(n: int, rng: np.random.Generator) -> np.ndarray:
    q, r = np.linalg.qr(rng.normal(size=(n, 3, 3)))
    return (q * np.sign(np.diagonal(r, axis1=1, axis2=2))[:, None, :]).reshape(n, 9)


def torus(n: int, rng: np.random.Generator) -> np.ndarray:
    t = rng.uniform(0, 2 * np.pi, (n, 2))
    return np.c_[np.cos(t), np.sin(t)]


def sphere(n: int, rng: np.random.Generator) -> np.ndarray:
    x = rng.normal(size=(n, 3))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def activations(n: int, rng: np.random.Generator) -> np.ndarray:
    hidden = np.maximum(rng.normal(size=(n, 16)) @ rng.normal(size=(16, 512)), 0)
    return np.maximum(hidden @ rng.normal(size=(512, 512)) / 16, 0)


# name: (points, maxdim, threshold)
CASES = {
    "uniform-50-R16-H2": (lambda rng: rng.random((50, 16)), 2, math.inf),
    "sphere-192-H2": (lambda rng: sphere(192, rng), 2, math.inf),
    "uniform-1000-R16-H1": (lambda rng: rng.random((1000, 16)), 1, math.inf),
    "uniform-2000-R16-H1": (lambda rng: rng.random((2000, 16)), 1, math.inf),
    "activations-2000-R512-H1": (lambda rng: activations(2000, rng), 1, math.inf),
    "torus-1000-H1": (lambda rng: torus(1000, rng), 1, math.inf),
    "torus-400-H2": (lambda rng: torus(400, rng), 2, math.inf),
    "sphere-1000-thr1-H2": (lambda rng: sphere(1000, rng), 2, 1.0),
    "orthogonal-1024-thr1.8-H3": (lambda rng: orthogonal_matrices(1024, rng), 3, 1.8),
    "grid-600-ties-H2": (lambda rng: rng.integers(0, 8, (600, 4)).astype(float), 2, math.inf),
}


def run_topolens(d: np.ndarray, maxdim: int, threshold: float, threads: int) -> list[np.ndarray]:
    import topolens

    result = topolens.rips(
        d, metric="precomputed", maxdim=maxdim, threshold=threshold, n_threads=threads
    )
    return result.dgms


def run_ripser(d: np.ndarray, maxdim: int, threshold: float, threads: int) -> list[np.ndarray]:
    from ripser import ripser

    return ripser(d, distance_matrix=True, maxdim=maxdim, thresh=threshold)["dgms"]


def run_gudhi(d: np.ndarray, maxdim: int, threshold: float, threads: int) -> list[np.ndarray]:
    import gudhi

    tree = gudhi.RipsComplex(distance_matrix=d, max_edge_length=threshold).create_simplex_tree(1)
    tree.collapse_edges()
    tree.expansion(maxdim + 1)
    tree.compute_persistence(homology_coeff_field=2, persistence_dim_max=False)
    return [tree.persistence_intervals_in_dimension(i).reshape(-1, 2) for i in range(maxdim + 1)]


def run_giotto(d: np.ndarray, maxdim: int, threshold: float, threads: int) -> list[np.ndarray]:
    from gph import ripser_parallel

    return ripser_parallel(
        d, metric="precomputed", maxdim=maxdim, thresh=threshold, n_threads=threads
    )["dgms"]


ENGINES = {
    "topolens": (run_topolens, "topolens"),
    "ripser": (run_ripser, "ripser"),
    "gudhi": (run_gudhi, "gudhi"),
    "giotto-ph": (run_giotto, "gph"),
}


def work(engine: str, matrix: str, maxdim: int, threshold: float, threads: int) -> None:
    """Call in this process, short calls many times; print figures and diagrams."""
    import time

    run, module = ENGINES[engine]
    __import__(module)
    d = np.load(matrix)
    Path("/proc/self/clear_refs").write_text("5")  # the peak so far is that of the imports
    before = resident_mb("VmRSS")
    cpu, wall = [], []
    while sum(wall) < SHORT and len(wall) < MOST_CALLS:
        start = time.process_time(), time.perf_counter()
        diagrams = run(d, maxdim, threshold, threads)
        cpu.append(time.process_time() - start[0])
        wall.append(time.perf_counter() - start[1])
    figures = {
        "cpu": statistics.median(cpu),
        "wall": statistics.median(wall),
        "peak_mb": resident_mb("VmHWM") - before,
        "diagrams": [np.asarray(dgm, dtype=float).tolist() for dgm in diagrams],
    }
    print(json.dumps(figures))


def resident_mb(field: str) -> float:
    """Return a figure of Linux's account of this process: VmRSS, or VmHWM for its peak."""
    lines = Path("/proc/self/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith(field))
    return int(line.split()[1]) / 1024


def measure(engine: str, arguments: list[str], timeout: float) -> dict | None:
    command = [sys.executable, __file__, "--work", engine, *arguments]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        raise RuntimeError(f"{engine} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def same_diagrams(ours: list, theirs: list, scale: float) -> bool:
    """Whether the bars agree, but for those too short for float32 to see."""
    least = 10 * RELATIVE_TOLERANCE * scale

    def bars(diagram: list) -> np.ndarray:
        rows = np.asarray(diagram, dtype=float).reshape(-1, 2)
        rows = rows[rows[:, 1] - rows[:, 0] > least]
        return rows[np.lexsort(np.round(rows[:, ::-1].T / least))]

    def agree(a: np.ndarray, b: np.ndarray) -> bool:
        # A bar near the limit may be seen by one and not by the other.
        near = sum(np.sum(x[:, 1] - x[:, 0] < 2 * least) for x in (a, b))
        if len(a) != len(b):
            return abs(len(a) - len(b)) <= near
        return all(np.allclose(np.sort(a[:, i]), np.sort(b[:, i]), atol=least) for i in (0, 1))

    return all(agree(bars(a), bars(b)) for a, b in zip(ours, theirs, strict=True))


def engines_for(threshold: float) -> list[str]:
    """Return the engines that are installed and that come to an end on such a case."""
    from importlib.util import find_spec

    engines = [name for name, (_, module) in ENGINES.items() if find_spec(module)]
    # gudhi's complex lists every simplex: without a threshold they are too many.
    return [name for name in engines if name != "gudhi" or math.isfinite(threshold)]


def compare(name: str, rounds: int, threads: int, timeout: float) -> dict:
    """Medians of all engines on one case, after checking that they agree."""
    from scipy.spatial.distance import pdist, squareform

    make, maxdim, threshold = CASES[name]
    points = make(np.random.default_rng(0))
    engines = engines_for(threshold)
    runs: dict[str, list[dict | None]] = {engine: [] for engine in engines}
    with tempfile.TemporaryDirectory() as folder:
        matrix = str(Path(folder) / "distances.npy")
        distances = squareform(pdist(points))
        np.save(matrix, distances)
        arguments = [matrix, str(maxdim), str(threshold), str(threads)]
        for _ in range(rounds):
            for engine in engines:
                if not runs[engine] or runs[engine][-1]:
                    runs[engine].append(measure(engine, arguments, timeout))
    row: dict = {"case": name, "threads": threads}
    ours = runs["topolens"][0]
    if ours is None:
        raise RuntimeError(f"topolens took more than {timeout} s on {name}")
    for engine, results in runs.items():
        finished = [result for result in results if result]
        if not finished:
            row[engine] = None
            continue
        if not same_diagrams(ours["diagrams"], finished[0]["diagrams"], distances.max()):
            raise AssertionError(f"{engine} and topolens disagree on {name}")
        row[engine] = {
            key: statistics.median(result[key] for result in finished)
            for key in ("cpu", "wall", "peak_mb")
        }
    return row


def print_row(row: dict) -> float:
    peers = {e: row[e] for e in row if isinstance(row[e], dict) and e != "topolens"}
    cells = [f"{e} {v['cpu']:.3f} s, {v['peak_mb']:.0f} MB" for e, v in peers.items()]
    cells += [f"{e} timed out" for e in ENGINES if e in row and row[e] is None]
    ours = row["topolens"]
    best = min(peers, key=lambda e: peers[e]["cpu"])
    ratio = ours["cpu"] / peers[best]["cpu"]
    print(
        f"{row['case']:28} topolens {ours['cpu']:.3f} s, {ours['peak_mb']:.0f} MB | "
        + " | ".join(cells)
        + f" | {ratio:.2f} × {best}",
        flush=True,
    )
    return ratio


def main() -> None:
    if sys.argv[1:2] == ["--work"]:
        engine, matrix, maxdim, threshold, threads = sys.argv[2:]
        work(engine, matrix, int(maxdim), float(threshold), int(threads))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--case", nargs="*", choices=list(CASES), default=list(CASES))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=120, help="seconds for one call")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    rows, ratios = [], []
    for name in options.case:
        rows.append(compare(name, options.rounds, options.threads, options.timeout))
        ratios.append(print_row(rows[-1]))
    mean = statistics.geometric_mean(ratios)
    print(f"geometric mean of CPU, topolens over the best peer: {mean:.2f}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
