"""Intervals of distances between networks: references, coverage, decisions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import topolens as tl
from topolens.networks._intervals import binomial_interval


@pytest.mark.parametrize(
    ("count", "size", "exact", "wilson"),
    [
        (0, 1000, (0, 0.0036820839), (0, 0.0038267586)),
        (5, 10, (0.1870860, 0.8129140), None),
        (37, 1000, (0.0261827, 0.0506411), (0.0269612, 0.0505824)),
        (480, 10_000, (0.0438924, 0.0523733), (0.0439810, 0.0523661)),
    ],
)
def test_references(count, size, exact, wilson):
    labels = np.zeros((2, size), int)
    labels[1, :count] = 1
    D = tl.NetworkSpace.from_labels(labels).distances()
    for method, scipy_name, known in [
        ("clopper-pearson", "exact", exact),
        ("wilson", "wilson", wilson),
    ]:
        lower, upper = (end[0, 1] for end in D.interval(0.95, method).interval)
        test = stats.binomtest(count, size).proportion_ci(0.95, scipy_name)
        assert (lower, upper) == pytest.approx((test.low, test.high), abs=1e-12)
        if known:
            assert (lower, upper) == pytest.approx(known, abs=1e-7)
    lower, upper = (end[0, 1] for end in D.interval(0.95, "hoeffding").interval)
    half = np.sqrt(np.log(2 / 0.05) / (2 * size))
    assert lower == pytest.approx(max(count / size - half, 0), abs=1e-12)
    assert upper == pytest.approx(min(count / size + half, 1), abs=1e-12)


def test_the_bootstrap_is_the_limit_of_resampling():
    rng = np.random.default_rng(0)
    sample = np.arange(200) < 30
    drawn = rng.choice(sample, size=(40_000, 200)).mean(axis=1)
    lower, upper = binomial_interval(np.array([0.15]), np.array([200.0]), 0.05, "bootstrap")
    expected = np.quantile(drawn, [0.025, 0.975])
    np.testing.assert_allclose([lower[0], upper[0]], expected, atol=0.0051)


def test_simultaneous_intervals_are_those_of_bonferroni():
    rng = np.random.default_rng(0)
    D = tl.NetworkSpace.from_labels(rng.integers(3, size=(6, 50))).distances()
    for method in ("clopper-pearson", "wilson", "hoeffding", "bootstrap"):
        lower, upper = D.interval(0.9, method).interval
        once = D.interval(1 - 0.1 / 15, method, simultaneous=False)
        np.testing.assert_allclose(lower, once.lower, rtol=0, atol=1e-14)
        np.testing.assert_allclose(upper, once.upper, rtol=0, atol=1e-14)
        assert (lower <= D.values).all() and (D.values <= upper).all()
        assert (lower == lower.T).all() and not np.diag(upper).any()
        widths = np.maximum(upper - D.values, D.values - lower)
        assert D.interval(0.9, method).half_width == widths.max()


def test_weights_shrink_the_sample():
    labels = np.random.default_rng(0).integers(2, size=(3, 300))
    weights = np.r_[np.full(100, 3.0), np.zeros(200)]
    D = tl.NetworkSpace.from_labels(labels, weights=weights).distances()
    few = tl.NetworkSpace.from_labels(labels[:, :100]).distances()
    for method in ("clopper-pearson", "wilson", "hoeffding", "bootstrap"):
        for one, other in zip(
            D.interval(method=method).interval, few.interval(method=method).interval, strict=True
        ):
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)


def test_multiplier_band_is_the_quantile_of_suprema():
    rng = np.random.default_rng(1)
    labels = rng.integers(3, size=(7, 90))
    D = tl.NetworkSpace.from_labels(labels).distances()
    band = D.interval(0.9, "multiplier", rng=5, n_resamples=200).half_width
    signs = 2.0 * np.random.default_rng(5).integers(2, size=(200, 90), dtype=np.uint8) - 1
    i, j = np.triu_indices(7, 1)
    differ = (labels[i] != labels[j]).astype(float)
    centered = differ - differ.mean(axis=1, keepdims=True)
    suprema = np.sort(np.abs(signs @ centered.T).max(axis=1) / 90)
    assert band == pytest.approx(suprema[int(np.ceil(0.9 * 199))], abs=1e-12)


def correlated_networks(rng, n, M=12, K=4):
    """Networks that share most of their mistakes; returns labels of n fresh samples."""
    y, hard = rng.integers(K, size=n), rng.random(n)
    guess = rng.integers(K, size=n)
    wrong = rng.random((M, n)) < (0.02 + 0.5 * hard**4) * np.linspace(0.3, 1.2, M)[:, None]
    alike = rng.random((M, n)) < 0.6
    return np.where(wrong, np.where(alike, guess, rng.integers(K, size=(M, n))), y)


@pytest.mark.parametrize("method", ["clopper-pearson", "wilson", "hoeffding", "multiplier"])
def test_simultaneous_coverage(method, record_property):
    """All true distances are within their intervals in at least 95 % of the samples."""
    truth = tl.NetworkSpace.from_labels(
        correlated_networks(np.random.default_rng(99), 2_000_000).astype(np.uint8)
    ).distances()
    covered, runs = 0, 300
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        labels = correlated_networks(rng, 800)
        D = tl.NetworkSpace.from_labels(labels).distances()
        options = {"rng": rng, "n_resamples": 300} if method == "multiplier" else {}
        lower, upper = D.interval(0.95, method, **options).interval
        covered += bool(((lower <= truth.values) & (truth.values <= upper)).all())
    record_property("coverage", covered / runs)
    print(f"{method}: {covered / runs:.3f}")
    # Three standard deviations of the count below 95 % for the band, which is asymptotic.
    slack = 3 * np.sqrt(0.95 * 0.05 / runs) if method == "multiplier" else 0
    assert covered / runs >= 0.95 - slack


def test_decisions():
    labels = np.zeros((4, 2000), int)
    labels[1, :1] = 1
    labels[2, :100] = 1
    labels[3, :1000] = 1
    D = tl.NetworkSpace.from_labels(labels).distances()
    decisions = D.decide(0.05)
    assert decisions.dtype == np.int8
    np.testing.assert_array_equal(decisions[0], [1, 1, 0, -1])
    lower, upper = D.interval().interval
    np.testing.assert_array_equal(decisions == 1, upper <= 0.05)
    np.testing.assert_array_equal(decisions == -1, lower > 0.05)
    same = tl.NetworkSpace.from_labels(np.zeros((2, 10**6), np.uint8)).distances()
    for method in ("clopper-pearson", "wilson", "hoeffding"):
        assert same.decide(0.0, method=method)[0, 1] == 0
    with pytest.raises(tl.NumericalError, match="the multiplier band has no width"):
        same.decide(0.0, method="multiplier", rng=0, n_resamples=100)


def test_band_of_the_diagrams():
    angles = 2 * np.pi * (np.arange(4800) + 0.5) / 4800
    normals = 2 * np.pi * np.arange(12) / 12
    space = tl.NetworkSpace.from_labels(np.cos(angles - normals[:, None]) > 0)
    found = space.distances().persistence()
    assert found.band == space.distances().interval().half_width
    assert found.significant[1].tolist() == [True]
    assert found.significant[0].sum() == 12  # 1/6 and infinity
    few = tl.NetworkSpace.from_labels(space.labels[:, ::100]).distances().persistence()
    assert not few.significant[1].any() and few.significant[0].sum() == 1


def test_means_of_other_kinds_have_hoeffdings_interval():
    probs = np.random.default_rng(0).dirichlet(np.ones(3), size=(4, 60))
    space = tl.NetworkSpace.from_probs(probs)
    half = np.sqrt(np.log(2 * 6 / 0.05) / 120)
    for measure in ("tv", "hellinger", "js"):
        D = space.distances(measure)
        upper = D.interval(method="hoeffding").upper
        np.testing.assert_allclose(upper[0, 1], min(D.values[0, 1] + half, 1))
        with pytest.raises(ValueError, match="must be 'hoeffding'"):
            D.interval()
