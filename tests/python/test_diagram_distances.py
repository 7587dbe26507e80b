"""Distances of diagrams agree with their definitions and with other packages, and obey laws."""

from __future__ import annotations

import gudhi
import gudhi.hera
import gudhi.wasserstein
import numpy as np
import persim
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import diagram_oracle as oracle
import topolens as tl
from cases import cases, seeds
from diagram_oracle import INF, finite, pair, with_essential

NORMS = [1, 2, 3.5, INF]
EXPONENTS = [1, 2, 1.5, 7]
METRICS = ("bottleneck", "wasserstein", "sliced_wasserstein", "landscape")
exponents = st.sampled_from(EXPONENTS)
norms = st.sampled_from(NORMS)


def above(dgm):
    """Without points on the diagonal, which hera does not take."""
    return dgm[dgm[:, 0] < dgm[:, 1]]


def close(found, expected, rel=1e-9):
    return found == pytest.approx(expected, rel=rel, abs=1e-12)


# --- definitions --------------------------------------------------------------------------------


@cases(200)
@given(seeds, st.tuples(*[st.integers(0, 2)] * 3), st.booleans())
def test_bottleneck_is_that_of_its_definition(seed, counts, essential):
    a, b = pair(seed)
    if essential:
        rng = np.random.default_rng(seed)
        a, b = with_essential(a, rng, counts), with_essential(b, rng, counts)
    expected = oracle.bottleneck(a, b)
    assert close(tl.bottleneck_distance(a, b), expected, 1e-15)


@cases(200)
@given(seeds, exponents, norms, st.tuples(*[st.integers(0, 2)] * 3), st.booleans())
def test_wasserstein_is_that_of_its_definition(seed, p, q, counts, essential):
    a, b = pair(seed)
    if essential:
        rng = np.random.default_rng(seed)
        a, b = with_essential(a, rng, counts), with_essential(b, rng, counts)
    expected = oracle.wasserstein(a, b, p, q)
    assert close(tl.wasserstein_distance(a, b, p=p, q=q), expected)


@pytest.mark.parametrize("make", [oracle.uniform, oracle.lattice, oracle.bars])
def test_larger_diagrams(make):
    """Several leaves of the trees, long paths, and many ties."""
    rng = np.random.default_rng(3)
    a, b = make(150, rng), make(170, rng)
    assert close(tl.bottleneck_distance(a, b), oracle.bottleneck(a, b), 1e-15)
    for p, q in [(1, INF), (2, 2), (3, 1)]:
        found = tl.wasserstein_distance(a, b, p=p, q=q)
        assert close(found, oracle.wasserstein(a, b, p, q))


@cases(60)
@given(seeds, st.integers(1, 12))
def test_sliced_is_that_of_its_definition(seed, lines):
    a, b = pair(seed)
    found = tl.diagrams.sliced_wasserstein_distance(a, b, n_directions=lines)
    assert close(found, oracle.sliced(a, b, lines))


@cases(60)
@given(seeds, st.integers(1, 16), st.sampled_from([2, INF]))
def test_landscape_distance_is_that_of_its_definition(seed, k, p):
    a, b = pair(seed)
    assert close(
        tl.diagrams.landscape_distance(a, b, k=k, p=p), oracle.landscape_distance(a, b, k, p)
    )


@pytest.mark.parametrize("p", [1, 1.5, 2, 3, 8])
def test_landscape_distance_for_every_exponent(p):
    a, b = pair(700, 30)
    assert oracle.KINDS[700 % 7] == "uniform" and min(len(a), len(b)) > 3
    ts = np.linspace(-0.1, 1.1, 60_001)
    gap = np.abs(oracle.landscapes(a, 4, ts) - oracle.landscapes(b, 4, ts)) ** p
    integral = ((gap[:, 1:] + gap[:, :-1]) / 2).sum() * (ts[1] - ts[0])
    assert close(tl.diagrams.landscape_distance(a, b, k=4, p=p), integral ** (1 / p), 1e-6)


# --- other packages -----------------------------------------------------------------------------


@pytest.mark.parametrize("start", range(0, 1050, 150))
def test_bottleneck_agrees_with_hera_and_is_never_above_gudhi(start):
    for seed in range(start, start + 150):
        a, b = pair(seed, 20)
        found = tl.bottleneck_distance(a, b)
        assert close(found, gudhi.hera.bottleneck_distance(above(a), above(b), 0.0), 1e-14), seed
        # In rare cases that of gudhi itself is too large.
        assert found <= gudhi.bottleneck_distance(a, b) + 1e-12, seed


@pytest.mark.parametrize("start", range(0, 1050, 150))
def test_wasserstein_agrees_with_gudhi(start):
    for seed in range(start, start + 150):
        a, b = pair(seed, 20)
        p, q = EXPONENTS[seed // 7 % 2], [1, 2, INF][seed // 14 % 3]
        found = tl.wasserstein_distance(a, b, p=p, q=q)
        theirs = gudhi.wasserstein.wasserstein_distance(a, b, order=p, internal_p=q)
        assert close(found, theirs, 1e-8), seed
        # hera does not end where a relative error cannot be had.
        if len(above(a)) and len(above(b)) and found > 0:
            theirs = gudhi.hera.wasserstein_distance(
                above(a), above(b), order=p, internal_p=q, delta=1e-3
            )
            assert found * (1 - 1e-9) <= theirs <= found * (1 + 1e-3) + 1e-9, seed


@pytest.mark.filterwarnings("ignore:.*has points with non-finite")
def test_agrees_with_persim():
    for seed in range(210):
        a, b = pair(seed)
        if not (len(above(a)) and len(above(b))):
            continue  # refused there
        assert close(tl.bottleneck_distance(a, b), persim.bottleneck(a, b)), seed
        ours = tl.wasserstein_distance(a, b, p=1, q=2)  # theirs is not quite 0 for equal ones
        assert ours == pytest.approx(persim.wasserstein(a, b), rel=1e-9, abs=1e-6), seed
        ours = tl.diagrams.sliced_wasserstein_distance(a, b)  # theirs is in single precision
        assert close(ours, persim.sliced_wasserstein(a, b), 1e-6), seed


def test_essential_classes_agree_with_gudhi():
    rng = np.random.default_rng(0)
    for seed in range(140):
        a, b = pair(seed)
        same = rng.integers(0, 3, 3)
        other = same if seed % 4 else rng.integers(0, 3, 3)
        a, b = with_essential(a, rng, same), with_essential(b, rng, other)
        found = tl.wasserstein_distance(a, b, p=2, q=2)
        theirs = gudhi.wasserstein.wasserstein_distance(
            a, b, order=2, internal_p=2, keep_essential_parts=True
        )
        assert np.isinf(found) == np.isinf(theirs) == (sorted(same) != sorted(other)) or (
            np.isinf(found) == np.isinf(theirs)
        )
        assert np.isinf(found) or close(found, theirs)
        assert np.isinf(tl.bottleneck_distance(a, b)) == np.isinf(found)
        # hera takes no classes without both ends.
        a, b = a[np.isfinite(a[:, 0])], b[np.isfinite(b[:, 0])]
        theirs = gudhi.hera.bottleneck_distance(above(a), above(b), 0.0)
        assert close(tl.bottleneck_distance(a, b), theirs)


# --- matchings ----------------------------------------------------------------------------------


def check_matching(found, a, b, q):
    """Every row stands once, and the lengths are what they are said to be."""
    rows = found.matching
    assert rows.dtype == np.int64 and rows.shape == (len(found.lengths), 2)
    for column, dgm in zip(rows.T, (a, b), strict=True):
        assert sorted(column[column >= 0]) == list(range(len(dgm)))
    assert not (rows < 0).all(axis=1).any()
    for (i, j), length in zip(rows, found.lengths, strict=True):
        if i < 0 or j < 0:
            birth, death = a[i] if j < 0 else b[j]
            expected = oracle.norm(np.array([death - birth] * 2) / 2, q)
        else:
            with np.errstate(invalid="ignore"):
                gap = np.nan_to_num(a[i] - b[j])
            assert (np.isinf(a[i]) == np.isinf(b[j])).all()
            expected = oracle.norm(gap, q)
        assert close(length, expected, 1e-14)


@cases(80)
@given(seeds, st.tuples(*[st.integers(0, 2)] * 3), st.sampled_from([0, 0.1, 1]))
@example(676752860, (0, 0, 1), 1)  # the matching is better than the radius it was found at
def test_bottleneck_matchings_realise_the_distance(seed, counts, delta):
    rng = np.random.default_rng(seed)
    a, b = (with_essential(dgm, rng, counts) for dgm in pair(seed))
    found = tl.bottleneck_distance(a, b, delta=delta, matching=True)
    check_matching(found, a, b, INF)
    assert found.distance == tl.bottleneck_distance(a, b, delta=delta)
    assert found.lengths.max(initial=0.0) == found.distance
    assert found.longest.tolist() == found.matching[found.lengths == found.distance].tolist()


@cases(80)
@given(seeds, exponents, norms, st.tuples(*[st.integers(0, 2)] * 3), st.sampled_from([0, 0.1]))
def test_wasserstein_matchings_realise_the_distance(seed, p, q, counts, delta):
    rng = np.random.default_rng(seed)
    a, b = (with_essential(dgm, rng, counts) for dgm in pair(seed))
    found = tl.wasserstein_distance(a, b, p=p, q=q, delta=delta, matching=True)
    check_matching(found, a, b, q)
    assert found.distance == tl.wasserstein_distance(a, b, p=p, q=q, delta=delta)
    assert close(found.distance, (found.lengths**p).sum() ** (1 / p), 1e-12)


def test_no_matching_where_the_numbers_of_essential_classes_differ():
    a, b = [[0, INF], [0, 1]], [[0, 1]]
    for found in (
        tl.bottleneck_distance(a, b, matching=True),
        tl.wasserstein_distance(a, b, matching=True),
    ):
        assert found.distance == INF and found.matching is None and found.lengths is None
        assert found.longest.shape == (0, 2)
        assert [len(column) for column in found.to_columns().values()] == [0, 0, 0]
    assert (
        tl.diagrams.sliced_wasserstein_distance(a, b) == tl.diagrams.landscape_distance(a, b) == INF
    )


def test_columns_of_a_matching():
    found = tl.bottleneck_distance([[0, 4], [1, 2]], [[0, 3]], matching=True)
    columns = {name: column.tolist() for name, column in found.to_columns().items()}
    assert columns == {"first": [0, 1], "second": [0, -1], "length": [1.0, 0.5]}
    assert found.longest.tolist() == [[0, 0]]
    assert repr(found) == "DiagramMatching(distance=1.0)"


# --- errors that are allowed --------------------------------------------------------------------


@pytest.mark.parametrize("delta", [1e-6, 0.01, 0.3, 2.0])
def test_relative_errors_are_kept(delta):
    early = 0
    for seed in range(140):
        a, b = pair(seed, 40)
        exact = tl.bottleneck_distance(a, b)
        found = tl.bottleneck_distance(a, b, delta=delta)
        assert exact <= found <= (1 + delta) * exact
        early += found > exact
        for p in (1, 2, 7):
            exact = tl.wasserstein_distance(a, b, p=p)
            found = tl.wasserstein_distance(a, b, p=p, delta=delta)
            assert exact * (1 - 1e-12) <= found <= (1 + delta) * exact * (1 + 1e-12)
            early += found > exact * (1 + 1e-12)
    assert early > 0 or delta < 0.01  # what is allowed is made use of


# --- laws ---------------------------------------------------------------------------------------


@cases(100)
@given(seeds, exponents, norms)
def test_identical_diagrams_have_distance_zero(seed, p, q):
    rng = np.random.default_rng(seed)
    a = with_essential(np.vstack(pair(seed)), rng, (2, 1, 1))
    b = a[rng.permutation(len(a))]
    assert tl.bottleneck_distance(a, b) == 0
    assert tl.wasserstein_distance(a, b, p=p, q=q) == 0
    assert tl.diagrams.sliced_wasserstein_distance(a, b) == 0
    assert tl.diagrams.landscape_distance(a, b, p=p) == 0


@cases(60)
@given(seeds, st.integers(-14, -3), st.sampled_from([*EXPONENTS, 60]))
def test_small_differences_are_not_lost(seed, digits, p):
    """Points far from each other that all move a little: each is matched with itself."""
    rng = np.random.default_rng(seed)
    a = np.array([[i, i + 20.0 + j] for i in range(4) for j in range(4)])
    b = a + rng.uniform(-1, 1, a.shape) * 10.0**digits
    lengths = np.abs(a - b).max(axis=1)
    order = rng.permutation(len(a))
    assert tl.bottleneck_distance(a, b[order]) == lengths.max()
    longest = lengths.max()
    expected = longest * ((lengths / longest) ** p).sum() ** (1 / p)
    assert close(tl.wasserstein_distance(a, b[order], p=p) / expected, 1, 1e-9)


@cases(60)
@given(seeds, seeds, exponents, norms)
def test_they_are_metrics(seed, other, p, q):
    a, b = pair(seed)
    c, _ = pair(other)
    for distance in (
        tl.bottleneck_distance,
        lambda x, y: tl.wasserstein_distance(x, y, p=p, q=q),
        tl.diagrams.sliced_wasserstein_distance,
        lambda x, y: tl.diagrams.landscape_distance(x, y, p=p),
    ):
        ab, bc, ac = distance(a, b), distance(b, c), distance(a, c)
        assert close(distance(b, a), ab, 1e-12)
        assert ac <= (ab + bc) * (1 + 1e-12) + 1e-12


@cases(60)
@given(seeds)
def test_inequalities_between_them(seed):
    a, b = pair(seed)
    by_exponent = [tl.wasserstein_distance(a, b, p=p) for p in (1, 1.5, 2, 4, 30, 400)]
    least = tl.bottleneck_distance(a, b)
    for large, small in zip(by_exponent, [*by_exponent[1:], least], strict=True):
        assert small <= large * (1 + 1e-12)
    assert by_exponent[-1] <= least * (len(a) + len(b) + 1) ** (1 / 400) * (1 + 1e-12)
    sliced = tl.diagrams.sliced_wasserstein_distance(a, b)
    assert sliced <= 2 * tl.wasserstein_distance(a, b, p=1, q=2) * (1 + 1e-12)
    assert sliced <= 2 * np.sqrt(2) * by_exponent[0] * (1 + 1e-12)
    assert tl.diagrams.landscape_distance(a, b, k=30, p=INF) <= least * (1 + 1e-12)


@cases(30)
@given(seeds, st.floats(0, 0.3))
def test_diagrams_of_points_are_stable(seed, size):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(25, 2))
    moves = rng.uniform(-1, 1, X.shape) * size
    most = 2 * np.linalg.norm(moves, axis=1).max()
    before, after = tl.rips(X), tl.rips(X + moves)
    for dim in (0, 1):
        assert tl.bottleneck_distance(before, after, degree=dim) <= most + 1e-12


@cases(40)
@given(seeds, st.integers(-900, 900), exponents)
def test_units_do_not_matter(seed, power, p):
    a, b = pair(seed)
    unit = 2.0**power
    for distance in (
        tl.bottleneck_distance,
        lambda x, y: tl.wasserstein_distance(x, y, p=p, q=2),
        tl.diagrams.sliced_wasserstein_distance,
    ):
        assert close(distance(unit * a, unit * b) / unit, distance(a, b), 1e-12)


# --- matrices -----------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", METRICS)
def test_matrices_hold_the_distances(metric):
    diagrams = [dgm for seed in range(9) for dgm in pair(seed)]
    diagrams.append(with_essential(diagrams[0], np.random.default_rng(0), (1, 0, 0)))
    options = {
        "bottleneck": {},
        "wasserstein": {"p": 3},
        "sliced_wasserstein": {"n_directions": 7},
        "landscape": {"p": 3, "k": 2},
    }[metric]
    one, three = (tl.distance_matrix(diagrams, metric, **options, n_threads=n) for n in (1, 3))
    assert np.array_equal(one, three)
    assert one.shape == (19, 19) and (one == one.T).all() and (one.diagonal() == 0).all()
    distance = {
        "bottleneck": tl.bottleneck_distance,
        "wasserstein": lambda a, b: tl.wasserstein_distance(a, b, p=3),
        "sliced_wasserstein": lambda a, b: tl.diagrams.sliced_wasserstein_distance(
            a, b, n_directions=7
        ),
        "landscape": lambda a, b: tl.diagrams.landscape_distance(a, b, k=2, p=3),
    }[metric]
    expected = [[distance(a, b) for b in diagrams[i:]] for i, a in enumerate(diagrams)]
    assert one[np.triu_indices(19)].tolist() == [value for row in expected for value in row]
    assert (one[-1, :-1] == INF).all()


def test_matrices_are_spaces():
    results = [tl.rips(tl.datasets.circle(20, rng=seed)) for seed in range(6)]
    calls = []
    D = tl.distance_matrix(results, degree=1, progress=lambda *done: calls.append(done))
    assert calls[-1] == (15, 15)
    assert tl.rips(D, metric="precomputed", maxdim=0)[0].shape == (6, 2)


@pytest.mark.parametrize("n", [0, 1])
def test_matrices_of_few(n):
    assert tl.distance_matrix([[[0, 1]]] * n).tolist() == [[0.0]] * n


# --- input that is none -------------------------------------------------------------------------

OK = [[0.0, 1.0]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tl.bottleneck_distance([[0, np.nan]], OK), ValueError, r"`a` must hold numbers"),
        (lambda: tl.bottleneck_distance(OK, [[2, 1]]), ValueError, r"`b` must have birth <= death"),
        (lambda: tl.bottleneck_distance(OK, [1, 2, 3]), ValueError, r"`b` must have shape \(k, 2"),
        (lambda: tl.bottleneck_distance("ab", OK), TypeError, "`a` must be"),
        (lambda: tl.bottleneck_distance(OK, OK, delta=-1), ValueError, "`delta` must be non-neg"),
        (lambda: tl.bottleneck_distance(OK, OK, delta=INF), ValueError, "`delta` must be"),
        (lambda: tl.wasserstein_distance(OK, OK, delta=np.nan), ValueError, "`delta` must be"),
        (
            lambda: tl.wasserstein_distance(OK, OK, p=0.5),
            ValueError,
            "`p` must .* found 0.5",
        ),
        (lambda: tl.wasserstein_distance(OK, OK, p=INF), ValueError, "`p` must .*bottleneck_dist"),
        (lambda: tl.wasserstein_distance(OK, OK, p=np.nan), ValueError, "`p` must .* found NaN"),
        (lambda: tl.wasserstein_distance(OK, OK, p="2"), TypeError, "`p` must be a number"),
        (lambda: tl.wasserstein_distance(OK, OK, q=0.9), ValueError, "`q` must be at least 1; "),
        (lambda: tl.wasserstein_distance(OK, OK, q=np.nan), ValueError, "`q` must be at least 1"),
        (lambda: tl.bottleneck_distance([[-1e308, 1e308]], OK), OverflowError, "`a` is too large"),
        (
            lambda: tl.diagrams.landscape_distance(OK, OK, p=0),
            ValueError,
            "`p` must be at least 1; found 0",
        ),
        (
            lambda: tl.diagrams.landscape_distance(OK, OK, k=0),
            ValueError,
            "`k` must be at least 1; found 0",
        ),
        (
            lambda: tl.diagrams.sliced_wasserstein_distance(OK, OK, n_directions=0),
            ValueError,
            "`n_directions` must be at least 1; found 0",
        ),
        (
            lambda: tl.distance_matrix([OK, [[3, 2]]]),
            ValueError,
            r"`diagrams\[1\]` must have",
        ),
        (
            lambda: tl.distance_matrix([OK, OK], "hausdorff"),
            ValueError,
            "`metric` must be one of",
        ),
        (lambda: tl.distance_matrix([OK], n_threads=0), ValueError, "`n_threads` must be between"),
        (
            lambda: tl.bottleneck_distance(OK * 9, OK, max_memory=99),
            MemoryError,
            "the distance of two diagrams needs about .* 99 B are allowed",
        ),
        (
            lambda: tl.distance_matrix([OK] * 99, max_memory=999),
            MemoryError,
            "the distances of 99 diagrams needs about",
        ),
    ],
)
def test_bad_input_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_points_on_the_diagonal_count_nothing():
    a, b = pair(0)
    more = np.vstack([a, [[5.0, 5.0], [-3.0, -3.0]]])
    assert tl.bottleneck_distance(more, b) == tl.bottleneck_distance(a, b)
    assert tl.wasserstein_distance(more, b) == tl.wasserstein_distance(a, b)
    assert len(finite(more)) == len(a) + 2
