"""The permutation test against its formula, and its level."""

import itertools

import numpy as np
import pytest

import topolens as tl


def line_diagrams(values):
    """Diagrams of one bar each, as long as the value."""
    return [np.array([[0.0, value]]) for value in values]


def gap(a, b):
    return abs(a[0, 1] - b[0, 1])


def joint_loss(matrix, labels, power):
    total = 0.0
    for g in (0, 1):
        members = np.flatnonzero(labels == g)
        n = len(members)
        pairs = itertools.product(members, members)
        total += sum(matrix[i, j] ** power for i, j in pairs) / (2 * n * (n - 1))
    return total


@pytest.mark.parametrize("power", [1.0, 2.0, 3.5])
def test_losses_and_p_values_are_those_of_the_formula(power):
    rng = np.random.default_rng(0)
    a, b = line_diagrams(1 + rng.random(4)), line_diagrams(1.3 + rng.random(6))
    test = tl.diagrams.permutation_test(a, b, gap, exponent=power, n_resamples=99, rng=7)
    labels = np.repeat([0, 1], [4, 6]).astype(np.uint8)
    matrix = np.array([[gap(x, y) for y in (*a, *b)] for x in (*a, *b)])
    shuffled = np.random.default_rng(7).permuted(np.tile(labels, (99, 1)), axis=1)
    assert test.loss == pytest.approx(joint_loss(matrix, labels, power), rel=1e-12)
    expected = [joint_loss(matrix, row, power) for row in shuffled]
    np.testing.assert_allclose(test.losses, expected, rtol=1e-12)
    assert test.p_value == (1 + (test.losses <= test.loss).sum()) / 100
    np.testing.assert_array_equal(test.distances, matrix)


def test_distances_may_be_given():
    a, b = line_diagrams([1, 2, 3]), line_diagrams([5, 6, 8])
    by_function = tl.diagrams.permutation_test(a, b, gap, rng=0)
    by_matrix = tl.diagrams.permutation_test(a, b, by_function.distances, rng=0)
    assert by_matrix.p_value == by_function.p_value
    np.testing.assert_array_equal(by_matrix.losses, by_function.losses)


@pytest.mark.parametrize(
    ("distance", "options"),
    [
        ("bottleneck", {}),
        ("wasserstein", {"p": 1.0}),
        ("sliced_wasserstein", {}),
        ("landscape", {}),
    ],
)
def test_distances_by_name(distance, options):
    circles = [tl.rips(tl.datasets.circle(25, rng=seed)) for seed in range(5)]
    flat = [tl.rips(tl.datasets.circle(25, rng=seed) * [1, 0.1]) for seed in range(9, 14)]
    test = tl.diagrams.permutation_test(
        circles, flat, distance, degree=1, n_resamples=499, rng=0, **options
    )
    matrix = tl.distance_matrix([*circles, *flat], distance, degree=1, **options)
    np.testing.assert_array_equal(test.distances, matrix)
    assert test.p_value < 0.05


def test_groups_with_different_numbers_of_essential_classes_are_refused():
    with pytest.raises(ValueError, match="`distance` must be finite"):
        tl.diagrams.permutation_test([[[0.0, np.inf]], []], [[], []])


def test_one_seed_one_p_value_at_every_number_of_threads():
    a, b = line_diagrams([1, 2, 3, 5]), line_diagrams([2, 4, 6, 8])
    results = [tl.diagrams.permutation_test(a, b, gap, rng=3, n_threads=k) for k in (1, 3)]
    assert results[0].p_value == results[1].p_value
    np.testing.assert_array_equal(results[0].losses, results[1].losses)


def test_equal_divisions_tie_exactly():
    # All distances are equal, so that every division has the loss of the groups.
    same = line_diagrams([1.0] * 7)
    matrix = (1 - np.eye(7)) * 0.1
    assert tl.diagrams.permutation_test(same[:3], same[3:], matrix, rng=0).p_value == 1.0
    # The groups are the best division; it and its mirror image are drawn now and then.
    a, b = line_diagrams([0.1, 0.11, 0.13]), line_diagrams([7.1, 7.11, 7.13])
    test = tl.diagrams.permutation_test(a, b, gap, n_resamples=2000, rng=0)
    assert test.p_value == pytest.approx(2 / 20, abs=0.03)


def test_the_level_is_kept_and_the_power_is_there():
    rng = np.random.default_rng(1)
    p_values = []
    for seed in range(300):
        values = rng.normal(3, 0.3, 16)
        test = tl.diagrams.permutation_test(
            line_diagrams(values[:8]), line_diagrams(values[8:]), gap, n_resamples=199, rng=seed
        )
        p_values.append(test.p_value)
    # 300 trials: three standard deviations of a share of 0.1 are 0.052.
    assert np.mean(np.array(p_values) <= 0.1) <= 0.152
    assert 0.4 < np.mean(p_values) < 0.6
    apart = tl.diagrams.permutation_test(
        line_diagrams(rng.normal(3, 0.3, 8)), line_diagrams(rng.normal(4, 0.3, 8)), gap, rng=0
    )
    assert apart.p_value < 0.01


def test_hostile_groups():
    a, b = line_diagrams([1, 2, 3]), line_diagrams([5, 6, 8])
    with pytest.raises(ValueError, match="`group_b` must have at least two diagrams; found 1"):
        tl.diagrams.permutation_test(a, b[:1], gap)
    with pytest.raises(ValueError, match=r"`group_a\[0\]` must have birth <= death"):
        tl.diagrams.permutation_test([[[2.0, 1.0]], *a], b, gap)
    with pytest.raises(ValueError, match="`exponent` must be a positive number"):
        tl.diagrams.permutation_test(a, b, gap, exponent=0)
    with pytest.raises(ValueError, match="`n_resamples` must be at least 1"):
        tl.diagrams.permutation_test(a, b, gap, n_resamples=0)
    with pytest.raises(ValueError, match=r"`distance` must have shape \(6, 6\)"):
        tl.diagrams.permutation_test(a, b, np.zeros((5, 5)))
    with pytest.raises(ValueError, match="`distance` must be symmetric"):
        tl.diagrams.permutation_test(a, b, np.arange(36.0).reshape(6, 6))
    with pytest.raises(ValueError, match="`distance` must be finite"):
        tl.diagrams.permutation_test(a, b, lambda x, y: np.inf if x is not y else 0.0)
    with pytest.raises(TypeError, match="p: only for distances by name"):
        tl.diagrams.permutation_test(a, b, gap, p=2)
