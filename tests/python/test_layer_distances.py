"""Distances between layers, and the mark of what exceeds a band, in layer tables."""

import numpy as np
import pytest

import topolens as tl
from topolens.measures import Measurement, Value

CIRCLE = tl.datasets.circle(50, rng=0)
LAYERS = {"input": CIRCLE, "double": 2 * CIRCLE, "squashed": CIRCLE * [2.0, 0.2]}
TABLE = tl.analyse(LAYERS, tl.Rips(), repeats=2, subsample=40, rng=0)


def diagram(table, layer, repeat=0, control="trained", name="all"):
    return table.diagrams[(layer, name, repeat, control)]


@pytest.mark.parametrize("distance", ["bottleneck", "wasserstein", "sliced_wasserstein"])
def test_rows_are_the_distances_of_the_diagrams(distance):
    table = tl.layer_distances(TABLE, distance, unit=None)
    added = table.select(measure=f"{distance}_to_previous")
    assert len(table) == len(TABLE) + len(added) and len(added) == 2 * 2 * 2
    function = getattr(tl.diagrams, f"{distance}_distance")
    before = {"double": "input", "squashed": "double"}
    for row in added.rows():
        a, b = (diagram(TABLE, x, row["repeat"]) for x in (row["layer"], before[row["layer"]]))
        assert row["value"] == function(a, b, degree=row["degree"])
        assert (row["n"], row["control"], row["class"]) == (40, "trained", "all")


@pytest.mark.parametrize("unit", ["mean distance", "largest value"])
def test_distances_do_not_see_a_stretch(unit):
    table = tl.layer_distances(TABLE, unit=unit).select(measure="bottleneck_to_previous")
    stretched = table.select(layer="double").columns["value"]
    np.testing.assert_allclose(stretched, 0, atol=1e-12)
    assert (table.select(layer="squashed", degree=1).columns["value"] > 0.1).all()


def test_the_default_unit_is_the_mean_distance():
    rows = tl.layer_distances(TABLE).select(measure="bottleneck_to_previous", layer="squashed")
    for row in rows.rows():
        a, b = (
            diagram(TABLE, layer, row["repeat"])[row["degree"]]
            / TABLE.select(layer=layer, repeat=row["repeat"], measure="mean_distance")["value"]
            for layer in ("squashed", "double")
        )
        assert row["value"] == tl.bottleneck_distance(a, b) and row["settings"] == ""
    loops = tl.layer_distances(tl.analyse(LAYERS, tl.Loops(), repeats=2, subsample=40, rng=0))
    assert len(loops.select(measure="bottleneck_to_previous")) == 8


def test_diagrams_of_others_have_no_mean_distance():
    class Other:
        name = "other"

        def measure(self, X, *, rng, n_threads):
            return Measurement((Value("one", -1, 0.0, 1.0),), tl.rips(X))

    table = tl.analyse(LAYERS, Other())
    with pytest.raises(ValueError, match=r"`unit` must be None or .largest value. for di"):
        tl.layer_distances(table)
    assert len(tl.layer_distances(table, unit=None)) == len(table) + 4


def test_controls_are_compared_with_the_trained_network():
    labels = np.repeat([0, 1], 25)
    table = tl.analyse(
        LAYERS, tl.Rips(), labels=labels, by="class", control="shuffled", rng=0, repeats=1
    )
    added = tl.layer_distances(table, unit=None).select(measure="bottleneck_to_trained")
    assert set(added.columns["control"].tolist()) == {"shuffled"}
    assert len(added) == 3 * 2 * 2
    row = next(added.select(layer="double", class_="1", degree=1).rows())
    a, b = (diagram(table, "double", 0, c, "1") for c in ("trained", "shuffled"))
    assert row["value"] == tl.bottleneck_distance(a, b, degree=1)


def test_tables_with_distances_print_plot_and_select():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    table = tl.layer_distances(TABLE)
    ax = table.plot("bottleneck_to_previous", degree=1)
    assert ax.get_ylabel() == "bottleneck distance to the layer before\nin mean distances"
    for unit, said in ((None, "units of the layer"), ("largest value", "largest values")):
        ax = tl.layer_distances(TABLE, unit=unit).plot("bottleneck_to_previous", degree=1)
        assert ax.get_ylabel().endswith(f"\nin {said}")
    for shown in (repr(table), table._repr_html_()):
        assert "bottleneck_to_previous" in shown
    assert table.settings["distances"] == "bottleneck"


def test_hostile_tables():
    with pytest.raises(TypeError, match="`table` must be a LayerTable"):
        tl.layer_distances({})
    with pytest.raises(ValueError, match="`table` must have diagrams"):
        tl.layer_distances(tl.analyse(LAYERS, tl.HopBetti(k=5)))
    with pytest.raises(ValueError, match="`distance` must be one of bottleneck"):
        tl.layer_distances(TABLE, "euclidean")
    with pytest.raises(ValueError, match='`unit` must be "mean distance", "largest value" or None'):
        tl.layer_distances(TABLE, unit="diameter")


def test_the_measure_counts_what_exceeds_the_band():
    X = tl.datasets.circle(800, rng=1)
    table = tl.analyse({"circle": X}, tl.Rips(band=0.9), rng=0)
    radius = table.select(measure="band_radius").columns["value"][0]
    radius *= table.select(measure="mean_distance").columns["value"][0]
    for dimension, dgm in enumerate(diagram(table, "circle").dgms):
        beyond = table.select(measure="beyond_band", degree=dimension).columns["value"]
        assert beyond == [(dgm[:, 1] - dgm[:, 0] > 2 * radius).sum()] == [1]


def test_classes_alive_at_a_threshold_end_there_for_the_band():
    short = tl.rips(CIRCLE, threshold=1.2)
    assert np.isinf(short[1]).any() and not short.complete
    for radius, expected in ((0.05, True), (0.59, False)):
        band = tl.diagrams.ConfidenceBand(
            radius=radius,
            confidence_level=0.9,
            method="subsample",
            filtration="rips",
            resampled=np.array([radius / 4]),
            n_points=50,
            subsample_size=10,
        )
        assert band.exceeds(short)[1].tolist() == [expected]
        assert band.to_columns(short)["exceeds_band"][-1] == expected


def test_hostile_bands_of_the_measure():
    with pytest.raises(ValueError, match="`band` must be above 0 and below 1"):
        tl.Rips(band=95)
    with pytest.raises(ValueError, match="`band` must be None with landmarks"):
        tl.Rips(band=0.95, n_landmarks=10)
