"""Powers of any order against exact values: none leaves the range of numbers unseen."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from mpmath import mp, mpf

import topolens as tl

ORDERS = (1.0, 2.0, 309.0, 1e4, math.inf)
UNITS = (1e-200, 1e-3, 1.0, 1e3, 1e200)
LARGEST, LEAST = mpf(2) ** 1024, mpf(2) ** -1074
BARS = np.array([[0.0, 4.0], [1.0, 3.0], [1.5, 2.0], [1.75, 9.5], [6.0, 6.0]])
MORE_BARS = np.array([[0.25, 4.0], [1.0, 2.5], [1.5, 10.0]])


@pytest.fixture(autouse=True)
def digits():
    """Forty of them, for these tests only: others set their own for the process."""
    with mp.workdps(40):
        yield


def is_close(found, right):
    return math.isfinite(found) and abs(mpf(found) - right) <= 1e-12 * abs(right) + LEAST


def root(terms, p):
    """(Σ weight · value^p)^(1/p)."""
    terms = [(mpf(weight), mpf(value)) for weight, value in terms if weight and value]
    if p == math.inf:
        return max(value for _, value in terms)
    return mp.fsum(weight * value ** mpf(p) for weight, value in terms) ** (1 / mpf(p))


@pytest.mark.parametrize("p", ORDERS)
@pytest.mark.parametrize("unit", UNITS)
def test_amplitudes(p, unit):
    bars = BARS * unit
    lengths = [mpf(death) - mpf(birth) for birth, death in bars]
    found = {m: tl.diagrams.amplitude(bars, m, p=p) for m in ("wasserstein", "betti")}
    assert is_close(found["wasserstein"], root([(1, length / 2) for length in lengths], p))
    tents = [(length / (mpf(p) + 1) if p < math.inf else 1, length / 2) for length in lengths]
    if (right := root(tents, p)) > LARGEST:
        with pytest.raises(OverflowError, match="`p` is too large here: the result"):
            tl.diagrams.amplitude(bars, "landscape", p=p)
    else:
        assert is_close(tl.diagrams.amplitude(bars, "landscape", p=p), right)
    ends = sorted(map(mpf, bars.ravel()))
    steps = [
        (b - a if p < math.inf else b > a, sum(x <= a and b <= y for x, y in bars))
        for a, b in itertools.pairwise(ends)
    ]
    assert is_close(found["betti"], root(steps, p))
    assert tl.diagrams.amplitude(bars) == float(max(lengths)) / 2


def test_ten_bars_have_ten():
    bars = np.repeat([[0.0, 1.0]], 10, axis=0)
    assert [tl.diagrams.amplitude(bars, "betti", p=p) for p in (309, 1e4)] == [10, 10]


@pytest.mark.parametrize("p", ORDERS[:-1])
@pytest.mark.parametrize("q", ORDERS)
def test_wasserstein_distances(p, q):
    def norm(x, y):
        return root([(1, abs(mpf(x))), (1, abs(mpf(y)))], q) if x or y else mpf(0)

    for unit in UNITS:
        a, b = BARS[:3] * unit, MORE_BARS * unit
        options = []
        for size in range(4):
            for some in itertools.combinations(range(3), size):
                for mates in itertools.permutations(range(3), size):
                    left = [x for i, x in enumerate(a) if i not in some]
                    left += [y for j, y in enumerate(b) if j not in mates]
                    moves = [norm((mpf(d) - mpf(c)) / 2, (mpf(d) - mpf(c)) / 2) for c, d in left]
                    moves += [
                        norm(mpf(a[i][0]) - mpf(b[j][0]), mpf(a[i][1]) - mpf(b[j][1]))
                        for i, j in zip(some, mates, strict=True)
                    ]
                    options.append(root([(1, move) for move in moves], p))
        if p > 1e3 and q <= 2:  # costs are in units of a distance in the sup norm
            with pytest.raises(OverflowError, match="use a smaller `p`"):
                tl.wasserstein_distance(a, b, p=p, q=q)
        else:
            assert is_close(tl.wasserstein_distance(a, b, p=p, q=q), min(options)), unit


@pytest.mark.parametrize("p", ORDERS)
def test_landscape_distances(p):
    """Of single bars: of one tent from none, and of two that do not meet."""
    for unit in UNITS:
        a, b = np.array([[0.0, 2.0]]) * unit, np.array([[5.0, 8.0]]) * unit
        tents = [
            (length / (mpf(p) + 1) if p < math.inf else 1, length / 2)
            for length in (mpf(2) * mpf(unit), mpf(b[0][1]) - mpf(b[0][0]))
        ]
        none = np.zeros((0, 2))
        for other, right in ((none, root(tents[:1], p)), (b, root(tents, p))):
            if right > LARGEST:
                with pytest.raises(OverflowError, match="`p` is too large here: the result"):
                    tl.diagrams.landscape_distance(a, other, p=p)
            else:
                assert is_close(tl.diagrams.landscape_distance(a, other, p=p), right)


@pytest.mark.parametrize("power", ORDERS[:-1])
def test_silhouettes(power):
    for unit in UNITS:
        bars, t = BARS * unit, 2.25 * unit
        lengths = [mpf(death) - mpf(birth) for birth, death in bars]
        weights = [(length / max(lengths)) ** mpf(power) for length in lengths]
        tents = [max(0, min(mpf(t) - mpf(x), mpf(y) - mpf(t))) for x, y in bars]
        right = mp.fdot(weights, tents) / mp.fsum(weights)
        found = tl.diagrams.silhouette(bars, grid=[t], power=power)
        assert is_close(float(np.ravel(found)[0]), right), unit


def test_sums_of_powers_are_right_or_refused():
    line = np.array([[0.0], [2.0], [5.0]])
    for unit in (1e-3, 1.0, 10.0):
        for p in ORDERS[:-1]:
            lengths = [mpf(2.0 * unit), mpf(5.0 * unit) - mpf(2.0 * unit)]
            right = mp.fsum(length ** mpf(p) for length in lengths)
            bars = [[0.0, 2.0 * unit], [2.0 * unit, 5.0 * unit]]
            if right > LARGEST:
                with pytest.raises(OverflowError, match="`p` is too large here: the result"):
                    tl.diagrams.total_persistence(bars, p=p)
            else:
                assert is_close(tl.diagrams.total_persistence(bars, p=p), right)
            if 1e-300 < right < LARGEST:
                assert is_close(tl.homology.lifetime_sum(line * unit, alpha=p), right)
                continue
            for function in (tl.homology.lifetime_sum, tl.ph_dimension):
                many = np.linspace(0, 3000 * unit, 1000)[:, None]
                points = line * unit if function is tl.homology.lifetime_sum else many
                with pytest.raises(ValueError, match="`alpha` must leave powers of lengths up to"):
                    function(points, alpha=p)


def test_powers_of_weights():
    def image(bars, weight):
        ranges = {"birth_range": (0, 4), "persistence_range": (0, 12)}
        return tl.diagrams.persistence_image(bars, 1.0, weight=weight, **ranges)

    np.testing.assert_array_equal(image(BARS[:1] / 4, 1e4), image(BARS[:1] / 4, 0))
    with pytest.raises(ValueError, match="`weight` must be finite; found inf"):
        image(BARS * 3, 1e4)


@pytest.mark.parametrize("order", (0.0, *ORDERS))
def test_diversities(order):
    X, p = np.array([[0.0], [0.5], [3.0]]), np.array([0.5, 0.3, 0.2])
    Z = mp.matrix(np.exp(-np.abs(X - X.T)).tolist())

    def mean(weights, values):
        if order == math.inf:
            return max(values)
        if order == 1:
            return mp.exp(mp.fsum(w * mp.log(v) for w, v in zip(weights, values, strict=True)))
        power = mpf(order) - 1
        terms = (w * v**power for w, v in zip(weights, values, strict=True))
        return mp.fsum(terms) ** (1 / power)

    weights = [mpf(x) / mp.fsum(p.tolist()) for x in p.tolist()]
    common = [mp.fsum(Z[i, j] * weights[j] for j in range(3)) for i in range(3)]
    found = tl.magnitudes.diversity(X, 1.0, p=p, order=order)
    assert is_close(found, 1 / mean(weights, common))
    shares = [x / 3 for x in mp.eigsy(Z, eigvals_only=True)]
    found = tl.magnitudes.vendi_score(X, "exponential", t=1.0, order=order)
    assert is_close(found, 1 / mean(shares, shares))


def test_joint_losses():
    group = [[[0.0, 1.0]], [[0.0, 1.5]], [[0.0, 1.25]]]
    other = [[[0.0, 3.0]], [[0.0, 2.0]]]
    for exponent in ORDERS[:-1]:
        scale = 1.0 if exponent < 100 else 1e4
        groups = [[np.array(d) * scale for d in many] for many in (group, other)]
        if exponent > 100:
            with pytest.raises(ValueError, match="`exponent` must leave powers of distances"):
                tl.diagrams.permutation_test(*groups, exponent=exponent, rng=0)
            continue
        found = tl.diagrams.permutation_test(*groups, "bottleneck", exponent=exponent, rng=0)
        pairs = itertools.combinations((mpf(1), mpf(1.5), mpf(1.25)), 2)
        right = mp.fsum(abs(a - b) ** mpf(exponent) for a, b in pairs) / 6
        assert is_close(found.loss, right + mpf(1) ** mpf(exponent) / 2)


@pytest.mark.parametrize("p", ORDERS[:-1])
def test_distances_of_networks(p):
    probs = np.array([[[0.5, 0.5], [0.25, 0.75]], [[0.375, 0.625], [1.0, 0.0]]])
    found = tl.NetworkSpace.from_probs(probs).distances("hellinger", p=p)
    roots = np.vectorize(lambda x: mp.sqrt(mpf(x)), otypes=[object])(probs)
    each = [mp.sqrt(mp.fsum(gap**2) / 2) for gap in roots[0] - roots[1]]
    assert is_close(float(found.values[0, 1]), root([(0.5, between) for between in each], p))
