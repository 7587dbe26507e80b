"""`Magnitude` and `MagnitudeDimension` in the layer table."""

from __future__ import annotations

import numpy as np
import pytest

import topolens as tl
from topolens import datasets


def layers():
    circle = datasets.circle(80, rng=0)
    square = np.random.default_rng(0).uniform(size=(80, 2))
    labels = np.repeat([0, 1], 80)
    first = np.vstack([circle, square])
    return {"input": first, "stretched": 1000.0 * first, "bent": first**3}, labels


def table(measures, **kwargs):
    arrays, labels = layers()
    return tl.analyse(arrays, measures, labels=labels, by="class", rng=0, **kwargs)


def values(found, **where):
    return found.select(**where).columns["value"]


@pytest.mark.parametrize("unit", ["mean distance", "convergence"])
def test_units_of_their_own_make_layers_comparable(unit):
    found = table(tl.Magnitude(ts=[0.5, 2.0], unit=unit))
    plain, stretched = (values(found, layer=layer) for layer in ("input", "stretched"))
    assert len(plain) == 4
    np.testing.assert_allclose(stretched, plain, rtol=1e-7)
    assert set(found.columns["scale"]) == {0.5, 2.0} and set(found.columns["degree"]) == {-1}
    assert not np.allclose(values(found, layer="bent"), plain, rtol=1e-3)


def test_what_the_units_are():
    arrays, _ = layers()
    X = arrays["input"][80:]
    mean = tl.distances(X, condensed=True).mean()
    wants = {
        "mean distance": 2.0 / mean,
        "convergence": 2 * tl.magnitudes.convergence_scale(X),
        None: 2.0,
    }
    for unit, t in wants.items():
        found = table(tl.Magnitude(ts=[2.0], unit=unit))
        assert values(found, layer="input", class_=1) == pytest.approx(tl.magnitude(X, t))


def test_dimensions_tell_curves_from_surfaces():
    found = table([tl.MagnitudeDimension(), tl.MagnitudeDimension(method="profile_max")])
    measure = "magnitude_dimension"
    (curve, steepest), (surface, _) = (
        values(found, layer="input", class_=c, measure=measure) for c in (0, 1)
    )
    assert 0.9 < curve < steepest < 1.15 and surface > 1.2
    np.testing.assert_allclose(
        values(found, layer="stretched"), values(found, layer="input"), rtol=1e-5
    )
    assert len(found.select(layer="bent", measure="magnitude_fit_error")) == 2


@pytest.mark.parametrize("method", ["straightest", "profile_max"])
def test_tables_plots_and_pages_say_how_low_dimensions_are(method, tmp_path):
    found = table(tl.MagnitudeDimension(method=method))
    cubes = tl.magnitudes.cube_dimensions(80, method)
    estimates = values(found, measure="magnitude_dimension")
    for estimate, cube in zip(estimates, values(found, measure="cube_dimension"), strict=True):
        assert np.interp(cube, [0, *cubes], [0, *cubes.values()]) == pytest.approx(estimate)
        assert cube > estimate
    ax = tl.plotting.plot_layers(found, "magnitude_dimension")
    marked = {text.get_text(): text.xy[1] for text in ax.texts}
    assert marked == {f"cube, {d}": cubes[d] for d in (1, 2, 3)}
    assert estimates.max() < cubes[3] < ax.get_ylim()[1]
    assert not tl.plotting.plot_layers(found, "cube_dimension").texts
    page = tl.write_report(found, tmp_path).read_text(encoding="utf-8")
    said = ", ".join(f"{cubes[d]:.2g}" for d in (1, 2, 3, 5))
    words = f"uniform cubes of 1, 2, 3, 5 and 10 dimensions have {said} and {cubes[10]:.2g} at 80"
    assert page.count(words) == 1


def test_cubes_of_several_sizes():
    clouds = {"few": np.random.default_rng(0).uniform(size=(60, 2))}
    clouds["copies"] = clouds["few"][np.arange(60) % 30]
    found = tl.analyse(clouds, tl.MagnitudeDimension())
    ax = tl.plotting.plot_layers(found, "magnitude_dimension")
    few, many = (tl.magnitudes.cube_dimensions(n) for n in (30, 60))
    [band, *_] = ax.patches
    assert band.get_y() == few[1] and band.get_y() + band.get_height() == pytest.approx(many[1])


def test_controls_and_repeats():
    found = table([tl.Magnitude(), tl.MagnitudeDimension()], repeats=2, control="shuffled")
    assert set(found.columns["control"]) == {"trained", "shuffled"}
    again = table(tl.Magnitude(), repeats=2, control="shuffled", n_threads=1)
    np.testing.assert_array_equal(
        values(again, measure="magnitude"), values(found, measure="magnitude")
    )


def test_untrained_control():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))
    recording = tl.record(model, torch.randn(60, 3))
    found = tl.analyse(recording, [tl.Magnitude(ts=[2.0])], control="untrained", rng=0)
    trained, untrained = (values(found, control=c) for c in ("trained", "untrained"))
    assert len(trained) == len(untrained) > 1
    assert ((trained >= 1) & (trained <= 60)).all() and (untrained >= 1).all()
    assert not np.allclose(trained, untrained)


def test_equal_points_are_one():
    same = {"layer": np.ones((6, 3))}
    for unit in ("mean distance", "convergence", None):
        found = tl.analyse(same, tl.Magnitude(unit=unit))
        np.testing.assert_allclose(found.columns["value"], 1.0)
    assert values(tl.analyse(same, tl.MagnitudeDimension())).tolist() == [0.0] * 3


def test_plots_are_labelled():
    found = table([tl.Magnitude(ts=[1.0]), tl.MagnitudeDimension()])
    assert tl.plotting.plot_layers(found, "magnitude").get_ylabel() == "magnitude"
    assert (
        tl.plotting.plot_layers(found, "magnitude_dimension").get_ylabel() == "magnitude dimension"
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tl.Magnitude(ts=[0.0]), r"`ts` must be positive and finite; found 0\.0 at \[0\]"),
        (lambda: tl.Magnitude(unit="median"), '`unit` must be "mean distance"'),
        (lambda: tl.MagnitudeDimension(method="by eye"), '`method` must be "straightest"'),
    ],
)
def test_bad_settings(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_names_tell_settings_apart():
    names = [tl.Magnitude().name, tl.Magnitude(unit=None).name, tl.MagnitudeDimension().name]
    assert names == [
        "magnitude(mean distance)",
        "magnitude(as is)",
        "magnitude-dimension(straightest)",
    ]
