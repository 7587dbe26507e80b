"""Plots of diagrams say what they show."""

import numpy as np
import pytest

import topolens as tl

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

from matplotlib import pyplot as plt  # noqa: E402

DGMS = [np.array([[0.0, 1.0], [0.0, np.inf]]), np.array([[0.2, 0.3], [0.5, 2.5]])]
BAND = tl.diagrams.ConfidenceBand(
    radius=0.6,
    confidence_level=0.95,
    method="subsample",
    filtration="rips",
    resampled=np.array([0.15]),
    n_points=50,
    subsample_size=10,
)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_diagrams_with_a_band():
    ax = tl.plot_diagram(DGMS, band=BAND)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["H₀ (1 of 2)", "H₁ (1 of 2)"]
    points = [c for c in ax.collections if len(c.get_offsets()) and c.get_sizes().size]
    filled = [len(c.get_offsets()) for c in points if len(c.get_facecolors())]
    hollow = [len(c.get_offsets()) for c in points if not len(c.get_facecolors())]
    assert filled == [1, 1] and hollow == [1, 1]
    edge = ax.lines[-1].get_xydata()
    np.testing.assert_allclose(edge[:, 1] - edge[:, 0], BAND.length)


def test_barcodes_with_a_band():
    ax = tl.plotting.plot_barcode(DGMS, band=BAND)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["H₀ (1 of 2)", "H₁ (1 of 2)"]
    alphas = [sorted(c.get_alpha()) for c in ax.collections]
    assert alphas == [[0.3, 1.0], [0.3, 1.0]]


def test_plots_without_a_band_name_all():
    assert [t.get_text() for t in tl.plotting.plot_barcode(DGMS).get_yticklabels()] == [
        "H₀ (2)",
        "H₁ (2)",
    ]


def test_landscapes_and_their_bands():
    figure, ax = plt.subplots()
    assert tl.plotting.plot_landscape(DGMS, 2, degree=1, ax=ax) is ax
    np.testing.assert_allclose(max(ax.lines[0].get_ydata()), 1.0, atol=0.01)
    tl.plotting.plot_landscape([[0.0, 6.0]], 1, ax=ax)
    assert ax.get_ylim()[0] == 0 and ax.get_ylim()[1] > 3
    band = tl.diagrams.landscape_band(
        [DGMS[1], DGMS[1][1:], []], 1, grid=np.linspace(0, 3, 31), rng=0
    )
    ax = tl.plotting.plot_landscape(band)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), band.mean[0])
    assert len(ax.collections) == 1
    with pytest.raises(ValueError, match="`grid` must be given"):
        tl.plotting.plot_landscape([])
    plt.close(figure)


def test_images_are_upright():
    ax = tl.plotting.plot_persistence_image([[0.0, 2.0]], 0.1, 20, birth_range=(-1, 3))
    image = ax.images[0]
    assert image.origin == "lower" and image.get_extent()[:2] == [-1, 3]
    row, column = np.unravel_index(np.argmax(image.get_array()), (20, 20))
    assert column < 10 < row


def test_distances_as_a_heat_map():
    matrix = np.array([[0.0, 1.0, np.inf], [1.0, 0.0, 3.0], [np.inf, 3.0, 0.0]])
    ax = tl.plotting.plot_distance_matrix(matrix, names=["input", "relu", "output"])
    assert [t.get_text() for t in ax.get_xticklabels()] == ["input", "relu", "output"]
    written = sorted(text.get_text() for text in ax.texts)
    assert written == ["0", "0", "0", "1", "1", "3", "3", "∞", "∞"]
    for wrong, message in (
        (np.zeros((2, 3)), "shape"),
        ([[0.0, -1.0], [-1.0, 0.0]], r"found -1.0 at \[0, 1\]"),
        ([[0.0, np.nan], [np.nan, 0.0]], "must not be negative; found nan"),
    ):
        with pytest.raises(ValueError, match=message):
            tl.plotting.plot_distance_matrix(wrong)
    with pytest.raises(ValueError, match="`names` must be 3 names; found 1"):
        tl.plotting.plot_distance_matrix(matrix, names=["input"])


# --- superlevel sets ----------------------------------------------------------------------------

IMAGE = np.random.default_rng(0).normal(size=(8, 8))
ABOVE, BELOW = tl.cubical(IMAGE, sublevel=False), tl.cubical(-IMAGE)


def drawn(ax, mirror=(1, 1)):
    """Points of all that is drawn, and the limits, in some order."""
    lines = [line for line in ax.get_lines() if line.get_transform() == ax.transData]
    points = [line.get_xydata() for line in lines]
    points += [np.asarray(c.get_offsets()) for c in ax.collections]
    points += [np.vstack(c.get_segments()) for c in ax.collections if hasattr(c, "get_segments")]
    both = zip((ax.get_xlim(), ax.get_ylim()), mirror, strict=True)
    limits = [sorted(np.multiply(limit, sign)) for limit, sign in both]
    return [*(sorted((p * mirror).round(9).tolist()) for p in points), *limits]


@pytest.mark.parametrize(
    ("plot", "mirror"),
    [
        (tl.plot_diagram, [-1, -1]),
        (tl.plotting.plot_barcode, [-1, 1]),
        (tl.plotting.plot_betti_curve, [-1, 1]),
        (lambda dgm, **x: tl.plotting.plot_landscape(dgm, degree=1, **x), [-1, 1]),
    ],
)
def test_superlevel_sets_are_drawn_as_the_mirror_image_of_the_negated_image(plot, mirror):
    for above, below in zip(drawn(plot(ABOVE)), drawn(plot(BELOW), mirror), strict=True):
        np.testing.assert_allclose(above, below)


def test_images_of_superlevel_sets_have_their_births():
    above, below = (
        tl.plotting.plot_persistence_image(result, 0.1, 12, degree=1).images[0]
        for result in (ABOVE, BELOW)
    )
    np.testing.assert_allclose(above.get_array(), below.get_array()[:, ::-1])
    first, last, *heights = below.get_extent()
    assert above.get_extent() == [-last, -first, *heights]
    births = ABOVE[1][:, 0]
    assert above.get_extent()[0] <= births.min() and births.max() <= above.get_extent()[1]


def test_betti_curves_of_superlevel_sets_are_their_betti_numbers():
    ax = tl.plotting.plot_betti_curve(ABOVE)
    for degree, line in enumerate(ax.get_lines()):
        x, y = line.get_data(orig=True)
        assert (y >= 0).all() and line.get_drawstyle() == "steps-pre"
        assert (np.diff(x) > 0).all()  # so that "pre" is to the left
        for value in (*np.random.default_rng(1).uniform(x[0], x[-1], 50), *x[1:]):
            expected = ABOVE.betti_numbers(value)[degree]
            assert y[np.searchsorted(x, value)] == expected


@pytest.mark.parametrize(
    ("result", "places"),
    [
        (ABOVE, {"−∞": "below"}),
        (BELOW, {"∞": "above"}),
        (
            tl.cubical(np.where(IMAGE.max() == IMAGE, np.inf, IMAGE), sublevel=False),
            {"−∞": "below", "∞": "right"},
        ),
        (tl.cubical(np.where(IMAGE.min() == IMAGE, -np.inf, IMAGE)), {"∞": "above", "−∞": "left"}),
    ],
)
def test_what_is_infinite_stands_at_the_edge_where_it_belongs(result, places):
    ax = tl.plot_diagram(result)
    assert {text.get_text() for text in ax.texts} == set(places)
    values = np.concatenate(result.dgms)
    finite = values[np.isfinite(values)]
    dots = np.vstack([c.get_offsets() for c in ax.collections if c.get_sizes().size])
    assert len(dots) == sum(map(len, result.dgms))
    sides = {
        "below": dots[:, 1] < finite.min(),
        "above": dots[:, 1] > finite.max(),
        "left": dots[:, 0] < finite.min(),
        "right": dots[:, 0] > finite.max(),
    }
    for side, beyond in sides.items():
        assert beyond.any() == (side in places.values()), side
    assert ((ax.get_xlim()[0] <= dots) & (dots <= ax.get_xlim()[1])).all()
    bars = tl.plotting.plot_barcode(result)
    arrows = [line.get_marker() for line in bars.get_lines() if len(line.get_xdata())]
    assert ("<" in arrows) == ("−∞" in places) and (">" in arrows) == ("∞" in places)
    low, high = bars.get_xlim()
    ends = np.vstack([np.vstack(c.get_segments()) for c in bars.collections])[:, 0]
    assert low <= ends.min() and ends.max() <= high


def test_a_band_follows_the_diagonal_of_superlevel_sets():
    ax = tl.plot_diagram(ABOVE, band=BAND)
    edge = ax.lines[-1].get_xydata()
    np.testing.assert_allclose(edge[:, 0] - edge[:, 1], BAND.length)
    marked = [int(mark.sum()) for mark in BAND.exceeds(ABOVE)]
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == [
        f"H{s} ({n} of {len(d)})" for s, n, d in zip("₀₁", marked, ABOVE, strict=True)
    ]


# --- axes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("shift", [-1000.0, 0.0, 1000.0, 1e9])
@pytest.mark.parametrize("essential", [False, True])
@pytest.mark.parametrize(
    "plot", [tl.plot_diagram, tl.plotting.plot_barcode, tl.plotting.plot_betti_curve]
)
def test_axes_fit_the_bars(plot, essential, shift):
    bars = np.array([[0.0, 9.0], [4.0, 6.0], *([[2.0, np.inf]] if essential else [])])
    low, high = plot(bars + shift).get_xlim()
    assert low <= shift and shift + 9 <= high
    assert 9 / (high - low) > 0.8


@pytest.mark.parametrize("value", [0.0, 5.0, -1e20, 1e20])
def test_axes_of_one_value_have_a_width(value):
    for plot in (tl.plot_diagram, tl.plotting.plot_barcode, tl.plotting.plot_betti_curve):
        low, high = plot([[value, np.inf]]).get_xlim()
        assert low <= value < high
    ax = tl.plotting.plot_landscape([[value, np.inf]], essential=np.inf)
    assert ax.get_xlim()[0] < ax.get_xlim()[1]


def test_betti_curves_end_where_the_filtration_was_cut_off():
    short = tl.rips(tl.datasets.circle(60, rng=1), threshold=0.5)
    ends = max(line.get_xdata().max() for line in tl.plotting.plot_betti_curve(short).get_lines())
    assert not short.complete and ends <= short.threshold


def test_landscapes_keep_essential_classes_if_asked():
    dgm = np.array([[0.0, 2.0], [1.0, np.inf]])
    ax = tl.plotting.plot_landscape(dgm, 2, grid=[1.0, 1.5, 4.0], essential=np.inf)
    heights = tl.diagrams.landscape(dgm, 2, grid=[1.0, 1.5, 4.0], essential=np.inf)
    np.testing.assert_array_equal([line.get_ydata() for line in ax.lines], heights)
    assert tl.plotting.plot_landscape(dgm, 1, essential=np.inf).lines[0].get_ydata().max() == 1
