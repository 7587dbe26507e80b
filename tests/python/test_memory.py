"""A job takes about as much memory as it is allowed to have: the estimates are honest."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import pytest

# Each needs some 20 to 100 MB, so that what threads and allocators take does not count.
CALLS = {
    "points": "X = rng.normal(size=(3000, 3)); limit -> tl.rips(X, threshold=0.8)",
    "many edges": "X = rng.normal(size=(2000, 10)); limit -> tl.rips(X, threshold=5.0)",
    "square": """X = squareform(pdist(rng.normal(size=(2500, 3))))
        limit -> tl.rips(X, metric="precomputed", threshold=0.8)""",
    "condensed": """X = pdist(rng.normal(size=(3000, 3)))
        limit -> tl.rips(X, metric="precomputed", threshold=0.8)""",
    "sparse matrix": """X = tl.spaces.neighbor_graph(rng.normal(size=(10_000, 3)), 60)
        limit -> tl.rips(X, metric="precomputed")""",
    "sparse filtration": "X = tl.datasets.torus(7000, rng=0); limit -> tl.rips(X, epsilon=0.5)",
    "sparse filtration, many edges": """X = rng.normal(size=(2500, 8))
        limit -> tl.rips(X, epsilon=0.5, threshold=3.5)""",
    "magnitude": "X = rng.normal(size=(2500, 3)); limit -> tl.magnitude(X, 2.0)",
    "magnitudes at many scales": """X = rng.normal(size=(2500, 16))
        limit -> tl.magnitude_function(X, np.linspace(0.5, 2, 10))""",
    "networks": """labels = rng.integers(9, size=(1500, 30_000), dtype="u1"); \\
        space = tl.NetworkSpace.from_labels(labels); limit -> space.distances()""",
    "weighted networks": """labels = rng.integers(9, size=(1500, 30_000), dtype="u1"); \\
        space = tl.NetworkSpace.from_labels(labels, weights=rng.random(30_000))
        limit -> space.distances()""",
    "soft distances of networks": """X = rng.dirichlet(np.ones(4), size=(60, 20_000)); \\
        space = tl.NetworkSpace.from_probs(X); limit -> space.distances("tv")""",
    "picture": "X = rng.normal(size=(1200, 1200)); limit -> tl.cubical(X)",
    "smooth picture": """X = gaussian_filter(rng.normal(size=(1800, 1800)), 4).astype("f")
        limit -> tl.cubical(X, construction="T")""",
    "volume": "X = rng.normal(size=(64, 64, 64)); limit -> tl.cubical(X)",
    "smooth volume": """X = gaussian_filter(rng.normal(size=(110, 110, 110)), 2).astype("f")
        limit -> tl.cubical(X, construction="T")""",
    "four axes": "X = rng.normal(size=(13, 13, 13, 13)); limit -> tl.cubical(X)",
    "volumes": "X = rng.normal(size=(8, 40, 40, 40)); limit -> tl.homology.cubical_batch(X)",
    "Betti numbers": """X = rng.normal(size=(8, 90, 90, 90)).astype("f")
        limit -> tl.cubical_betti(X, [0.0, 1.0], batch=True)""",
    "distances": "X = rng.normal(size=(2500, 3)); limit -> tl.distances(X)",
}

SETUP = """
import json, re
import numpy as np
import topolens as tl
from scipy.ndimage import gaussian_filter
from scipy.spatial.distance import pdist, squareform

rng = np.random.default_rng(0)
{setup}
"""

# Raises the limit, to what a refusal says if that is more, until the job is taken.
LIMIT = (
    SETUP
    + """
UNITS = {{"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}}
limit = 2.0**20
while True:
    try:
        {call}
        break
    except MemoryError as refusal:
        said = re.search(r"needs (?:about|at least) ([0-9.]+) ([kMG]?B)", str(refusal))
        number, unit = said.groups()
        limit = max(1.1 * limit, 1.01 * float(number) * UNITS[unit])
print(json.dumps(limit))
"""
)

# A fresh process: what refused jobs have freed may still be held by the allocator.
PEAK = (
    SETUP
    + """
def kilobytes(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if name in line)

tl.rips(rng.normal(size=(30, 2)), n_threads=2)
before = kilobytes("VmRSS")
open("/proc/self/clear_refs", "w").write("5")  # forgets the peak until now
limit = {limit}
{call}
print(json.dumps(1024 * (kilobytes("VmHWM") - before)))
"""
)


def run(source, **parts):
    done = subprocess.run(
        [sys.executable, "-c", source.format(**parts)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
@pytest.mark.parametrize("name", CALLS)
def test_the_peak_is_near_the_smallest_limit(name):
    setup, call = textwrap.dedent(CALLS[name]).split("limit -> ")
    setup = setup.rstrip().removesuffix(";")
    call = call.removesuffix(")") + ", n_threads=2, max_memory=limit)"
    call = call.replace("(, ", "(")
    limit = run(LIMIT, setup=setup, call=call)
    peak = run(PEAK, setup=setup, call=call, limit=limit)
    print(f"{name}: limit {limit / 1e6:.1f} MB, peak {peak / 1e6:.1f} MB")
    assert 0.5 * limit < peak < 1.5 * limit


REPEATED = (
    SETUP
    + """
def kilobytes(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if name in line)

D = squareform(pdist(rng.normal(size=(2000, 16))))
tl.rips(D[:9, :9], metric="precomputed", n_threads=1)
before = kilobytes("VmRSS")
open("/proc/self/clear_refs", "w").write("5")
tl.rips(D, metric="precomputed", n_threads=1)
first = kilobytes("VmHWM")
for _ in range(30):
    tl.rips(D, metric="precomputed", n_threads=1)
print(json.dumps([first - before, kilobytes("VmRSS") - before]))
"""
)


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
def test_repeated_calls_hold_less_than_one_takes():
    taken, held = run(REPEATED, setup="")
    assert held < 0.9 * taken
