"""The gate that every long call passes: Ctrl-C, progress, forks and threads."""

from __future__ import annotations

import json
import multiprocessing
import signal
import statistics
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import topolens as tl
from topolens import _core

rng = np.random.default_rng(0)
SMALL = rng.normal(size=(150, 3))
WEIGHTED = tl.NetworkSpace.from_labels(
    rng.integers(9, size=(900, 10_000)), weights=rng.random(10_000)
)
DIAGRAMS = [np.sort(rng.random((2500, 2)), axis=1) for _ in range(4)]
# Half a second of work in each kernel: long enough to be looked at several times.
LONG = {
    "rips": lambda **kw: tl.rips(rng.normal(size=(600, 6)), maxdim=3, **kw),
    "components": lambda **kw: tl.rips(rng.normal(size=(25_000, 64)), maxdim=0, **kw),
    "sparse": lambda **kw: tl.rips(rng.normal(size=(4000, 3)), epsilon=0.5, **kw),
    "hop_betti": lambda **kw: tl.hop_betti(rng.normal(size=(20_000, 3)), k=200, **kw),
    "distances": lambda **kw: tl.distances(rng.normal(size=(6000, 1500)), condensed=True, **kw),
    "networks": lambda **kw: WEIGHTED.distances(**kw),
    "magnitude": lambda **kw: tl.magnitude_function(rng.normal(size=(3000, 3)), **kw),
    "picture": lambda **kw: tl.cubical(rng.normal(size=(3000, 3000)), **kw),
    "volume": lambda **kw: tl.cubical(rng.normal(size=(80, 80, 80)), **kw),
    "any grid": lambda **kw: tl.cubical(rng.normal(size=(16,) * 4), **kw),
    "volumes": lambda **kw: tl.homology.cubical_batch(rng.normal(size=(24, 30, 30, 30)), **kw),
    "cubical_betti": lambda **kw: tl.cubical_betti(
        rng.normal(size=(80, 60, 60, 60)), [0.0, 0.5], batch=True, **kw
    ),
    "diagrams": lambda **kw: tl.distance_matrix(DIAGRAMS, "wasserstein", **kw),
}


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a.dgms, b.dgms, strict=True))


def script(source, *arguments, timeout=60):
    """Run a program of its own and hand back the JSON that it prints."""
    command = [sys.executable, "-c", textwrap.dedent(source), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# --- Ctrl-C -------------------------------------------------------------------------------------

CHILD = """
import signal, sys, time
import numpy as np, topolens as tl

# A background job starts with SIGINT ignored; Python would leave it so.
signal.signal(signal.SIGINT, signal.default_int_handler)
rng = np.random.default_rng(0)
{setup}
for _ in range({repeats}):
    try:
        print("ready", flush=True)
        {call}
        print("finished", flush=True)
    except KeyboardInterrupt:
        print(time.monotonic(), flush=True)
assert len(tl.rips(X[:20])[0]) == 20
print("well", flush=True)
"""

PHASES = {
    # setup, call, delays (s) at which it is in the phase named
    "distances": (
        "X = rng.normal(size=(12_000, 400))",
        "tl.distances(X, condensed=True)",
        [0.3, 0.5, 0.8],
    ),
    "distances, edges and their order": (
        "X = rng.normal(size=(8000, 3))",
        "tl.rips(X)",
        [0.2, 0.5, 0.8, 1.2],
    ),
    "reduction": ("X = rng.normal(size=(600, 8))", "tl.rips(X, maxdim=5)", [0.3, 0.8, 1.3]),
    "reduction with cocycles": (
        "X = rng.normal(size=(2500, 16))",
        "tl.rips(X, maxdim=2, coeff=3, cocycles=True)",
        [0.5, 1.0, 1.5],
    ),
    "components": ("X = rng.normal(size=(150_000, 64))", "tl.rips(X, maxdim=0)", [0.3, 0.6, 1.0]),
    "components in the plane": (
        "X = rng.normal(size=(2_000_000, 2))",
        "tl.rips(X, maxdim=0)",
        [0.1, 0.2, 0.4],
    ),
    "neighbours": (
        "X = rng.normal(size=(40_000, 64))",
        "tl.spaces.neighbor_graph(X, 14)",
        [0.3, 0.6, 1.0],
    ),
    "hops and collapse": (
        "X = rng.normal(size=(6000, 3))",
        "tl.hop_betti(X, k=300, maxdim=2)",
        [0.4, 0.8, 1.2],
    ),
    "hops and cones": (
        "X = rng.normal(size=(20_000, 3))",
        "for _ in iter(lambda: tl.hop_betti(X, k=300), 1): pass",
        [0.2, 0.5, 0.8],
    ),
    "candidates and their distances": (
        "X = rng.normal(size=(6000, 1000))",
        "for _ in iter(lambda: tl.spaces.neighbor_graph(X, 14).nnz, 1): pass",
        [0.1, 0.3, 0.5, 0.8],
    ),
    "pairs within a threshold": (
        "X = rng.random((300_000, 2))",
        "for _ in iter(lambda: tl.rips(X, threshold=0.003), 1): pass",
        [0.1, 0.3, 0.5, 0.8],
    ),
    "trees of diagrams and their bottleneck": (
        "X, Y = (np.sort(rng.random((1_000_000, 2)), axis=1) for _ in 'ab')",
        "tl.bottleneck_distance(X, Y)",
        [0.1, 0.4, 1.0],
    ),
    "matching of diagrams": (
        "X, Y = (np.sort(rng.random((20_000, 2)), axis=1) for _ in 'ab')",
        "tl.wasserstein_distance(X, Y)",
        [0.3, 0.6, 1.0],
    ),
    "landmarks": (
        "X = rng.normal(size=(60_000, 64))",
        "tl.landmarks(X, 20_000)",
        [0.3, 0.6, 1.0],
    ),
    "order of a sparse filtration": (
        "X = rng.normal(size=(60_000, 64))",
        "tl.rips(X, epsilon=1.0)",
        [0.3, 0.6, 1.0],
    ),
    "edges of a sparse filtration": (
        "X = rng.normal(size=(8000, 3))",
        "tl.rips(X, epsilon=0.2)",
        [0.2, 0.5, 0.8, 1.2],
    ),
    "magnitudes at many scales": (
        "X = rng.normal(size=(8000, 3))",
        "tl.magnitude_function(X, np.geomspace(0.1, 10, 40))",
        [0.2, 0.6, 1.5],
    ),
    "magnitude of an indefinite matrix": (
        "X = rng.normal(size=(5000, 8))",
        "tl.magnitude(X, 0.1, metric='chebyshev')",
        [0.1, 0.2, 0.4],
    ),
    "distances of networks": (
        "X = rng.normal(size=(20, 2));"
        "labels = rng.integers(9, size=(3000, 20_000), dtype=np.uint8)\n"
        "space = tl.NetworkSpace.from_labels(labels, weights=rng.random(20_000))",
        "space.distances(n_threads=1)",
        [0.1, 0.4, 1.0],
    ),
    "soft distances of networks": (
        "X = rng.normal(size=(20, 2)); probs = rng.dirichlet(np.ones(5), size=(60, 5000))"
        "\nspace = tl.NetworkSpace.from_probs(probs)",
        "space.distances('js', n_threads=1)",
        [0.1, 0.4],
    ),
    "multiplier band of networks": (
        "X = rng.normal(size=(20, 2)); D = tl.NetworkSpace.from_labels("
        "rng.integers(9, size=(500, 10_000))).distances()",
        "D.interval(method='multiplier', rng=0, n_threads=1)",
        [0.2, 0.5, 1.0],
    ),
    "persistence of a large picture": (
        "X = rng.normal(size=(50, 2)); image = rng.normal(size=(4000, 4000)).astype('f')",
        "tl.cubical(image, n_threads=1)",
        [0.05, 0.2, 0.5, 0.9],
    ),
    "persistence of a large volume": (
        "X = rng.normal(size=(50, 2)); image = rng.normal(size=(250, 250, 250)).astype('f')",
        "tl.cubical(image, n_threads=1)",
        [0.1, 0.5, 1.5, 3.0],
    ),
    "persistence on four axes": (
        "X = rng.normal(size=(50, 2)); image = rng.normal(size=(30, 30, 30, 30))",
        "tl.cubical(image, n_threads=1)",
        [0.1, 0.5, 1.5, 3.0],
    ),
    "persistence of many volumes": (
        "X = rng.normal(size=(50, 2)); image = rng.normal(size=(60, 64, 56, 56)).astype('f')",
        "tl.homology.cubical_batch(image, n_threads=1)",
        [0.1, 0.5, 1.5],
    ),
    "Betti numbers of many volumes": (
        "X = rng.normal(size=(50, 2)); image = rng.normal(size=(60, 64, 56, 56)).astype('f')",
        "tl.cubical_betti(image, np.linspace(-2, 2, 40), batch=True, n_threads=1)",
        [0.1, 0.3, 0.6],
    ),
    "geodesics": (
        "X = rng.normal(size=(8000, 3))",
        "tl.spaces.geodesic_distances(X, 14)",
        [0.4, 1.0],
    ),
    "reading a square matrix": (
        "X = np.ones((10_000, 10_000)); np.fill_diagonal(X, 0)",
        "tl.rips(X, metric='precomputed', threshold=0.5, n_threads=1)",
        [0.03, 0.06, 0.15],
    ),
    "eigenvalues of a kernel": (
        "X = rng.normal(size=(4000, 8))",
        "tl.magnitudes.vendi_score(X, 'exponential')",
        [0.3, 1.0, 2.0],
    ),
    "outliers": (
        "X = rng.normal(size=(6000, 3))",
        "tl.magnitudes.outlier_scores(X, 5.0, X[:2000] + 1e-3)",
        [0.3, 0.8, 1.5],
    ),
    # What takes less than a second is done again and again.
    "a matrix that is refused": (
        "X = rng.normal(size=(5000, 2)); D = tl.distances(X); D[-1, -2] += 1\n"
        "def refused():\n"
        "    try: tl.rips(D, metric='precomputed')\n"
        "    except ValueError: pass",
        "for _ in iter(refused, 1): pass",
        [0.05, 0.1, 0.3, 0.5],
    ),
    "a matrix whose sides are averaged": (
        "X = rng.normal(size=(5000, 2)); D = tl.distances(X); D[-1, -2] *= 1 + 1e-15",
        "for _ in iter(lambda: tl.rips(D, metric='precomputed', threshold=1e-3), 1): pass",
        [0.05, 0.1, 0.3, 0.5],
    ),
    "distinct rows": (
        "X = np.floor(900 * rng.random((1_000_000, 2)))",
        "for _ in iter(lambda: tl.hop_betti(X, k=2), 1): pass",
        [0.05, 0.1, 0.3, 0.5],
    ),
    "soft distances of wide outputs": (
        "X = rng.normal(size=(20, 2)); probs = rng.dirichlet(np.ones(1000), size=(3, 4000))"
        "\nspace = tl.NetworkSpace.from_probs(probs)",
        "for _ in iter(lambda: space.distances('js', n_threads=1), 1): pass",
        [0.1, 0.2, 0.4],
    ),
    "reading points": (
        "X = rng.normal(size=(40_000, 784)).astype(np.float32)",
        "tl.rips(X, maxdim=0, metric='cosine')",
        [0.05, 0.1, 0.2],
    ),
}


def interrupt(setup, call, delays):
    """Milliseconds from each signal to the KeyboardInterrupt, both on the monotonic clock."""
    source = CHILD.format(setup=setup, call=call, repeats=len(delays))
    child = subprocess.Popen(
        [sys.executable, "-c", source], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    latencies = []
    try:
        for delay in delays:
            assert child.stdout.readline().strip() == "ready", child.stderr.read()
            time.sleep(delay)
            sent = time.monotonic()
            child.send_signal(signal.SIGINT)
            answer = child.stdout.readline().strip()
            assert answer not in ("", "finished"), answer or child.stderr.read()
            latencies.append(1000 * (float(answer) - sent))
        assert child.stdout.readline().strip() == "well", child.stderr.read()
    finally:
        child.kill()
        child.communicate()
    return latencies


@pytest.mark.parametrize("phase", PHASES)
def test_control_c(phase, record_property):
    """100 ms is the aim; the bound leaves room for a busy machine."""
    latencies = interrupt(*PHASES[phase])
    record_property("latencies_ms", latencies)
    print(f"{phase}: {', '.join(f'{ms:.0f}' for ms in latencies)} ms")
    assert statistics.median(latencies) < 500


# --- progress -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LONG)
def test_progress_goes_up_and_arrives(name):
    seen = []
    LONG[name](progress=lambda *units: seen.append(units))
    assert len(seen) > 2
    assert all(0 <= done <= total for done, total in seen)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    done, total = seen[-1]
    assert done == total > 0


@pytest.mark.parametrize("name", LONG)
def test_what_a_callback_raises_stops_the_kernel(name):
    raised = LookupError("enough")
    raised_at = None

    def enough(done, total):
        nonlocal raised_at
        raised_at = time.monotonic()
        raise raised

    with pytest.raises(LookupError) as caught:
        LONG[name](progress=enough)
    assert time.monotonic() - raised_at < 0.5
    assert caught.value is raised


def test_a_callback_may_call_a_kernel():
    answers = []
    LONG["components"](progress=lambda *_: answers.append(tl.rips(SMALL, maxdim=2)))
    assert len(answers) > 2 and all(same(answer, answers[0]) for answer in answers)


def test_a_callback_that_cannot_be_called_so():
    with pytest.raises(TypeError, match="argument"):
        LONG["rips"](progress=lambda: None)


# --- processes ----------------------------------------------------------------------------------


def test_fork():
    """After a call on many threads, in the child and again in the parent."""
    answer = script("""
        import json, os
        import numpy as np, topolens as tl
        X = np.random.default_rng(0).normal(size=(300, 3))
        before = tl.rips(X, maxdim=2, n_threads=4)
        child = os.fork()
        after = tl.rips(X, maxdim=2, n_threads=4)
        same = all(np.array_equal(a, b) for a, b in zip(before.dgms, after.dgms))
        if child == 0:
            os._exit(42 if same else 1)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(json.dumps([same, status]))
    """)
    assert answer == [True, 42]


def test_fork_while_another_thread_is_in_a_kernel():
    answer = script("""
        import json, os, threading
        import numpy as np, topolens as tl
        X = np.random.default_rng(0).normal(size=(600, 6))
        begun = threading.Event()
        long = threading.Thread(
            target=tl.rips, args=(X,), kwargs={"maxdim": 3, "progress": lambda *_: begun.set()}
        )
        long.start()
        begun.wait()
        child = os.fork()
        if child == 0:
            os._exit(42 if len(tl.rips(X[:50], n_threads=3)[0]) == 50 else 1)
        print(json.dumps(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))
        long.join()
    """)
    assert answer == 42


def components(seed):
    return tl.hop_betti(np.random.default_rng(seed).normal(size=(200, 2)), k=4).betti.tolist()


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_pools_of_processes(method):
    expected = [components(seed) for seed in range(4)]
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map_async(components, range(4)).get(timeout=60) == expected


# --- threads ------------------------------------------------------------------------------------


def test_the_interpreter_is_free_while_a_kernel_runs():
    ticks, stop = [], threading.Event()

    def tick():
        while not stop.wait(0.001):
            ticks.append(time.monotonic())

    clock = threading.Thread(target=tick)
    clock.start()
    start = time.monotonic()
    LONG["rips"](n_threads=1)
    end = time.monotonic()
    stop.set()
    clock.join()
    during = [tick for tick in ticks if start < tick < end]
    assert len(during) > 20 * (end - start)


def test_two_kernels_run_at_once():
    order = []

    def run(name):
        LONG[name](n_threads=1, progress=lambda *_: order.append(name))

    names = ["rips", "components"]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, names))
    first = [order.index(name) for name in names]
    last = [len(order) - 1 - order[::-1].index(name) for name in names]
    assert max(first) < min(last), order


@pytest.mark.parametrize(
    "kernel", ["rips", "hop_betti", "precomputed", "cubical", "batch", "betti"]
)
def test_the_input_is_copied(kernel):
    """Another thread overwrites it while the kernel runs."""
    points = np.random.default_rng(1).normal(size=(600, 6))
    calls = {
        "rips": (points, lambda X, **kw: tl.rips(X, maxdim=3, **kw).to_columns()),
        "precomputed": (
            tl.distances(points),
            lambda X, **kw: tl.rips(X, maxdim=3, metric="precomputed", **kw).to_columns(),
        ),
        "hop_betti": (
            np.random.default_rng(1).normal(size=(20_000, 3)),
            lambda X, **kw: {"betti": tl.hop_betti(X, k=200, **kw).betti},
        ),
        "cubical": (
            np.random.default_rng(1).normal(size=(80, 80, 80)),
            lambda X, **kw: tl.cubical(X, **kw).to_columns(),
        ),
        "batch": (
            np.random.default_rng(1).normal(size=(24, 30, 30, 30)),
            lambda X, **kw: tl.homology.cubical_batch(X, **kw)[-1].to_columns(),
        ),
        "betti": (
            np.random.default_rng(1).normal(size=(80, 60, 60, 60)),
            lambda X, **kw: vars(tl.cubical_betti(X, [0.0, 0.5], batch=True, **kw)),
        ),
    }
    X, call = calls[kernel]
    expected = call(X.copy())
    looks = []

    def overwrite(done, total):
        looks.append(done)
        if len(looks) == 1:
            thread = threading.Thread(target=X.fill, args=(np.nan,))
            thread.start()
            thread.join()

    found = call(X, progress=overwrite)
    assert len(looks) > 2 and np.isnan(X).all()
    for name, column in expected.items():
        np.testing.assert_array_equal(found[name], column)


def test_many_calls_from_many_threads():
    clouds = [np.random.default_rng(seed).normal(size=(80, 3)) for seed in range(12)]
    expected = [tl.rips(cloud, maxdim=2) for cloud in clouds]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda cloud: tl.rips(cloud, maxdim=2, n_threads=2), clouds))
    assert all(same(a, b) for a, b in zip(expected, found, strict=True))


def test_joblib_threads():
    joblib = pytest.importorskip("joblib")
    run = joblib.delayed(lambda seed: components(seed))
    found = joblib.Parallel(n_jobs=3, prefer="threads")(run(seed) for seed in range(6))
    assert found == [components(seed) for seed in range(6)]


X3 = [[0.0], [1.0], [3.0]]
TAKES_THREADS = {
    "rips": lambda n: tl.rips(X3, n_threads=n),
    "hop_betti": lambda n: tl.hop_betti(X3, k=2, n_threads=n),
    "distances": lambda n: tl.distances(X3, n_threads=n),
    "neighbor_graph": lambda n: tl.spaces.neighbor_graph(X3, 2, n_threads=n),
    "geodesic_distances": lambda n: tl.spaces.geodesic_distances(X3, 2, n_threads=n),
    "landmarks": lambda n: tl.landmarks(X3, 2, n_threads=n),
    "magnitude": lambda n: tl.magnitude(X3, n_threads=n),
    "networks": lambda n: tl.NetworkSpace.from_labels([[0, 1], [1, 1]]).distances(n_threads=n),
    "weighting": lambda n: tl.magnitudes.weighting(X3, n_threads=n),
    "magnitude_function": lambda n: tl.magnitude_function(X3, n_threads=n),
    "cubical": lambda n: tl.cubical(X3, n_threads=n),
    "cubical_batch": lambda n: tl.homology.cubical_batch([X3, X3], n_threads=n),
    "cubical_betti": lambda n: tl.cubical_betti(X3, 1.0, n_threads=n),
}


@pytest.mark.parametrize("function", TAKES_THREADS)
@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (0, ValueError, "0"),
        (-1, ValueError, "-1"),
        (10**6, ValueError, "1000000"),
        (10**30, ValueError, "1000"),
        (1.5, TypeError, "1.5"),
        ("2", TypeError, "'2'"),
        (True, TypeError, "True"),
    ],
)
def test_numbers_of_threads_that_cannot_be(function, value, error, shown):
    with pytest.raises(error, match=f"`n_threads` must .*{shown}"):
        TAKES_THREADS[function](value)


@pytest.mark.parametrize("function", TAKES_THREADS)
def test_numbers_of_threads_that_can_be(function):
    for value in (1, 3, np.int64(2), None):
        TAKES_THREADS[function](value)


# --- bugs ---------------------------------------------------------------------------------------


def test_a_panic_is_an_error_that_asks_to_be_reported():
    # No index of a public function gets so far unchecked.
    space = _core.Space.points(np.zeros((3, 2)), "euclidean")
    with pytest.raises(RuntimeError, match=r"bug in topolens, please report it .*out of range"):
        space.select([99])
    assert len(tl.rips(SMALL)[0]) == len(SMALL)


# --- threads that are kept ----------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads in /proc")
def test_threads_are_kept_but_not_piled_up():
    count = """
    import json, os
    import numpy as np, topolens as tl

    X = np.random.default_rng(0).normal(size=(60, 2))
    threads = lambda: len(os.listdir("/proc/self/task"))
    counts = []
    for n_threads in (3, 3, 5, 2, 7):
        tl.rips(X, n_threads=n_threads)
        counts.append(threads())
    print(json.dumps(counts))
    """
    first, again, *others = script(count)
    assert first == again
    assert max(others) <= first - 3 + 5 + 7
