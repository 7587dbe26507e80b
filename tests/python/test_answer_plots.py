"""The picture of the three numbers: what is drawn is what is in the table."""

from __future__ import annotations

import warnings

import matplotlib as mpl
import numpy as np
import pytest

import topolens as tl
from topolens.layers import LayerTable
from topolens.layers._answer_plots import holds_answers
from topolens.layers._columns import LAYER_COLUMNS, columns_of
from topolens.layers._curves import curves_of
from topolens.layers._panel_plots import short_names
from topolens.plotting import plot_answers

mpl.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")

DEGREES = {
    "longest_loop": 1,
    "supported_loops": 1,
    "within_to_others": -1,
    "pieces": -1,
    "pieces_of_chance": -1,
}
LAYERS = ("input", "relu", "logits")


@pytest.fixture(autouse=True)
def quiet_and_closed():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    plt.close("all")


def value_of(measure, layer, c, copy):
    """What is known of a class in a layer: other copies have more."""
    number = 0.1 + 0.3 * layer + 0.01 * c + 0.1 * copy
    return {
        "longest_loop": number,
        "supported_loops": float(layer == 1),
        "within_to_others": number,
        "pieces": 1.0 + layer + c + copy,
        "pieces_of_chance": (1.0 + layer + c + copy) / 50,
    }[measure]


def made(n_classes=2, copies=3, layers=LAYERS, value=value_of, measures=tuple(DEGREES), repeats=1):
    of_controls = {"trained": 1, "untrained": copies, "shuffled": min(copies, 1)}
    rows = [
        (
            *(index, layer, f"c{c}" if n_classes > 1 else "all", control, measure, ""),
            *(DEGREES[measure], np.inf, number := value(measure, index, c, copy + (i > 0)), repeat),
            *(copy, 50, 50, 0.1, "too coarse: all" if np.isnan(number) else ""),
        )
        for i, (control, count) in enumerate(of_controls.items())
        for copy in range(count)
        for repeat in range(repeats)
        for c in range(n_classes)
        for index, layer in enumerate(layers)
        for measure in measures
    ]
    return LayerTable(columns_of(rows, LAYER_COLUMNS))


def data_of(ax, style="-"):
    return [line.get_ydata().tolist() for line in ax.get_lines() if line.get_linestyle() == style]


def legend_of(axes):
    (legend,) = axes[0].figure.legends
    return [text.get_text().replace("\n", " ") for text in legend.get_texts()]


def drawn(axes):
    axes[0].figure.canvas.draw()
    return axes


# --- lines --------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_classes", [1, 2, 8])
def test_lines_are_the_values_of_the_classes(n_classes):
    axes = drawn(plot_answers(made(n_classes)))
    for ax, measure in zip(axes, ("longest_loop", "within_to_others", "pieces"), strict=True):
        expected = [[value_of(measure, i, c, 0) for i in range(3)] for c in range(n_classes)]
        found = [line for line in data_of(ax) if len(line) == 3]
        assert [line for line in found if line in expected] == expected


def test_repeats_are_averaged_and_what_is_not_known_is_left_out():
    rows = made(1, 0, measures=("within_to_others",), repeats=2).columns
    rows["value"] = np.array([1.0, 2.0, np.nan, 3.0, np.nan, np.nan])
    curves = curves_of(LayerTable(rows), ("within_to_others",))
    assert curves.trained("within_to_others").tolist() == [
        [2.0, 2.0, pytest.approx(np.nan, nan_ok=True)]
    ]
    assert curves.unknown("within_to_others").tolist() == [False, False, True]


@pytest.mark.parametrize(("n_classes", "n_bands"), [(1, 1), (2, 2), (3, 1), (8, 1), (9, 1)])
def test_bands_are_the_range_of_the_untrained_copies(n_classes, n_bands):
    axes = plot_answers(made(n_classes, copies=4))
    bands = axes[1].collections
    assert len(bands) == n_bands
    for place, band in enumerate(bands):
        corners = band.get_paths()[0].vertices
        heights = corners[corners[:, 0] == 2, 1]
        of_copies = [
            [value_of("within_to_others", 2, c, k) for c in range(n_classes)] for k in (1, 2, 3, 4)
        ]
        of_band = np.mean(of_copies, axis=1) if n_classes > 8 else np.array(of_copies)
        of_band = of_band[:, place] if n_bands == 2 else of_band
        assert heights.min() == pytest.approx(of_band.min())
        assert heights.max() == pytest.approx(of_band.max())


def test_one_copy_is_a_line_and_none_is_nothing():
    axes = plot_answers(made(2, copies=1))
    assert not axes[1].collections and len(data_of(axes[1], "--")) == 2
    assert "untrained copy" in legend_of(axes) and "shuffled labels" in legend_of(axes)
    axes = plot_answers(made(2, copies=0))
    assert not data_of(axes[1], "--") and "untrained copy" not in legend_of(axes)


def test_filled_dots_are_supported_loops():
    ax = plot_answers(made(1, 0))[0]
    dots = {
        line.get_markerfacecolor() == "w": line
        for line in ax.get_lines()
        if line.get_marker() == "o"
    }
    assert dots[False].get_xdata().tolist() == [1] and dots[True].get_xdata().tolist() == [0, 2]
    assert any(line.get_ydata()[0] == 0.2 for line in ax.get_lines())


def test_pieces_have_decades_and_their_share_of_chance():
    ax = drawn(plot_answers(made(1, 2)))[2]
    assert ax.get_yscale() == "log" and ax.get_ylim()[1] > 50
    assert data_of(ax, "-.") == [pytest.approx([50.0] * 3)]
    said = ax.get_title(loc="left")
    assert "0.02 at input, 0.06 at logits (untrained 0.09)" in said


# --- many ---------------------------------------------------------------------------------------


def test_many_classes_are_their_mean_and_two_names():
    axes = drawn(plot_answers(made(100)))
    for ax, measure in zip(axes, ("longest_loop", "within_to_others", "pieces"), strict=True):
        assert sorted(text.get_text() for text in ax.texts) == ["c0", "c99"]
        thick = [line.get_ydata() for line in ax.get_lines() if line.get_linewidth() > 2]
        means = np.mean(
            [[value_of(measure, i, c, 0) for i in range(3)] for c in range(100)], axis=0
        )
        np.testing.assert_allclose(thick, [means])
    # One class has one colour in all panels, and another class another one.
    hues = [{text.get_text(): text.get_color() for text in ax.texts} for ax in axes]
    assert hues[0] == hues[1] == hues[2] and len(set(hues[0].values())) == 2
    assert legend_of(axes)[1] == "each of 100 classes"


def test_extremes_of_three_panels_have_six_colours():
    def turned(measure, layer, c, copy):
        shift = {"longest_loop": 0, "within_to_others": 1, "pieces": 2}.get(measure, 0)
        return 1.0 + (c + 2 * shift) % 9

    axes = plot_answers(made(9, 0, value=turned))
    hues = {text.get_text(): text.get_color() for ax in axes for text in ax.texts}
    assert len(hues) == len(set(hues.values())) == 6


def test_equal_classes_have_no_extremes():
    assert not plot_answers(made(9, 0, value=lambda *_: 1.0))[1].texts


@pytest.mark.parametrize("n_classes", [2, 10, 100])
@pytest.mark.parametrize("n_layers", [2, 5, 25])
@pytest.mark.parametrize("copies", [0, 19])
def test_nothing_leaves_the_figure(n_classes, n_layers, copies):
    layers = [f"features.{i}.block.conv_bn_relu" for i in range(n_layers)]
    axes = drawn(plot_answers(made(n_classes, copies, layers)))
    figure = axes[0].figure
    frames = [legend.get_window_extent() for legend in figure.legends]
    frames += [label.get_window_extent() for label in axes[-1].get_xticklabels()]
    for frame in frames:
        assert frame.x0 >= -1 and frame.y0 >= -1
        assert frame.x1 <= figure.bbox.x1 + 1 and frame.y1 <= figure.bbox.y1 + 1
    assert len({label.get_text() for label in axes[-1].get_xticklabels()}) == n_layers


def test_short_names_differ_where_names_do():
    names = [f"features.{i}.block.conv_bn_relu" for i in range(30)]
    assert len(set(short_names(names))) == 30
    assert short_names(["conv", "transformer.encoder.layers.11.attention.dense"])[0] == "conv"
    alike = [f"{'a' * 40}{i}{'b' * 40}" for i in range(3)]
    assert len(set(short_names(alike))) == 1  # differ only in what is left out


# --- cells, insets, refusals --------------------------------------------------------------------


def test_cells_without_an_answer_are_hatched():
    def coarse(measure, layer, c, copy):
        return (
            np.nan
            if measure == "longest_loop" and layer == 1
            else value_of(measure, layer, c, copy)
        )

    axes = drawn(plot_answers(made(2, 3, value=coarse)))
    (cell,) = axes[0].patches
    assert cell.get_hatch() and (cell.get_x(), cell.get_width()) == (0.5, 1)
    assert not axes[1].patches and legend_of(axes)[-1] == "too coarse to say"


def test_the_share_is_that_of_layers_where_it_is_known():
    def dead(measure, layer, c, copy):
        return np.nan if layer == 2 else value_of(measure, layer, c, copy)

    ax = plot_answers(made(1, 0, value=dead))[2]
    assert ax.get_title(loc="left").endswith("0.02 at input, 0.04 at relu")


def test_nothing_known_at_all_can_be_drawn():
    drawn(plot_answers(made(2, 3, value=lambda *_: np.nan)))
    drawn(plot_answers(made(10, 3, value=lambda *_: np.nan)))


def test_insets_are_classical_scaling():
    circle = tl.datasets.circle(30, rng=0)
    points = {name: circle * size for name, size in zip(LAYERS, (1, 2, 3), strict=True)}
    axes = drawn(plot_answers(made(1), points={**points, "unknown": circle}))
    insets = axes[0].figure.axes[3:]
    assert [ax.get_title() for ax in insets] == list(LAYERS)
    for ax, array in zip(insets, points.values(), strict=True):
        seen = np.array(ax.collections[0].get_offsets())
        np.testing.assert_allclose(tl.distances(seen), tl.distances(array), atol=1e-12)


def test_at_most_four_insets_from_the_first_to_the_last():
    layers = [f"layer {i}" for i in range(9)]
    axes = plot_answers(made(1, 0, layers), points={n: np.eye(4) for n in layers})
    shown = [ax.get_title() for ax in axes[0].figure.axes[3:]]
    assert shown == ["layer 0", "layer 3", "layer 5", "layer 8"]


def test_only_the_numbers_that_are_there_are_drawn():
    table = made(2, measures=("within_to_others",))
    (ax,) = plot_answers(table)
    assert ax.get_ylabel() == "size / distance to others"
    assert not holds_answers(table) and holds_answers(made())


def test_refusals():
    with pytest.raises(TypeError, match="LayerTable; found dict"):
        plot_answers({})
    other = tl.analyse({"x": np.random.default_rng(0).normal(size=(30, 2))}, tl.Rips(maxdim=0))
    with pytest.raises(
        ValueError, match=r"found bars.*measure Loops\(\), Spread\(\) or Pieces\(\)"
    ):
        plot_answers(other)
    with pytest.raises(
        ValueError, match=r"`points` must be of layers.*such as input; found nowhere"
    ):
        plot_answers(made(), points={"nowhere": np.eye(3)})
    columns = made(measures=("pieces",)).columns
    columns["settings"] = np.where(np.arange(len(columns["layer"])) % 2, "metric='cosine'", "")
    with pytest.raises(ValueError, match=r"one choice of settings.*table.select\(settings"):
        plot_answers(LayerTable(columns))


def test_joined_tables_have_a_curve_for_each_class_of_each():
    joined = tl.layers.concat({"a": made(5), "b": made(5)}, name="model")
    axes = plot_answers(joined)
    assert legend_of(axes)[1] == "each of 10 curves"
    assert {text.get_text() for text in axes[1].texts} <= {"a, c0", "b, c0", "a, c4", "b, c4"}
    few = plot_answers(joined.select(class_=["c0", "c1"]))
    assert legend_of(few)[:4] == ["a, c0", "a, c1", "b, c0", "b, c1"]
