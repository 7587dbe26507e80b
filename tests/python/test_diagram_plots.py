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
