"""Diagrams of images against explicit boundary matrices, GUDHI and cripser."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cubical_oracle as oracle
import topolens as tl
from cubical_cases import (
    INF,
    assert_located,
    assert_same,
    by_cripser,
    by_gudhi,
    cases,
    constructions,
    cubical,
    images,
    noise,
    primes,
    relu,
    smooth,
)

NDIMS = [1, 2, 3, 4]
axes = st.lists(st.booleans(), min_size=4, max_size=4)


# --- small arrays of all kinds ------------------------------------------------------------------


@cases(500)
@given(images(), constructions, primes, st.booleans())
def test_against_boundary_matrices(image, construction, p, sublevel):
    result = cubical(image, construction=construction, coeff=p, sublevel=sublevel)
    values = np.asarray(image, dtype=np.float64)
    expected = oracle.persistence(values if sublevel else -values, construction, p=p)
    assert_same(result, expected, sublevel)


@cases(200)
@given(images(), constructions, primes, axes)
def test_periodic_axes_against_boundary_matrices(image, construction, p, periodic):
    periodic = periodic[: image.ndim]
    result = cubical(image, construction=construction, coeff=p, periodic=periodic)
    assert_same(result, oracle.persistence(image, construction, periodic, p=p))


@pytest.mark.parametrize("construction", "VT")
@pytest.mark.parametrize("ndim", NDIMS)
def test_against_gudhi(ndim, construction):
    @cases(120)
    @given(images(ndims=[ndim]), primes)
    def check(image, p):
        result = cubical(image, construction=construction, coeff=p)
        assert_same(result, by_gudhi(image, construction, p=p))

    check()


@pytest.mark.parametrize("construction", "VT")
@pytest.mark.parametrize("ndim", NDIMS)
def test_periodic_axes_against_gudhi(ndim, construction):
    @cases(50)
    @given(images(ndims=[ndim]), axes, primes)
    def check(image, periodic, p):
        periodic = periodic[:ndim]
        result = cubical(image, construction=construction, periodic=periodic, coeff=p)
        assert_same(result, by_gudhi(image, construction, periodic, p=p))

    check()


@pytest.mark.parametrize("construction", "VT")
@pytest.mark.parametrize("ndim", NDIMS)
def test_against_cripser(ndim, construction):
    pytest.importorskip("cripser")

    @cases(120)
    @given(images(ndims=[ndim]))
    def check(image):
        assert_same(cubical(image, construction=construction), by_cripser(image, construction))

    check()


@cases(200)
@given(images(), constructions, st.booleans(), axes)
def test_locations(image, construction, sublevel, periodic):
    kwargs = dict(construction=construction, sublevel=sublevel, periodic=periodic[: image.ndim])
    result = cubical(image, **kwargs, locations=True)
    assert_located(image, result)
    bare = cubical(image, **kwargs)
    assert bare.locations is None
    for found, expected in zip(bare.dgms, result.dgms, strict=True):
        np.testing.assert_array_equal(found, expected)


@cases(150)
@given(images(), constructions, st.booleans())
def test_the_degrees_below_maxdim_are_the_same(image, construction, locations):
    whole = cubical(image, construction=construction, locations=locations)
    assert len(whole.dgms) == image.ndim
    for maxdim in range(image.ndim):
        part = cubical(image, construction=construction, maxdim=maxdim, locations=locations)
        assert len(part.dgms) == maxdim + 1
        for found, expected in zip(part.dgms, whole.dgms, strict=False):
            np.testing.assert_array_equal(found, expected)
        for found, expected in zip(part.locations or (), whole.locations or (), strict=False):
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("construction", "VT")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_smallest_and_the_largest_numbers(dtype, construction):
    limits = np.finfo(dtype)
    numbers = [limits.max, limits.tiny, limits.smallest_subnormal, 0.0]
    numbers = np.array([*numbers, *np.negative(numbers), INF, -INF], dtype=dtype)
    for seed, shape in enumerate([(50,), (12, 13), (5, 6, 4), (3, 3, 3, 3)] * 3):
        image = np.random.default_rng(seed).choice(numbers, size=shape)
        result = cubical(image, construction=construction, locations=True)
        assert_same(result, oracle.persistence(image, construction))
        assert_located(image, result)


# --- larger arrays ------------------------------------------------------------------------------

LARGER = {
    "line": (4000,),
    "picture": (120, 131),
    "wide picture": (3, 900),
    "volume": (25, 21, 27),
    "flat volume": (40, 40, 2),
    "thin volume": (64, 1, 64),
    "four axes": (7, 8, 6, 9),
}
PICTURES = {
    "noise": noise,
    "few values": lambda shape: np.round(2 * noise(shape)),
    "smooth": smooth,
    "relu": relu,
    "walls": lambda shape: np.where(noise(shape, seed=1) > 1.2, INF, noise(shape)),
}


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize("construction", "VT")
@pytest.mark.parametrize("shape", LARGER)
def test_larger_arrays_against_the_peers(shape, construction, kind):
    image = PICTURES[kind](LARGER[shape])
    result = cubical(image, construction=construction, locations=True)
    assert_same(result, by_gudhi(image, construction))
    assert_located(image, result)
    pytest.importorskip("cripser")
    assert_same(result, by_cripser(image, construction))


@pytest.mark.parametrize("construction", "VT")
@pytest.mark.parametrize(
    ("shape", "periodic"),
    [
        ((3000,), [True]),
        ((70, 61), [True, False]),
        ((70, 61), [True, True]),
        ((14, 15, 16), [False, True, False]),
        ((14, 15, 16), [True, True, True]),
        ((6, 7, 5, 6), [True, False, True, True]),
    ],
)
def test_larger_arrays_with_periodic_axes(shape, periodic, construction):
    for kind in ("noise", "relu"):
        image = PICTURES[kind](shape)
        result = cubical(image, construction=construction, periodic=periodic, locations=True)
        assert_same(result, by_gudhi(image, construction, periodic))
        assert_located(image, result)


@pytest.mark.parametrize("construction", "VT")
def test_bars_that_depend_on_the_field(construction):
    """Relative homology of a box may have torsion; this noise was searched for."""
    image = noise((8, 8, 8), seed=223)
    if construction == "T":  # the dual picture
        image = np.pad(-image, 1, constant_values=-9)
    two, three, five = (cubical(image, construction=construction, coeff=p) for p in (2, 3, 5))
    for result in (two, three, five):
        assert_same(result, by_gudhi(image, construction, p=result.coeff))
    assert not np.array_equal(two[1], three[1])
    assert_same(five, three.dgms)


# --- exact references ---------------------------------------------------------------------------


def test_a_ring():
    image = np.array([[0, 1, 0], [2, 9, 2], [0, 3, 0]])
    V = cubical(image)
    np.testing.assert_array_equal(V[0], [[0, 1], [0, 2], [0, 2], [0, INF]])
    np.testing.assert_array_equal(V[1], [[3, 9]])
    T = cubical(image, construction="T", locations=True)
    np.testing.assert_array_equal(T[0], [[0, 1], [0, 2], [0, 2], [0, INF]])
    np.testing.assert_array_equal(T[1], [[3, 9]])
    np.testing.assert_array_equal(T.locations[1], [[[2, 1], [1, 1]]])


def test_corners_join_intervals_but_not_vertices():
    image = np.array([[0, 1], [1, 0]])
    np.testing.assert_array_equal(cubical(image)[0], [[0, 1], [0, INF]])
    np.testing.assert_array_equal(cubical(image, construction="T")[0], [[0, INF]])


def test_a_sphere_a_torus_and_their_superlevel_sets():
    x, y, z = np.meshgrid(*[np.linspace(-2, 2, 33)] * 3, indexing="ij")
    sphere = np.abs(np.sqrt(x**2 + y**2 + z**2) - 1.2)
    np.testing.assert_array_equal(cubical(sphere).betti_numbers(0.2), [1, 0, 1])
    torus = np.hypot(np.hypot(x, y) - 1.2, z)
    for construction in "VT":
        result = cubical(torus, construction=construction, sublevel=False)
        # What is far from the circle: the outside of it, and the space that it goes round.
        np.testing.assert_array_equal(result.betti_numbers(0.7), [1, 1, 1])
        assert cubical(torus, construction=construction).betti_numbers(0.3).tolist() == [1, 1, 0]


def test_constant_images():
    for shape in [(1,), (5,), (1, 1), (3, 1, 4), (2, 2, 2, 2), (1, 1, 1, 1)]:
        for construction in "VT":
            result = cubical(np.full(shape, 7.0), construction=construction, locations=True)
            assert [dgm.tolist() for dgm in result.dgms] == [[[7, INF]]] + [[]] * (len(shape) - 1)
            assert result.locations[0].tolist() == [[[0] * len(shape), [-1] * len(shape)]]


def test_voxels_at_infinity():
    wall = np.full((3, 3), INF)
    for construction in "VT":
        assert [len(dgm) for dgm in cubical(wall, construction=construction).dgms] == [0, 0]
        always = cubical(-wall, construction=construction)
        assert [dgm.tolist() for dgm in always.dgms] == [[[-INF, INF]], []]
        ring = cubical(np.pad([[INF]], 1), construction=construction, locations=True)
        assert [dgm.tolist() for dgm in ring.dgms] == [[[0, INF]], [[0, INF]]]
        assert ring.locations[1][0, 1].tolist() == [-1, -1]
        up = cubical(-np.pad([[INF]], 1), construction=construction, sublevel=False)
        assert [dgm.tolist() for dgm in up.dgms] == [[[0, -INF]], [[0, -INF]]]


def test_batches_are_single_images():
    stack = noise((7, 12, 13)).astype(np.float32)
    for kwargs in ({}, {"construction": "T", "sublevel": False, "locations": True, "maxdim": 0}):
        found = tl.homology.cubical_batch(stack, n_threads=2, **kwargs)
        assert len(found) == 7
        for one, image in zip(found, stack, strict=True):
            alone = cubical(image, **kwargs)
            assert one.shape == alone.shape == image.shape
            for a, b in zip(one.dgms, alone.dgms, strict=True):
                np.testing.assert_array_equal(a, b)
            for a, b in zip(one.locations or (), alone.locations or (), strict=True):
                np.testing.assert_array_equal(a, b)
    different = tl.homology.cubical_batch([stack[0], stack[1, :4], noise((3, 5))], n_threads=1)
    assert [result.shape for result in different] == [(12, 13), (4, 13), (3, 5)]
    assert_same(different[2], cubical(noise((3, 5))).dgms)
