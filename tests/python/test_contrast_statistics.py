"""Sign flips, ranks among copies, permutations and subsamples, beside brute force and scipy."""

from __future__ import annotations

import itertools
import math
import warnings

import numpy as np
import pytest
from scipy import stats

from topolens.statistics import (
    copy_contrast,
    decidable,
    group_contrast,
    least_p,
    paired_contrast,
    subsample_intervals,
)

RNG = np.random.default_rng


def kinds_of(n, m, seed=0):
    """Random, tied, constant, zero, skewed and far away numbers of n networks and m rows."""
    rng = RNG(seed)
    return {
        "random": rng.normal(size=(n, m)),
        "shifted": rng.normal(size=(n, m)) + 1,
        "tied": rng.integers(-1, 3, size=(n, m)).astype(float),
        "zero": np.zeros((n, m)),
        "equal": np.ones((n, m)),
        "skewed": rng.exponential(size=(n, m)) ** 3,
        "tiny": 1e-200 * rng.normal(size=(n, m)),
        "huge": 1e200 * rng.normal(size=(n, m)),
    }


# --- sign flips ---------------------------------------------------------------------------------


def t_of(d):
    """One-sample t as in the books; infinite where all are equal and not 0."""
    n = len(d)
    mean = math.fsum(d) / n
    sd = math.sqrt(math.fsum((x - mean) ** 2 for x in d) / (n - 1))
    if sd <= 1e-12 * max(map(abs, d)):
        return 0.0 if all(x == 0 for x in d) else math.inf
    return abs(mean) / (sd / math.sqrt(n))


def flips_by_force(d):
    """p of each row and p of each by the largest t over all rows, over all 2^n flips."""
    n, m = d.shape
    d = d / np.abs(d).max() if d.any() else d
    seen = [t_of(d[:, j]) for j in range(m)]
    alone, among = np.zeros(m), np.zeros(m)
    for signs in itertools.product((1.0, -1.0), repeat=n):
        t = [t_of(d[:, j] * signs) for j in range(m)]
        for j in range(m):
            alone[j] += t[j] >= seen[j] * (1 - 1e-9)
            among[j] += max(t) >= seen[j] * (1 - 1e-9)
    return alone / 2**n, among / 2**n


@pytest.mark.parametrize("kind", kinds_of(2, 2))
@pytest.mark.parametrize("n", [2, 3, 6])
def test_flips_are_those_of_brute_force(kind, n):
    d = kinds_of(n, 3, seed=n)[kind]
    found = paired_contrast(d, np.zeros_like(d))
    p, p_adjusted = flips_by_force(d)
    np.testing.assert_allclose(found.p, p)
    np.testing.assert_allclose(found.p_adjusted, p_adjusted)
    assert found.p_family == pytest.approx(p_adjusted.min())
    assert (found.p >= found.least_p).all() and (found.least_p == 2 / 2**n).all()


def test_flips_are_those_of_scipy():
    rng = RNG(3)
    one, other = rng.normal(size=(9, 2)) + 0.5, rng.normal(size=(9, 2))
    found = paired_contrast(one, other)
    for j in range(2):
        d = one[:, j] - other[:, j]
        by_scipy = stats.permutation_test(
            (d,), lambda x, axis: x.mean(axis=axis), permutation_type="samples", vectorized=True
        )
        assert found.p[j] == pytest.approx(by_scipy.pvalue)
        interval = stats.ttest_1samp(d, 0).confidence_interval(0.95)
        assert (found.low[j], found.high[j]) == pytest.approx((interval.low, interval.high))


def test_many_networks_are_flipped_at_random():
    rng = RNG(4)
    d = rng.normal([0.0, 0.3, 0.6, 5.0], size=(13, 4))
    found = paired_contrast(d, np.zeros_like(d), rng=0)
    exact = paired_contrast(d[:11], np.zeros((11, 4)))
    assert "9999 random" in found.test and "all" in exact.test
    by_force = np.array([signs @ d for signs in signs_of(13)])
    p = (np.abs(by_force) >= np.abs(d.sum(axis=0)) * (1 - 1e-9)).mean(axis=0)
    np.testing.assert_allclose(found.p, p, atol=0.015)
    assert found.p[3] == pytest.approx(2 / 2**13, abs=4e-4) and found.p[3] >= 1e-4
    assert found.least_p[3] == pytest.approx(2 / 2**13)
    again = paired_contrast(d, np.zeros_like(d), rng=0)
    assert (found.p == again.p).all() and (found.p_adjusted == again.p_adjusted).all()


def signs_of(n):
    return itertools.product((1.0, -1.0), repeat=n)


def test_of_so_many_networks_the_draws_are_the_least():
    d = np.ones((20, 1))
    found = paired_contrast(d, 0 * d, n_resamples=999, rng=0)
    assert found.p == found.least_p == 1 / 1000


def test_blocks_of_draws_change_nothing(monkeypatch):
    d = RNG(0).normal(size=(14, 5))
    whole = paired_contrast(d, 0 * d, rng=1)
    monkeypatch.setattr("topolens.statistics._paired.AT_ONCE", 70)
    parts = paired_contrast(d, 0 * d, rng=1)
    assert (whole.p == parts.p).all() and (whole.p_adjusted == parts.p_adjusted).all()


def exchanges_by_force(values, controls):
    """p of each row, and by the largest over rows, when any control may stand for its network."""
    each = np.concatenate([values[None], controls])
    n_each, n, m = each.shape
    centred = each - each.mean(axis=0)
    squares = [sum(x * x for x in centred[:, :, j].ravel()) for j in range(m)]

    def size(pick):
        sums = [abs(math.fsum(centred[k, i, j] for i, k in enumerate(pick))) for j in range(m)]
        return [s / math.sqrt(q) if q else 0.0 for s, q in zip(sums, squares, strict=True)]

    seen = size([0] * n)
    ways = [size(pick) for pick in itertools.product(range(n_each), repeat=n)]
    alone = [np.mean([way[j] >= seen[j] - 1e-9 for way in ways]) for j in range(m)]
    among = [np.mean([max(way) >= seen[j] - 1e-9 for way in ways]) for j in range(m)]
    return np.array(alone), np.array(among)


@pytest.mark.parametrize("kind", ["random", "shifted", "tied", "equal", "skewed"])
@pytest.mark.parametrize(("n", "copies"), [(2, 5), (3, 3), (5, 2), (6, 1)])
def test_exchanges_with_several_controls_are_those_of_brute_force(kind, n, copies):
    rng = RNG(copies)
    values = kinds_of(n, 3, seed=n)[kind]
    controls = np.array([rng.permuted(values, axis=0) - (kind == "shifted") for _ in range(copies)])
    found = paired_contrast(values, controls)
    p, p_adjusted = exchanges_by_force(values, controls)
    np.testing.assert_allclose(found.p, np.maximum(p, 2 / 2**n))
    np.testing.assert_allclose(found.p_adjusted, np.maximum(p_adjusted, 2 / 2**n))
    np.testing.assert_allclose(
        found.difference, (values - controls.mean(axis=0)).mean(axis=0), atol=1e-12
    )
    d = values - controls.mean(axis=0)
    error = d.std(axis=0, ddof=1) / n**0.5
    if copies > 1:
        exchanged = (controls.var(axis=0, ddof=1) * (1 + 1 / copies)).sum(axis=0) ** 0.5 / n
        error = np.maximum(error, exchanged)
    half = stats.t.ppf(0.975, n - 1) * error
    np.testing.assert_allclose(found.high - found.difference, half, atol=1e-12)
    if copies == 1:
        flat = paired_contrast(values, controls[0])
        np.testing.assert_array_equal(found.p, flat.p)


def test_more_controls_are_no_more_networks():
    """However far five networks are from however many controls, p is 2/2^5."""
    controls = RNG(0).normal(size=(30, 5, 2))
    found = paired_contrast(np.full((5, 2), 99.0), controls, rng=0)
    assert (found.p == 2 / 2**5).all() and (found.p_adjusted == found.least_p).all()


def test_more_controls_tell_more():
    """Of eight networks and an effect of one sd, one control each sees it in 2 of 3 cases."""
    rng = RNG(12)
    values, controls = rng.normal(size=(8, 60)) + 2**0.5, rng.normal(size=(19, 8, 60))
    one, many = (paired_contrast(values, c, rng=0) for c in (controls[0], controls))
    assert (one.p <= 0.05).mean() < 0.8 < 0.88 < (many.p <= 0.05).mean()


@pytest.mark.parametrize("kind", ["rare", "skewed", "random"])
def test_exchanges_keep_their_level(kind):
    """Where flips of the difference from a mean of controls reject up to one table of three."""
    rng = RNG(13)
    draw = {
        "rare": lambda size: rng.poisson(0.1, size).astype(float),
        "skewed": lambda size: rng.exponential(size=size) ** 2,
        "random": lambda size: rng.normal(size=size),
    }[kind]
    values, controls = draw((10, 600)), draw((20, 10, 600))
    found = paired_contrast(values, controls, families=range(600), rng=0)
    assert ((found.low <= 0) & (found.high >= 0)).mean() > 0.92
    called = int((found.p <= 0.05).sum())
    assert stats.binomtest(called, 600, 0.05, alternative="greater").pvalue > 1e-3


def test_a_control_that_is_missing_is_left_out():
    rng = RNG(14)
    values, controls = rng.normal(size=(5, 2)), rng.normal(size=(3, 5, 2))
    controls[1:, :, 0] = np.nan
    controls[:, 4, 1] = np.nan
    found = paired_contrast(values, controls, rng=0)
    flat = paired_contrast(values[:, 0], controls[0, :, 0])
    assert found.p[0] == pytest.approx(flat.p[0], abs=0.02) and found.n.tolist() == [5, 4]
    full = paired_contrast(values[:4, 1], controls[:, :4, 1:], rng=0)
    assert found.p[1] == pytest.approx(full.p[0], abs=0.02)
    fewer = controls.copy()
    fewer[2, 0, 1] = np.nan  # all networks have two then
    again = paired_contrast(values, fewer, rng=0)
    first = np.concatenate([fewer[:2, :4, 1:]])
    assert again.p[1] == pytest.approx(paired_contrast(values[:4, 1], first).p[0], abs=0.02)
    assert found.difference[0] == pytest.approx(flat.difference[0])
    with pytest.raises(ValueError, match="`controls` must be of the same networks as `values`, 5"):
        paired_contrast(values, controls[:, :4])
    with pytest.raises(ValueError, match="`controls` must be of the shape of `values`, with or"):
        paired_contrast(values, controls[:, :, :1])


def test_families_are_asked_apart():
    d = RNG(1).normal(size=(7, 5))
    families = ["a", "b", "a", "b", "b"]
    found = paired_contrast(d, 0 * d, families=families)
    assert found.families == ("a", "b")
    for code, name in enumerate("ab"):
        mine = np.array(families) == name
        alone = paired_contrast(d[:, mine], 0 * d[:, mine])
        np.testing.assert_array_equal(found.p_adjusted[mine], alone.p_adjusted)
        assert found.p_family[code] == alone.p_family[0] == alone.p_adjusted.min()


def test_a_missing_number_leaves_its_network_out_of_the_row():
    d = RNG(2).normal(size=(7, 3)) + 1
    holes = d.copy()
    holes[2, 1] = np.nan
    holes[:, 2] = np.inf
    found = paired_contrast(holes, np.zeros_like(d))
    less = paired_contrast(np.delete(d[:, 1], 2), np.zeros(6))
    assert found.n.tolist() == [7, 6, 0]
    for name in ("difference", "low", "high", "p", "least_p"):
        assert getattr(found, name)[1] == pytest.approx(getattr(less, name)[0])
        assert np.isnan(getattr(found, name)[2])
    assert found.p_family == np.nanmin(found.p_adjusted)


def test_what_is_only_rounding_is_no_difference():
    one = np.full((8, 1), 0.1 + 0.2)
    found = paired_contrast(one, np.full((8, 1), 0.3))
    assert found.p == 1 and found.difference == found.low == found.high == 0


def test_intervals_of_paired_differences_cover():
    rng = RNG(5)
    missed = 0
    for _ in range(60):
        d = rng.normal(size=(6, 40)) + 2
        found = paired_contrast(d, 0 * d)
        missed += ((found.low > 2) | (found.high < 2)).sum()
    assert 0.03 < missed / 2400 < 0.07


def test_p_of_flips_is_uniform_where_nothing_happens():
    """In steps of 2/2^n; and the largest over dependent rows keeps the level."""
    rng = RNG(6)
    p, family = [], []
    for _ in range(600):
        common = rng.normal(size=(7, 1))
        d = common + rng.standard_t(3, size=(7, 6))
        found = paired_contrast(d, 0 * d)
        p.append(found.p[0])
        family.append(found.p_family[0])
    for values in (p, family):
        assert stats.binomtest(int((np.array(values) <= 0.05).sum()), 600, 3 / 64).pvalue > 1e-3
    grid = np.round(np.array(p) * 64).astype(int)
    counts = np.bincount(grid, minlength=65)[1:]
    assert stats.chisquare(counts).pvalue > 1e-3


# --- one network among copies -------------------------------------------------------------------


def ranks_by_force(value, copies):
    """p alone, p by the largest |z|, p of the mean z², with plain loops."""
    everyone = [value, *copies]
    m = len(value)
    z = []
    for network in everyone:
        row = []
        for j in range(m):
            column = [other[j] for other in everyone]
            mean = math.fsum(column) / len(column)
            sd = math.sqrt(math.fsum((x - mean) ** 2 for x in column) / (len(column) - 1))
            row.append(abs(network[j] - mean) / sd if sd > 1e-12 * max(map(abs, column)) else 0.0)
        z.append(row)
    total = len(everyone)
    alone = [sum(row[j] >= z[0][j] - 1e-9 for row in z) / total for j in range(m)]
    among = [sum(max(row) >= z[0][j] - 1e-9 for row in z) / total for j in range(m)]
    squares = [sum(x * x for x in row) / m for row in z]
    return alone, among, sum(s >= squares[0] - 1e-9 for s in squares) / total


@pytest.mark.parametrize("kind", set(kinds_of(2, 2)) - {"tiny", "huge"})
@pytest.mark.parametrize("n_copies", [2, 5, 19])
def test_ranks_are_those_of_brute_force(kind, n_copies):
    numbers = kinds_of(n_copies + 1, 4, seed=n_copies)[kind]
    found = copy_contrast(numbers[0], numbers[1:])
    alone, among, mean_square = ranks_by_force(numbers[0].tolist(), numbers[1:].tolist())
    assert found.p.tolist() == pytest.approx(alone)
    assert found.p_adjusted.tolist() == pytest.approx(among)
    assert found.p_mean_square[0] == pytest.approx(mean_square)
    assert (found.least_p == 1 / (n_copies + 1)).all()


@pytest.mark.parametrize("kind", ["random", "tied", "skewed"])
@pytest.mark.parametrize(("n_copies", "level"), [(19, 0.95), (39, 0.95), (9, 0.8), (25, 0.7)])
def test_the_interval_has_the_shifts_that_the_rank_allows(kind, n_copies, level):
    numbers = kinds_of(n_copies + 1, 1, seed=n_copies)[kind][:, 0]
    value, copies = numbers[0], numbers[1:]
    found = copy_contrast([value], copies, confidence_level=level)
    alpha = 1 - level + 1e-9
    span = 4 * np.ptp(numbers)
    for shift in np.linspace(-span, span, 401) + value - copies.mean():
        rejected = copy_contrast([value - shift], copies).p[0] <= alpha
        at_an_end = min(abs(shift - found.low[0]), abs(shift - found.high[0])) < 1e-7
        assert at_an_end or rejected == (not found.low[0] <= shift <= found.high[0])


def test_few_copies_have_no_interval():
    found = copy_contrast([50.0], RNG(0).normal(size=18))
    assert (found.low[0], found.high[0]) == (-np.inf, np.inf)
    assert found.p[0] == found.least_p[0] == 1 / 19
    assert found.difference[0] > 49
    one = copy_contrast([1.0], [0.5])
    assert one.p[0] == 1 and one.least_p[0] == 0.5 and np.isinf(one.low[0])


def test_a_copy_without_a_number_is_left_out_of_the_row():
    rng = RNG(0)
    value, copies = rng.normal(size=3) + 9, rng.normal(size=(20, 3))
    copies[4, 1] = np.nan
    value[2] = np.nan
    found = copy_contrast(value, copies)
    less = copy_contrast(value[1:2], np.delete(copies[:, 1:2], 4, axis=0))
    assert found.n.tolist() == [20, 19, 20]
    for name in ("difference", "low", "high", "p", "least_p"):
        assert getattr(found, name)[1] == pytest.approx(getattr(less, name)[0])
        assert np.isnan(getattr(found, name)[2])
    nothing = copy_contrast([np.nan], copies[:, 0])
    assert np.isnan(nothing.p_mean_square) and np.isnan(nothing.p_family)


def test_ranks_are_uniform_and_their_intervals_cover():
    rng = RNG(7)
    p, largest, square, missed = [], [], [], 0
    for _ in range(1500):
        numbers = rng.normal(size=(20, 1)) + rng.poisson(2.0, size=(20, 5))
        found = copy_contrast(numbers[0] + 3, numbers[1:] + 0)
        missed += not found.low[0] <= 3 <= found.high[0]
        found = copy_contrast(numbers[0], numbers[1:])
        p.append(found.p[0])
        largest.append(found.p_family[0])
        square.append(found.p_mean_square[0])
    for values in (p, largest, square):
        counts = np.bincount(np.round(np.array(values) * 20).astype(int), minlength=21)[1:]
        assert stats.chisquare(counts).pvalue > 1e-3
    assert stats.binomtest(missed, 1500, 0.05).pvalue > 1e-3


# --- two kinds of networks ----------------------------------------------------------------------


def welch(x, y, axis=-1):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return np.abs(stats.ttest_ind(x, y, axis=axis, equal_var=False).statistic)


def divisions_by_force(one, other):
    together = np.vstack([one, other])
    n, total = len(one), len(together)

    def t(first):
        rest = [i for i in range(total) if i not in first]
        found = welch(together[list(first)], together[rest], axis=0)
        return np.nan_to_num(found, nan=0.0, posinf=np.inf)

    seen = t(tuple(range(n))) * (1 - 1e-9)
    all_of_them = np.array([t(first) for first in itertools.combinations(range(total), n)])
    largest = all_of_them.max(axis=1)[:, None]
    return (all_of_them >= seen).mean(axis=0), (largest >= seen).mean(axis=0)


@pytest.mark.parametrize("kind", ["random", "tied", "zero", "equal", "skewed"])
@pytest.mark.parametrize("sizes", [(2, 2), (2, 5), (4, 4), (5, 3)])
def test_permutations_are_those_of_brute_force(kind, sizes):
    numbers = kinds_of(sum(sizes), 3, seed=sizes[0])[kind]
    one, other = numbers[: sizes[0]] + (kind == "tied"), numbers[sizes[0] :]
    found = group_contrast(one, other)
    p, p_adjusted = divisions_by_force(one, other)
    np.testing.assert_allclose(found.p, p)
    np.testing.assert_allclose(found.p_adjusted, p_adjusted)
    assert (found.p >= found.least_p - 1e-12).all()


def test_welch_and_permutations_are_those_of_scipy():
    rng = RNG(8)
    one, other = rng.normal(size=(5, 2)) * 3, rng.normal(size=(6, 2)) + 1
    found = group_contrast(one, other)
    for j in range(2):
        by_scipy = stats.permutation_test(
            (one[:, j], other[:, j]), welch, vectorized=True, alternative="greater"
        )
        assert found.p[j] == pytest.approx(by_scipy.pvalue)
        interval = stats.ttest_ind(one[:, j], other[:, j], equal_var=False).confidence_interval()
        assert (found.low[j], found.high[j]) == pytest.approx((interval.low, interval.high))


def test_the_least_p_of_groups_is_reached():
    for n, m in [(4, 4), (3, 6), (5, 2)]:
        found = group_contrast(np.arange(n) / 100 + 9, np.arange(m) / 100)
        assert found.p[0] == pytest.approx(found.least_p[0]) == least_p("group", n, m)


def test_many_divisions_are_drawn_at_random(monkeypatch):
    rng = RNG(9)
    one, other = rng.normal([0, 0.5, 3], size=(9, 3)), rng.normal(size=(8, 3))
    found = group_contrast(one, other, rng=0)
    assert "9999 random" in found.test and found.p[2] < 0.001
    p, _ = divisions_by_force(one[:, 1:2], other[:, 1:2])
    assert found.p[1] == pytest.approx(p[0], abs=0.02)
    monkeypatch.setattr("topolens.statistics._groups.BLOCK", 500)
    assert (group_contrast(one, other, rng=0).p == found.p).all()


def test_a_network_without_a_number_is_left_out_of_the_row():
    rng = RNG(1)
    one, other = rng.normal(size=(5, 3)), rng.normal(size=(4, 3)) + 2
    one[0, 1] = np.nan
    one[:4, 2] = np.nan
    found = group_contrast(one, other)
    less = group_contrast(one[1:, 1], other[:, 1])
    assert found.n.tolist() == [9, 8, 5]
    assert found.difference[1] == pytest.approx(less.difference[0])
    assert (found.low[1], found.high[1]) == pytest.approx((less.low[0], less.high[0]))
    assert np.isnan([found.p[2], found.low[2], found.high[2]]).all()
    with pytest.raises(ValueError, match="`second` must have 3 rows"):
        group_contrast(one, other[:, :2])
    alone = group_contrast([1.0], [2.0, 3.0])
    assert np.isnan(alone.p[0]) and alone.difference[0] == -1.5


def test_permutations_keep_their_level():
    rng = RNG(10)
    p, missed = [], 0
    for _ in range(400):
        common = rng.normal(size=(9, 1))
        numbers = common + rng.normal(size=(9, 5))
        found = group_contrast(numbers[:4], numbers[4:])
        p.append(found.p_family[0])
        missed += not found.low[0] <= 0 <= found.high[0]
    rejected = int((np.array(p) <= 0.05).sum())
    assert stats.binomtest(rejected, 400, 6 / 126).pvalue > 1e-3
    assert missed / 400 < 0.08


# --- subsamples ---------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_intervals_from_subsamples_cover_the_mean(share):
    """Of the mean of 160 points; without the factor they cover 70 % at a share of 0.8."""
    rng = RNG(11)
    covered = {True: 0, False: 0}
    for _ in range(300):
        X = rng.exponential(size=160)
        m = round(share * 160)
        repeats = [rng.choice(X, m, replace=False).mean() for _ in range(20)]
        for whole in (True, False):
            found = subsample_intervals(repeats, share=share, whole=[X.mean()] if whole else None)
            covered[whole] += found.low[0] <= 1 <= found.high[0]
    assert covered[True] / 300 > 0.92 and covered[False] / 300 > 0.90


def test_intervals_from_subsamples_are_the_formula():
    repeats = RNG(0).normal(size=(20, 2))
    found = subsample_intervals(repeats)
    half = stats.t.ppf(0.975, 19) * 2 * repeats.std(axis=0, ddof=1)
    np.testing.assert_allclose(found.high - found.difference, half)
    np.testing.assert_allclose(found.difference, repeats.mean(axis=0))
    assert np.isnan(found.p).all() and np.isnan(found.least_p).all() and "none" in found.test


# --- laws ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["random", "tied", "skewed"])
def test_sides_and_units_of_measurement_do_not_matter(kind):
    """p stays when both sides are exchanged, or measured in other units; each row has its own."""
    numbers = kinds_of(12, 3, seed=5)[kind]
    units, origin = np.array([1e-9, 3.0, 1e12]), np.array([0.0, 5.0, -1e12])
    one, other = numbers[:6], numbers[6:]
    scaled, moved = one * units + origin, other * units + origin
    for test in (paired_contrast, group_contrast):
        found, exchanged, in_units = test(one, other), test(other, one), test(scaled, moved)
        for name in ("p", "p_adjusted"):
            np.testing.assert_allclose(getattr(found, name), getattr(exchanged, name))
            np.testing.assert_allclose(getattr(found, name), getattr(in_units, name))
        np.testing.assert_allclose(found.low, -exchanged.high)
        np.testing.assert_allclose(found.low * units, in_units.low, rtol=1e-3)
    alone = copy_contrast(numbers[0], numbers[1:])
    in_units = copy_contrast(numbers[0] * units + origin, numbers[1:] * units + origin)
    np.testing.assert_allclose(alone.p_adjusted, in_units.p_adjusted)
    assert alone.p_mean_square == in_units.p_mean_square


@pytest.mark.parametrize("test", [paired_contrast, group_contrast])
def test_the_order_of_networks_does_not_matter(test):
    rng = RNG(3)
    one, other = rng.integers(0, 4, size=(2, 7, 3)).astype(float)
    order = rng.permutation(7)
    found = test(one, other)
    again = test(one[order], other[order if test is paired_contrast else rng.permutation(7)])
    np.testing.assert_array_equal(found.p, again.p)
    np.testing.assert_array_equal(found.p_adjusted, again.p_adjusted)


# --- what can be decided ------------------------------------------------------------------------


def test_least_p_values():
    assert [least_p("network", n) for n in (5, 6, 8, 10)] == [2 / 2**n for n in (5, 6, 8, 10)]
    assert (least_p("copy", 19), least_p("copy", 39)) == (0.05, 0.025)
    assert least_p("group", 3, 3) == 0.1 and least_p("group", 4, 4) == pytest.approx(2 / 70)
    assert least_p("group", 2, 5) == pytest.approx(1 / 21) and math.isnan(least_p("repeat", 9))


@pytest.mark.parametrize(
    ("design", "said"),
    [
        (("network", 5), "5 networks cannot reach p < 0.05: the least possible p is 0.062"),
        (("network", 6), "one question"),
        (("network", 8), "a profile over layers, not to pick rows"),
        (("network", 20), "p = 0.0001: enough for a table"),
        (("copy", 9), "9 copies cannot reach p < 0.05: the least possible p is 0.1"),
        (("copy", 19), "nothing is said about other networks"),
        (("group", 3, 3), "3 against 3 networks cannot reach p < 0.05"),
        (("repeat", 20), "20 repeats of one network: no p-value"),
    ],
)
def test_what_can_be_decided_is_said(design, said):
    assert said in decidable(*design)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: least_p("seed", 3), "`unit` must be one of network, group, copy, repeat"),
        (lambda: least_p("copy", 0), "`n` must be at least 1"),
        (lambda: least_p("network", 3, 3), "`n_other` must be left out"),
        (lambda: paired_contrast([1.0], [2.0]), "`values` must be of at least 2 networks"),
        (lambda: paired_contrast([1.0, 2.0], [2.0]), "`controls` must be of the same networks"),
        (lambda: paired_contrast(np.ones((2, 3)), np.ones((2, 2))), "`controls` must have 3 rows"),
        (lambda: paired_contrast(np.ones((2, 3, 1)), 1), r"shape \(2, 3, 1\)"),
        (lambda: paired_contrast([], []), "`values` must be of shape"),
        (lambda: paired_contrast(np.ones((2, 3)), np.ones((2, 3)), families="ab"), "`families`"),
        (lambda: copy_contrast([1.0, 2.0], np.ones((4, 3))), "`copies` must have 2 rows"),
        (lambda: copy_contrast(np.ones((2, 2)), np.ones((4, 2))), r"`value` must be of shape"),
        (lambda: subsample_intervals([1.0]), "`repeats` must be of at least 2 repeats"),
        (lambda: subsample_intervals([1.0, 2.0], share=1), "`share` must be above 0"),
        (lambda: subsample_intervals([1.0, 2.0], whole=[1.0, 2.0]), "`whole` must have 1 rows"),
        (lambda: paired_contrast([1, 2], [3, 4], confidence_level=95), "`confidence_level`"),
        (lambda: paired_contrast([1, 2], [3, 4], n_resamples=3), "`n_resamples`"),
    ],
)
def test_wrong_input_is_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_results_show_themselves():
    found = paired_contrast(np.ones((6, 2)), np.zeros((6, 2)))
    assert "2 rows in 1 families, least p of a family 0.03125" in repr(found)
    assert "<table>" in found._repr_html_() and set(found.to_columns()) >= {"p", "low", "n"}
