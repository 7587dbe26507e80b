"""What the functions of magnitude take, what they refuse, and what they hand back."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_matrix, csr_matrix, triu
from scipy.spatial.distance import pdist, squareform

import topolens as tl
from magnitude_cases import by_method

torch = pytest.importorskip("torch")

X = np.random.default_rng(0).normal(size=(60, 3))
D = squareform(pdist(X))
TS = [0.1, 1.0, 10.0]


def function(space, ts=TS, **kwargs):
    return tl.magnitude_function(space, ts=ts, progress=False, **kwargs)


# Each of the three functions, as a call on one space.
CALLS = {
    "magnitude": lambda space, **kw: tl.magnitude(space, **({"t": 1.0} | kw)),
    "weighting": lambda space, **kw: tl.magnitudes.weighting(space, **({"t": 1.0} | kw)),
    "magnitude_function": lambda space, **kw: function(
        space, **({"ts": [kw.pop("t")]} if "t" in kw else {}), **kw
    ),
}
every = pytest.mark.parametrize("name", CALLS)


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
        torch.tensor,
        lambda a: torch.tensor(a, dtype=torch.float32),
        lambda a: torch.tensor(a, dtype=torch.bfloat16),
        lambda a: torch.tensor(a, dtype=torch.float16),
        lambda a: torch.tensor(a, dtype=torch.float64, requires_grad=True),
        lambda a: torch.tensor(a.T.copy(), dtype=torch.float64).T,
    ],
)
def test_kinds_of_points(make):
    want = function(WHOLE.astype(float))
    found = function(make(WHOLE))
    np.testing.assert_array_equal(found.values, want.values)
    np.testing.assert_array_equal(found.slope, want.slope)
    w = tl.magnitudes.weighting(make(WHOLE), t=0.3)
    np.testing.assert_array_equal(w, tl.magnitudes.weighting(WHOLE.astype(float), t=0.3))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_points_on_a_gpu():
    there = torch.tensor(X, device="cuda")
    np.testing.assert_array_equal(function(there).values, function(X).values)


@pytest.mark.parametrize(
    "make",
    [
        np.asfortranarray,
        torch.tensor,
        lambda d: d.tolist(),
        squareform,
        lambda d: torch.tensor(squareform(d)),
        csr_matrix,
        coo_matrix,
        lambda d: triu(csr_matrix(d)),
    ],
)
def test_kinds_of_distances(make):
    want = function(D, metric="precomputed")
    found = function(make(D), metric="precomputed")
    np.testing.assert_allclose(found.values, want.values, rtol=1e-12)


@pytest.mark.parametrize("make", [list, tuple, np.array, torch.tensor, lambda ts: np.array(ts)[:]])
def test_kinds_of_scales(make):
    want = function(X, [1.0, 2.0, 4.0]).values
    np.testing.assert_array_equal(function(X, make([1, 2, 4])).values, want)


@every
@pytest.mark.parametrize("t", [2, np.float32(2), np.int64(2), torch.tensor(2.0)])
def test_kinds_of_scale(name, t):
    a, b = CALLS[name](X, t=t), CALLS[name](X, t=2.0)
    if name == "magnitude_function":
        a, b = a.values, b.values
    np.testing.assert_array_equal(a, b)


def test_input_is_left_alone():
    points, matrix, scales = X.copy(), D.copy(), np.array([3.0, 1.0])
    for array in (points, matrix, scales):
        array.flags.writeable = False
    function(points, scales)
    function(matrix, scales, metric="precomputed")
    np.testing.assert_array_equal(points, X)
    np.testing.assert_array_equal(matrix, D)
    assert scales.tolist() == [3.0, 1.0]


# --- what comes back ----------------------------------------------------------------------------


def test_types():
    value = tl.magnitude(X)
    assert type(value) is float and value == tl.magnitude(X, t=1.0, metric="euclidean")
    w = tl.magnitudes.weighting(X)
    assert w.dtype == np.float64 and w.shape == (60,)
    assert w.sum() == pytest.approx(value, rel=1e-12)
    found = function(X)
    for column in (found.ts, found.values, found.slope, found.dimension_profile, found.residuals):
        assert column.dtype == np.float64 and column.shape == (3,)
    assert found.ts.tolist() == TS and found.n_distinct == 60
    assert found.values[1] == pytest.approx(value, rel=1e-10)


def test_columns():
    found = function(X)
    columns = found.to_columns()
    assert {len(column) for column in columns.values()} == {3}
    np.testing.assert_array_equal(columns["t"], found.ts)
    np.testing.assert_array_equal(columns["magnitude"], found.values)


def test_result_shows_itself():
    found = function(X)
    assert "60" in repr(found) and len(repr(found)) < 2000
    assert "<table" in found._repr_html_()


def test_plot():
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    _, ax = pyplot.subplots()
    assert function(X).plot(ax=ax) is ax
    assert len(ax.lines) > 0
    pyplot.close("all")


# --- the smallest spaces ------------------------------------------------------------------------


@pytest.mark.parametrize("t", [1e-300, 1e-3, 1.0, 1e3, 1e300])
@pytest.mark.parametrize("count", [1, 2, 500])
def test_one_point_however_often(count, t):
    """Magnitude one, slope zero, weights shared: on points and on distances."""
    for space, metric in (
        (np.ones((count, 3)), "euclidean"),
        (np.zeros((count,) * 2), "precomputed"),
    ):
        assert tl.magnitude(space, t=t, metric=metric) == 1
        assert tl.magnitudes.weighting(space, t=t, metric=metric).tolist() == [1 / count] * count
        found = function(space, [t], metric=metric)
        assert (found.values[0], found.slope[0], found.n_distinct) == (1, 0, 1)
        assert found.dimension_profile[0] == 0


@pytest.mark.parametrize("count", [1, 7])
def test_a_grid_for_one_point(count):
    """There is no length to take scales from: an error, or scales at which all is one."""
    try:
        found = function(np.ones((count, 2)), None)
    except ValueError as refusal:
        assert "`ts`" in str(refusal) or "`X`" in str(refusal)
    else:
        assert np.isfinite(found.ts).all() and (found.ts > 0).all()
        np.testing.assert_array_equal(found.values, 1)


@every
@pytest.mark.parametrize(
    "empty", [[], np.zeros((0, 3)), np.zeros((0, 0)), torch.zeros(0, 5)], ids=str
)
def test_no_points(name, empty):
    with pytest.raises(ValueError, match="`X` must have at least one point; found 0"):
        CALLS[name](empty)


def test_no_distances():
    with pytest.raises(ValueError, match="`X`"):
        tl.magnitude(np.zeros((0, 0)), metric="precomputed")


def test_no_scales():
    """An empty list is an empty function, or refused; never a default."""
    try:
        found = function(X, [])
    except ValueError as refusal:
        assert "`ts`" in str(refusal)
    else:
        assert len(found.ts) == len(found.values) == 0


def test_points_without_coordinates_are_one_point():
    assert tl.magnitude(np.zeros((5, 0))) == 1


# --- refusals -----------------------------------------------------------------------------------


def changed(array, place, value):
    array = array.copy()
    array[place] = value
    return array


@every
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
        (csr_matrix(X), TypeError),
        (np.ma.masked_array(X, mask=X > 1), ValueError),
        ([[1e200, 0.0], [-1e200, 0.0]], ValueError),
    ],
)
def test_bad_points(name, points, error):
    with pytest.raises(error, match="`X`"):
        CALLS[name](points)


def test_bad_points_say_where():
    with pytest.raises(ValueError, match=r"`X` must be finite.*17, 2"):
        tl.magnitude(changed(X, (17, 2), np.nan))


@every
@pytest.mark.parametrize(
    "distances",
    [
        changed(D, ([3, 5], [5, 3]), np.nan),
        changed(D, ([3, 5], [5, 3]), -1.0),
        changed(D, ([3, 5], [5, 3]), -np.inf),
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
def test_bad_distances(name, distances):
    with pytest.raises(ValueError, match="`X`"):
        CALLS[name](distances, metric="precomputed")


@every
@pytest.mark.parametrize("value", [0.0, -1.0, -1e-300, np.nan, np.inf, -np.inf, 0])
def test_scales_that_cannot_be(name, value):
    argument = "ts" if name == "magnitude_function" else "t"
    with pytest.raises(ValueError, match=rf"`{argument}` must .*found"):
        CALLS[name](X, t=value)


@every
@pytest.mark.parametrize("value", ["1", None, [1.0, 2.0], 1j, object()], ids=str)
def test_scales_that_are_no_numbers(name, value):
    if name == "magnitude_function":
        ts = "1" if value is None else value  # `ts=None` is a grid of its own
        if isinstance(value, list):
            ts = [value]
        with pytest.raises((TypeError, ValueError), match="`ts`"):
            function(X, ts if isinstance(ts, (str, list)) else [ts])
    else:
        with pytest.raises((TypeError, ValueError), match="`t`"):
            CALLS[name](X, t=value)


@pytest.mark.parametrize("bad", [np.nan, 0.0, -2.0, np.inf])
def test_one_bad_scale_among_good_ones_is_named(bad):
    with pytest.raises(ValueError, match=r"`ts` must .*found .* at \[1\]"):
        function(X, [1.0, bad, 2.0])


@every
@pytest.mark.parametrize("metric", ["cosine", "correlation"])
def test_rows_without_direction(name, metric):
    with pytest.raises(ValueError, match=r"`X`.*4"):
        CALLS[name](changed(X, 4, 0.0), metric=metric)


@every
@pytest.mark.parametrize(("metric", "error"), [("nearest", ValueError), (3, TypeError)])
def test_metrics_that_are_none(name, metric, error):
    with pytest.raises(error, match="`metric`"):
        CALLS[name](X, metric=metric)


@pytest.mark.parametrize("value", [-1.0, np.nan])
def test_a_metric_that_returns_no_distance_is_named(value):
    with pytest.raises(ValueError, match=r"`metric` must return non-negative .* at \[0, 1\]"):
        tl.magnitude(np.eye(3), metric=lambda a, b: value)


@pytest.mark.parametrize("tol", [0.0, -1e-8, np.nan, 1.0, np.inf])
def test_tolerances_that_cannot_be(tol):
    with pytest.raises(ValueError, match="`tol`"):
        function(X, tol=tol)


def test_a_method_that_cannot_be():
    with pytest.raises(ValueError, match=r"`method`.*cholesky"):
        by_method(X, TS, "newton")


@pytest.mark.parametrize("method", ["cholesky", "conjugate gradients"])
def test_an_indefinite_matrix_is_refused_by_methods_for_definite_ones(method):
    """A negative eigenvalue: an error, not a number."""
    K = np.full((40, 40), 2.0)
    K[:25, 25:] = K[25:, :25] = 1.0
    np.fill_diagonal(K, 0)
    assert by_method(K, [0.2], "lblt", "precomputed").negative_eigenvalues[0] > 0
    with pytest.raises(tl.NumericalError):
        by_method(K, [0.2], method, "precomputed")


# --- memory -------------------------------------------------------------------------------------


@every
def test_a_job_that_cannot_fit_is_refused(name):
    big = np.zeros((3000, 2))
    big[:, 0] = np.arange(3000)
    with pytest.raises(MemoryError, match=r"needs about .*[kMG]B"):
        CALLS[name](big, max_memory=10_000)


def test_many_points_are_refused_before_they_are_compared():
    """Two million points: the answer takes days or terabytes, its refusal a moment."""
    with pytest.raises(MemoryError):
        tl.magnitude(np.random.default_rng(0).normal(size=(2_000_000, 2)), max_memory=10**8)
