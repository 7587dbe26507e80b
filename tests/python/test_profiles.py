"""Profiles of feature maps against components that are labelled and cells that are counted."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import nn

import topolens as tl
from betti_by_labels import sublevel_betti

LAYOUTS = ["volume", "per_channel", "channel_norm", "volume_permuted"]


def maps(seed=0, n=3, shape=(4, 5, 6), decimals=1):
    """Feature maps with ties."""
    drawn = np.random.default_rng(seed).normal(size=(n, *shape)).round(decimals)
    return drawn.astype(np.float32)


def network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.Conv2d(6, 8, 3, stride=2, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 5),
    )


def images(n=4, size=12, seed=1):
    return torch.rand(n, 3, size, size, generator=torch.Generator().manual_seed(seed))


# --- layouts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("thresholds", [0.0, [-0.5, 0.0, 0.3], [0.4, -1.0, -9.0, 9.0]])
def test_volume_has_channels_as_its_third_axis(thresholds):
    X = maps()
    p = tl.cubical_profile({"a": X, "b": X[:, ::-1, ::2]}, thresholds)
    levels = np.atleast_1d(thresholds)
    for layer, shown in enumerate([X, X[:, ::-1, ::2]]):
        for i, image in enumerate(shown):
            volume = image.transpose(2, 1, 0)  # (W, H, C), as in the paper
            assert p.betti[layer, i].tolist() == sublevel_betti(volume, levels).tolist()
    assert p.betti.shape == (2, 3, len(levels), 3) and p.layers == ("a", "b")
    assert p.shapes == {"a": (4, 5, 6), "b": (4, 3, 6)} and p.n_voxels.tolist() == [120, 72]


@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_per_channel_reads_pictures(reduce):
    X = maps()
    p = tl.cubical_profile({"a": X}, [0.0, 0.5], layout="per_channel", reduce=reduce)
    for i, image in enumerate(X):
        each = [sublevel_betti(channel, [0.0, 0.5]) for channel in image]
        np.testing.assert_allclose(p.betti[0, i], getattr(np, reduce)(each, axis=0))


def test_channel_norm_is_one_picture():
    X = maps(decimals=0)
    p = tl.cubical_profile({"a": X}, [1.0, 2.0], layout="channel_norm")
    for i, image in enumerate(X.astype(float)):
        norm = np.array([[np.linalg.norm(image[:, h, w]) for w in range(6)] for h in range(5)])
        assert p.betti[0, i].tolist() == sublevel_betti(norm, [1.0, 2.0]).tolist()


def test_permutations_are_of_channels_and_the_same_for_all_images():
    X = maps(n=2)
    X[1] = X[0]
    p = tl.cubical_profile({"a": X}, layout="volume_permuted", n_permutations=8, rng=0)
    assert p.permutations.shape == (8, 1, 2, 1, 3)
    assert (p.permutations[:, :, 0] == p.permutations[:, :, 1]).all()
    np.testing.assert_allclose(p.betti, p.permutations.mean(axis=0))
    from itertools import permutations

    possible = {tuple(sublevel_betti(X[0][list(o)], [0.0])[0]) for o in permutations(range(4))}
    found = {tuple(row) for row in p.permutations[:, 0, 0, 0].tolist()}
    assert found <= possible and len(found) > 1
    assert p.permuted_complexities().shape == (8, 1, 2)


def test_permutations_depend_on_the_seed_and_the_layer_only():
    X, options = maps(), {"layout": "volume_permuted", "rng": 7, "n_permutations": 3}
    both = tl.cubical_profile({"a": X, "b": X}, **options)
    alone = tl.cubical_profile({"b": X}, **options)
    assert (both.permutations[:, 1:] == alone.permutations).all()
    other = tl.cubical_profile({"b": X}, **{**options, "rng": 8})
    assert (other.permutations != alone.permutations).any()


@pytest.mark.parametrize("layout", ["per_channel", "channel_norm"])
def test_order_of_channels_does_not_matter(layout):
    X = maps(shape=(6, 7, 5))
    order = np.random.default_rng(0).permutation(6)
    found = [tl.cubical_profile({"a": Y}, [0.5, 1.5], layout=layout) for Y in (X, X[:, order])]
    np.testing.assert_allclose(found[0].betti, found[1].betti)


# --- thresholds ---------------------------------------------------------------------------------


def test_quantiles_are_of_each_image():
    X = maps(decimals=3)
    X[1] *= 100
    quantiles = [0.25, 0.7, 0.98]
    p = tl.cubical_profile({"a": X}, quantiles, rule="quantile")
    for i, image in enumerate(X):
        levels = np.quantile(image, quantiles, method="inverted_cdf")
        assert p.betti[0, i].tolist() == sublevel_betti(image, levels).tolist()


@pytest.mark.parametrize("layout", ["volume", "per_channel", "volume_permuted"])
def test_quantiles_do_not_change_under_increasing_functions(layout):
    X, options = maps(), {"layout": layout, "rule": "quantile", "rng": 0}
    quantiles = np.linspace(0, 1, 9)
    found = [
        tl.cubical_profile({"a": Y}, quantiles, **options).betti
        for Y in (X, 7 * X - 3, np.exp(X), np.arctan(X))
    ]
    for other in found[1:]:
        np.testing.assert_array_equal(found[0], other)


@given(
    arrays(np.float32, (1, 3, 4, 4), elements=st.floats(-2, 2, width=16)),
    st.floats(0, 1.5, width=16),
)
@settings(deadline=None, max_examples=50)
def test_relu_changes_no_betti_number_at_zero_or_above(X, eta):
    p = tl.cubical_profile({"before": X, "after": np.maximum(X, 0)}, eta)
    assert (p.betti[0] == p.betti[1]).all()


def test_superlevel_sets_are_sublevel_sets_of_the_negative():
    X = maps()
    up = tl.cubical_profile({"a": X}, [0.2, -0.4], sublevel=False)
    down = tl.cubical_profile({"a": -X}, [-0.2, 0.4])
    assert (up.betti == down.betti).all() and not up.sublevel


# --- models -------------------------------------------------------------------------------------


def test_a_model_is_measured_while_it_runs():
    model, X = network(), images()
    recorded = tl.record(model, X, layers=[str(i) for i in range(9)])
    p = tl.cubical_profile(recorded, [0.0, 0.1])
    q = tl.cubical_profile(model, [0.0, 0.1], images=X, layers=[str(i) for i in range(9)])
    assert p.layers == q.layers == tuple(map(str, range(7)))
    assert p.skipped == q.skipped == ("7", "8")
    assert (p.betti == q.betti).all() and p.shapes == q.shapes
    assert (p.statistics, q.statistics) == (None, "running")


def test_ends_of_a_network_are_read_if_they_are_named():
    model, X = network(), images()
    p = tl.cubical_profile(model, images=X)
    assert p.layers == ("2", "5")
    recorded = tl.record(model, X)
    assert tl.cubical_profile(recorded).layers == ("2", "5")
    assert tl.cubical_profile(recorded, layers=["input", "5"]).layers == ("input", "5")
    assert tl.cubical_profile(model, images=X, layers=["input", "5"]).layers == ("input", "5")


def test_relu_identity_of_a_network():
    p = tl.cubical_profile(
        network(), [0.0, 0.05, 0.4], images=images(), layers=["1", "2", "4", "5"]
    )
    for before, after in ((0, 1), (2, 3)):
        assert (p.betti[before] == p.betti[after]).all()
    below = tl.cubical_profile(network(), -0.1, images=images(), layers=["1", "2"])
    assert (below.betti[0] != below.betti[1]).any() and not below.betti[1].any()


def test_statistics_of_the_image():
    model, X = network(), images()
    before = copy.deepcopy(model.state_dict())
    p = tl.cubical_profile(model, images=X, layers=["1", "4"], statistics="image")
    assert p.statistics == "image" and "image statistics" in repr(p)
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert all(module.training for module in model.modules())
    assert all(m.track_running_stats for m in model.modules() if isinstance(m, nn.BatchNorm2d))
    trained = copy.deepcopy(model).train()
    with torch.no_grad():
        for i, image in enumerate(X):
            shown = trained[:2](image[None])[0].numpy()
            assert p.betti[0, i].tolist() == sublevel_betti(shown, [0.0]).tolist()
    other = tl.cubical_profile(model, images=X, layers=["1", "4"])
    assert (other.betti != p.betti).any()


def test_statistics_of_the_image_do_not_depend_on_the_others():
    model, X = network(), images()
    whole = tl.cubical_profile(model, images=X, statistics="image")
    alone = tl.cubical_profile(model, images=X[2:3], statistics="image")
    assert (whole.betti[:, 2:3] == alone.betti).all()


def test_a_single_value_has_no_variance():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.BatchNorm2d(4))
    with pytest.raises(ValueError, match="more than 1 value") as error:
        tl.cubical_profile(model, images=images(), layers=["0"], statistics="image")
    assert "leave out `statistics" in error.value.__notes__[0]
    assert model[2].track_running_stats
    assert tl.cubical_profile(model, images=images(), layers=["0"]).n_images == 4


def test_images_of_several_sizes():
    model = network()
    batches = [images(2, 12), images(3, 16)]
    p = tl.cubical_profile(model, images=batches)
    assert p.n_images == 5
    q = tl.cubical_profile(model, images=batches[1])
    assert (p.betti[:, 2:] == q.betti).all()


def test_few_images_are_chosen_by_the_seed():
    X = images(10)
    found = [tl.cubical_profile(network(), images=X, max_images=3, rng=r).betti for r in (0, 0, 1)]
    assert found[0].shape[1] == 3
    assert (found[0] == found[1]).all() and (found[0] != found[2]).any()


def test_untrained_copies():
    model, X = network(), images()
    p = tl.cubical_profile(model, images=X)
    u = p.untrained(rng=0)
    assert u.layers == p.layers and (u.betti != p.betti).any()
    assert (p.untrained(rng=0).betti == u.betti).all()
    recorded = tl.cubical_profile(tl.record(model, X))
    assert (recorded.untrained(rng=0).betti == u.betti).all()
    with pytest.raises(TypeError, match="a profile of a model or of a Recording"):
        tl.cubical_profile({"a": maps()}).untrained()
    for other in (p.select([0]), pickle.loads(pickle.dumps(p)), copy.deepcopy(p)):
        with pytest.raises(TypeError, match="`untrained` needs the profile that"):
            other.untrained()


# --- results ------------------------------------------------------------------------------------


def test_complexity_is_a_mean_of_sums():
    p = tl.cubical_profile({"a": maps(), "b": maps(1)}, [0.0, 0.5])
    expected = p.betti[:, :, 1].sum(axis=2)
    np.testing.assert_array_equal(p.complexities(0.5), expected)
    np.testing.assert_allclose(p.complexity(0.5), expected.mean(axis=1))
    with pytest.raises(ValueError, match=r"`threshold` must be one of 0, 0\.5; found none"):
        p.complexity()
    with pytest.raises(ValueError, match=r"one of 0, 0\.5; found 0\.3"):
        p.decay(0.3)
    with pytest.raises(ValueError, match='needs a profile with layout="volume_permuted"'):
        p.permuted_complexities(0.0)


def test_scores_of_a_profile():
    layers = {str(i): maps(i, n=6, shape=(8 - i, 6, 6)) for i in range(5)}
    p = tl.cubical_profile(layers, layout="volume_permuted", n_permutations=4, rng=0)
    found = tl.ttp_score(p, rng=0)
    assert found.value == pytest.approx(tl.ttp_score(p.complexity()).value)
    assert found.interval[0] < found.interval[1] and found.permutation_values.shape == (4,)
    expected = tl.ttp_score(p.permutations[2, :, :, 0].sum(axis=2).mean(axis=1)).value
    assert found.permutation_values[2] == pytest.approx(expected)
    assert p.decay(rng=0).last_over_first == pytest.approx(p.complexity()[-1] / p.complexity()[0])


def test_images_are_selected():
    p = tl.cubical_profile({"a": maps()}, layout="volume_permuted", rng=0)
    few = p.select([2, 0])
    assert (few.betti == p.betti[:, [2, 0]]).all() and few.n_images == 2
    assert (few.permutations == p.permutations[:, :, [2, 0]]).all()
    assert (p.select(np.array([True, False, True])).betti == p.betti[:, [0, 2]]).all()
    with pytest.raises(ValueError, match="at least one image"):
        p.select([])


def test_tables_and_text():
    p = tl.cubical_profile({"a": maps(), "b": maps(1)}, [0.0, 0.5])
    columns = p.to_columns()
    assert all(len(column) == p.betti.size for column in columns.values())
    for k in np.random.default_rng(0).integers(p.betti.size, size=20):
        layer, t = (
            int(columns["layer_index"][k]),
            p.thresholds.tolist().index(columns["threshold"][k]),
        )
        index = layer, columns["image"][k], t, columns["degree"][k]
        assert columns["betti"][k] == p.betti[index] and columns["layer"][k] == p.layers[layer]
    summary = p.summary().columns
    np.testing.assert_allclose(
        summary["complexity"][summary["threshold"] == 0.5], p.complexity(0.5)
    )
    assert repr(p).startswith("CubicalProfile: 2 layers, 3 images, volume (V, sublevel)\n")
    assert "<table>" in p._repr_html_() and "4×5×6" in p._repr_html_()
    single = tl.cubical_profile({"a": maps(n=1)})
    assert np.isnan(single.summary().columns["sd"]).all()


def test_plots_show_what_is_in_the_profile():
    p = tl.cubical_profile({"a": maps(), "b": maps(1)}, [0.5, 0.0])
    ax = p.plot(0.0)
    labels = [line.get_label() for line in ax.lines]
    assert labels == ["β₀", "β₁", "β₂", "complexity"]
    np.testing.assert_allclose(ax.lines[-1].get_ydata(), p.complexity(0.0))
    curves = p.plot_curves(1)
    assert len(curves.lines) == 2
    expected = p.betti[0, :, ::-1, 1].mean(axis=0) / 120
    np.testing.assert_allclose(curves.lines[0].get_ydata(), expected)
    hidden = tl.cubical_profile({"_a": maps(), "_b": maps(1)}, [0.5, 0.0]).plot_curves()
    assert [t.get_text().strip() for t in hidden.get_legend().get_texts()] == ["_a", "_b"]
    with pytest.raises(ValueError, match="`degree` must be among 0 to 2; found 3"):
        p.plot_curves(3)


# --- layer tables -------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layer_tables_have_means_over_images(layout):
    model, X = network(), images(8)
    recorded = tl.record(model, (X, torch.arange(8) % 2))
    measure = tl.Cubical([0.0, 0.2], layout=layout)
    table = tl.analyse(recorded, [measure, tl.Rips(maxdim=0)], by="class", rng=0)
    rows = table.select(measure="cubical_betti", class_="1")
    assert set(rows.columns["layer"].tolist()) == {"input", "2", "5"}
    if layout != "volume_permuted":
        p = tl.cubical_profile(
            recorded, [0.0, 0.2], layout=layout, layers=["input", "2", "5"]
        ).select(recorded.labels == 1)
        np.testing.assert_allclose(rows.columns["value"], p.betti.mean(axis=1).ravel())
        totals = table.select(measure="complexity", class_="1", scale=0.2).columns["value"]
        np.testing.assert_allclose(totals, p.complexity(0.2))


def test_layer_tables_have_controls():
    recorded = tl.record(network(), images(4))
    table = tl.analyse(recorded, tl.Cubical(), control="untrained", repeats=2, subsample=3, rng=0)
    assert set(table.columns["control"].tolist()) == {"trained", "untrained"}
    assert table.plot("complexity").lines


def test_rows_are_no_maps():
    with pytest.raises(ValueError, match=r"cubical\(volume\) needs layers of feature maps"):
        tl.analyse({"a": np.zeros((4, 7))}, tl.Cubical())
    recorded = tl.record(network(), images(4), reduce="mean")
    with pytest.raises(ValueError, match="found only rows"):
        tl.analyse(recorded, tl.Cubical())


def test_recordings_have_feature_maps():
    model, X = network(), images(4)
    recorded = tl.record(model, X)
    with torch.no_grad():
        expected = model.eval()[:3](X).numpy()
    np.testing.assert_array_equal(recorded.feature_maps("2"), expected)
    with pytest.raises(ValueError, match=r"found \(4, 5\) of 'output'"):
        recorded.feature_maps("output")
    with pytest.raises(ValueError, match="was reduced to"):
        tl.record(model, X, reduce="mean").feature_maps("2")
    with pytest.raises(KeyError):
        recorded.feature_maps("nowhere")


# --- bad input ----------------------------------------------------------------------------------


def with_nan():
    X = maps()
    X[1, 2, 3, 4] = np.nan
    return X


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ({}, {}, "at least one layer"),
        ({"a": np.zeros((3, 4))}, {}, r"'a' must have shape .* found \(3, 4\)"),
        ({"a": np.zeros((3, 0, 4, 4))}, {}, "none of them 0"),
        ({"a": with_nan()}, {}, r"must not hold NaN; found it at \[1, 2, 3, 4\]"),
        ({"a": maps(), "b": maps(n=2)}, {}, "found 3 in 'a' and 2 in 'b'"),
        ({"a": maps()}, {"layers": ["b"]}, "`layers` must be among a; found 'b'"),
        ({"a": maps()}, {"layers": "b*"}, "selects none of a"),
        ({"a": maps()}, {"thresholds": []}, "`thresholds` must be a number or a sequence"),
        ({"a": maps()}, {"thresholds": [0, np.nan]}, "`thresholds` must be finite; found nan"),
        ({"a": maps()}, {"thresholds": [0, 0]}, "must not repeat"),
        ({"a": maps()}, {"thresholds": 1.5, "rule": "quantile"}, r"from 0 to 1 where they are"),
        ({"a": maps()}, {"rule": "curve"}, "`rule` must be one of value, quantile"),
        ({"a": maps()}, {"layout": "flat"}, "`layout` must be one of volume"),
        ({"a": maps()}, {"reduce": "max"}, "`reduce` must be one of mean, sum"),
        ({"a": maps()}, {"construction": "W"}, "`construction` must be one of V, T"),
        ({"a": maps()}, {"n_permutations": 0}, "`n_permutations` must be at least 1"),
        ({"a": maps()}, {"statistics": "image"}, "`images` and `statistics` need a model"),
        ({"a": maps()}, {"images": images()}, "`images` and `statistics` need a model"),
        (network(), {}, "`images` must be given where `source` is a model"),
        (network(), {"images": images(), "statistics": "eval"}, '"running" or "image"'),
        (network(), {"images": images(), "layers": ["8"]}, "found none among 8"),
        (network(), {"images": images(), "layers": ["9"]}, "`layers` must be among input"),
    ],
)
def test_bad_values_are_refused(source, options, message):
    with pytest.raises(ValueError, match=message):
        tl.cubical_profile(source, **options)


def test_wrong_types_are_refused():
    with pytest.raises(
        TypeError, match=r"`source` must be a torch\.nn\.Module, a Recording or a dict"
    ):
        tl.cubical_profile(maps())
    with pytest.raises(TypeError, match="must hold real numbers"):
        tl.cubical_profile({"a": np.full((1, 1, 2, 2), "x")})
    with pytest.raises(TypeError, match="where `source` is not a model"):
        tl.cubical_profile({"a": maps()}, layers=len)
