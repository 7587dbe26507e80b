"""Points lie where the docstrings say, in the numbers they say."""

from __future__ import annotations

import numpy as np
import pytest
from ripser import ripser
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from topolens import datasets

CENTERS = np.array(
    [(0, 0, 0), *[(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]], dtype=float
)
CLOUDS = {
    "circle": 2,
    "sphere": 3,
    "torus": 3,
    "figure_eight": 2,
    "swiss_roll": 3,
    "projective_plane": 4,
}


def bars(X, dim, **kwargs):
    """Lengths of the bars in one dimension, longest first."""
    dgm = ripser(X, maxdim=dim, **kwargs)["dgms"][dim]
    return np.sort(dgm[:, 1] - dgm[:, 0])[::-1]


# --- the sets of the paper ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shape", "sizes"),
    [
        ("D-I", (7800, 2), None),
        ("D-II", (45_000, 3), [22_500, 22_500]),
        ("D-III", (37_800, 3), [18_000, 19_800]),
    ],
)
def test_paper_sizes_and_types(name, shape, sizes):
    X, y = datasets.naitzat(name, rng=0)
    assert X.shape == shape and X.dtype == np.float64 and np.isfinite(X).all()
    assert y.shape == shape[:1] and y.dtype == np.int64
    assert set(y.tolist()) == {0, 1}
    assert sizes is None or np.bincount(y).tolist() == sizes
    assert len(np.unique(X, axis=0)) == len(X)
    assert abs(X).max() == pytest.approx(1, abs=1e-3)


def test_disks_lie_in_holes_of_the_plane():
    X, y = datasets.disks_in_plane(rng=0)
    angle = 2 * np.pi * np.arange(8) / 8
    centers = np.vstack([[0, 0], 0.7 * np.column_stack([np.cos(angle), np.sin(angle)])])
    distance = cdist(X, centers)
    assert (distance[y == 0].min(axis=1) <= 0.13).all()
    assert (distance[y == 1].min(axis=1) > 0.18).all()
    assert (np.bincount(distance[y == 0].argmin(axis=1)) > 90).all()


def test_disks_lie_on_the_grid():
    X, _ = datasets.disks_in_plane(rng=0)
    steps = (X + 1) / 0.019
    np.testing.assert_allclose(steps, steps.round(), atol=1e-9)
    assert steps.round().min() == 0 and steps.round().max() == 105


def test_disks_take_at_most_the_whole_grid():
    assert len(datasets.disks_in_plane(10_000, rng=0)[0]) == 10_000
    whole, _ = datasets.disks_in_plane(10_050, rng=0)
    assert len(np.unique(whole, axis=0)) == 10_050
    with pytest.raises(ValueError, match="`n` must be at most 10050"):
        datasets.disks_in_plane(10_051)


def test_every_ring_is_a_solid_torus_around_its_circle():
    X, y = unscaled_tori()
    rings = X.reshape(9, 2, 2500, 3)
    for unit, center in enumerate(5 * CENTERS):
        for ring, plane, middle in ((0, [0, 1], [2.2, 0, 0]), (1, [0, 2], [0, 0, 0])):
            p = rings[unit, ring] - center - middle
            normal = ({0, 1, 2} - set(plane)).pop()
            radius = np.hypot(*p[:, plane].T)
            assert np.abs(p[:, normal]).max() <= 0.7 + 0.05
            assert radius.min() > 2.2 - 0.7 * np.sqrt(2) - 0.05
            assert radius.max() < 2.5 + 0.7 * np.sqrt(2) + 0.05
            angle = np.arctan2(*p[:, plane].T)
            assert np.histogram(angle, 24, (-np.pi, np.pi))[0].min() > 60
    labels = y.reshape(9, 2, 2500)
    assert (labels == labels[:, :, :1]).all()
    assert labels[:, :, 0].tolist() == [[u % 2, 1 - u % 2] for u in range(9)]


def test_rings_of_a_pair_are_linked():
    """Ring A crosses the plane of ring B once inside B's hole and once outside of B."""
    X, _ = unscaled_tori()
    for (a, _b), center in zip(X.reshape(9, 2, 2500, 3), 5 * CENTERS, strict=True):
        p = a - center
        crossing = p[np.abs(p[:, 1]) < 0.2]
        reach = np.hypot(crossing[:, 0], crossing[:, 2])
        inside, outside = reach < 1.5, reach > 2.5
        assert (inside | outside).all()
        assert inside.sum() > 20 and outside.sum() > 20


def test_tori_of_different_label_stay_apart():
    X, y = datasets.linked_tori(rng=1)
    nearest, _ = cKDTree(X[y == 0]).query(X[y == 1])
    assert nearest.min() > 0.01
    assert np.abs(X).max(axis=0).tolist() == [1, 1, 1]


def unscaled_tori():
    """The rings in the units of the paper, to about one per cent."""
    X, y = datasets.linked_tori(rng=0)
    extent = np.array([5 + 2.2 + 2.5 + 0.7, 5 + 2.5 + 0.7, 5 + 2.5 + 0.7])
    return X * (extent - 0.02), y


def test_spheres_are_nested():
    X, y = datasets.nested_spheres()
    for p, label, center in zip(
        X.reshape(9, 4200, 3) * 5.05, y.reshape(9, 4200), 3 * CENTERS, strict=True
    ):
        radius = np.linalg.norm(p - center, axis=1).round(9)
        values, counts = np.unique(radius[label == 0], return_counts=True)
        assert (values.tolist(), counts.tolist()) == ([1, 1.05], [1000, 1000])
        values, counts = np.unique(radius[label == 1], return_counts=True)
        assert (values.tolist(), counts.tolist()) == ([0.5, 2, 2.05], [200, 1000, 1000])
    np.testing.assert_allclose(np.abs(X).max(axis=0), 1, atol=0.01)
    assert np.abs(X).max() <= 1


def test_fibonacci_points_are_spread_evenly():
    X, _ = datasets.nested_spheres()
    sphere = X[:1000] * 5.05
    nearest = np.sort(cdist(sphere, sphere), axis=1)[:, 1]
    assert nearest.min() > 0.8 * np.sqrt(4 * np.pi / 1000)
    np.testing.assert_allclose(sphere.mean(axis=0), 0, atol=1e-3)


def test_paper_sets_scale_down():
    assert datasets.linked_tori(2)[0].shape == (36, 3)
    assert datasets.linked_tori(7, rng=0)[1].sum() == 63
    X, y = datasets.nested_spheres(5)
    assert np.bincount(y).tolist() == [90, 99] and len(X) == 189
    assert len(datasets.disks_in_plane(1)[0]) == 1


# --- unlabelled clouds --------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "width"), CLOUDS.items())
def test_cloud_shapes(name, width):
    make = getattr(datasets, name)
    X = make(37, rng=0)
    assert X.shape == (37, width) and X.dtype == np.float64 and np.isfinite(X).all()
    assert make(1, rng=0).shape == (1, width)
    noise = make(600, noise=0.1, rng=0) - make(600, rng=0)
    np.testing.assert_allclose(noise.std(axis=0), 0.1, rtol=0.1)
    np.testing.assert_allclose(noise.mean(axis=0), 0, atol=0.02)


def test_circle_and_sphere_have_radius_one():
    np.testing.assert_allclose(np.linalg.norm(datasets.circle(rng=0), axis=1), 1)
    for dim in (1, 2, 5):
        X = datasets.sphere(4000, dim=dim, rng=0)
        np.testing.assert_allclose(np.linalg.norm(X, axis=1), 1)
        np.testing.assert_allclose(np.cov(X.T), np.eye(dim + 1) / (dim + 1), atol=0.03)


def test_torus_lies_on_its_surface_uniformly_by_area():
    X = datasets.torus(20_000, radius=3, tube=2, rng=0)
    rim = np.hypot(X[:, 0], X[:, 1])
    np.testing.assert_allclose(np.hypot(rim - 3, X[:, 2]), 2)
    assert abs((rim > 3).mean() - (0.5 + 2 / 3 / np.pi)) < 0.015


def test_figure_eight_is_two_circles_that_touch():
    X = datasets.figure_eight(1000, rng=0)
    left, right = (np.hypot(X[:, 0] - c, X[:, 1]) for c in (-1, 1))
    np.testing.assert_allclose(np.minimum(abs(left - 1), abs(right - 1)), 0, atol=1e-12)
    assert 400 < (X[:, 0] < 0).sum() < 600


def test_swiss_roll_is_a_spiral_uniform_by_arc_length():
    X = datasets.swiss_roll(20_000, rng=0)
    t = np.hypot(X[:, 0], X[:, 2])
    np.testing.assert_allclose(X[:, 0], t * np.cos(t), atol=1e-9)
    np.testing.assert_allclose(X[:, 2], t * np.sin(t), atol=1e-9)
    assert t.min() >= 1.5 * np.pi and t.max() <= 4.5 * np.pi
    assert X[:, 1].min() >= 0 and X[:, 1].max() <= 21

    def length(t):
        return (t * np.sqrt(1 + t**2) + np.arcsinh(t)) / 2

    low, high = length(1.5 * np.pi), length(4.5 * np.pi)
    share = (length(t) - low) / (high - low)
    np.testing.assert_allclose(np.quantile(share, [0.25, 0.5, 0.75]), [0.25, 0.5, 0.75], atol=0.02)


def test_projective_plane_identifies_antipodes():
    X = datasets.projective_plane(200, rng=0)
    assert len(np.unique(X, axis=0)) == 200
    # x² y² + x² z² = x² (1 - x²), and |second pair| = y² + z² = 1 - x².
    rest = np.hypot(X[:, 2], X[:, 3])
    np.testing.assert_allclose(X[:, 0] ** 2 + X[:, 1] ** 2, (1 - rest) * rest, atol=1e-12)


def test_topology_of_the_clouds():
    circle = bars(datasets.circle(60, noise=0.02, rng=0), 1)
    assert circle[0] > 5 * sum(circle[1:2])
    eight = bars(datasets.figure_eight(150, rng=0), 1)
    assert eight[1] > 5 * sum(eight[2:3])
    torus = bars(datasets.torus(400, rng=0), 1)
    assert torus[1] > 1.5 * torus[2]
    sphere = bars(datasets.sphere(80, rng=0), 2)
    assert sphere[0] > 3 * sum(sphere[1:2])


@pytest.mark.parametrize("seed", range(3))
def test_projective_plane_tells_fields_apart(seed):
    X = datasets.projective_plane(70, rng=seed)
    two, three = bars(X, 1, coeff=2), bars(X, 1, coeff=3)
    assert two[0] > 1.5 * max(two[1], three[0])
    assert bars(X, 2, coeff=2)[0] > 2 * bars(X, 2, coeff=3)[0]


# --- seeds and errors ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*CLOUDS, "disks_in_plane", "linked_tori"])
def test_seeds(name):
    def make(rng):
        out = getattr(datasets, name)(30, rng=rng)
        return np.column_stack(out) if isinstance(out, tuple) else out

    np.testing.assert_array_equal(make(5), make(5))
    np.testing.assert_array_equal(make(5), make(np.random.default_rng(5)))
    assert not np.array_equal(make(5), make(6))
    assert not np.array_equal(make(None), make(None))


def test_seed_does_not_move_nested_spheres():
    np.testing.assert_array_equal(
        datasets.nested_spheres(10, rng=1)[0], datasets.nested_spheres(10)[0]
    )


@pytest.mark.parametrize("name", [*CLOUDS, "disks_in_plane"])
def test_bad_counts(name):
    make = getattr(datasets, name)
    with pytest.raises(ValueError, match="`n` must be at least 1; found 0"):
        make(0)
    with pytest.raises(TypeError, match=r"`n` must be a whole number; found 10\.0"):
        make(10.0)


@pytest.mark.parametrize("name", CLOUDS)
@pytest.mark.parametrize("noise", [-0.1, np.nan, np.inf])
def test_bad_noise(name, noise):
    with pytest.raises(ValueError, match="`noise` must be finite and not negative"):
        getattr(datasets, name)(10, noise=noise)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: datasets.linked_tori(1), "`n_per_ring` must be at least 2; found 1"),
        (lambda: datasets.nested_spheres(4), "`n_per_sphere` must be at least 5; found 4"),
        (lambda: datasets.sphere(5, dim=0), "`dim` must be at least 1; found 0"),
        (lambda: datasets.torus(5, tube=2), "`tube` must lie between 0 and `radius`"),
        (lambda: datasets.torus(5, tube=0), "`tube` must lie between 0 and `radius`"),
        (lambda: datasets.torus(5, radius=np.inf), "`tube` must lie between 0 and `radius`"),
        (lambda: datasets.naitzat("D-IV"), "`name` must be one of 'D-I', 'D-II', 'D-III'"),
    ],
)
def test_other_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
