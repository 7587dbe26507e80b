"""The universal law of death/birth, against plain numpy, its level, and clouds that are known."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist

import topolens as tl
from topolens.diagrams import universal_null_test

NOISE = {
    "plane": lambda rng, n: rng.normal(size=(n, 2)),
    "space": lambda rng, n: rng.normal(size=(n, 3)),
    "64 dimensions": lambda rng, n: rng.normal(size=(n, 64)),
    "square": lambda rng, n: rng.random((n, 2)),
    "heavy tails": lambda rng, n: rng.standard_t(3, size=(n, 3)),
}


def by_hand(bars, mean_distance, alpha=0.05):
    """The rule as it is written down: p of each bar, and whether it is supported."""
    p, supported = np.full(len(bars), np.nan), np.zeros(len(bars), dtype=bool)
    ratios = {
        i: death / birth
        for i, (birth, death) in enumerate(bars)
        if birth > 0 and death < np.inf and death / birth - 1 >= 1e-6
    }
    chance = set(ratios)
    while len(ratios) >= 10:
        mean = np.mean([np.log(np.log(ratios[i])) for i in sorted(chance)])
        for i, ratio in ratios.items():
            statistic = np.log(np.log(ratio)) - mean - 0.5772156649
            p[i] = min(1, len(ratios) * np.exp(-np.exp(statistic)))
        found = {i for i in ratios if p[i] < alpha}
        if chance == set(ratios) - found:
            break
        chance = set(ratios) - found
    for i, ratio in ratios.items():
        length = bars[i][1] - bars[i][0]
        few = len(ratios) < 10
        supported[i] = (
            ratio > 2 and length > 0.3 * mean_distance
            if few
            else p[i] < alpha and length > 0.2 * mean_distance
        )
    return p, supported


def assert_by_hand(bars, mean_distance, **options):
    found = universal_null_test(bars, mean_distance, **options)
    p, supported = by_hand(bars, mean_distance, **options)
    np.testing.assert_allclose(found.p_values, p, rtol=1e-6, atol=1e-300)
    np.testing.assert_array_equal(found.supported, supported)
    return found


def loops_of(X):
    return universal_null_test(tl.rips(X), pdist(X).mean(), degree=1)


@pytest.mark.parametrize("n", [0, 1, 3, 9, 10, 11, 40, 300])
@pytest.mark.parametrize("alpha", [0.05, 0.5, 1e-4])
def test_any_bars(n, alpha):
    rng = np.random.default_rng(n)
    births = rng.random(n)
    bars = np.column_stack([births, births * np.exp(rng.exponential(0.2, n))])
    bars[: n // 4, 1] *= 3
    assert_by_hand(bars, 0.3, alpha=alpha)
    tied = np.round(bars, 1) + 0.1
    tied[:, 1] = np.maximum(tied[:, 1], tied[:, 0])
    assert_by_hand(tied, 0.3, alpha=alpha)


def test_bars_that_say_nothing():
    births = np.linspace(1, 2, 30)
    bars = np.column_stack([births, births * np.linspace(1.01, 1.3, 30)])
    nothing = [[1, 1], [1, 1 + 1e-8], [0, 2], [-2, 2], [-1, -0.5], [0.1, np.inf]]
    found = assert_by_hand(np.concatenate([nothing, bars]), 1.0)
    assert found.n_tested == 30
    alone = assert_by_hand(bars, 1.0)
    np.testing.assert_array_equal(found.p_values[len(nothing) :], alone.p_values)
    none = universal_null_test(nothing, 1.0)
    assert (none.n_tested, none.p_value, none.n_supported) == (0, 1.0, 0)


@pytest.mark.parametrize("name", NOISE)
def test_diagrams_of_ripser(name):
    ripser = pytest.importorskip("ripser").ripser
    X = NOISE[name](np.random.default_rng(1), 120)
    dgms, mean = ripser(X)["dgms"], pdist(X).mean()
    theirs = assert_by_hand(dgms[1].astype(np.float64), mean)
    ours = loops_of(X)
    assert (theirs.n_tested, theirs.n_supported) == (ours.n_tested, ours.n_supported)
    assert theirs.p_value == pytest.approx(ours.p_value, rel=1e-2)  # theirs are floats of 32 bits
    assert theirs.p_value == universal_null_test(dgms, mean, degree=1).p_value


@pytest.mark.parametrize("n", [50, 100])
def test_noise_has_no_loop(n):
    """At most 5 of 100 clouds by the level of the test; the bound also fails at 15 of them."""
    found = [
        loops_of(make(np.random.default_rng(seed), n))
        for make in NOISE.values()
        for seed in range(20)
    ]
    assert sum(test.n_supported > 0 for test in found) <= 5
    # not only by their size
    assert sum(test.p_value < 0.05 for test in found) <= 5


@pytest.mark.parametrize("name", ["space", "square"])
def test_the_law_holds(name):
    """The p of a bar, before Bonferroni, is uniform where most are, and rarer than that below."""
    p = []
    for seed in range(10):
        test = loops_of(NOISE[name](np.random.default_rng(seed), 300))
        p.append(np.exp(-np.exp(test.statistics)))
    p = np.concatenate(p)
    for share in (0.2, 0.5, 0.8):
        assert (p < share).mean() == pytest.approx(share, abs=0.04)
    for share in (0.001, 0.01, 0.05):
        assert (p < share).mean() <= share + 0.005


def circle(rng, n, dim, noise):
    angle = rng.random(n) * 2 * np.pi
    plane = np.column_stack([np.cos(angle), np.sin(angle)])
    plane = np.pad(plane, ((0, 0), (0, dim - 2)))
    return plane + noise / np.sqrt(dim) * rng.normal(size=plane.shape)


@pytest.mark.parametrize(("dim", "n", "least"), [(16, 100, 10), (16, 50, 7), (64, 100, 10)])
def test_a_noisy_circle_is_seen(dim, n, least):
    seen = [loops_of(circle(np.random.default_rng(s), n, dim, 0.5)).n_supported for s in range(10)]
    assert sum(count == 1 for count in seen) >= least and max(seen) == 1


@pytest.mark.parametrize(
    ("name", "loops"),
    [("circle", 1), ("figure_eight", 2), ("sphere", 0), ("disk", 0), ("two circles", 2)],
)
@pytest.mark.parametrize("n", [100, 300])
def test_known_shapes(name, loops, n):
    rng = np.random.default_rng(5)
    if name == "disk":
        angle, radius = rng.random(n) * 2 * np.pi, np.sqrt(rng.random(n))
        X = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    elif name == "two circles":
        X = np.concatenate([circle(rng, n // 2, 3, 0.1) + np.array([3 * k, 0, 0]) for k in (0, 1)])
    else:
        X = getattr(tl.datasets, name)(n, rng=5)
        X = X + 0.03 * rng.normal(size=X.shape)
    assert loops_of(X).n_supported == loops


def test_a_clean_curve_has_one_bar():
    test = loops_of(tl.datasets.circle(60, rng=0))
    assert (test.n_tested, test.n_supported) == (1, 1)
    assert np.isnan(test.p_value) and np.isnan(test.shift)


@pytest.mark.parametrize("size", [1e-150, 1e-30, 7.3, 1e30, 1e150])
def test_size_does_not_matter(size):
    X = circle(np.random.default_rng(0), 80, 3, 0.3)
    small, large = loops_of(X), loops_of(size * X)
    np.testing.assert_allclose(large.p_values, small.p_values, rtol=1e-6)
    np.testing.assert_array_equal(large.supported, small.supported)


def test_points_that_coincide_and_few_points():
    X = circle(np.random.default_rng(0), 80, 3, 0.3)
    once, twice = loops_of(X), loops_of(np.repeat(X, 2, axis=0))
    np.testing.assert_allclose(twice.p_values, once.p_values, rtol=1e-9)
    for few in (X[:1], X[:3], np.zeros((20, 3))):
        test = universal_null_test(tl.rips(few), 0.0, degree=1)
        assert (test.n_tested, test.n_supported, test.p_value) == (0, 0, 1.0)


def test_a_grid_has_no_loop():
    """All its bars are alike, and chance explains bars like the others."""
    grid = np.stack(np.meshgrid(range(8), range(8)), -1).reshape(-1, 2).astype(float)
    test = loops_of(grid)
    assert test.n_tested == 49 and test.n_supported == 0
    assert test.p_value == 1.0


def test_single_precision_is_not_seen():
    X = circle(np.random.default_rng(0), 80, 16, 0.5).astype(np.float32)
    assert loops_of(X).p_value == loops_of(X.astype(np.float64)).p_value
    # distances that were rounded to 32 bits: bars of rounding do not shift the mean
    D = pdist(X.astype(np.float64))
    rounded = tl.rips(D.astype(np.float32), metric="precomputed")
    test = universal_null_test(rounded, D.mean(), degree=1)
    assert test.p_value == pytest.approx(loops_of(X).p_value, rel=1e-2)


def test_order_does_not_matter():
    rng = np.random.default_rng(3)
    bars = tl.rips(rng.normal(size=(100, 3)))[1]
    order = rng.permutation(len(bars))
    one, other = (universal_null_test(b, 1.0) for b in (bars, bars[order]))
    np.testing.assert_array_equal(one.p_values[order], other.p_values)


def test_columns_and_words():
    X = circle(np.random.default_rng(0), 80, 3, 0.3)
    test = loops_of(X)
    columns = test.to_columns()
    assert set(columns) == {"birth", "death", "statistic", "p_value", "supported"}
    np.testing.assert_array_equal(columns["supported"], test.supported)
    assert repr(test).startswith("UniversalNullTest(1 of ")


@pytest.mark.parametrize(
    ("message", "options"),
    [
        ("`mean_distance` must be non-negative", {"mean_distance": -1.0}),
        ("`mean_distance` must be non-negative", {"mean_distance": np.nan}),
        ("`mean_distance` must be a finite number", {"mean_distance": np.inf}),
        ("`mean_distance` must be above 0 where there are bars", {"mean_distance": 0.0}),
        ("`alpha` must be above 0 and below 1", {"alpha": 1.0}),
        ("`alpha` must be above 0 and below 1", {"alpha": 5}),
        ("`dgm` must be the diagram of one degree", {"dgm": [[[0.0, 1.0]], [[1.0, 2.0]]]}),
        ("`dgm` must have birth <= death", {"dgm": [[2.0, 1.0]]}),
    ],
)
def test_nonsense_is_refused(message, options):
    with pytest.raises(ValueError, match=message):
        universal_null_test(**{"dgm": [[1.0, 2.0]], "mean_distance": 1.0, **options})
