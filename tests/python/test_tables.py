"""Tables as data frames: columns by name, joining, and reading by way of Arrow."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import topolens as tl
from topolens.layers import LayerTable, Table, concat

CIRCLE = tl.datasets.circle(60, rng=0)


def layers(name="relu", size=1.0):
    return {"input": CIRCLE, name: size * np.maximum(CIRCLE, 0)}


def analysed(name="relu", size=1.0, measures=None, **more):
    return tl.analyse(layers(name, size), measures or tl.HopBetti(k=6), rng=0, **more)


def small():
    return Table(
        {"größe": np.array([1.5, 2.5]), "名": np.array(["é", "𝛽"]), "yes": np.array([True, False])}
    )


def without_rows(table):
    return LayerTable({name: column[:0] for name, column in table.items()})


def same(one, other):
    assert list(one) == list(other)
    for name in one:
        if name != "seconds":
            np.testing.assert_array_equal(one[name], other[name])


# --- columns ------------------------------------------------------------------------------------


def test_a_table_is_used_as_a_data_frame_is():
    table = analysed()
    assert table["value"] is table.columns["value"]
    assert len(table) == len(table["value"]) != len(list(table))
    assert list(table) == list(table.keys()) == list(table.columns)
    assert "value" in table and "colour" not in table
    assert dict(table).keys() == dict(table.items()).keys() == table.to_columns().keys()
    assert all(a is b for a, b in zip(table.values(), table.columns.values(), strict=True))
    assert {**table}["layer"] is table["layer"]


@pytest.mark.parametrize("name", ["colour", "", "class_", 0, None])
def test_a_column_that_is_missing_is_named_beside_those_there(name):
    with pytest.raises(KeyError, match=r"columns are layer_index, layer, class.*; found"):
        _ = analysed()[name]


def test_pandas_takes_the_columns_and_no_frame_of_names_is_made():
    pandas = pytest.importorskip("pandas")
    table = analysed()
    assert pandas.DataFrame(dict(table)).equals(table.to_pandas())
    for make in (pandas.DataFrame, np.asarray):
        with pytest.raises(TypeError, match=r"take `dict\(table\)`"):
            make(table)


def test_a_table_without_columns_or_rows_is_empty():
    assert len(Table({})) == 0 and list(Table({})) == [] and dict(Table({})) == {}
    empty = without_rows(analysed())
    assert len(empty) == len(empty.summary()) == 0
    assert "settings" in empty and empty["settings"].tolist() == []
    assert repr(empty).startswith("LayerTable: 0 layers") and empty._repr_html_()


def test_columns_that_end_in_a_line_can_be_selected():
    table = Table({"a_": np.array([1, 2]), "class": np.array(["x", "y"])})
    assert table.select(a_=2)["class"].tolist() == table.select(class_="y")["class"].tolist()


# --- joining ------------------------------------------------------------------------------------


def test_tables_by_name_have_a_first_column_that_tells_them_apart():
    tables = {"relu": analysed(), "tanh": analysed("tanh", 0.5)}
    joined = concat(tables, name="network")
    assert list(joined) == ["network", *tables["relu"]] and isinstance(joined, LayerTable)
    for name, table in tables.items():
        part = joined.select(network=name)
        same(Table({n: c for n, c in part.items() if n != "network"}), table)
    summary = joined.summary()
    assert len(summary) == len(joined) and (summary["repeats"] == 1).all()
    assert next(iter(summary)) == "network"


def test_what_is_shown_of_joined_tables_keeps_them_apart():
    plt = pytest.importorskip("matplotlib.pyplot")
    labels = np.arange(60) % 2
    tables = {
        name: analysed(name, labels=labels, by="class", measures=tl.HopBetti(k=5))
        for name in ("relu", "tanh")
    }
    joined = concat(tables, name="network")
    lines = repr(joined).splitlines()
    assert lines[1].split()[:4] == ["layer", "network", "class", "control"]
    assert lines[4].split()[:5] == ["relu", "|", "tanh", "relu", "0"]
    assert "<th scope='col' class='text'>network</th>" in joined._repr_html_()
    ax = joined.plot("betti", degree=1)
    legend = ax.get_legend()
    assert legend.get_title().get_text() == "network, class"
    assert [t.get_text() for t in legend.get_texts()] == [
        "relu, 0", "relu, 1", "tanh, 0", "tanh, 1",
    ]  # fmt: skip
    for line in ax.get_lines():
        network, name, _ = line.get_label().split(", ")
        rows = tables[network].select(measure="betti", degree=1, class_=name)
        np.testing.assert_array_equal(line.get_ydata(), rows["value"])
    assert [t.get_text() for t in ax.get_xticklabels()] == ["input", "relu | tanh"]
    whole = concat({n: analysed(n) for n in tables}, name="network")
    assert [t.get_text() for t in whole.plot("betti", degree=1).get_legend().get_texts()] == [
        "relu", "tanh",
    ]  # fmt: skip
    plt.close("all")


def test_diagrams_and_settings_of_all_are_kept():
    tables = {n: analysed(n, measures=tl.Rips(), repeats=2) for n in ("relu", "tanh")}
    tables["tanh"].settings["seed"] = "7"
    joined = concat(tables, name="network")
    assert len(joined.diagrams) == 8
    kept = joined.diagrams["tanh", "input", "all", 1, "trained"]
    assert kept is tables["tanh"].diagrams["input", "all", 1, "trained"]
    assert joined.settings["seed"] == "relu: 0; tanh: 7"
    assert joined.settings["measures"] == tables["relu"].settings["measures"]
    part = joined.select(network="relu", layer="input", repeat=0)
    assert list(part.diagrams) == [("relu", "input", "all", 0, "trained")]
    twice = concat({1: joined, 2: joined}, name="round")
    assert (2, "relu", "input", "all", 0, "trained") in twice.diagrams and len(twice.diagrams) == 16
    with pytest.raises(ValueError, match="without a column 'network'; take the distances"):
        tl.layer_distances(joined)


def test_tables_of_one_analysis_are_put_together_again():
    table = analysed(measures=[tl.Rips(), tl.HopBetti(k=6)])
    measures = dict.fromkeys(table["measure"].tolist())
    joined = concat([table.select(measure=measure) for measure in measures])
    assert len(joined) == len(table)
    assert joined.diagrams == table.diagrams and joined.settings == table.settings
    same(joined.select(measure="bars"), table.select(measure="bars"))
    same(concat([table]), table)


def test_tables_become_repeats():
    tables = [analysed(size=size, measures=tl.Rips()) for size in (1.0, 2.0, 3.0)]
    joined = concat(tables, name="repeat")
    assert joined["repeat"].tolist() == np.repeat([0, 1, 2], len(tables[0])).tolist()
    summary = joined.select(measure="longest", layer="relu", degree=0).summary()
    values = [t.select(measure="longest", layer="relu", degree=0)["value"][0] for t in tables]
    assert summary["mean"][0] == np.mean(values) and summary["repeats"][0] == 3
    assert (
        joined.diagrams["relu", "all", 2, "trained"]
        is tables[2].diagrams["relu", "all", 0, "trained"]
    )
    pairs = [concat({"a": table, "b": table}, name="network") for table in tables]
    nested = concat(pairs, name="repeat")
    assert ("b", "relu", "all", 2, "trained") in nested.diagrams
    assert set(nested.summary()["repeats"].tolist()) == {0, 3}  # of few bars there is no loop_p
    repeated = analysed(repeats=2)
    for several in ([repeated, repeated], [analysed(), analysed(measures=tl.HopBetti(k=8))]):
        with pytest.raises(ValueError, match="one repeat each, of the same measures and settings"):
            concat(several, name="repeat")
    with pytest.raises(ValueError, match="`tables` must be a sequence of tables"):
        concat({"a": tables[0]}, name="repeat")


def test_plain_tables_join_with_names_or_without():
    twice = concat([small(), small()])
    same(twice.select(yes=True), Table({name: c[[0, 0]] for name, c in small().items()}))
    assert concat([small(), small()], name="from")["from"].tolist() == [0, 0, 1, 1]
    assert concat({"é": small(), "β": small()}, name="da")["da"].tolist() == ["é", "é", "β", "β"]
    assert concat({16: small(), 4: small()}, name="width")["width"].tolist() == [16, 16, 4, 4]
    assert concat({None: small(), (1, 2): small()}, name="n")["n"].tolist()[::2] == [
        "None", "(1, 2)",
    ]  # fmt: skip
    turned = Table({name: small()[name] for name in reversed(list(small()))})
    assert list(concat([small(), turned])) == list(small())


def test_empty_tables_join():
    table = analysed()
    empty = without_rows(table)
    same(concat([empty, table, empty]), table)
    assert len(concat({"a": empty, "b": empty}, name="which")) == 0
    assert len(concat([Table({}), Table({})])) == 0
    untyped = Table({"a": np.array([])})
    assert concat([untyped, Table({"a": np.array(["x"])})])["a"].tolist() == ["x"]


TABLE = analysed()
RIPS = analysed(measures=tl.Rips())
REFUSED = [
    (([],), {}, ValueError, "`tables` must not be empty"),
    ((TABLE,), {}, TypeError, "must be a sequence or a mapping; found LayerTable"),
    (("ab",), {}, TypeError, "must be tables of one kind; found str"),
    (([TABLE, TABLE.summary()],), {}, TypeError, "one kind; found LayerTable, Table"),
    (({"a": TABLE},), {}, ValueError, "`name` must be a new column.*found None"),
    (({"a": TABLE},), {"name": "class"}, ValueError, "found 'class', which tables have"),
    (({"a": TABLE},), {"name": "mean"}, ValueError, "`name` must be a new column; found 'mean'"),
    (({"1": TABLE, 1: TABLE, "x": TABLE},), {"name": "n"}, ValueError, "must differ as text"),
    (([TABLE, TABLE],), {}, ValueError, "rows of tables 0 and 1 could not be told.*`name=`"),
    (
        ([RIPS.select(measure="bars"), analysed(measures=tl.Rips(threshold=1.0))],),
        {},
        ValueError,
        r"diagrams of \('input', 'all', 0, 'trained'\) stand in several tables.*`name=`",
    ),
    (
        ([small(), Table({"größe": np.array([1.0])})],),
        {},
        ValueError,
        "same columns; found größe, 名, yes in 0 and größe in 1",
    ),
    (
        ([Table({"a": np.array(["1"])}), Table({"a": np.array([1])})],),
        {},
        TypeError,
        "column 'a' must hold text in all tables or in none",
    ),
]


@pytest.mark.parametrize(("arguments", "options", "kind", "message"), REFUSED)
def test_tables_that_do_not_fit_are_refused(arguments, options, kind, message):
    with pytest.raises(kind, match=message):
        concat(*arguments, **options)


# --- Arrow --------------------------------------------------------------------------------------

HOSTILE = {
    "strided": np.arange(8.0)[::2],
    "whole": np.array([-(2**62), -1, 0, 2**62]),
    "narrow": np.array([1.5, np.nan, np.inf, -0.0], dtype=np.float32),
    "bytes": np.array([0, 1, 2, 255], dtype=np.uint8),
    "yes": np.array([True, False, True, True]),
    "größe 名": np.array(["", "é", "𝛽 beta", 'two\nlines, "quoted"']),
}


MAKERS = ("nanoarrow", "pyarrow", "polars")


def read_by_nanoarrow(table):
    found = pytest.importorskip("nanoarrow").Array(table)
    return {found.schema.field(i).name: found.child(i).to_pylist() for i in range(found.n_children)}


def read_by_polars(table):
    return pytest.importorskip("polars").DataFrame(table).to_dict(as_series=False)


def read_by_duckdb(table):
    rows = pytest.importorskip("duckdb").connect().register("mine", table).sql("from mine")
    return dict(zip(rows.columns, map(list, zip(*rows.fetchall(), strict=True)), strict=True))


def read_by_pyarrow(table):
    return pytest.importorskip("pyarrow").table(table).to_pydict()


READERS = [read_by_nanoarrow, read_by_polars, read_by_duckdb, read_by_pyarrow]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("table", [Table(HOSTILE), RIPS], ids=["hostile", "layers"])
def test_readers_find_every_value(read, table):
    pytest.importorskip("nanoarrow")
    found = read(table)
    assert list(found) == list(table)
    for name, column in table.items():
        np.testing.assert_array_equal(found[name], column)


class Held:
    """A stream that was made before."""

    def __init__(self, table):
        self.stream = table.__arrow_c_stream__()

    def __arrow_c_stream__(self, requested_schema=None):
        return self.stream


@pytest.mark.parametrize("maker", MAKERS)
def test_each_maker_makes_the_same(maker, monkeypatch):
    pytest.importorskip(maker)
    with monkeypatch.context() as alone:
        for other in set(MAKERS) - {maker}:
            alone.setitem(sys.modules, other, None)
        streams = Held(Table(HOSTILE)), Held(RIPS)
    # nanoarrow 0.9 cannot read long text as polars keeps it, and then makes the stream itself
    read = read_by_polars if maker == "polars" else read_by_nanoarrow
    for stream, table in zip(streams, (Table(HOSTILE), RIPS), strict=True):
        for name, column in read(stream).items():
            np.testing.assert_array_equal(column, table[name])


@pytest.mark.parametrize("read", READERS[:2])
def test_streams_without_rows(read):
    pytest.importorskip("nanoarrow")
    table = without_rows(RIPS)
    assert read(table) == {name: [] for name in table}


def test_a_table_may_be_read_often_and_outlived():
    polars = pytest.importorskip("polars")
    frames = [polars.DataFrame(analysed()) for _ in range(3)]
    assert frames[0].equals(frames[1].with_columns(seconds=frames[0]["seconds"]))
    with pytest.raises(polars.exceptions.ColumnNotFoundError):
        polars.DataFrame(TABLE).select("colour")
    for _ in range(100):
        TABLE.__arrow_c_stream__()  # that nobody reads


def test_without_a_library_it_is_said_what_to_install(monkeypatch):
    for name in MAKERS:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=r"one of nanoarrow, pyarrow, polars.*topolens\[arrow\]"):
        TABLE.__arrow_c_stream__()
