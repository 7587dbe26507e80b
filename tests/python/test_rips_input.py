"""What `rips` takes, what it refuses, and what it hands back."""

from __future__ import annotations

import dataclasses
import os
import pickle
import re
import signal
import threading
import time

import numpy as np
import pytest
from scipy.sparse import coo_matrix, csr_matrix, tril, triu
from scipy.spatial.distance import pdist, squareform

import topolens as tl
from topolens import datasets

torch = pytest.importorskip("torch")

X = datasets.torus(60, rng=0)
D = squareform(pdist(X))


def same(a, b):
    assert len(a.dgms) == len(b.dgms)
    for x, y in zip(a.dgms, b.dgms, strict=True):
        np.testing.assert_array_equal(x, y)


# --- arrays of every make -----------------------------------------------------------------------

WHOLE = np.random.default_rng(0).integers(-9, 10, (40, 3))


@pytest.mark.parametrize(
    "make",
    [
        lambda a: a.tolist(),
        lambda a: [tuple(row) for row in a.tolist()],
        lambda a: a,
        lambda a: a.astype(np.int8),
        lambda a: a.astype(np.float32),
        lambda a: a.astype(np.float16),
        lambda a: a.astype(">f8"),
        lambda a: np.asfortranarray(a, dtype=float),
        lambda a: np.repeat(a.astype(float), 2, axis=0)[::2],
        lambda a: a.astype(float)[::-1][::-1],
        lambda a: np.hstack([a, a]).astype(float)[:, :3],
        torch.tensor,
        lambda a: torch.tensor(a, dtype=torch.float32),
        lambda a: torch.tensor(a, dtype=torch.bfloat16),
        lambda a: torch.tensor(a, dtype=torch.float16),
        lambda a: torch.tensor(a, dtype=torch.float64, requires_grad=True),
        lambda a: torch.tensor(a.T.copy(), dtype=torch.float64).T,
    ],
)
def test_kinds_of_points(make):
    same(tl.rips(make(WHOLE)), tl.rips(WHOLE.astype(float)))


def test_read_only_points():
    locked = WHOLE.astype(float)
    locked.flags.writeable = False
    same(tl.rips(locked), tl.rips(WHOLE.astype(float)))


def test_input_is_left_alone():
    points, matrix = X.copy(), D.copy()
    tl.rips(points)
    tl.rips(matrix, metric="precomputed")
    np.testing.assert_array_equal(points, X)
    np.testing.assert_array_equal(matrix, D)


@pytest.mark.parametrize(
    "make",
    [
        np.asfortranarray,
        torch.tensor,
        lambda d: d.tolist(),
        lambda d: np.tile(d, (2, 2))[:60, :60],
        squareform,
        lambda d: squareform(d).tolist(),
        lambda d: torch.tensor(squareform(d)),
        csr_matrix,
        coo_matrix,
    ],
)
def test_kinds_of_distances(make):
    same(tl.rips(make(D), metric="precomputed"), tl.rips(D, metric="precomputed"))


def test_infinite_distances_are_missing_edges():
    cut = np.where(D > 2, np.inf, D)
    want = tl.rips(csr_matrix(np.where(D > 2, 0, D)), metric="precomputed")
    assert np.isinf(cut).any()
    same(tl.rips(cut, metric="precomputed"), want)
    same(tl.rips(squareform(cut, checks=False), metric="precomputed"), want)
    same(tl.rips(coo_matrix(cut), metric="precomputed"), want)
    same(tl.rips(D, metric="precomputed", threshold=2), want)


def test_sparse_pairs_may_stand_once():
    whole = tl.rips(D, metric="precomputed")
    same(tl.rips(triu(csr_matrix(D)), metric="precomputed"), whole)
    same(tl.rips(tril(csr_matrix(D)), metric="precomputed"), whole)


def test_sparse_zeros_are_edges():
    zero = coo_matrix(([0.0, 2.0], ([0, 1], [1, 2])), shape=(4, 4))
    (h0,) = tl.rips(zero, metric="precomputed", maxdim=0).dgms
    assert h0.tolist() == [[0, 2], [0, np.inf], [0, np.inf]]


# --- refusals -----------------------------------------------------------------------------------


def changed(array, place, value):
    array = array.copy()
    array[place] = value
    return array


@pytest.mark.parametrize(
    ("points", "error"),
    [
        (changed(X, (17, 2), np.nan), ValueError),
        (changed(X, (17, 2), np.inf), ValueError),
        (changed(X, (17, 2), -np.inf), ValueError),
        (torch.tensor(changed(X, (17, 2), np.nan)), ValueError),
        (np.zeros(5), ValueError),
        (np.zeros((2, 3, 4)), ValueError),
        (np.float64(3), (TypeError, ValueError)),
        ([[1, 2], [3]], (TypeError, ValueError)),
        ("points", TypeError),
        (None, TypeError),
        (np.array([["a", "b"]]), TypeError),
        (X.astype(complex), TypeError),
        (torch.tensor(X).to(torch.complex64), TypeError),
    ],
)
def test_bad_points(points, error):
    with pytest.raises(error, match="`X`"):
        tl.rips(points)


def test_bad_points_say_where():
    with pytest.raises(ValueError, match=r"`X` must be finite.*17, 2"):
        tl.rips(changed(X, (17, 2), np.nan))


@pytest.mark.parametrize(
    "distances",
    [
        changed(D, ([3, 5], [5, 3]), np.nan),
        changed(D, ([3, 5], [5, 3]), -1.0),
        changed(D, (3, 5), 0.5),
        changed(D, (4, 4), 0.5),
        changed(D, (4, 4), np.nan),
        D[:-1],
        changed(squareform(D), 7, np.nan),
        changed(squareform(D), 7, -1.0),
        squareform(D)[:-1],
        csr_matrix(changed(D, ([3, 5], [5, 3]), np.nan)),
        csr_matrix(changed(D, ([3, 5], [5, 3]), -1.0)),
        csr_matrix(changed(D, (4, 4), 0.5)),
        csr_matrix(changed(D, (3, 5), 0.5)),
        csr_matrix(D[:-1]),
        np.zeros((2, 2, 2)),
    ],
)
def test_bad_distances(distances):
    with pytest.raises(ValueError, match="`X`"):
        tl.rips(distances, metric="precomputed")


def test_sparse_input_needs_precomputed():
    with pytest.raises((TypeError, ValueError), match=r"metric|`X`"):
        tl.rips(csr_matrix(X))


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("coeff", 0, ValueError),
        ("coeff", 1, ValueError),
        ("coeff", 4, ValueError),
        ("coeff", -3, ValueError),
        ("coeff", 65_536, ValueError),
        ("coeff", 65_537, ValueError),
        ("coeff", 10**30, (ValueError, OverflowError)),
        ("coeff", 2.5, (TypeError, ValueError)),
        ("coeff", "2", TypeError),
        ("maxdim", -1, ValueError),
        ("maxdim", 200, (ValueError, OverflowError)),
        ("maxdim", 1.5, (TypeError, ValueError)),
        ("maxdim", "1", TypeError),
        ("threshold", -1.0, ValueError),
        ("threshold", np.nan, ValueError),
        ("threshold", "far", TypeError),
        ("threshold", None, TypeError),
        ("metric", "cabbage", ValueError),
        ("metric", 3, (TypeError, ValueError)),
        ("n_threads", 0, ValueError),
        ("n_threads", -1, ValueError),
        ("n_threads", 5000, ValueError),
        ("n_threads", 1.5, (TypeError, ValueError)),
        ("n_landmarks", 0, ValueError),
        ("n_landmarks", 61, ValueError),
        ("n_landmarks", 2.5, (TypeError, ValueError)),
        ("max_memory", 0, ValueError),
        ("max_memory", -5, ValueError),
        ("max_memory", "1 GB", TypeError),
    ],
)
def test_bad_arguments(name, value, error):
    with pytest.raises(error, match=f"`{name}`"):
        tl.rips(X, **{name: value})


@pytest.mark.parametrize("maxdim", [1, 2])
def test_refuses_what_does_not_fit(maxdim):
    """Before any of it is allocated, with the figure."""
    many = np.arange(200_000.0)[:, None]
    start = time.perf_counter()
    with pytest.raises(MemoryError, match=r"\d.*[kMGT]B") as caught:
        tl.rips(many, maxdim=maxdim, max_memory=100_000)
    assert time.perf_counter() - start < 5
    assert re.search("threshold|landmarks|maxdim|smaller|fewer", str(caught.value))


def test_fits_in_plenty_of_memory():
    same(tl.rips(X, max_memory=10**9), tl.rips(X))


# --- progress and interruption ------------------------------------------------------------------


def test_progress_counts_up():
    seen = []
    big = datasets.torus(700, rng=0)
    tl.rips(big, progress=lambda done, total: seen.append((done, total)))
    assert seen
    assert all(0 <= done <= total for done, total in seen)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_progress_bar(capsys):
    same(tl.rips(X, progress=True), tl.rips(X))


def test_errors_of_the_callback_pass_through():
    class Stop(Exception):
        pass

    def stop(done, total):
        raise Stop

    with pytest.raises(Stop):
        tl.rips(datasets.sphere(600, rng=0), maxdim=2, progress=stop)


def test_interrupt():
    """Ctrl-C during a computation of minutes."""
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    start = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        timer.start()
        tl.rips(datasets.sphere(900, rng=0), maxdim=3)
    assert time.perf_counter() - start < 5


# --- the result ---------------------------------------------------------------------------------


def test_result_is_a_sequence_of_diagrams():
    result = tl.rips(X, maxdim=2)
    assert len(result) == 3
    assert all(result[d] is result.dgms[d] for d in range(3))
    assert [len(d) for d in result] == [len(d) for d in result.dgms]
    assert result.n_points == 60 and result.coeff == 2
    assert result.cocycles is None and result.landmarks is None
    with pytest.raises(IndexError):
        result[3]
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.coeff = 3


def test_result_pickles():
    result = tl.rips(X, cocycles=True)
    copy = pickle.loads(pickle.dumps(result))
    same(copy, result)
    assert (copy.n_points, copy.threshold, copy.coeff) == (60, result.threshold, 2)


def test_betti_numbers():
    result = tl.rips(X)
    scales = np.linspace(0, 2, 7)
    table = result.betti_numbers(scales)
    assert table.shape == (7, 2) and table.dtype == np.int64
    for scale, row in zip(scales, table, strict=True):
        assert result.betti_numbers(scale).tolist() == row.tolist()
        alive = [((d[:, 0] <= scale) & (scale < d[:, 1])).sum() for d in result.dgms]
        assert row.tolist() == alive
    assert table[0].tolist() == [60, 0]


def test_columns():
    result = tl.rips(X)
    columns = result.to_columns()
    assert list(columns) == ["degree", "birth", "death"]
    assert columns["degree"].tolist() == [d for d in range(2) for _ in result[d]]
    bars = np.column_stack([columns["birth"], columns["death"]])
    np.testing.assert_array_equal(bars, np.concatenate(result.dgms))


def test_result_shows_itself():
    result = tl.rips(X)
    assert "60" in repr(result) and len(repr(result)) < 2000
    assert "<table" in result._repr_html_()


def test_cocycle_arrays():
    result = tl.rips(X, maxdim=2, cocycles=True)
    assert len(result.cocycles) == 3
    for dim in (1, 2):
        assert len(result.cocycles[dim]) == len(result[dim])
        for cocycle in result.cocycles[dim]:
            assert cocycle.ndim == 2 and cocycle.shape[1] == dim + 2
            assert np.issubdtype(cocycle.dtype, np.integer)
            assert cocycle[:, :-1].min() >= 0 and cocycle[:, :-1].max() < 60


def test_distances_that_would_overflow_are_refused():
    with pytest.raises(ValueError, match=r"`X` must be at most .* found 1e200 at \[0, 0\]"):
        tl.rips([[1e200, 0.0], [-1e200, 0.0]])
    assert np.isfinite(tl.distances([[1e153, 0.0], [-1e153, 0.0]])).all()


def test_masked_entries_are_refused():
    points = np.ma.masked_array(np.eye(3), mask=np.eye(3) > 0)
    with pytest.raises(ValueError, match="`X` must not have masked entries; found 3"):
        tl.rips(points)


def test_tensors_that_are_no_arrays_are_refused():
    for tensor in (torch.eye(3).to_sparse(), torch.empty(3, 2, device="meta")):
        with pytest.raises(TypeError, match="`X` must be an array of numbers"):
            tl.rips(tensor)


@pytest.mark.parametrize("value", [-1.0, np.nan])
def test_a_metric_that_returns_no_distance_is_named(value):
    with pytest.raises(ValueError, match=r"`metric` must return non-negative .* at \[0, 1\]"):
        tl.rips(np.eye(3), metric=lambda a, b: value)


def test_scales_that_were_not_looked_at_are_refused():
    square = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
    cut = tl.rips(square, threshold=1.2)
    assert not cut.complete
    assert cut.betti_numbers([1.0, 1.2]).tolist() == [[1, 1], [1, 1]]
    with pytest.raises(ValueError, match=r"`scale` must be at most .* \(1.2\); found 5"):
        cut.betti_numbers(5.0)
    whole = tl.rips(square, threshold=100.0)
    assert whole.complete
    assert whole.betti_numbers(5.0).tolist() == [1, 0]
