"""What must hold for cubical persistence whatever the image."""

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
    assert_same,
    cases,
    constructions,
    cubical,
    images,
    noise,
    relu,
    smooth,
    tidy,
)

axes = st.lists(st.booleans(), min_size=4, max_size=4)
OTHER = {"V": "T", "T": "V"}


def as_floats(image):
    return np.asarray(image, dtype=np.float64)


def moved(dgms, function):
    """Diagrams after a map of the values; bars that lose their length go."""
    return [tidy(np.where(np.isinf(dgm), dgm, function(dgm))) for dgm in dgms]


# --- duality ------------------------------------------------------------------------------------


def dual(dgms, d):
    """What Alexander duality makes of diagrams: of degree k, in degree d − 1 − k.

    The complement in the sphere of a sublevel set of f is a superlevel set together with what is
    outside of the image, here a frame that is there from the start. Leaving out the point at
    infinity adds the class of the frame, the dual of the component that never dies.
    """
    turned = [-dgm[:, ::-1] for dgm in dgms[::-1]]
    turned[0] = np.vstack([turned[0], [[-INF, INF]]])  # the component of the frame
    return [tidy(dgm) for dgm in turned]


@cases(200)
@given(images(), constructions)
def test_alexander_duality(image, construction):
    image = as_floats(image)
    expected = dual(cubical(image, construction=construction).dgms, image.ndim)
    framed = np.pad(-image, 1, constant_values=-INF)
    assert_same(cubical(framed, construction=OTHER[construction]), expected)


@pytest.mark.parametrize("kind", [noise, smooth, relu])
@pytest.mark.parametrize("shape", [(500,), (60, 50), (15, 16, 17), (5, 6, 7, 6)])
@pytest.mark.parametrize("construction", "VT")
def test_alexander_duality_of_larger_images(construction, shape, kind):
    image = kind(shape)
    expected = dual(cubical(image, construction=construction).dgms, image.ndim)
    framed = np.pad(image, 1, constant_values=INF)
    above = cubical(framed, construction=OTHER[construction], sublevel=False)
    assert_same(above, expected, sublevel=False)


# --- counting -----------------------------------------------------------------------------------


def alternating(betti):
    return int((betti * (-1) ** np.arange(len(betti))).sum())


@cases(150)
@given(images(), constructions, axes)
def test_euler_characteristic_at_every_level(image, construction, periodic):
    image, periodic = as_floats(image), periodic[: image.ndim]
    result = cubical(image, construction=construction, periodic=periodic)
    for level in np.unique(image[image < INF]):
        betti = result.betti_numbers(level)
        expected = oracle.euler_characteristic(image, level, construction, periodic)
        assert alternating(betti) == expected


@pytest.mark.parametrize("kind", [noise, smooth, relu])
@pytest.mark.parametrize("shape", [(3000,), (150, 140), (30, 31, 29), (9, 8, 10, 9)])
@pytest.mark.parametrize("construction", "VT")
def test_larger_images_by_counting(construction, shape, kind):
    image = kind(shape)
    result = cubical(image, construction=construction)
    for level in np.quantile(image, [0.0, 0.1, 0.4, 0.5, 0.6, 0.9, 1.0]):
        betti = result.betti_numbers(level)
        assert alternating(betti) == oracle.euler_characteristic(image, level, construction)
        if image.ndim < 4:
            assert betti.tolist() == oracle.betti_by_labels(image, level, construction)


# --- changes of the picture that do not matter --------------------------------------------------


@cases(100)
@given(images(), constructions, axes, st.data())
def test_flips_and_transposes(image, construction, periodic, data):
    periodic = periodic[: image.ndim]
    expected = cubical(image, construction=construction, periodic=periodic).dgms
    axis = data.draw(st.integers(0, image.ndim - 1))
    flipped = np.flip(image, axis)
    assert_same(cubical(flipped, construction=construction, periodic=periodic), expected)
    order = data.draw(st.permutations(range(image.ndim)))
    turned = [periodic[axis] for axis in order]
    transposed = image.transpose(order)
    assert_same(cubical(transposed, construction=construction, periodic=turned), expected)


@cases(60)
@given(images(), constructions, st.booleans(), st.data())
def test_periodic_axes_have_no_beginning(image, construction, sublevel, data):
    kwargs = dict(construction=construction, sublevel=sublevel, periodic=[True] * image.ndim)
    steps = [data.draw(st.integers(0, n)) for n in image.shape]
    rolled = np.roll(image, steps, axis=range(image.ndim))
    result = cubical(image, **kwargs)
    for found, expected in zip(cubical(rolled, **kwargs).dgms, result.dgms, strict=True):
        np.testing.assert_array_equal(found, expected)


@cases(60)
@given(images(), constructions, axes)
def test_repeated_voxels(image, construction, periodic):
    periodic = periodic[: image.ndim]
    expected = cubical(image, construction=construction, periodic=periodic).dgms
    thick = image
    for axis in range(image.ndim):
        thick = np.repeat(thick, 2 + axis % 2 if image.ndim < 4 else 1 + (axis == 2), axis)
    assert_same(cubical(thick, construction=construction, periodic=periodic), expected)


@cases(60)
@given(images(), constructions)
def test_an_image_of_the_cells(image, construction):
    """The vertices of the barycentric subdivision are the cells, each with its own value."""
    subdivided = oracle.cells(image, construction)
    assert_same(cubical(subdivided), cubical(image, construction=construction).dgms)


@cases(60)
@given(images(), constructions)
def test_axes_of_length_one(image, construction):
    expected = cubical(image, construction=construction).dgms
    for axis in range(image.ndim + 1 if image.ndim < 4 else 0):
        longer = cubical(np.expand_dims(image, axis), construction=construction)
        assert_same(longer, expected)


# --- changes of the values ----------------------------------------------------------------------


@cases(100)
@given(images(dtypes=FLOATS), constructions, st.sampled_from(["cube", "relu", "floor", "clip"]))
def test_monotone_maps(image, construction, name):
    """Those that join values shorten bars, some to nothing."""
    function = {
        "cube": lambda x: x * x * x,
        "relu": lambda x: np.maximum(x, 0),
        "floor": np.floor,
        "clip": lambda x: np.clip(x, -0.5, 0.5),
    }[name]
    image = as_floats(image)
    changed = np.where(np.isinf(image), image, function(image))
    expected = moved(cubical(image, construction=construction).dgms, function)
    assert_same(cubical(changed, construction=construction), expected)


@cases(100)
@given(images(), constructions, axes)
def test_superlevel_sets_are_sublevel_sets_of_the_negative(image, construction, periodic):
    periodic = periodic[: image.ndim]
    above = cubical(image, construction=construction, sublevel=False, periodic=periodic)
    below = cubical(-as_floats(image), construction=construction, periodic=periodic)
    assert_same(above, below.dgms, sublevel=False)
    assert not any((dgm[:, 0] <= dgm[:, 1]).any() for dgm in above.dgms)


@cases(60)
@given(images(dtypes=("int8", "bool", "uint8")), constructions)
def test_the_type_of_the_numbers_does_not_matter(image, construction):
    expected = cubical(as_floats(image), construction=construction, locations=True)
    for dtype in (image.dtype, "float32", "int16", "int32", "int64", "float16"):
        found = cubical(image.astype(dtype), construction=construction, locations=True)
        assert_same(found, expected.dgms)
        for a, b in zip(found.locations, expected.locations, strict=True):
            np.testing.assert_array_equal(a, b)


def ranked(image):
    """The places of the voxels in the order of value, ties by index."""
    order = np.argsort(image, axis=None, kind="stable")
    rank = np.empty(image.size)
    rank[order] = np.arange(image.size)
    return rank.reshape(image.shape)


@cases(150)
@given(images(infinite=False), constructions, st.booleans(), axes)
def test_ties_are_broken_by_index(image, construction, sublevel, periodic):
    """Locations are those of the image in which equal voxels enter one after the other."""
    kwargs = dict(construction=construction, periodic=periodic[: image.ndim], locations=True)
    result = cubical(image, sublevel=sublevel, **kwargs)
    values = as_floats(image) if sublevel else -as_floats(image)
    untied = cubical(ranked(values), **kwargs)
    for dgm, places, all_places in zip(
        result.dgms, result.locations, untied.locations, strict=True
    ):
        expected = []
        for born, died in all_places:
            birth = image[tuple(born)]
            death = (INF if sublevel else -INF) if died[0] < 0 else image[tuple(died)]
            if birth != death:
                key = (float(birth), float(death), *born.tolist(), *died.tolist())
                expected.append(key)
        found = [
            (*bar, *born, *died)
            for bar, (born, died) in zip(dgm.tolist(), places.tolist(), strict=True)
        ]
        assert found == sorted(expected)


# --- pictures made of others --------------------------------------------------------------------


@cases(60)
@given(
    st.sampled_from([1, 2, 3]).flatmap(lambda d: st.tuples(images(ndims=[d]), images(ndims=[d]))),
    constructions,
)
def test_pictures_apart(pair, construction):
    """A wall that is never entered keeps them apart."""
    first, second = (as_floats(image) for image in pair)
    shape = np.maximum(first.shape, second.shape)
    parts = [
        np.pad(image, [(0, n - m) for n, m in zip(shape, image.shape, strict=True)],
               constant_values=INF)
        for image in (first, second)
    ]  # fmt: skip
    wall = np.full_like(parts[0][:1], INF)
    together = np.concatenate([parts[0], wall, parts[1]])
    alone = [cubical(image, construction=construction).dgms for image in (first, second)]
    expected = [tidy(np.vstack(pair)) for pair in zip(*alone, strict=True)]
    assert_same(cubical(together, construction=construction), expected)


def product(first, second):
    """Künneth's formula: classes of a product live where both factors do."""
    found = [[] for _ in range(len(first) + len(second) - 1)]
    for i, some in enumerate(first):
        for j, others in enumerate(second):
            for birth, death in some:
                for other_birth, other_death in others:
                    found[i + j].append((max(birth, other_birth), min(death, other_death)))
    return [tidy(bars) for bars in found]


@cases(100)
@given(
    images(ndims=[1, 2]),
    images(ndims=[1, 2]),
    constructions,
    st.lists(st.booleans(), min_size=2, max_size=2),
)
def test_products(first, second, construction, wraps):
    """The largest of f(x) and g(y) has the product of the sublevel sets as its own."""
    first, second = (as_floats(image)[(slice(5),) * image.ndim] for image in (first, second))
    whole = np.maximum.outer(first, second)
    periodic = [[wrap] * image.ndim for wrap, image in zip(wraps, (first, second), strict=True)]
    factors = [
        cubical(image, construction=construction, periodic=p).dgms
        for image, p in zip((first, second), periodic, strict=True)
    ]
    found = cubical(whole, construction=construction, periodic=periodic[0] + periodic[1])
    assert_same(found, product(*factors))


# --- threads ------------------------------------------------------------------------------------


@pytest.mark.parametrize("construction", "VT")
@pytest.mark.parametrize("shape", [(20_000,), (300, 310), (40, 41, 42), (9, 10, 11, 8)])
def test_threads_do_not_matter(shape, construction):
    for image in (noise(shape).astype(np.float32), relu(shape), np.round(noise(shape))):
        one, *others = (
            cubical(image, construction=construction, locations=True, n_threads=t)
            for t in (1, 2, 3)
        )
        for other in others:
            for found, expected in zip(
                [*other.dgms, *other.locations], [*one.dgms, *one.locations], strict=True
            ):
                np.testing.assert_array_equal(found, expected)


def test_threads_do_not_matter_to_batches():
    stack = noise((9, 20, 21, 5))
    one, *others = (
        tl.homology.cubical_batch(stack, locations=True, n_threads=t) for t in (1, 2, 3)
    )
    for other in others:
        for a, b in zip(one, other, strict=True):
            for found, expected in zip(
                [*a.dgms, *a.locations], [*b.dgms, *b.locations], strict=True
            ):
                np.testing.assert_array_equal(found, expected)
