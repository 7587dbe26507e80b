"""Plots: what is drawn is what is in the table or the diagrams."""

from __future__ import annotations

import warnings

import matplotlib as mpl
import numpy as np
import pytest

import topolens as tl
from topolens.layers import LayerTable
from topolens.layers._columns import LAYER_COLUMNS, columns_of

mpl.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")

DGMS = [
    np.array([[0.0, 0.2], [0.0, 0.5], [0.0, np.inf]]),
    np.array([[0.5, 0.9], [0.6, 0.7]]),
    np.empty((0, 2)),
]


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def made_table(layers=("input", "relu", "logits"), factor=1.0, scales=(2.0,), measure="betti"):
    """Two classes, two controls, two dimensions, three repeats."""
    rng = np.random.default_rng(0)
    rows = [
        (
            index,
            layer,
            name,
            control,
            measure,
            "",
            dimension,
            scale,
            value,
            repeat,
            0,
            50,
            50,
            0.1,
            "",
        )
        for control in ("trained", "untrained")
        for index, layer in enumerate(layers)
        for name in ("cat", "dog")
        for dimension in (0, 1)
        for scale in scales
        for repeat, value in enumerate(factor * rng.integers(1, 9, size=3))
    ]
    return LayerTable(columns_of(rows, LAYER_COLUMNS))


def lines_of(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_lines_are_the_means_of_the_table():
    table = made_table()
    axes = tl.plotting.plot_layers(table)
    assert axes.shape == (2,)
    for dimension, ax in enumerate(axes):
        lines = lines_of(ax)
        assert set(lines) == {f"{c}, {k}" for c in ("cat", "dog") for k in ("trained", "untrained")}
        for name in ("cat", "dog"):
            for control in ("trained", "untrained"):
                line = lines[f"{name}, {control}"]
                rows = table.select(class_=name, control=control, degree=dimension)
                means = [rows.select(layer_index=i).columns["value"].mean() for i in range(3)]
                np.testing.assert_array_equal(line.get_xdata(), [0, 1, 2])
                np.testing.assert_allclose(line.get_ydata(), means)


def test_bands_are_one_standard_deviation_to_either_side_and_not_below_zero():
    table = made_table().select(class_="cat", control="trained", degree=0)
    ax = table.plot()
    (band,) = ax.collections
    summary = table.summary().columns
    corners = band.get_paths()[0].vertices
    for layer, mean, sd in zip(summary["layer_index"], summary["mean"], summary["sd"], strict=True):
        heights = corners[corners[:, 0] == layer, 1]
        assert heights.min() == pytest.approx(max(mean - sd, 0))
        assert heights.max() == pytest.approx(mean + sd)
    assert not table.select(repeat=0).plot().collections


def test_controls_are_dashed_and_paler_in_the_colour_of_their_class():
    lines = lines_of(made_table().plot(degree=0))
    trained, untrained = lines["cat, trained"], lines["cat, untrained"]
    assert (trained.get_linestyle(), untrained.get_linestyle()) == ("-", "--")
    assert trained.get_color() == untrained.get_color() != lines["dog, trained"].get_color()
    assert untrained.get_alpha() < trained.get_alpha()


def test_legend_names_classes_and_controls_and_stands_beside_the_data():
    axes = made_table().plot()
    legend = axes[-1].get_legend()
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts == ["cat", "dog", "", "trained", "untrained"]
    assert legend.get_title().get_text() == "class"
    figure = axes[-1].figure
    figure.canvas.draw()
    frame = legend.get_window_extent()
    assert frame.x0 >= axes[-1].get_window_extent().x1
    assert frame.x1 <= figure.bbox.x1
    assert axes[0].get_legend() is None
    assert made_table().select(class_="cat", control="trained").plot(degree=0).legend_ is None


def table_of_classes(n_classes, values=lambda layer, c: 1.0 + c):
    rows = [
        (i, f"x{i}", str(c), k, "betti", "", 0, 2.0, values(i, c), 0, 0, 9, 9, 0.1, "too coarse: x")
        for c in range(n_classes)
        for k in ("trained", "untrained", "shuffled")
        for i in range(3)
    ]
    return LayerTable(columns_of(rows, LAYER_COLUMNS))


def test_many_classes_are_drawn_as_their_mean_and_the_extremes_are_named():
    ax = table_of_classes(100).plot()
    assert len(ax.get_lines()) == 100 + 2 + 1 + 2  # each, two again, the mean, two controls
    assert sorted(text.get_text() for text in ax.texts) == ["class 0", "class 99"]
    means = [line.get_ydata().tolist() for line in ax.get_lines() if line.get_linewidth() > 2]
    assert means == [[50.5] * 3]
    entries = [text.get_text() for text in ax.get_legend().get_texts()]
    assert entries[:3] == ["mean", "each of 100 classes", "highest and lowest, by name"]


def test_eight_classes_have_colours_of_their_own():
    lines = [line for line in table_of_classes(8).plot().get_lines() if line.get_linestyle() == "-"]
    assert len({line.get_color() for line in lines}) == 8


def test_joined_tables_keep_a_look_for_each_of_many_classes():
    tables = {name: table_of_classes(12) for name in "ab"}
    ax = tl.layers.concat(tables, name="model").plot()
    ax.figure.canvas.draw()
    frame = ax.get_legend().get_window_extent()
    assert ax.figure.bbox.y0 <= frame.y0
    assert frame.y1 <= ax.figure.bbox.y1
    looks = {(line.get_color(), line.get_marker()) for line in ax.get_lines()}
    assert len(looks) == 24


@pytest.mark.parametrize("n_classes", [2, 10])
def test_cells_without_an_answer_are_hatched(n_classes):
    ax = table_of_classes(n_classes, lambda i, c: np.nan if i == 1 else 1.0 + c).plot()
    (cell,) = [patch for patch in ax.patches if patch.get_hatch()]
    assert cell.get_x() == 0.5 and cell.get_width() == 1
    assert ax.get_legend().get_texts()[-1].get_text() == "too coarse to say"
    # One class of several leaves a gap in its line.
    ax = table_of_classes(3, lambda i, c: np.nan if i == c == 1 else 1.0).plot()
    assert not ax.patches


@pytest.mark.parametrize("n_classes", [10, 24])
def test_the_legend_of_many_classes_fits(n_classes):
    ax = table_of_classes(n_classes).plot()
    ax.figure.canvas.draw()
    frame = ax.get_legend().get_window_extent()
    assert ax.figure.bbox.y0 <= frame.y0
    assert frame.y1 <= ax.figure.bbox.y1
    assert frame.x1 <= ax.figure.bbox.x1


def test_layer_names_are_on_the_axis_turned_when_long():
    ax = made_table().plot(degree=0)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["input", "relu", "logits"]
    assert ax.get_xticklabels()[0].get_rotation() == 0
    names = [f"features.{i}.conv" for i in range(8)]
    ax = made_table(names).plot(degree=0)
    assert [label.get_text() for label in ax.get_xticklabels()] == names
    assert ax.get_xticklabels()[0].get_rotation() > 0
    ax = made_table([f"layer{i}" for i in range(60)]).plot(degree=0)
    assert ax.get_xticks().tolist() == list(range(0, 60, 3))
    ax = made_table(["transformer.encoder.layers.11.attention.dense"]).plot(degree=0)
    (label,) = ax.get_xticklabels()
    assert label.get_text() == "transfor…attention.dense"


def test_counts_that_span_decades_bend_the_axis():
    assert made_table().plot(degree=0).get_yscale() == "linear"
    assert made_table(factor=0.0).plot(degree=0).get_ylim()[1] >= 1
    table = made_table()
    table.columns["value"] *= np.where(table.columns["layer_index"] == 0, 500, 1)
    ax = table.plot(degree=0)
    assert ax.get_yscale() == "symlog"
    assert ax.get_ylim()[1] > table.columns["value"].max()


def test_lengths_that_span_decades_use_a_logarithm():
    table = made_table(measure="longest")
    assert table.plot("longest", degree=0).get_yscale() == "linear"
    assert table.plot("longest", degree=0).get_ylabel() == "longest bar\nin mean distances"
    table.columns["value"] *= np.where(table.columns["layer_index"] == 0, 1e4, 1)
    assert table.plot("longest", degree=0).get_yscale() == "log"


def test_one_panel_goes_to_the_axes_given():
    figure, ax = plt.subplots()
    assert tl.plotting.plot_layers(made_table(), degree=1, ax=ax) is ax
    assert len(ax.get_lines()) == 4
    assert plt.get_fignums() == [figure.number]
    with pytest.raises(ValueError, match="`ax` holds one panel: choose a `degree` among 0, 1"):
        tl.plotting.plot_layers(made_table(), ax=ax)


def test_scales_make_rows_of_panels():
    table = made_table(scales=(0.5, 1.5, 2.5), measure="rips_betti")
    hops = made_table(scales=(1.0, 2.0)).plot(degree=0)
    assert [ax.get_ylabel() for ax in hops[:, 0]] == [
        "Betti number at scale 1",
        "Betti number at scale 2",
    ]
    axes = table.plot("rips_betti")
    assert axes.shape == (3, 2)
    assert axes[1, 0].get_ylabel() == "Betti number at scale 1.5"
    ax = table.plot("rips_betti", scale=2.5, degree=1)
    means = table.select(scale=2.5, degree=1, class_="dog", control="trained").summary()
    np.testing.assert_allclose(lines_of(ax)["dog, trained"].get_ydata(), means.columns["mean"])
    crowd = made_table(scales=np.arange(20.0), measure="rips_betti")
    with pytest.raises(ValueError, match="too many panels"):
        crowd.plot("rips_betti")


def test_scales_of_one_dimension_make_two_columns():
    axes = made_table(scales=(1.0, 2.0, 4.0)).plot(degree=0)
    assert axes.shape == (3, 1)
    first, second, third = (ax.get_position() for ax in axes[:, 0])
    assert first.y0 == second.y0 > third.y1
    assert first.x0 == third.x0 < second.x0
    assert len(axes[0, 0].figure.axes) == 3
    assert [ax.get_legend() is not None for ax in axes[:, 0]] == [False, True, False]


def test_bands_follow_negative_values():
    table = made_table(measure="change", factor=-1.0)
    ax = table.select(class_="cat", control="trained").plot("change", degree=0)
    corners = ax.collections[0].get_paths()[0].vertices
    summary = table.select(class_="cat", control="trained", degree=0).summary().columns
    assert corners[:, 1].min() == pytest.approx((summary["mean"] - summary["sd"]).min())


def test_a_plot_without_a_measure_shows_betti_numbers_or_the_first_measure():
    points = np.random.default_rng(0).normal(size=(20, 2))
    rips, hops = tl.Rips(maxdim=0), tl.HopBetti(k=6, maxdim=0)
    assert tl.analyse({"input": points}, rips).plot().get_ylabel() == "finite bars"
    assert tl.analyse({"input": points}, [rips, hops]).plot().get_ylabel() == "Betti number"


def test_what_is_not_in_the_table_is_refused():
    table = made_table()
    with pytest.raises(ValueError, match="`measure` must be one of betti; found 'beti'"):
        table.plot("beti")
    with pytest.raises(ValueError, match="`degree` must be one of 0, 1; found 2"):
        table.plot(degree=2)
    with pytest.raises(ValueError, match="`scale` must be one of 2; found 3"):
        table.plot(scale=3)


def test_diagram_draws_every_point_and_lifts_essential_classes():
    ax = tl.plot_diagram(DGMS)
    first, second, third = (
        c for c in ax.collections if isinstance(c, mpl.collections.PathCollection)
    )
    np.testing.assert_allclose(first.get_offsets()[:2], DGMS[0][:2])
    assert first.get_offsets()[2, 1] > 0.9
    np.testing.assert_allclose(second.get_offsets(), DGMS[1])
    assert len(third.get_offsets()) == 0
    assert [text.get_text() for text in ax.texts] == ["∞"]
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["H₀ (3)", "H₁ (2)", "H₂ (0)"]
    assert ax.get_xlim() == ax.get_ylim()


def test_barcode_draws_every_bar():
    ax = tl.plotting.plot_barcode(DGMS)
    bars = [c for c in ax.collections if isinstance(c, mpl.collections.LineCollection)]
    for dgm, collection in zip(DGMS, bars, strict=True):
        ends = [(s[0, 0], s[1, 0]) for s in collection.get_segments()]
        finite = dgm[:, 1] < np.inf
        np.testing.assert_allclose(np.reshape(ends, (-1, 2))[finite], dgm[finite])
    assert bars[0].get_segments()[2][1, 0] > 0.9
    heights = [s[0, 1] for c in bars for s in c.get_segments()]
    assert len(set(heights)) == 5
    assert [t.get_text() for t in ax.get_yticklabels()] == ["H₀ (3)", "H₁ (2)", "H₂ (0)"]


def test_betti_curve_is_the_count_of_bars_at_each_scale():
    rng = np.random.default_rng(1)
    result = tl.rips(rng.normal(size=(40, 3)), maxdim=1)
    ax = tl.plotting.plot_betti_curve(result)
    for dgm, line in zip(result.dgms, ax.get_lines(), strict=True):
        x, y = line.get_data(orig=True)
        assert line.get_drawstyle() == "steps-post"
        for scale in rng.uniform(x[0], x[-1], size=50):
            drawn = y[np.searchsorted(x, scale, side="right") - 1]
            assert drawn == ((dgm[:, 0] <= scale) & (scale < dgm[:, 1])).sum()
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["β₀", "β₁"]


@pytest.mark.parametrize(
    "plot", [tl.plot_diagram, tl.plotting.plot_barcode, tl.plotting.plot_betti_curve]
)
def test_persistence_plots_take_results_diagrams_and_axes(plot):
    figure, ax = plt.subplots()
    assert plot(DGMS[1], ax=ax) is ax
    assert plot(tl.rips(np.eye(3)), ax=ax) is ax
    assert plt.get_fignums() == [figure.number]
    plot([np.empty((0, 2))]).figure.canvas.draw()
    plot([]).figure.canvas.draw()
    with pytest.raises(ValueError, match=r"`diagrams`.*\(k, 2\).*\(3, 4\)"):
        plot(np.zeros((3, 4)))


def test_plots_leave_rc_params_alone_and_show_nothing(monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *a, **k: pytest.fail("show() was called"))
    before = dict(mpl.rcParams)
    made_table().plot()
    tl.plot_diagram(DGMS)
    tl.plotting.plot_barcode(DGMS)
    tl.plotting.plot_betti_curve(DGMS)
    assert dict(mpl.rcParams) == before


def network_distances():
    x = np.arange(100) / 100
    cuts = {"a": 0.1, "b": 0.3, "c": 0.4, "copy of c": 0.4}
    return tl.NetworkSpace.from_labels({name: x >= cut for name, cut in cuts.items()}).distances()


def test_map_of_networks():
    D = network_distances()
    ax = tl.plotting.plot_network_space(D, trajectories=[["a", "b", "c"]])
    drawn = np.vstack([points.get_offsets() for points in ax.collections])
    squares = ((drawn[:, None] - drawn) ** 2).sum(axis=-1)
    share = D.embed(2).share
    assert ax.get_title() == f"{100 * share:.0f} % of the squared distances"
    np.testing.assert_allclose(squares, squares.T)
    assert [len(points.get_offsets()) for points in ax.collections] == [1, 1, 2]
    line = ax.get_lines()[0]
    np.testing.assert_allclose(line.get_xydata(), D.embed(2).points[:3])
    grouped = tl.plotting.plot_network_space(D, groups=["x", "y", "x", "y"])
    assert [text.get_text() for text in grouped.get_legend().get_texts()] == ["x", "y"]


def test_matrix_of_networks():
    D = network_distances()
    ax = tl.plotting.plot_network_space(D, "matrix")
    names = [text.get_text() for text in ax.get_yticklabels()]
    order = [D.names.index(name) for name in names]
    np.testing.assert_array_equal(ax.images[0].get_array(), D.values[np.ix_(order, order)])
    assert abs(names.index("c") - names.index("copy of c")) == 1


def test_refused_maps_of_networks():
    D = network_distances()
    with pytest.raises(ValueError, match="`kind` must be one of map, matrix; found 'heat'"):
        tl.plotting.plot_network_space(D, "heat")
    with pytest.raises(ValueError, match="`trajectories` must hold names of networks; found 'd'"):
        tl.plotting.plot_network_space(D, trajectories=[["a", "d"]])
    with pytest.raises(ValueError, match="`groups` must have one entry for each of 4 networks"):
        tl.plotting.plot_network_space(D, groups=["x"])


# --- names that mean something to matplotlib ------------------------------------------------------

ODD = ["_hidden", "__init__", "cost $x", "$x^$", "a_b", "_"]


def drawn(ax):
    """Draw, and return the names in the legend and on the axes, without warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        legend = ax.get_legend() or ax.legend()
        ax.figure.canvas.draw()
    shown = [text.get_text() for text in legend.get_texts()]
    return [name.replace(r"\$", "$").strip() for name in shown]


def odd_classes(names=ODD):
    rows = [
        (0, layer, name, "trained", "betti", "", 0, 2.0, 1.0, 0, 0, 9, 9, 0.1, "")
        for name in names
        for layer in [names[0]]
    ]
    return LayerTable(columns_of(rows, LAYER_COLUMNS)).plot()


def odd_layers():
    clouds = {name: rng_cloud for name in ODD}
    return tl.analyse(clouds, tl.HopBetti(k=4), rng=0).plot("components")


rng_cloud = np.random.default_rng(0).random((20, 2))
PREDICTED = dict(zip(ODD, np.eye(6, 12, dtype=int), strict=True))
DISTANCES = tl.NetworkSpace.from_labels(PREDICTED).distances()
MAPS_OF_ODD = dict(zip(ODD, np.random.default_rng(0).random((6, 2, 2, 4, 4)), strict=True))
LEGENDS = {
    "classes": odd_classes,
    "networks": lambda: tl.plotting.plot_network_space(DISTANCES, groups=ODD),
    "curves": lambda: tl.cubical_profile(MAPS_OF_ODD, [0.2, 0.5]).plot_curves(),
}


@pytest.mark.parametrize("name", LEGENDS)
def test_legends_show_every_name(name):
    shown = drawn(LEGENDS[name]())
    assert sorted(text.removesuffix(" (1)") for text in shown) == sorted(ODD)


def test_a_line_of_any_name_is_in_the_legend():
    curve = tl.magnitude_function(rng_cloud)
    ax = curve.plot(label="_first")
    assert drawn(curve.plot(ax=ax, label="$")) == ["_first", "$"]


def test_axes_show_every_name():
    for ax in (
        odd_layers(),
        tl.cubical_profile(MAPS_OF_ODD, 0.2).plot(),
        tl.plotting.plot_network_space(DISTANCES, "matrix"),
    ):
        ax.figure.canvas.draw()
        shown = [text.get_text().replace(r"\$", "$").strip() for text in ax.get_xticklabels()]
        assert sorted(shown) == sorted(ODD)
