"""Distances of probabilities to the last digits, against sums of fifty digits."""

from __future__ import annotations

import itertools

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import topolens as tl

ULPS = 24 * np.finfo(float).eps  # of a few logarithms and sums of a few numbers
SOFT = ("tv", "hellinger", "js", "jsd", "bhattacharyya")
METRICS = ("tv", "hellinger", "js")


@pytest.fixture(autouse=True)
def fifty_digits():
    with mp.workdps(60):
        yield


def divergence(p, q):
    parts = [(x, (x + y) / 2) for x, y in (*zip(p, q, strict=True), *zip(q, p, strict=True))]
    return mp.fsum(x * mp.log(x / m, 2) for x, m in parts if x) / 2


def roots_apart(p, q):
    return mp.fsum((mp.sqrt(x) - mp.sqrt(y)) ** 2 for x, y in zip(p, q, strict=True)) / 2


def bhattacharyya(p, q):
    """Both forms are the same of sums that are exactly 1, which sums of floats are not."""
    apart = roots_apart(p, q)
    if apart < 0.5:
        return -mp.log1p(-apart)
    overlap = mp.fsum(mp.sqrt(x * y) for x, y in zip(p, q, strict=True))
    return -mp.log(overlap) if overlap else mp.inf


EXACT = {
    "tv": lambda p, q: mp.fsum(abs(x - y) for x, y in zip(p, q, strict=True)) / 2,
    "hellinger": lambda p, q: mp.sqrt(roots_apart(p, q)),
    "js": lambda p, q: mp.sqrt(divergence(p, q)),
    "jsd": divergence,
    "bhattacharyya": bhattacharyya,
}


def exact(comparison, P, Q, weights, order):
    """The mean over samples; weights are shares that the space has rounded once."""
    terms = [
        (mp.mpf(float(v)), EXACT[comparison](list(map(mp.mpf, p)), list(map(mp.mpf, q))))
        for p, q, v in zip(P.tolist(), Q.tolist(), weights, strict=True)
    ]
    return mp.fsum(v * d**order for v, d in terms) ** (mp.mpf(1) / order)


def agrees(found, expected):
    found = mp.mpf(float(found))
    return found == expected or abs(found - expected) <= ULPS * expected


@st.composite
def near(draw):
    """Networks whose probabilities are random, then nearly the same, then sparse."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n, K = draw(st.integers(1, 4)), draw(st.integers(2, 6))
    shape = rng.gamma(draw(st.sampled_from([0.05, 1.0, 100.0])), size=(n, K)) + 1e-200
    change = draw(st.sampled_from([0.0, 1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 0.1]))
    networks = [shape * (1 + change * rng.uniform(-1, 1, size=(n, K))) for _ in range(3)]
    networks.append(rng.gamma(1.0, size=(n, K)) * (rng.random((n, K)) < 0.6) + np.eye(K)[0])
    probs = np.stack(networks)
    return probs / probs.sum(axis=-1, keepdims=True)


@settings(max_examples=60, deadline=None)
@given(near(), st.sampled_from([1.0, 2.0, 1.5]))
def test_every_digit_of_soft_distances_is_right(probs, p):
    space = tl.NetworkSpace.from_probs(probs)
    shares = np.full(probs.shape[1], 1 / probs.shape[1])
    for comparison in SOFT:
        order = p if comparison in ("hellinger", "js") else 1.0
        values = space.distances(comparison, p=order).values
        for i, j in itertools.combinations(range(len(probs)), 2):
            expected = exact(comparison, probs[i], probs[j], shares, order)
            assert agrees(values[i, j], expected), (comparison, i, j)


@settings(max_examples=60, deadline=None)
@given(near(), st.sampled_from([1.0, 2.0, 7.0]))
def test_near_networks_keep_the_triangle_inequality(probs, p):
    space = tl.NetworkSpace.from_probs(probs)
    for comparison in METRICS:
        D = space.distances(comparison, p=1.0 if comparison == "tv" else p).values
        sums = D[:, :, None] + D[None]  # from i over j to k
        assert (D[:, None] <= sums * (1 + ULPS)).all(), comparison


def test_networks_that_differ_by_a_billionth_are_that_far_apart():
    p = np.array([[0.5, 0.3, 0.2]])
    e = 1e-9 * np.array([[1.0, -0.5, -0.5]])
    space = tl.NetworkSpace.from_probs([p, p + e, p + 2 * e, p])
    for comparison in METRICS:
        D = space.distances(comparison).values
        assert D[0, 3] == 0 and D[0, 1] > 0
        # A line of three points, to a billionth.
        assert D[0, 2] == pytest.approx(D[0, 1] + D[1, 2], rel=1e-8)


def test_equal_networks_are_at_no_distance_and_one_hot_ones_at_one():
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.ones(7), size=200).reshape(1, 200, 7)
    same = tl.NetworkSpace.from_probs(np.concatenate([probs, probs]))
    for comparison in SOFT:
        assert same.distances(comparison).condensed().tolist() == [0.0]
    apart = tl.NetworkSpace.from_probs([np.eye(3)[[0, 1]], np.eye(3)[[1, 2]]])
    for comparison in ("tv", "hellinger", "js", "jsd"):
        assert apart.distances(comparison).condensed().tolist() == [1.0]
    assert apart.distances("bhattacharyya").condensed().tolist() == [np.inf]


def test_a_tiny_overlap_is_not_none():
    tiny = 1e-40
    space = tl.NetworkSpace.from_probs([[[1.0, tiny]], [[tiny, 1.0]]])
    expected = -mp.log(2 * mp.sqrt(mp.mpf(tiny)))
    assert agrees(space.distances("bhattacharyya").condensed()[0], expected)


@pytest.mark.parametrize("order", [1.0, 2.0, 50.0, 1e4])
def test_means_of_any_order_stay_in_the_range_of_numbers(order):
    p = np.array([[0.5, 0.5], [0.25, 0.75]])
    space = tl.NetworkSpace.from_probs([p, p + 1e-9 * np.array([[1, -1], [2, -2]])])
    for comparison in ("hellinger", "js"):
        expected = exact(comparison, space._soft[0], space._soft[1], [0.5, 0.5], order)
        found = space.distances(comparison, p=order).condensed()[0]
        assert found == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize("scale", [1e-250, 1e-160, 1.0, 1e160, 1e299])
@pytest.mark.parametrize("order", [1.0, 2.0, 40.0])
def test_outputs_of_any_size_have_their_distance(scale, order):
    outputs = np.array([[[3.0, 0.0], [1.0, 1.0]], [[0.0, 4.0], [1.0, 1.0]]])
    D = tl.NetworkSpace.from_outputs(scale * outputs).distances("lp", p=order)
    assert D.condensed()[0] / scale == pytest.approx(5 * 0.5 ** (1 / order), rel=1e-14)


@pytest.mark.filterwarnings("ignore:leaving out missing")
def test_chance_does_not_cancel_where_networks_mostly_predict_one_class():
    """One sample in a hundred thousand is of another class, so chance is twice that share."""
    n = 100_000
    labels = np.zeros((2, n), int)
    labels[0, 0] = labels[1, 1] = 1
    share = mp.mpf(1) / n
    expected = 2 * share / (2 * share * (1 - share))
    for missing in ("own_label", "pairwise"):
        more = np.c_[labels, [[-1], [0]]] if missing == "pairwise" else labels
        space = tl.NetworkSpace.from_labels(more, missing=missing)
        assert agrees(space.distances("kappa").condensed()[0], expected)


def test_light_samples_that_a_pair_shares_are_not_lost():
    labels = [[0, 1, 2, -1], [0, 2, -1, 3]]
    space = tl.NetworkSpace.from_labels(
        labels, weights=[1e-20, 3e-20, 0.5, 0.5], missing="pairwise"
    )
    with pytest.warns(UserWarning, match="no metric"):
        D = space.distances()
    assert D.condensed().tolist() == [0.75]
    assert D.sizes[0] == pytest.approx(1.6)
