"""The layer table: every number against its direct computation, and what is refused."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from scipy.spatial.distance import pdist

import topolens as tl
from topolens.layers._columns import LAYER_COLUMNS
from topolens.measures import Value

K = 6


@pytest.fixture
def labels():
    return np.repeat([0, 1], [50, 40])


@pytest.fixture
def layers(labels):
    """Two circles, their stretched image in 5 dimensions, and a small feature map."""
    rng = np.random.default_rng(3)
    angle = rng.uniform(0, 2 * np.pi, len(labels))
    circles = np.column_stack([np.cos(angle), np.sin(angle)]) * (1 + labels)[:, None]
    circles += rng.normal(scale=0.05, size=circles.shape)
    wide = circles @ rng.normal(size=(2, 5))
    maps = np.maximum(wide, 0)[:, :4].reshape(-1, 1, 2, 2).astype(np.float32)
    return {"input": circles, "wide": wide, "relu": maps}


class Spy:
    """A measure that keeps the clouds it is shown, and yields the sum of each."""

    name = "spy"

    def __init__(self, fail_at=None, error=None):
        self.clouds = []
        self.fail_at, self.error = fail_at, error

    def measure(self, X, *, rng, n_threads):
        if len(self.clouds) == self.fail_at:
            raise self.error
        self.clouds.append(X)
        yield Value("sum", -1, 0.0, float(X.sum()))
        yield Value("draw", -1, 0.0, float(rng.random()))


class Untrainable(dict):
    """A recording in miniature: its untrained copy is noise beside the samples' numbers."""

    def __init__(self, arrays, labels=None, predictions=None):
        super().__init__(arrays)
        self.labels, self.predictions = labels, predictions

    def untrained(self, rng):
        ids = {name: np.asarray(array)[:, :1] for name, array in self.items()}
        return Untrainable({k: np.hstack([v, rng.normal(size=v.shape)]) for k, v in ids.items()})


def numbered(n, names=("a", "b")):
    """Layers that carry each sample's number, so that a cloud tells who is in it."""
    return {name: np.arange(float(n))[:, None] for name in names}


def test_hop_betti_rows_are_those_of_the_kernel(layers, labels):
    table = tl.analyse(layers, tl.HopBetti(k=K), labels=labels, by="class")
    assert len(table) == 3 * 2 * 4
    for index, (name, array) in enumerate(layers.items()):
        for label in (0, 1):
            points = array.reshape(len(array), -1)[labels == label].astype(float)
            direct = tl.hop_betti(points, k=K)
            rows = table.select(layer=name, class_=label)
            assert set(rows.columns["layer_index"]) == {index}
            assert set(rows.columns["n"]) == {len(points)}
            assert set(rows.columns["scale"]) == {2.0}
            betti = rows.select(measure="betti")
            np.testing.assert_array_equal(betti.columns["degree"], [0, 1])
            np.testing.assert_array_equal(betti.columns["value"], direct.betti)
            assert rows.select(measure="components").columns["value"] == [direct.n_components]
            assert rows.select(measure="max_degree").columns["value"] == [direct.max_degree]


def test_rips_rows_summarise_the_diagrams(layers):
    table = tl.analyse(layers, tl.Rips(scales=[0.2, 0.9]))
    for name, array in layers.items():
        direct = tl.rips(array.reshape(len(array), -1).astype(float), maxdim=1)
        kept = table.diagrams[name, "all", 0, "trained"]
        rows = table.select(layer=name)
        mean = rows.select(measure="mean_distance", degree=-1)["value"][0]
        assert mean == pytest.approx(pdist(array.reshape(len(array), -1)).mean())
        for dimension, dgm in enumerate(direct.dgms):
            np.testing.assert_array_equal(kept[dimension], dgm)
            finite = [(b, d) for b, d in dgm.tolist() if d < np.inf and d > b]
            total = sum(d - b for b, d in finite)
            expected = {
                "bars": len(finite),
                "total_persistence": total / mean,
                "longest": max((d - b for b, d in finite), default=0) / mean,
                "entropy": -sum((d - b) / total * np.log((d - b) / total) for b, d in finite),
            }
            for measure, value in expected.items():
                got = rows.select(measure=measure, degree=dimension).columns["value"]
                np.testing.assert_allclose(got, [value], rtol=1e-12, atol=1e-14)
            for scale in (0.2, 0.9):
                alive = sum(b <= scale < d for b, d in dgm.tolist())
                got = rows.select(measure="rips_betti", degree=dimension, scale=scale)
                assert got.columns["value"].tolist() == [alive]


def test_entropy_of_equal_bars_is_the_logarithm_of_their_number():
    points = np.arange(9.0)[:, None]
    table = tl.analyse({"line": points}, tl.Rips(maxdim=0))
    value = {m: table.select(measure=m).columns["value"][0] for m in table.columns["measure"]}
    assert value["bars"] == 8
    assert value["longest"] * value["mean_distance"] == pytest.approx(1)
    assert value["entropy"] == pytest.approx(np.log(8))


def test_a_single_point_has_no_finite_bars():
    table = tl.analyse({"dot": np.zeros((1, 2))}, tl.Rips())
    no_loop = [0.0, 0.0, 1.0]
    assert table.columns["value"].tolist() == [*no_loop, *[0.0] * 9]


def test_columns_and_types(layers):
    table = tl.analyse(layers, [tl.HopBetti(k=K), tl.Rips()])
    assert list(table.columns) == list(LAYER_COLUMNS)
    for name, kind in LAYER_COLUMNS.items():
        assert np.issubdtype(table.columns[name].dtype, kind)
    assert set(table.columns["class"]) == {"all"}
    assert set(table.columns["control"]) == {"trained"}
    assert (table.columns["seconds"] > 0).all()


def test_duplicates_are_counted_and_signed_zeros_are_equal():
    points = np.zeros((30, 2))
    points[:20, 0] = np.arange(20)
    points[25:] = -0.0
    table = tl.analyse({"x": points}, Spy())
    assert set(table.columns["n"]) == {30}
    assert set(table.columns["n_distinct"]) == {20}


def test_each_repeat_measures_the_same_samples_in_every_layer():
    spy = Spy()
    tl.analyse(numbered(50), spy, repeats=3, rng=0)
    samples = [cloud[:, 0] for cloud in spy.clouds]
    for first, second in zip(samples[:3], samples[3:], strict=True):
        np.testing.assert_array_equal(first, second)
        assert len(first) == 40
        assert (np.diff(first) > 0).all()
    assert not np.array_equal(samples[0], samples[1])


@pytest.mark.parametrize(("subsample", "sizes"), [(None, (50, 40)), (7, (7, 7)), (0.5, (25, 20))])
def test_subsample_is_drawn_from_each_class(labels, subsample, sizes):
    spy = Spy()
    tl.analyse(numbered(90, ["a"]), spy, labels=labels, by="class", subsample=subsample, rng=1)
    for label, size, cloud in zip((0, 1), sizes, spy.clouds, strict=True):
        assert len(cloud) == size
        assert (labels[cloud[:, 0].astype(int)] == label).all()


def values_by_key(table):
    keys = zip(*(table.columns[k].tolist() for k in ("layer", "class", "measure")), strict=True)
    repeats = table.columns["repeat"].tolist()
    values = table.columns["value"].tolist()
    return dict(zip(zip(keys, repeats, strict=True), values, strict=True))


def test_rows_do_not_depend_on_what_else_is_measured(layers, labels):
    settings = {"labels": labels, "by": "class", "repeats": 2, "rng": 5}
    whole = tl.analyse(layers, [tl.HopBetti(k=K), Spy()], n_threads=1, **settings)
    part = tl.analyse({"relu": layers["relu"]}, Spy(), classes=["1"], n_threads=2, **settings)
    all_values = values_by_key(whole)
    assert len(part) == 4
    for key, value in values_by_key(part).items():
        assert all_values[key] == value


def test_the_seed_in_settings_makes_the_same_table_again(layers):
    first = tl.analyse(layers, tl.HopBetti(k=K), repeats=2, subsample=30)
    again = tl.analyse(
        layers, tl.HopBetti(k=K), repeats=2, subsample=30, rng=int(first.settings["seed"])
    )
    np.testing.assert_array_equal(first.columns["value"], again.columns["value"])
    generators = [np.random.default_rng(4) for _ in range(2)]
    tables = [tl.analyse(layers, Spy(), subsample=30, rng=rng) for rng in generators]
    np.testing.assert_array_equal(tables[0].columns["value"], tables[1].columns["value"])
    assert generators[0].random() != np.random.default_rng(4).random()


def test_shuffled_control_draws_classes_of_the_same_size_from_all(labels):
    spy = Spy()
    table = tl.analyse(
        numbered(90), spy, labels=labels, by="class", control="shuffled", repeats=2,
        subsample=1.0, rng=2,
    )  # fmt: skip
    members = [cloud[:, 0].astype(int) for cloud in spy.clouds]
    assert [len(m) for m in members] == [50, 40] * 8
    trained, shuffled = members[:8], members[8:]
    assert {tuple(labels[m]) for m in trained} == {(0,) * 50, (1,) * 40}
    assert all(0 < labels[m].mean() < 1 for m in shuffled)
    np.testing.assert_array_equal(np.sort(np.concatenate(shuffled[:2])), np.arange(90))
    np.testing.assert_array_equal(shuffled[0], shuffled[4])  # repeat 0 in both layers
    assert not np.array_equal(shuffled[0], shuffled[2])
    assert table.columns["control"].tolist() == ["trained"] * 16 + ["shuffled"] * 16


def test_untrained_control_measures_the_same_samples_in_a_new_copy_each_repeat(labels):
    spy = Spy()
    recording = Untrainable(numbered(90), labels=labels)
    tl.analyse(recording, spy, by="class", control="untrained", repeats=2, rng=2)
    # a layer in both repeats, but a copy in one alone
    trained, untrained = [spy.clouds[i] for i in (0, 1, 4, 5, 2, 3, 6, 7)], spy.clouds[8:]
    for one, other in zip(trained, untrained, strict=True):
        np.testing.assert_array_equal(one[:, 0], other[:, 0])
    assert not np.isin(untrained[0][:, 1], untrained[4][:, 1]).any()
    again = Spy()
    tl.analyse(recording, again, by="class", control=["untrained"], repeats=2, rng=2)
    np.testing.assert_array_equal(spy.clouds[-1], again.clouds[-1])


def test_by_prediction_uses_the_predictions_of_the_recording():
    predictions = np.array(["dog", "cat", "dog", "cat", "cat"])
    spy = Spy()
    table = tl.analyse(
        Untrainable(numbered(5, ["a"]), predictions=predictions), spy, by="prediction"
    )
    assert [cloud[:, 0].tolist() for cloud in spy.clouds] == [[1, 3, 4], [0, 2]]
    assert table.columns["class"].tolist() == ["cat"] * 2 + ["dog"] * 2


def test_classes_sort_by_value_and_can_be_chosen_in_any_order():
    labels = np.array([10, 2, 10, 2])
    table = tl.analyse(numbered(4, ["a"]), Spy(), labels=labels, by="class")
    assert list(dict.fromkeys(table.columns["class"].tolist())) == ["2", "10"]
    table = tl.analyse(numbered(4, ["a"]), Spy(), labels=labels, by="class", classes=[10, 2])
    assert list(dict.fromkeys(table.columns["class"].tolist())) == ["10", "2"]


def test_torch_tensors_are_arrays(layers, labels):
    torch = pytest.importorskip("torch")
    tensors = {k: torch.tensor(v, requires_grad=True) for k, v in layers.items()}
    expected = tl.analyse(layers, Spy(), labels=labels, by="class", subsample=20, rng=0)
    table = tl.analyse(tensors, Spy(), labels=torch.tensor(labels), by="class", subsample=20, rng=0)
    np.testing.assert_array_equal(table.columns["value"], expected.columns["value"])
    assert table.columns["class"].tolist() == expected.columns["class"].tolist()


REFUSED = [
    ({"labels": np.zeros(89), "by": "class"}, ValueError, r"`labels` must have shape \(90,\).*89"),
    ({"by": "class"}, ValueError, "needs `labels`"),
    ({"by": "colour"}, ValueError, "`by` must be.*'colour'"),
    ({"by": "prediction"}, ValueError, "needs a Recording with predictions"),
    ({"classes": [0]}, ValueError, "`classes` needs"),
    ({"classes": [7], "by": "class", "labels": np.zeros(90)}, ValueError, "`classes`.*'7'"),
    ({"classes": "0", "by": "class", "labels": np.zeros(90)}, TypeError, "`classes`"),
    ({"repeats": 0}, ValueError, "`repeats` must be at least 1; found 0"),
    ({"repeats": 1.5}, TypeError, r"`repeats` must be a whole number.*1.5"),
    ({"subsample": 1.5}, ValueError, r"`subsample`.*\(0, 1\]; found 1.5"),
    ({"subsample": 0}, ValueError, "`subsample` must be at least 1; found 0"),
    ({"subsample": 91}, ValueError, "class 'all' has 90, found 91"),
    ({"subsample": "many"}, TypeError, "`subsample`.*'many'"),
    ({"control": "random"}, ValueError, "`control` must be.*'random'"),
    ({"control": "shuffled"}, ValueError, '`control="shuffled"` needs `by="class"`'),
    ({"control": "untrained"}, TypeError, "needs a Recording.*found dict"),
    ({"rng": "seed"}, TypeError, "`rng`.*'seed'"),
    ({"rng": -1}, ValueError, "non-negative"),
]


@pytest.mark.parametrize(("arguments", "kind", "message"), REFUSED)
def test_bad_arguments_are_refused_before_anything_is_measured(arguments, kind, message):
    spy = Spy()
    with pytest.raises(kind, match=message):
        tl.analyse(numbered(90), spy, **arguments)
    assert spy.clouds == []


def test_bad_layers_are_refused():
    good = np.zeros((20, 2))
    bad = np.zeros((20, 3))
    bad[17, 2] = np.nan
    with pytest.raises(ValueError, match=r"layers\['first'\].*finite.*17"):
        tl.analyse({"first": bad, "second": bad}, Spy())
    with pytest.raises(ValueError, match="must have names that differ as text"):
        tl.analyse({1: good, "1": good}, Spy())
    with pytest.raises(ValueError, match="20 in 'first' and 19 in 'second'"):
        tl.analyse({"first": good, "second": good[1:]}, Spy())
    with pytest.raises(ValueError, match="`layers` must not be empty"):
        tl.analyse({}, Spy())
    with pytest.raises(TypeError, match="mapping"):
        tl.analyse([good], Spy())
    with pytest.raises(ValueError, match=r"layers\['none'\].*at least one sample"):
        tl.analyse({"none": np.zeros((0, 2))}, Spy())


def test_a_class_with_too_few_points_is_named(layers):
    labels = np.array([0] * 84 + [3] * 6)
    message = r"hop-betti\(2\) needs at least 7 points; class '3' of layer 'input' has 6"
    with pytest.raises(ValueError, match=message):
        tl.analyse(layers, [Spy(), tl.HopBetti(k=6)], labels=labels, by="class")


def test_bad_measures_are_refused(layers):
    with pytest.raises(ValueError, match=r"`measures` must differ in name.*'rips' 2 times"):
        tl.analyse(layers, [tl.Rips(), tl.Rips()])
    with pytest.raises(TypeError, match="`measures` must be measures"):
        tl.analyse(layers, tl.HopBetti)
    with pytest.raises(TypeError, match=r"`measures` must be measures.*found 'betti'"):
        tl.analyse(layers, "betti")
    with pytest.raises(ValueError, match="`measures` must not be empty"):
        tl.analyse(layers, [])
    with pytest.raises(ValueError, match="`k` must be at least 2; found 1"):
        tl.HopBetti(k=1)
    with pytest.raises(TypeError, match=r"`hops` must be a whole number.*2.5"):
        tl.HopBetti(hops=2.5)
    with pytest.raises(ValueError, match=r"`scales`.*`threshold` \(1\); found 2"):
        tl.Rips(threshold=1, scales=[0.5, 2])


def test_several_hop_scales_fit_in_one_table(layers):
    table = tl.analyse(layers, [tl.HopBetti(k=K, hops=h) for h in (1, 2, 3)])
    betti = table.select(layer="input", measure="betti", degree=0)
    assert betti.columns["scale"].tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("error", [RuntimeError("broken"), KeyboardInterrupt(), MemoryError("big")])
def test_an_interrupted_analysis_keeps_its_rows(error):
    with pytest.raises(type(error)) as caught:
        tl.analyse(numbered(10, "abc"), Spy(fail_at=2, error=error))
    table = caught.value.partial_table
    assert table.columns["layer"].tolist() == ["a", "a", "b", "b"]
    assert "at spy of layer 'c', class 'all' (trained)" in caught.value.__notes__


def test_progress_is_called_after_every_layer_and_may_stop_the_analysis():
    calls = []
    tl.analyse(
        numbered(10), Spy(), repeats=2, progress=lambda done, total: calls.append((done, total))
    )
    assert calls == [(1, 4), (2, 4), (3, 4), (4, 4)]

    def stop(done, total):
        raise StopAsyncIteration

    with pytest.raises(StopAsyncIteration) as caught:
        tl.analyse(numbered(10), Spy(), progress=stop)
    assert len(caught.value.partial_table) == 2


def test_progress_true_draws_a_bar(capsys):
    tl.analyse(numbered(10), Spy(), progress=True)
    assert "2/2" in capsys.readouterr().err


def test_summary_is_the_mean_and_sample_deviation(layers, labels):
    table = tl.analyse(
        layers, tl.Rips(maxdim=0), labels=labels, by="class", repeats=4, subsample=20, rng=0
    )
    summary = table.summary()
    assert len(summary) == 3 * 2 * 5
    for row in summary.rows():
        same = {k: row[k] for k in ("layer", "class", "measure", "degree")}
        values = table.select(**same).columns["value"]
        assert len(values) == row["repeats"] == 4
        assert row["mean"] == pytest.approx(sum(values) / 4, rel=1e-13)
        assert row["sd"] == pytest.approx(np.sqrt(((values - row["mean"]) ** 2).sum() / 3))
        assert row["n"] == 20
    single = tl.analyse(layers, tl.Rips(maxdim=0)).summary()
    assert np.isnan(single.columns["sd"]).all()


def test_select_filters_rows_and_diagrams(layers, labels):
    table = tl.analyse(layers, tl.Rips(), labels=labels, by="class", repeats=2)
    part = table.select(layer=["input", "wide"], class_=1, repeat=0)
    assert set(part.columns["layer"]) == {"input", "wide"}
    assert set(part.diagrams) == {(name, "1", 0, "trained") for name in ("input", "wide")}
    assert part.settings == table.settings
    with pytest.raises(ValueError, match=r"`measure` must be among .longest_loop.*; found .noth"):
        table.select(measure="nothing")
    with pytest.raises(ValueError, match=r"`color` must be a column, one of layer_index"):
        table.select(color="red")


def test_csv_and_pandas_hold_every_digit(tmp_path, layers):
    table = tl.analyse(layers, tl.Rips())
    table.to_csv(tmp_path / "table.csv")
    with open(tmp_path / "table.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    for name, column in table.columns.items():
        read = np.array([row[name] for row in rows]).astype(column.dtype)
        np.testing.assert_array_equal(read, column)
    pytest.importorskip("pandas")
    frame = table.to_pandas()
    assert list(frame.columns) == list(table.columns)
    np.testing.assert_array_equal(frame["value"], table.columns["value"])
    assert table.to_columns().keys() == table.columns.keys()


def test_tables_read_well(layers, labels):
    table = tl.analyse(layers, tl.HopBetti(k=K), labels=labels, by="class", repeats=2, rng=0)
    lines = repr(table).splitlines()
    assert lines[0] == "LayerTable: 3 layers, 2 classes, 2 repeats, 48 rows"
    assert lines[1].split("  ")[0] == "layer"
    assert [line.split()[:3] for line in lines[2:4]] == [
        ["input", "0", "trained"],
        ["input", "1", "trained"],
    ]
    assert "input" in repr(table.summary())
    html = table._repr_html_()
    assert "Betti number" in html
    assert "all 48 rows" in html
    many = tl.analyse(numbered(5, [f"layer{i}" for i in range(90)]), Spy())
    assert "(30 more)" in repr(many)


def test_a_scale_that_shows_nothing_is_said_to_be_coarse():
    """Twelve neighbours of thirty points reach nearly all of them in two hops."""
    points = np.random.default_rng(0).normal(size=(30, 2))
    coarse = tl.analyse({"input": points}, tl.HopBetti(k=12))
    assert coarse.select(measure="max_degree").columns["value"][0] / 30 > 0.7
    betti = coarse.select(measure="betti")
    assert np.isnan(betti["value"]).all() and (coarse.select(measure="components")["value"] == 1)
    said = "No betti of layer 'input', class 'all' (trained): too coarse"
    for table in (coarse, betti):
        assert said in repr(table) and said in table._repr_html_().replace("&#x27;", "'")
    fine = tl.analyse({"input": tl.datasets.circle(60, rng=0)}, tl.HopBetti(k=6))
    bars = tl.analyse({"input": points}, tl.Rips())
    for table in (fine, bars, coarse.select(measure="components")):
        assert "coarse" not in repr(table)
