"""Betti numbers at thresholds against counted bars, ranks of matrices, components and cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cubical_oracle as oracle
import topolens as tl
from cubical_cases import (
    FLOATS,
    INF,
    by_gudhi,
    cases,
    constructions,
    cubical,
    images,
    noise,
    relu,
    smooth,
)


def levels(image):
    """All values of an image, and something below, between and above."""
    values = np.asarray(image, dtype=np.float64)
    values = np.unique(values[np.isfinite(values)])
    between = (values[1:] + values[:-1]) / 2
    return np.concatenate([values, between, [-1e3, 1e3]])


def counted(dgms, thresholds, sublevel=True):
    """Bars with birth <= t < death."""
    sign = 1 if sublevel else -1
    t = sign * np.asarray(thresholds)[:, None]
    alive = [(sign * dgm[:, 0] <= t) & (t < sign * dgm[:, 1]) for dgm in dgms]
    return np.stack([those.sum(axis=1) for those in alive], axis=-1)


@cases(400)
@given(images(), constructions, st.booleans())
def test_counting_bars(image, construction, sublevel):
    thresholds = levels(image)
    kwargs = dict(construction=construction, sublevel=sublevel)
    found = tl.cubical_betti(image, thresholds, n_threads=1, **kwargs)
    bars = cubical(image, **kwargs)
    expected = counted(bars.dgms, thresholds, sublevel)
    np.testing.assert_array_equal(found.betti_numbers, expected)
    np.testing.assert_array_equal(bars.betti_numbers(thresholds), expected)
    np.testing.assert_array_equal(found.thresholds, thresholds)
    signs = (-1) ** np.arange(image.ndim)
    np.testing.assert_array_equal(found.euler_characteristic, expected @ signs)


@pytest.mark.parametrize("construction", "VT")
def test_all_voxels_at_infinity(construction):
    """Classes that never die are alive there, also those that only voxels at infinity kill."""
    image = [[0.0, 1.0, 0.0], [1.0, np.inf, 1.0], [0.0, 1.0, 0.0]]
    for thresholds in (np.inf, [1.0, np.inf]):
        found = tl.cubical_betti(image, thresholds, construction=construction).betti_numbers
        bars = cubical(image, construction=construction)
        np.testing.assert_array_equal(bars.betti_numbers(thresholds), found)
        assert found.tolist() in ([1, 1], [[1, 1], [1, 1]])


@cases(150)
@given(images(infinite=True), constructions, st.integers(0, 10**6))
def test_ranks_of_boundary_matrices(image, construction, which):
    thresholds = levels(image)
    t = thresholds[which % len(thresholds)]
    found = tl.cubical_betti(image, t, construction=construction, n_threads=1)
    values = np.asarray(image, dtype=np.float64)
    expected = oracle.betti_by_rank(values, t, construction)
    assert found.betti_numbers.tolist() == expected[:-1] and expected[-1] == 0
    assert found.euler_characteristic == oracle.euler_characteristic(values, t, construction)


@pytest.mark.parametrize("construction", "VT")
@pytest.mark.parametrize("shape", [(900,), (130, 140), (5, 700), (40, 41, 42), (60, 2, 50)])
@pytest.mark.parametrize("kind", [noise, smooth, relu])
def test_components_cells_and_duality(kind, shape, construction):
    image = kind(shape).astype(np.float32)
    thresholds = np.quantile(image, [0, 0.05, 0.3, 0.5, 0.6, 0.8, 0.97, 1]).astype(np.float64)
    found = tl.cubical_betti(image, thresholds, construction=construction)
    for t, betti, euler in zip(
        thresholds, found.betti_numbers, found.euler_characteristic, strict=True
    ):
        assert betti.tolist() == oracle.betti_by_labels(image, t, construction)
        assert euler == oracle.euler_characteristic(image, t, construction)


@pytest.mark.parametrize("construction", "VT")
def test_counting_the_bars_of_gudhi(construction):
    stack = np.stack([relu((13, 14, 15), seed) for seed in range(6)])
    thresholds = [0.0, 0.02, 0.1, 0.3]
    found = tl.cubical_betti(stack, thresholds, construction=construction, batch=True)
    for betti, image in zip(found.betti_numbers, stack, strict=True):
        expected = counted(by_gudhi(image, construction)[:3], thresholds)
        np.testing.assert_array_equal(betti, expected)


# --- the shapes of what comes back --------------------------------------------------------------


def test_shapes():
    stack = noise((5, 6, 7, 8)).astype(np.float32)
    many = tl.cubical_betti(stack, [0.0, 0.5, -0.5], batch=True)
    assert many.betti_numbers.shape == (5, 3, 3) and many.euler_characteristic.shape == (5, 3)
    assert many.betti_numbers.dtype == many.euler_characteristic.dtype == np.int64
    once = tl.cubical_betti(stack, 0.0, batch=True)
    assert once.betti_numbers.shape == (5, 3) and once.euler_characteristic.shape == (5,)
    np.testing.assert_array_equal(once.betti_numbers, many.betti_numbers[:, 0])
    one = tl.cubical_betti(stack[2], [0.0, 0.5, -0.5])
    np.testing.assert_array_equal(one.betti_numbers, many.betti_numbers[2])
    np.testing.assert_array_equal(one.euler_characteristic, many.euler_characteristic[2])
    single = tl.cubical_betti(stack[2], 0.5)
    assert single.betti_numbers.shape == (3,) and single.euler_characteristic.shape == ()
    four = tl.cubical_betti(stack, 0.5)  # without `batch`, an image of four axes
    assert four.betti_numbers.shape == (4,)
    five = tl.cubical_betti(stack[None], [0.5], batch=True)
    assert five.betti_numbers.shape == (1, 1, 4)
    np.testing.assert_array_equal(five.betti_numbers[0, 0], four.betti_numbers)


@cases(100)
@given(images(ndims=[2, 3, 4]), constructions, st.booleans())
def test_a_batch_is_its_images(stack, construction, sublevel):
    thresholds = levels(stack)[::3]
    kwargs = dict(construction=construction, sublevel=sublevel)
    found = tl.cubical_betti(stack, thresholds, batch=True, n_threads=2, **kwargs)
    assert len(found.betti_numbers) == len(stack)
    for i, image in enumerate(stack):
        one = tl.cubical_betti(image, thresholds, n_threads=1, **kwargs)
        np.testing.assert_array_equal(found.betti_numbers[i], one.betti_numbers)
        np.testing.assert_array_equal(found.euler_characteristic[i], one.euler_characteristic)


@pytest.mark.parametrize("construction", "VT")
@pytest.mark.parametrize("shape", [(12, 50, 50), (5, 20, 30, 31), (3, 6, 7, 8, 6), (2000, 30)])
def test_threads_do_not_matter(shape, construction):
    stack = noise(shape).astype(np.float32)
    thresholds = np.linspace(-2, 2, 9)
    one, *others = (
        tl.cubical_betti(stack, thresholds, construction=construction, batch=True, n_threads=t)
        for t in (1, 2, 3)
    )
    for other in others:
        np.testing.assert_array_equal(other.betti_numbers, one.betti_numbers)
        np.testing.assert_array_equal(other.euler_characteristic, one.euler_characteristic)


# --- laws ---------------------------------------------------------------------------------------


@cases(150)
@given(images(dtypes=FLOATS), constructions)
def test_relu_changes_nothing_at_thresholds_from_zero(image, construction):
    thresholds = [t for t in levels(image) if t >= 0] + [0.0]
    before = tl.cubical_betti(image, thresholds, construction=construction, n_threads=1)
    rectified = np.maximum(image, 0)
    after = tl.cubical_betti(rectified, thresholds, construction=construction, n_threads=1)
    np.testing.assert_array_equal(after.betti_numbers, before.betti_numbers)
    np.testing.assert_array_equal(after.euler_characteristic, before.euler_characteristic)


@cases(80)
@given(images(), constructions)
def test_superlevel_sets_are_sublevel_sets_of_the_negative(image, construction):
    thresholds, negative = levels(image), -np.asarray(image, dtype=np.float64)
    above = tl.cubical_betti(image, thresholds, construction=construction, sublevel=False)
    below = tl.cubical_betti(negative, -thresholds, construction=construction)
    np.testing.assert_array_equal(above.betti_numbers, below.betti_numbers)


@cases(60)
@given(images(ndims=[2, 3]), constructions, st.data())
def test_flips_and_transposes(image, construction, data):
    thresholds = levels(image)
    expected = tl.cubical_betti(image, thresholds, construction=construction).betti_numbers
    turned = np.flip(image, data.draw(st.integers(0, image.ndim - 1))).transpose(
        data.draw(st.permutations(range(image.ndim)))
    )
    found = tl.cubical_betti(turned, thresholds, construction=construction).betti_numbers
    np.testing.assert_array_equal(found, expected)


# --- exact references ---------------------------------------------------------------------------


def test_bars_are_open_at_their_death():
    """The published counts take the closed bars: a class would still be there when it is filled."""
    ring = np.pad([[1.0]], 1)
    found = tl.cubical_betti(ring, [-0.5, 0.0, 0.5, 1.0, 2.0])
    assert found.betti_numbers.tolist() == [[0, 0], [1, 1], [1, 1], [1, 0], [1, 0]]
    assert found.euler_characteristic.tolist() == [0, 0, 0, 1, 1]


def test_boxes_that_are_full_or_empty():
    for shape in [(1,), (4,), (1, 1), (3, 5), (1, 4), (2, 3, 4), (1, 1, 3), (2, 2, 2, 2)]:
        for construction in "VT":
            found = tl.cubical_betti(np.zeros(shape), [-1.0, 0.0], construction=construction)
            full = [1] + [0] * (len(shape) - 1)
            assert found.betti_numbers.tolist() == [[0] * len(shape), full]


def test_thresholds_in_any_order_and_often():
    image = noise((9, 10, 11))
    thresholds = [0.5, -1.0, 0.5, 2.0, -1.0]
    found = tl.cubical_betti(image, thresholds)
    assert found.thresholds.tolist() == thresholds
    for t, betti in zip(thresholds, found.betti_numbers, strict=True):
        np.testing.assert_array_equal(betti, tl.cubical_betti(image, t).betti_numbers)


@pytest.mark.parametrize("construction", "VT")
def test_a_shell_in_a_shell(construction):
    image = np.full((11, 11, 11), 5.0)
    image[1:-1, 1:-1, 1:-1] = 0
    image[2:-2, 2:-2, 2:-2] = 5
    image[4:-4, 4:-4, 4:-4] = 0
    image[5, 5, 5] = 3
    found = tl.cubical_betti(image, [0.0, 3.0, 5.0], construction=construction)
    assert found.betti_numbers.tolist() == [[2, 0, 2], [2, 0, 1], [1, 0, 0]]
    assert found.euler_characteristic.tolist() == [4, 3, 1]


def test_voxels_at_infinity():
    image = np.array([[-INF, INF, 0.0], [INF, INF, INF], [1.0, INF, -INF]])
    found = tl.cubical_betti(image, [-2.0, 0.0, 1e308])
    assert found.betti_numbers.tolist() == [[2, 0], [3, 0], [4, 0]]
    # At -inf what is there from the start; at inf all that ever enters.
    ends = tl.cubical_betti(image, [-INF, INF])
    assert ends.betti_numbers.tolist() == [[2, 0], [4, 0]]
    above = tl.cubical_betti(image, [INF, -INF], sublevel=False)
    assert above.betti_numbers.tolist() == [[1, 0], [1, 0]]


def test_thresholds_between_values_of_single_precision():
    """0.1 in single precision is above 0.1: a threshold of 0.1 must not reach it."""
    image = np.full((3, 3), 0.1, dtype=np.float32)
    found = tl.cubical_betti(image, [0.1, np.float64(np.float32(0.1))])
    assert found.betti_numbers.tolist() == [[0, 0], [1, 0]]
    above = tl.cubical_betti(-image, [-0.1, -np.float64(np.float32(0.1))], sublevel=False)
    assert above.betti_numbers.tolist() == [[0, 0], [1, 0]]
