"""Layers with nothing to measure: nan with a note in their rows, and tables that hold such rows."""

import csv
import pickle
import warnings

import numpy as np
import pytest
from matplotlib import pyplot as plt

import topolens as tl
from topolens.layers import LayerTable, concat
from topolens.layers._columns import measures_in
from topolens.measures import Value

rng = np.random.default_rng(0)
CLOUD = rng.normal(size=(40, 3))
MAPS = rng.normal(size=(40, 2, 4, 4))
LABELS = np.arange(40) % 2
ALIVE = {"input": CLOUD, "output": CLOUD**2}
DEAD = {
    "constant": np.zeros((40, 3)),
    "of ones": np.ones((40, 3)),
    "nan": np.full((40, 3), np.nan),
    "inf": np.full((40, 3), np.inf),
    "one nan": np.where(np.arange(120).reshape(40, 3) == 50, np.nan, CLOUD),
}
MEASURES = [
    *(tl.HopBetti(k=4), tl.Loops(), tl.Loops(n_landmarks=8)),
    *(tl.Rips(), tl.Rips(metric="correlation"), tl.Rips(band=0.9)),
    *(tl.Rips(n_landmarks=8), tl.PHDimension(), tl.Magnitude(), tl.Magnitude(unit="convergence")),
    *(tl.MagnitudeDimension(), tl.MagnitudeDimension("profile_max")),
]


class Infinite:
    """A dimension that no finite number fits, with either sign where `signs` says so."""

    name = "infinite"

    def __init__(self, signs=(1,)):
        self.signs = signs

    def measure(self, X, *, rng, n_threads):
        sign = self.signs[rng.integers(len(self.signs))]
        return [Value("infinite", -1, np.inf, sign * np.inf), Value("finite", -1, np.inf, 1.0)]


class Fails:
    name = "fails"

    def __init__(self, error):
        self.error = error

    def measure(self, X, *, rng, n_threads):
        if not X.any():
            raise self.error
        return [Value("a", 0, 1.0, 2.0), Value("a", 1, 1.0, 3.0)]


@pytest.fixture(autouse=True)
def strict():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    plt.close("all")


def shown(table, tmp_path):
    """Show a table in every way that there is."""
    page = tl.write_report(table, tmp_path).read_text(encoding="utf-8")
    for measure in measures_in(table):
        table.plot(measure)
        plt.gcf().canvas.draw()
        plt.close("all")
    table.to_csv(tmp_path / "again.csv")
    assert str(table.summary()) and table.summary()._repr_html_()
    return str(table), table._repr_html_(), page


def values(table):
    return {
        tuple(
            row[name] for name in ("layer", "class", "measure", "settings", "degree", "scale")
        ): row["value"]
        for row in table.rows()
    }


@pytest.mark.parametrize("measure", MEASURES, ids=str)
@pytest.mark.parametrize("dead", DEAD)
def test_one_dead_layer_does_not_end_an_analysis(dead, measure, tmp_path):
    layers = {"input": CLOUD, "dead": DEAD[dead], "output": CLOUD**2}
    table = tl.analyse(layers, measure, repeats=2, rng=0)
    alive = tl.analyse(ALIVE, measure, repeats=2, rng=0)
    np.testing.assert_array_equal(table.select(layer=["input", "output"])["value"], alive["value"])
    rows = table.select(layer="dead")
    numbers = ("measure", "settings", "degree", "scale", "repeat")
    for name in numbers:
        np.testing.assert_array_equal(rows[name], table.select(layer="input")[name])
    np.testing.assert_array_equal(np.isnan(rows["value"]), rows["note"] != "")
    assert (table.select(layer="input")["note"] == "").all()
    if dead in ("nan", "inf"):
        assert np.isnan(rows["value"]).all()
        assert all("must be finite; found" in note for note in rows["note"])
    for text in shown(table, tmp_path):
        assert ("layer 'dead'" in text.replace("&#x27;", "'")) == any(rows["note"])


def test_a_dead_layer_of_maps():
    layers = {"input": MAPS, "dead": np.full_like(MAPS, np.nan)}
    table = tl.analyse(layers, tl.Cubical(), rng=0)
    assert np.isnan(table.select(layer="dead")["value"]).all()
    assert np.isfinite(table.select(layer="input")["value"]).all()


def test_a_class_may_be_dead():
    points = np.where(LABELS[:, None] == 1, 0.0, CLOUD)
    table = tl.analyse({"layer": points}, tl.PHDimension(), labels=LABELS, rng=0)
    assert np.isfinite(table.select(class_=0)["value"]).all()
    assert np.isnan(table.select(class_=1)["value"]).all()
    assert "must not repeat one point" in table.select(class_=1)["note"][0]


@pytest.mark.parametrize(
    "error", [ValueError("no"), tl.NumericalError("no"), ZeroDivisionError("no")]
)
def test_what_fails_first_has_the_rows_of_the_others(error):
    layers = {"dead": np.zeros((40, 3)), **ALIVE}
    table = tl.analyse(layers, [Fails(error), tl.HopBetti(k=4)], rng=0)
    rows = table.select(layer="dead", measure="a")
    assert rows["degree"].tolist() == [0, 1] and rows["note"].tolist() == ["no", "no"]
    assert len(table) == 3 * (2 + 4)
    assert table["layer"][:2].tolist() == ["dead", "dead"]


@pytest.mark.parametrize("error", [TypeError("no"), MemoryError("no"), KeyboardInterrupt()])
def test_other_errors_end_an_analysis(error):
    with pytest.raises(type(error)) as caught:
        tl.analyse({**ALIVE, "dead": np.zeros((40, 3))}, Fails(error), rng=0)
    assert len(caught.value.partial_table) == 4


def test_a_measure_that_measures_nothing_ends_an_analysis():
    layers = {"a": np.zeros((40, 3)), "b": np.zeros((40, 3))}
    with pytest.raises(ValueError, match="must not repeat one point") as caught:
        tl.analyse(layers, [tl.HopBetti(k=4), tl.PHDimension()], rng=0)
    assert "at ph-dimension(1) of layer 'a', class 'all' (trained)" in caught.value.__notes__
    partial = caught.value.partial_table
    assert len(partial.select(measure="betti")) == 4
    with pytest.raises(
        ValueError, match=r"`layers\['nan'\]` must be finite; found nan at \[0, 0\]"
    ):
        tl.analyse({name: DEAD[name] for name in ("nan", "inf")}, tl.HopBetti(k=4))


@pytest.mark.parametrize("signs", [(1,), (1, -1)])
def test_infinite_dimensions_are_shown_without_warnings(signs, tmp_path):
    table = tl.analyse(ALIVE, Infinite(signs), repeats=6, rng=0)
    summary = table.summary().select(measure="infinite")
    assert np.isnan(summary["sd"]).all() and not np.isfinite(summary["mean"]).any()
    assert (table.summary().select(measure="finite")["sd"] == 0).all()
    assert "inf" in shown(table, tmp_path)[0] or len(signs) > 1


def test_notes_are_kept(tmp_path):
    layers = {**ALIVE, "dead": DEAD["nan"]}
    table = tl.analyse(layers, tl.HopBetti(k=4), rng=0)
    for kept in (table.select(layer="dead"), pickle.loads(pickle.dumps(table))):
        assert kept["note"][-1] == table["note"][-1] != ""
    joined = concat({"a": table, "b": table}, name="network")
    assert joined["note"].tolist() == [*table["note"], *table["note"]]
    table.to_csv(tmp_path / "table.csv")
    with open(tmp_path / "table.csv", newline="", encoding="utf-8") as file:
        assert [row["note"] for row in csv.DictReader(file)] == table["note"].tolist()
    many = {f"layer {i}": DEAD["nan"] for i in range(5)} | {"alive": CLOUD}
    assert "more notes" in str(tl.analyse(many, tl.HopBetti(k=4)))


# --- distances of layers --------------------------------------------------------------------------


def test_distances_step_over_no_layer(tmp_path):
    layers = {"input": CLOUD, "dead": DEAD["nan"], "output": CLOUD**2, "last": CLOUD**3}
    table = tl.layer_distances(tl.analyse(layers, tl.Rips(), repeats=2, rng=0))
    rows = table.select(measure="bottleneck_to_previous")
    for layer in ("dead", "output"):
        found = rows.select(layer=layer)
        assert np.isnan(found["value"]).all() and len(found) == 4
        assert set(found["note"]) == {"no diagrams of layer 'dead'"}
    assert np.isfinite(rows.select(layer="last")["value"]).all()
    shown(table, tmp_path)
    all_but_one = {"a": DEAD["nan"], "b": DEAD["inf"], "c": CLOUD}
    table = tl.layer_distances(tl.analyse(all_but_one, tl.Rips(), rng=0))
    assert len(table.select(measure="bottleneck_to_previous", layer=["b", "c"])) == 4


def test_distances_hold_the_settings_of_their_diagrams():
    table = tl.analyse(ALIVE, [tl.HopBetti(k=4), tl.Rips(n_landmarks=9)], rng=0)
    added = tl.layer_distances(table, unit=None).select(measure="bottleneck_to_previous")
    assert set(added["settings"]) == {"unit=None, n_landmarks=9"}


def test_repeats_that_were_made_differently_are_no_repeats():
    """Diagrams of equal keys, of measures with other settings: nothing is averaged."""
    one, other = (
        tl.analyse(ALIVE, measure, repeats=2, subsample=30, rng=0)
        for measure in (tl.Rips(), tl.Rips(n_landmarks=9))
    )
    joined = concat([one.select(repeat=0), other.select(repeat=1)])
    for table in (
        joined,
        joined.select(layer=["input", "output"]),
        pickle.loads(pickle.dumps(joined)),
    ):
        summary = tl.layer_distances(table).summary()
        assert (summary["repeats"] == ~np.isnan(summary["mean"])).all()  # loop_p of few bars
        made = summary.select(measure="bottleneck_to_previous")["settings"]
        assert set(made) == {"", "n_landmarks=9"}


def test_measures_of_two_names_both_keep_their_diagrams():
    class Other:
        name = "other"

        def measure(self, X, *, rng, n_threads):
            return tl.Rips(maxdim=0).measure(2 * X, rng=rng, n_threads=n_threads)

    table = tl.analyse(ALIVE, [tl.Rips(), Other()], subsample=30, rng=0)
    assert {key[4] for key in table.diagrams} == {"rips", "other"}
    rows = tl.layer_distances(table, unit=None)
    rows = rows.select(measure="bottleneck_to_previous", degree=0)
    assert rows["settings"].tolist() == ["unit=None, rips", "unit=None, other"]
    assert rows["value"][1] == pytest.approx(2 * rows["value"][0])


def test_layers_of_two_analyses_do_not_follow_each_other():
    one = tl.analyse(ALIVE, tl.Rips(), rng=0)
    other = tl.analyse({"relu": CLOUD, "tanh": CLOUD}, tl.Rips(), rng=0)
    with pytest.raises(ValueError, match=r"`table` must be of one analysis.* at place 0"):
        tl.layer_distances(concat([one, other]))
    repeats = concat([one, other], name="repeat")
    rows = tl.layer_distances(repeats).select(measure="bottleneck_to_previous")
    assert rows["layer"].tolist() == ["output", "output", "tanh", "tanh"]


def test_distances_twice():
    table = tl.layer_distances(tl.analyse(ALIVE, tl.Rips(), rng=0))
    with pytest.raises(ValueError, match="must not have these distances yet; found bottleneck_to"):
        tl.layer_distances(table)
    more = tl.layer_distances(table, "wasserstein", p=1)
    assert more.settings["distances"] == "bottleneck; wasserstein, p=1"


# --- choosing rows --------------------------------------------------------------------------------


def test_what_matches_nothing_is_refused():
    table = tl.analyse(ALIVE, [tl.HopBetti(k=4), tl.Rips()], labels=LABELS, rng=0)
    wrong = {
        "measure": "bett", "layer": "inptu", "class_": "2", "degree": 7, "scale": 3.5,
        "control": "untrained", "repeat": 1, "settings": "k=5", "value": -1.0, "note": "x",
    }  # fmt: skip
    for shown in (table, table.summary()):
        for keyword, value in wrong.items():
            if keyword.removesuffix("_") not in shown:
                continue
            present = shown[keyword.removesuffix("_")][0]
            for choice in (value, [value], [present, value]):
                with pytest.raises(ValueError) as caught:
                    shown.select(**{keyword: choice})
                assert str(caught.value).startswith(f"`{keyword}` must be among {present.item()!r}")
                assert str(caught.value).endswith(f"found {value!r}")
    with pytest.raises(ValueError, match="`degree` must be among -1 where the rest fits; found 1"):
        table.select(measure="components", degree=1)
    with pytest.raises(ValueError, match=r"`layer` must be among .*; found \[\]"):
        table.select(layer=[])
    assert len(table.select(layer={"input", "output"})) == len(table)
    assert len(LayerTable({n: c[:0] for n, c in table.items()}).select(layer="none")) == 0
