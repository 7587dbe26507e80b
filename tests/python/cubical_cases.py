"""Arrays to try cubical homology on, the peers' diagrams of them, and how to compare."""

from __future__ import annotations

import gudhi
import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from scipy import ndimage

import topolens as tl

INF = np.inf
constructions = st.sampled_from("VT")
primes = st.sampled_from([2, 3, 5, 11])

FLOATS = ("float64", "float32")
INTEGERS = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "bool")
LONGEST = {1: 100, 2: 16, 3: 7, 4: 5}  # voxels along an axis, by the number of axes
MOST = {1: 100, 2: 200, 3: 180, 4: 108}  # voxels in all, so that the oracle can bear it


def cases(count):
    return settings(max_examples=count, deadline=None)


# --- arrays -------------------------------------------------------------------------------------

KINDS = {
    "random": lambda rng, shape: rng.normal(size=shape),
    "order": lambda rng, shape: rng.permutation(int(np.prod(shape))).reshape(shape),
    "binary": lambda rng, shape: rng.integers(2, size=shape),
    "ties": lambda rng, shape: rng.integers(4, size=shape),
    "zeros of both signs": lambda rng, shape: rng.choice([-0.0, 0.0, 1.0], size=shape),
    "constant": lambda rng, shape: np.full(shape, rng.integers(3)),
    "relu": lambda rng, shape: np.maximum(rng.normal(size=shape), 0),
    "smooth": lambda rng, shape: 9 * ndimage.gaussian_filter(rng.normal(size=shape), 0.8),
}


def noise(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def smooth(shape, seed=0):
    return ndimage.gaussian_filter(noise(shape, seed), 2)


def relu(shape, seed=0):
    """What a feature map looks like: more than half of it is one plateau."""
    return np.maximum(ndimage.gaussian_filter(noise(shape, seed), 1) - 0.05, 0)


def gaps(a):
    """Every other place of an array of NaN, or of what is least likely to go unnoticed."""
    wide = np.full([2 * n + 1 for n in a.shape], np.nan if a.dtype.kind == "f" else 1, a.dtype)
    view = wide[tuple(slice(1, None, 2) for _ in a.shape)]
    view[...] = a
    return view


def backwards(a):
    turn = (slice(None, None, -1),) * a.ndim
    return a[turn].copy()[turn]


def read_only(a):
    a = a.copy()
    a.flags.writeable = False
    return a


LAYOUTS = {
    "C": np.ascontiguousarray,
    "Fortran": np.asfortranarray,
    "gaps": gaps,
    "backwards": backwards,
    "rolled axes": lambda a: np.moveaxis(np.moveaxis(a, 0, -1).copy(), -1, 0),
    "read only": read_only,
    "other byte order": lambda a: a.astype(a.dtype.newbyteorder()),
}


def random_shape(rng, d):
    """A shape of d axes; axes of length one are frequent."""
    while True:
        shape = np.where(rng.random(d) < 0.15, 1, rng.integers(2, LONGEST[d] + 1, size=d))
        if shape.prod() <= MOST[d]:
            return tuple(shape.tolist())


@st.composite
def images(draw, ndims=(1, 2, 3, 4), dtypes=FLOATS + INTEGERS, infinite=True):
    """Arrays of all kinds, types and layouts; one in three arrays of floats has infinities."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = random_shape(rng, draw(st.sampled_from(ndims)))
    image = KINDS[draw(st.sampled_from(sorted(KINDS)))](rng, shape)
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    if dtype.kind in "iu" and image.dtype.kind == "f":
        image = np.round(9 * image) + (0 if dtype.kind == "i" else 64)
    image = image.astype(dtype)
    if infinite and dtype.kind == "f" and draw(st.integers(0, 2)) == 0:
        image[rng.random(shape) < 0.15] = INF
        image[rng.random(shape) < 0.15] = -INF
    return LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))](image)


# --- the peers ----------------------------------------------------------------------------------


def tidy(bars):
    """Sorted, without those that never enter or have no length."""
    bars = np.asarray(bars, dtype=np.float64).reshape(-1, 2)
    bars = bars[bars[:, 0] < bars[:, 1]]
    return bars[np.lexsort((bars[:, 1], bars[:, 0]))]


def by_gudhi(image, construction="V", periodic=None, p=2):
    """Diagrams of degree 0 to the number of axes."""
    image = np.array(image, dtype=np.float64, order="C")
    name = {"V": "vertices", "T": "top_dimensional_cells"}[construction]
    if periodic is None:
        found = gudhi.CubicalComplex(**{name: image})
    else:
        found = gudhi.PeriodicCubicalComplex(**{name: image}, periodic_dimensions=list(periodic))
    found.compute_persistence(homology_coeff_field=p, min_persistence=0)
    return [tidy(found.persistence_intervals_in_dimension(d)) for d in range(image.ndim + 1)]


def by_cripser(image, construction="V"):
    """Diagrams of degree 0 to the number of axes, modulo 2."""
    import cripser

    image = np.array(image, dtype=np.float64, order="C")
    degrees = image.ndim + 1
    if construction == "V":  # cripser joins nothing along what follows an axis of length one
        image = np.atleast_1d(image.squeeze())
    found = cripser.compute_ph(image, filtration=construction, maxdim=3)
    return [tidy(found[found[:, 0] == d, 1:3]) for d in range(degrees)]


# --- comparing ----------------------------------------------------------------------------------


def assert_same(result, diagrams, sublevel=True):
    """Assert that a result has these diagrams, exactly; they may list further empty ones."""
    assert not any(len(dgm) for dgm in diagrams[len(result.dgms) :])
    for found, expected in zip(result.dgms, diagrams, strict=False):
        assert found.dtype == np.float64 and found.ndim == 2 and found.shape[1] == 2
        if not sublevel:
            expected = -expected
            expected = expected[np.lexsort((expected[:, 1], expected[:, 0]))]
        np.testing.assert_array_equal(found, expected)


def assert_located(image, result):
    """Assert that the voxels named for each bar have its birth and its death as values."""
    image = np.asarray(image)
    assert len(result.locations) == len(result.dgms)
    for dgm, places in zip(result.dgms, result.locations, strict=True):
        assert places.shape == (len(dgm), 2, image.ndim) and places.dtype == np.int64
        for (birth, death), (born, died) in zip(dgm, places, strict=True):
            assert image[tuple(born)] == birth and (born >= 0).all()
            if (died == -1).all():
                assert np.isinf(death)
            else:
                assert image[tuple(died)] == death and (died >= 0).all()


def cubical(image, **kwargs):
    return tl.cubical(image, **{"n_threads": 1} | kwargs)
