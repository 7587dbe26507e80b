"""Where the system gives no more memory there is a MemoryError, and the process goes on."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs RLIMIT_AS")

# What each needs is a few hundred megabytes at least, so that the limits below are met inside.
CALLS = {
    "condensed distances": "D(rng.normal(size=(9000, 2)), condensed=True)",
    "square distances": "D(rng.normal(size=(6000, 2)))",
    "rips": "tl.rips(rng.normal(size=(6000, 2)), **kw)",
    "rips of a matrix": "tl.rips(rng.random(9000 * 8999 // 2), metric='precomputed', **kw)",
    "rips without a metric": "tl.rips(rng.random(700 * 699 // 2), metric='precomputed', **kw)",
    "lifetimes": "tl.ph_dimension(rng.normal(size=(20_000, 20)), rng=0, **kw)",
    "hops": "tl.hop_betti(rng.normal(size=(12_000, 3)), k=900, **kw)",
    "neighbours": "tl.spaces.neighbor_graph(rng.normal(size=(30_000, 3)), 600)",
    "geodesics": "tl.spaces.geodesic_distances(rng.normal(size=(6000, 3)), 10, **kw)",
    "a plane": "tl.cubical(rng.normal(size=(4000, 4000)).astype('f'), **kw)",
    "a volume": "tl.cubical(rng.normal(size=(200, 200, 200)).astype('f'), **kw)",
    "four axes": "tl.cubical(rng.normal(size=(30, 30, 30, 30)), **kw)",
    "planes": "tl.homology.cubical_batch(rng.normal(size=(30, 1000, 1000)), **kw)",
    "Betti numbers": "tl.cubical_betti(rng.normal(size=(400, 400, 400)), [0.0], **kw)",
    "magnitude": "tl.magnitude(rng.normal(size=(9000, 3)), 1.0, **kw)",
    "magnitude by factors": "tl.magnitude(rng.normal(size=(5000, 8)), metric='chebyshev', **kw)",
    "outliers": "tl.magnitudes.outlier_scores(rng.normal(size=(6000, 3)), t=1.0, **kw)",
    "vendi": "tl.magnitudes.vendi_score(rng.normal(size=(6000, 6000)), **kw)",
    "networks": "N(rng.integers(9, size=(6000, 400), dtype='u1')).distances(**kw)",
    "wide networks": "N(rng.integers(9, size=(200, 2_000_000), dtype='u1')).distances(**kw)",
    "diagrams": "tl.distance_matrix([np.sort(rng.random((60_000, 2)))] * 40, **kw)",
    "landscapes": "tl.diagrams.landscape(B, 3000, grid=np.linspace(0, 1, 20_000), **kw)",
}

# Address space beyond what is mapped once the input is there: whatever is taken first, second, …
ROOMS = [40e6, 160e6]
# Where the limit is what there seems to be, estimates are refused before.
BY_DEFAULT = ["condensed distances", "rips without a metric", "a plane", "magnitude"]

CHILD = """
import json, resource, sys
import numpy as np, topolens as tl

rng = np.random.default_rng(0)
kw = {{"max_memory": 10**15}} if {unlimited} else {{}}
D = lambda X, **more: tl.distances(X, **more, **kw)
N = tl.NetworkSpace.from_labels
B = np.sort(rng.random((60_000, 2)))
tl.rips(rng.normal(size=(50, 2)), n_threads=2)  # what is mapped once
make = lambda: {argument}
X = make()
mapped = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
said = []
for room in {rooms}:
    resource.setrlimit(resource.RLIMIT_AS, (int(mapped + room), resource.RLIM_INFINITY))
    try:
        {call}
        said.append("done")
    except MemoryError as error:
        said.append(str(error) or "numpy")
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
assert len(tl.rips(rng.normal(size=(50, 2)))[0]) == 50
print(json.dumps(said))
"""


@pytest.mark.parametrize(
    ("name", "unlimited"), [(name, True) for name in CALLS] + [(name, False) for name in BY_DEFAULT]
)
def test_too_little_memory_is_an_error(name, unlimited):
    call, argument = CALLS[name], "None"
    start = call.find("rng.")
    if start >= 0:  # the input is made outside the limit
        end = start + _length(call[start:])
        call, argument = f"{call[:start]}X{call[end:]}", call[start:end]
    source = textwrap.dedent(CHILD).format(
        call=call, argument=argument, unlimited=unlimited, rooms=ROOMS
    )
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    said = json.loads(done.stdout)
    assert set(said) != {"done"}, said
    assert not any("Error" in text or "panicked" in text for text in said), said


def _length(text: str) -> int:
    """Characters of the first argument of a call."""
    depth = 0
    for k, character in enumerate(text):
        depth += character in "([{"
        depth -= character in ")]}"
        if depth < 0 or (depth == 0 and character == ","):
            return k
    return len(text)
