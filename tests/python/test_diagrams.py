"""Curves, landscapes and images of diagrams against other packages and against formulas."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

import topolens as tl

gudhi = pytest.importorskip("gudhi")
representations = pytest.importorskip("gudhi.representations")

GRID = np.linspace(-0.5, 3.5, 81)
INF = math.inf

number = st.floats(0, 3, allow_subnormal=False).map(lambda x: round(x, 6))
bar = st.tuples(number, number).map(sorted)
diagrams = st.lists(bar, max_size=8).map(lambda bars: np.array(bars, float).reshape(-1, 2))


def random_diagram(seed, k=40):
    births, lengths = np.random.default_rng(seed).random((2, k)) * [[2.0], [1.0]]
    return np.column_stack([births, births + lengths])


def tents(dgm, grid):
    return np.maximum(0, np.minimum(grid - dgm[:, :1], dgm[:, 1:] - grid))


def bottleneck(a, b):
    return gudhi.bottleneck_distance(a, b)


def wasserstein_1(a, b):
    """The 1-Wasserstein distance with the supremum norm, by an assignment problem."""
    costs = np.zeros((len(a) + len(b),) * 2)
    costs[: len(a), : len(b)] = np.abs(a[:, None] - b[None]).max(axis=2)
    costs[: len(a), len(b) :] = (a[:, 1:] - a[:, :1]) / 2
    costs[len(a) :, : len(b)] = (b[:, 1] - b[:, 0]) / 2
    return costs[optimize.linear_sum_assignment(costs)].sum()


# Betti and Euler curves


@given(diagrams)
def test_betti_curves_count_half_open_bars(dgm):
    grid = np.unique(np.concatenate([GRID, dgm.ravel()]))
    alive = (dgm[:, :1] <= grid) & (grid < dgm[:, 1:])
    np.testing.assert_array_equal(tl.diagrams.betti_curve(dgm, grid), alive.sum(axis=0))


def test_betti_curves_agree_with_gudhi_and_with_our_results():
    result = tl.rips(tl.datasets.circle(60, rng=1))
    grid = np.linspace(0, 2, 300)
    for degree in (0, 1):
        ours = tl.diagrams.betti_curve(result, grid, degree=degree)
        theirs = representations.BettiCurve(predefined_grid=grid)(result[degree])
        np.testing.assert_array_equal(ours, theirs)
        np.testing.assert_array_equal(ours, result.betti_numbers(grid)[:, degree])


def test_euler_curves_count_the_simplices_of_all_degrees():
    points = np.random.default_rng(0).random((7, 2))
    result = tl.rips(points, maxdim=5)
    tree = gudhi.RipsComplex(points=points).create_simplex_tree(max_dimension=6)
    grid = np.linspace(0, 1.5, 40)
    expected = [
        sum((-1) ** (len(s) - 1) for s, value in tree.get_simplices() if value <= t) for t in grid
    ]
    np.testing.assert_array_equal(tl.diagrams.euler_curve(result, grid), expected)


def test_nothing_is_said_beyond_a_threshold():
    short = tl.rips(tl.datasets.circle(60, rng=1), threshold=1.0)
    assert not short.complete
    assert tl.diagrams.betti_curve(short, [0.9, 1.0], degree=1).tolist() == [1, 1]
    for function in (
        lambda: tl.diagrams.betti_curve(short, [0.9, 1.1], degree=1),
        lambda: tl.diagrams.euler_curve(short, [0.9, 1.1]),
        lambda: tl.diagrams.landscape(short, grid=[0.9, 1.1], degree=1, essential=INF),
    ):
        with pytest.raises(ValueError, match=r"`grid` must end at the threshold .*found 1\.1"):
            function()


@given(diagrams, diagrams)
def test_betti_curves_are_stable_in_the_mean(a, b):
    ends = np.unique(np.concatenate([[0.0], a.ravel(), b.ravel()]))
    gap = np.abs(tl.diagrams.betti_curve(a, ends) - tl.diagrams.betti_curve(b, ends))[
        :-1
    ] @ np.diff(ends)
    assert gap <= 2 * wasserstein_1(a, b) + 1e-9


# Landscapes and silhouettes


@given(diagrams, st.integers(1, 10))
def test_landscapes_are_ordered_tents(dgm, k):
    heights = np.sort(np.vstack([tents(dgm, GRID), np.zeros((k, len(GRID)))]), axis=0)[::-1]
    np.testing.assert_array_equal(tl.diagrams.landscape(dgm, k, grid=GRID), heights[:k])


def test_landscapes_and_silhouettes_agree_with_gudhi_up_to_its_factor():
    dgm = random_diagram(0)
    options = {"resolution": 101, "sample_range": [0.0, 3.0], "keep_endpoints": True}
    theirs = representations.Landscape(num_landscapes=4, **options)(dgm).reshape(4, -1)
    grid = np.linspace(0, 3, 101)
    np.testing.assert_allclose(
        math.sqrt(2) * tl.diagrams.landscape(dgm, 4, grid=grid), theirs, atol=1e-12, rtol=0
    )
    weighted = representations.Silhouette(weight=lambda bar: (bar[1] - bar[0]) ** 1.5, **options)
    np.testing.assert_allclose(
        math.sqrt(2) * tl.diagrams.silhouette(dgm, grid, 1.5), weighted(dgm), atol=1e-12, rtol=0
    )


@given(diagrams, st.floats(0, 4))
def test_silhouettes_are_weighted_means_of_tents(dgm, power):
    longer = dgm[dgm[:, 1] > dgm[:, 0]]
    ours = tl.diagrams.silhouette(dgm, GRID, power)
    if len(longer):
        weights = (longer[:, 1] - longer[:, 0]) / (longer[:, 1] - longer[:, 0]).max()
        expected = np.average(tents(longer, GRID), axis=0, weights=weights**power)
        np.testing.assert_allclose(ours, expected, atol=1e-12)
    else:
        assert not ours.any()


@given(diagrams, diagrams)
def test_landscapes_are_stable(a, b):
    gap = np.abs(
        tl.diagrams.landscape(a, 8, grid=GRID) - tl.diagrams.landscape(b, 8, grid=GRID)
    ).max()
    assert gap <= bottleneck(a, b) + 1e-9


def test_silhouettes_do_not_overflow():
    dgm = np.array([[0.0, 1e200], [0.0, 2e200]])
    np.testing.assert_allclose(tl.diagrams.silhouette(dgm, [5e199], power=8), [5e199])


def test_essential_classes_in_landscapes():
    dgm = np.array([[0.0, 2.0], [1.0, INF]])
    heights = tl.diagrams.landscape(dgm, 2, grid=[1.0, 1.5, 4.0], essential=INF)
    np.testing.assert_array_equal(heights, [[1.0, 0.5, 3.0], [0.0, 0.5, 0.0]])
    ended = tl.diagrams.landscape(dgm, 2, grid=[1.0, 1.5, 4.0], essential=3.0)
    np.testing.assert_array_equal(ended, [[1.0, 0.5, 0.0], [0.0, 0.5, 0.0]])


# Persistence images

RANGES = {"birth_range": (-0.5, 2.5), "persistence_range": (0.0, 1.5)}


@pytest.mark.parametrize("power", [1.0, 2.0])
def test_images_agree_with_persim(power):
    persim = pytest.importorskip("persim")
    dgm = random_diagram(1)
    ours = tl.diagrams.persistence_image(dgm, 0.1, (30, 15), power, **RANGES)
    imager = persim.PersistenceImager(
        birth_range=(-0.5, 2.5),
        pers_range=(0.0, 1.5),
        pixel_size=0.1,
        weight_params={"n": power},
        kernel_params={"sigma": [[0.01, 0.0], [0.0, 0.01]]},
    )
    np.testing.assert_allclose(ours, imager.transform(dgm, skew=True).T, atol=1e-8)


def test_densities_agree_with_gudhi():
    dgm = random_diagram(2)
    theirs = representations.PersistenceImage(
        bandwidth=0.1,
        weight=lambda bar: bar[1],
        im_range=[-0.5, 2.5, 0.0, 1.5],
        resolution=[31, 16],
    )(dgm)
    half = 0.05
    ours = tl.diagrams.persistence_image(
        dgm,
        0.1,
        (31, 16),
        birth_range=(-0.5 - half, 2.5 + half),
        persistence_range=(0.0 - half, 1.5 + half),
        pixels="density",
    )
    np.testing.assert_allclose(ours.ravel(), theirs, atol=1e-10)


@given(diagrams, st.floats(0.05, 1.0))
def test_pixels_are_probabilities_of_a_normal_distribution(dgm, sigma):
    across, up = np.linspace(-0.5, 2.5, 6), np.linspace(0.0, 1.5, 4)
    expected = np.zeros((3, 5))
    for birth, death in dgm:
        along = np.diff(stats.norm.cdf(across, birth, sigma))
        height = np.diff(stats.norm.cdf(up, death - birth, sigma))
        expected += (death - birth) * np.outer(height, along)
    ours = tl.diagrams.persistence_image(dgm, sigma, (5, 3), **RANGES)
    np.testing.assert_allclose(ours, expected, atol=1e-12)


@given(diagrams, diagrams, st.floats(0.1, 1.0))
def test_images_are_stable(a, b, sigma):
    # Adams et al., theorem 10, for weights with slope at most 1 and height at most 3.
    wide = {"birth_range": (-4.0, 7.0), "persistence_range": (-4.0, 7.0)}
    images = [tl.diagrams.persistence_image(dgm, sigma, 60, **wide) for dgm in (a, b)]
    constant = math.sqrt(5) + math.sqrt(10 / math.pi) * 3 / sigma
    assert np.abs(images[0] - images[1]).sum() <= constant * wasserstein_1(a, b) + 1e-9


def test_default_ranges_hold_nearly_all_of_the_weights():
    dgm = random_diagram(3)
    dgm = dgm[dgm[:, 1] - dgm[:, 0] > 0.3]
    total = (dgm[:, 1] - dgm[:, 0]).sum()
    assert 0.99 * total < tl.diagrams.persistence_image(dgm, 0.05).sum() < total


def test_weights_by_a_function_of_births_and_persistences():
    dgm = random_diagram(4)
    by_name = tl.diagrams.persistence_image(dgm, 0.1, weight="linear", **RANGES)
    by_function = tl.diagrams.persistence_image(
        dgm, 0.1, weight=lambda births, lengths: lengths, **RANGES
    )
    np.testing.assert_array_equal(by_name, by_function)
    with pytest.raises(ValueError, match=r"`weight` must return one number a bar, shape \(40,\)"):
        tl.diagrams.persistence_image(dgm, 0.1, weight=lambda births, lengths: 1.0)
    with pytest.raises(ValueError, match="`weight` must be finite"):
        tl.diagrams.persistence_image(dgm, 0.1, weight=lambda births, lengths: np.inf * lengths)


# Numbers


@given(diagrams)
def test_numbers_agree_with_their_formulas(dgm):
    lengths = dgm[:, 1] - dgm[:, 0]
    longer = lengths[lengths > 0]
    entropy = stats.entropy(longer) if len(longer) else 0.0
    assert tl.diagrams.persistence_entropy(dgm) == pytest.approx(entropy, abs=1e-12)
    relative = entropy / math.log(len(longer)) if len(longer) > 1 else 0.0
    assert tl.diagrams.persistence_entropy(dgm, normalized=True) == pytest.approx(
        relative, abs=1e-12
    )
    assert tl.diagrams.total_persistence(dgm, 1.5) == pytest.approx((lengths**1.5).sum(), abs=1e-12)
    assert tl.diagrams.amplitude(dgm) == lengths.max(initial=0) / 2


def test_entropies_agree_with_gudhi():
    dgm = random_diagram(5)
    theirs = representations.Entropy(mode="scalar")(dgm)
    assert tl.diagrams.persistence_entropy(dgm) == pytest.approx(float(theirs[0]), rel=1e-12)


@given(diagrams, st.sampled_from([1.0, 2.0, 3.5]), st.sampled_from([1.0, 2.0, INF]))
def test_wasserstein_amplitudes_are_distances_from_the_diagonal(dgm, p, q):
    nearest = dgm - dgm.mean(axis=1, keepdims=True)
    heights = np.linalg.norm(nearest, ord=q, axis=1)
    assert tl.diagrams.amplitude(dgm, "wasserstein", p=p, q=q) == pytest.approx(
        (heights**p).sum() ** (1 / p), abs=1e-12
    )


@given(diagrams)
def test_amplitudes_are_distances_from_the_empty_diagram(dgm):
    assert tl.diagrams.amplitude(dgm) == tl.bottleneck_distance(dgm, [])
    for p, q in ((1.0, INF), (2.0, 2.0), (3.0, 1.0)):
        expected = tl.wasserstein_distance(dgm, [], p=p, q=q)
        assert tl.diagrams.amplitude(dgm, "wasserstein", p=p, q=q) == pytest.approx(
            expected, abs=1e-12
        )
        expected = tl.diagrams.landscape_distance(dgm, [], k=9, p=p)
        assert tl.diagrams.amplitude(dgm, "landscape", p=p) == pytest.approx(
            expected, rel=1e-9, abs=1e-12
        )


@given(diagrams, st.sampled_from([1.0, 2.0, 3.0]))
def test_norms_of_landscapes_and_betti_curves(dgm, p):
    fine = np.linspace(0, 3, 3001)
    heights = tl.diagrams.landscape(dgm, max(len(dgm), 1), grid=fine)
    integral = np.trapezoid((heights**p).sum(axis=0), fine)
    assert tl.diagrams.amplitude(dgm, "landscape", p=p) ** p == pytest.approx(
        integral, rel=1e-3, abs=1e-5
    )
    ends = np.unique(np.append(dgm.ravel(), 0.0))
    steps = tl.diagrams.betti_curve(dgm, ends)[:-1].astype(float) ** p @ np.diff(ends)
    assert tl.diagrams.amplitude(dgm, "betti", p=p) ** p == pytest.approx(steps, abs=1e-9)


def test_suprema_of_landscapes_and_betti_curves():
    dgm = [[0.0, 2.0], [1.0, 5.0]]
    assert tl.diagrams.amplitude(dgm, "landscape", p=INF) == 2.0
    assert tl.diagrams.amplitude(dgm, "betti", p=INF) == 2.0


def test_amplitudes_do_not_overflow():
    assert tl.diagrams.amplitude([[0.0, 2e200]], "wasserstein", p=9) == pytest.approx(1e200)


@given(diagrams, diagrams)
def test_numbers_are_stable(a, b):
    assert abs(tl.diagrams.amplitude(a) - tl.diagrams.amplitude(b)) <= bottleneck(a, b) + 1e-9
    gap = abs(tl.diagrams.total_persistence(a) - tl.diagrams.total_persistence(b))
    assert gap <= 2 * wasserstein_1(a, b) + 1e-9


@given(diagrams)
def test_statistics_are_those_of_numpy(dgm):
    found = tl.diagrams.persistence_statistics(dgm)
    kinds = {
        "birth": dgm[:, 0],
        "death": dgm[:, 1],
        "midpoint": dgm.mean(axis=1),
        "lifetime": dgm[:, 1] - dgm[:, 0],
    }
    assert found["count"] == len(dgm) and found["essential"] == 0
    for kind, values in kinds.items():
        if not len(dgm):
            assert all(math.isnan(v) for name, v in found.items() if name.startswith(kind))
            continue
        quartiles = np.percentile(values, [10, 25, 50, 75, 90])
        expected = {
            "mean": values.mean(),
            "sd": values.std(),
            "min": values.min(),
            "max": values.max(),
            **dict(zip(["q10", "q25", "median", "q75", "q90"], quartiles, strict=True)),
            "iqr": quartiles[3] - quartiles[1],
        }
        for name, value in expected.items():
            assert found[f"{kind}_{name}"] == pytest.approx(value, abs=1e-9)


# Rules for essential classes, and hostile input

FINITE_ONLY = [
    lambda dgm, **rule: tl.diagrams.landscape(dgm, 2, grid=GRID, **rule),
    lambda dgm, **rule: tl.diagrams.silhouette(dgm, GRID, **rule),
    lambda dgm, **rule: tl.diagrams.persistence_image(dgm, 0.1, 8, **RANGES, **rule),
    lambda dgm, **rule: tl.diagrams.persistence_entropy(dgm, **rule),
    lambda dgm, **rule: tl.diagrams.total_persistence(dgm, **rule),
    lambda dgm, **rule: tl.diagrams.amplitude(dgm, "landscape", **rule),
    lambda dgm, **rule: list(tl.diagrams.persistence_statistics(dgm, **rule).values())[:-2],
]


@pytest.mark.parametrize("function", FINITE_ONLY)
def test_essential_classes_follow_the_rule_that_is_given(function):
    dgm = np.array([[0.0, 1.0], [0.5, INF]])
    with pytest.raises(ValueError, match=r"found 1 essential class: .*essential=\"drop\""):
        function(dgm)
    np.testing.assert_array_equal(function(dgm, essential="drop"), function(dgm[:1]))
    ended = np.array([[0.0, 1.0], [0.5, 2.0]])
    np.testing.assert_array_equal(function(dgm, essential=2.0), function(ended))
    with pytest.raises(ValueError, match="at least the births of the essential classes"):
        function(dgm, essential=0.25)
    with pytest.raises(ValueError, match="`essential` must be"):
        function(dgm, essential="keep")
    with pytest.raises(ValueError, match="finite births where essential classes end"):
        function([[-INF, INF]], essential=2.0)
    np.testing.assert_array_equal(function([[-INF, INF]], essential="drop"), function([]))


def test_statistics_count_essential_classes():
    found = tl.diagrams.persistence_statistics([[0.0, 1.0], [0.5, INF]], essential="drop")
    assert (found["count"], found["essential"]) == (1.0, 1.0)


@pytest.mark.parametrize(
    "function",
    [
        *FINITE_ONLY,
        lambda dgm: tl.diagrams.betti_curve(dgm, GRID),
        lambda dgm: tl.diagrams.euler_curve([dgm], GRID),
    ],
)
def test_broken_diagrams_are_refused_and_empty_ones_are_not(function):
    for broken in ([[0.0, np.nan]], [[2.0, 1.0]], [[0.0, 1.0, 2.0]]):
        with pytest.raises(ValueError, match=r"`dgms?"):
            function(broken)
    for nothing in ([], np.empty(0), np.empty((0, 2))):
        assert np.nan_to_num(np.asarray(function(nothing), dtype=float)).max() == 0


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ([], "at least one point"),
        ([1.0, 0.0], r"must ascend; found 1 before 0 at \[0\]"),
        ([0.0, np.nan], r"must be finite; found nan at \[1\]"),
        ([[0.0, 1.0]], r"shape \(g,\)"),
        (3.0, r"shape \(g,\)"),
    ],
)
def test_hostile_grids_are_refused(grid, message):
    dgm = random_diagram(0)
    for function in (
        lambda: tl.diagrams.betti_curve(dgm, grid),
        lambda: tl.diagrams.euler_curve([dgm], grid),
        lambda: tl.diagrams.landscape(dgm, grid=grid),
        lambda: tl.diagrams.silhouette(dgm, grid),
    ):
        with pytest.raises(ValueError, match=f"`grid`.*{message}"):
            function()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sigma": 0.0}, "`sigma` must be a positive number"),
        ({"sigma": np.nan}, "`sigma` must be a positive number"),
        ({"resolution": 0}, "`resolution` must be at least 1"),
        ({"resolution": (2, 3, 4)}, "`resolution` must be a number or"),
        ({"birth_range": (1.0, 1.0)}, "`birth_range` must be two ascending numbers"),
        ({"persistence_range": (0.0, np.inf)}, "`persistence_range` must be two"),
        ({"persistence_range": 3.0}, r"`persistence_range` must be \(low, high\)"),
        ({"pixels": "samples"}, "`pixels` must be one of integral, density"),
        ({"weight": "arctan"}, '`weight` must be "linear"'),
        ({"weight": -1.0}, "`weight` must be non-negative"),
    ],
)
def test_hostile_options_of_images_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        tl.diagrams.persistence_image(random_diagram(0), **{"sigma": 0.1, **options})


def test_other_hostile_options():
    dgm = random_diagram(0)
    with pytest.raises(ValueError, match="`birth_range` must be given where there are no bars"):
        tl.diagrams.persistence_image([], 0.1)
    with pytest.raises(ValueError, match="`k` must be at least 1"):
        tl.diagrams.landscape(dgm, 0, grid=GRID)
    with pytest.raises(ValueError, match="`power` must be non-negative"):
        tl.diagrams.silhouette(dgm, GRID, power=-1)
    with pytest.raises(ValueError, match="`p` must be a positive number"):
        tl.diagrams.total_persistence(dgm, p=0)
    with pytest.raises(ValueError, match="`p` must be at least 1"):
        tl.diagrams.amplitude(dgm, "wasserstein", p=0.5)
    with pytest.raises(ValueError, match="`metric` must be one of bottleneck"):
        tl.diagrams.amplitude(dgm, "heat")
    with pytest.raises(MemoryError, match="lower the `resolution`"):
        tl.diagrams.persistence_image(dgm, 0.1, 10_000, max_memory=1_000_000)
    with pytest.raises(MemoryError, match="smaller `k`"):
        tl.diagrams.landscape(dgm, 10_000, grid=GRID, max_memory=1_000)


def test_essential_classes_are_kept_by_all_landscapes():
    pytest.importorskip("sklearn")
    dgms, grid = [[[0.0, 2.0], [1.0, INF]], [[0.5, INF]]], [1.0, 1.5, 4.0]
    heights = np.array([tl.diagrams.landscape(d, 2, grid=grid, essential=INF) for d in dgms])
    band = tl.diagrams.landscape_band(dgms, 2, grid=grid, essential=INF, rng=0)
    np.testing.assert_array_equal(band.mean, heights.mean(axis=0))
    estimator = tl.sklearn.PersistenceLandscape(k=2, grid=grid, essential=INF)
    np.testing.assert_array_equal(estimator.fit_transform(dgms), heights.reshape(2, -1))
    short = [tl.rips(tl.datasets.circle(60, rng=seed), threshold=1.0) for seed in (1, 2)]
    for beyond in (
        lambda: tl.diagrams.landscape_band(short, grid=grid, degree=1, essential=INF),
        lambda: tl.sklearn.PersistenceLandscape(grid=grid, degree=1, essential=INF).fit_transform(
            short
        ),
        lambda: tl.plotting.plot_landscape(short[0], grid=grid, degree=1, essential=INF),
    ):
        with pytest.raises(ValueError, match=r"`grid` must end at the threshold .*found 4"):
            beyond()
