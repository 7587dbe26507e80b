"""One engine on one input in a process of its own: time, memory, diagrams.

The parent calls :func:`measure`; the child is this file, run as a program.
"""

from __future__ import annotations

import gc
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from engines import Question, engines_for
from inputs import Kind, distances

SHORT, MOST_CALLS = 0.2, 50  # seconds of calls in one process, and how many at most
MEMORY_ERRORS = ("MemoryError", "bad_alloc", "memory allocation of", "annot allocate memory")


@dataclass(frozen=True)
class Job:
    """What the child does."""

    engine: str
    kind: Kind
    maxdim: int
    threshold: float
    threads: int
    input: str
    output: str


@dataclass(frozen=True)
class Run:
    """What came of it: figures and diagrams, or why there are none."""

    cpu: float = 0.0
    wall: float = 0.0
    peak_mb: float = 0.0
    diagrams: tuple[np.ndarray, ...] = ()
    stopped_after: float | None = None
    failure: str | None = None

    @property
    def finished(self) -> bool:
        return self.stopped_after is None and self.failure is None


def save_input(file: Path, data: Any) -> None:
    if sp.issparse(data):
        np.savez(file, row=data.row, col=data.col, data=data.data, shape=data.shape)
    else:
        np.savez(file, dense=data)


def load_input(file: str) -> Any:
    with np.load(file) as arrays:
        if "dense" in arrays:
            return arrays["dense"]
        edges = arrays["data"], (arrays["row"], arrays["col"])
        return sp.coo_matrix(edges, shape=tuple(arrays["shape"]))


def measure(job: Job, timeout: float, memory: float) -> Run:
    """Run a job in a child of its own, for `timeout` seconds and in `memory` bytes at most."""
    threads = {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "RAYON_NUM_THREADS": str(job.threads),
    }
    found = in_child(__file__, asdict(job), threads, timeout, memory)
    if isinstance(found, Run):
        return found
    with np.load(job.output) as arrays:
        diagrams = tuple(arrays[name] for name in arrays.files)
    return Run(**found, diagrams=diagrams)


def in_child(
    program: str,
    job: dict[str, Any],
    threads: Mapping[str, str],
    timeout: float,
    memory: float,
    python: str = sys.executable,
) -> dict[str, Any] | Run:
    """Run a program on a job; return what it printed last, or a run that says why not."""
    try:
        done = subprocess.run(
            [python, program, json.dumps(job), str(int(memory))],
            capture_output=True,
            text=True,
            timeout=timeout,
            env=os.environ | threads,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Run(stopped_after=timeout)
    if done.returncode:
        return Run(failure=reason(done, memory))
    return json.loads(done.stdout.splitlines()[-1])


def reason(done: subprocess.CompletedProcess[str], memory: float) -> str:
    """Say in a few words why a child failed."""
    if done.returncode == -9 or any(word in done.stderr for word in MEMORY_ERRORS):
        return f"out of {memory / 1e9:.0f} GB"
    said = done.stderr.strip().splitlines()
    return said[-1][:200] if said else f"ended with code {done.returncode}"


def main() -> None:
    job = Job(**json.loads(sys.argv[1]))
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
    engine = engines_for(job.kind, job.maxdim)[job.engine]
    question = Question(job.maxdim, job.threshold, job.threads)
    # A first call on a tiny input imports what the engine needs.
    engine.call(engine.prepare(tiny(job.kind)), Question(job.maxdim, math.inf, job.threads))
    data = engine.prepare(load_input(job.input))
    before = forget_peak()
    cpu, wall = [], []
    while sum(wall) < SHORT and len(wall) < MOST_CALLS:
        start = time.process_time(), time.perf_counter()
        result = engine.call(data, question)
        cpu.append(time.process_time() - start[0])
        wall.append(time.perf_counter() - start[1])
    peak = resident_mb("VmHWM") - before
    np.savez(job.output, *engine.read(result, question))
    print(
        json.dumps(
            {"cpu": statistics.median(cpu), "wall": statistics.median(wall), "peak_mb": peak}
        )
    )


def tiny(kind: Kind) -> Any:
    points = np.random.default_rng(0).random((8, 3))
    d = distances(points)
    return {"matrix": d, "sparse": sp.coo_matrix(d), "points": points, "batch": d[None]}[kind]


def forget_peak() -> float:
    """Begin to watch the peak of memory anew; return what is in use, in MB."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak so far is not the engine's
    return resident_mb("VmRSS")


def resident_mb(field: str) -> float:
    """Return a figure of Linux's account of this process: VmRSS, or VmHWM for its peak."""
    lines = Path("/proc/self/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith(field))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
