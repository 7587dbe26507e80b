"""Pooled networks and their contrasts: designs, what is left out, what is said."""

from __future__ import annotations

import numpy as np
import pytest

import topolens as tl
from contrast_cases import changed, network
from topolens.layers import Contrast, contrast
from topolens.statistics import (
    copy_contrast,
    group_contrast,
    paired_contrast,
    subsample_intervals,
)


def pooled(n=8, groups=None, **made):
    return tl.pool({seed: network(seed, **made) for seed in range(n)}, groups=groups)


def grid(table, control, measure="pieces", class_="a"):
    """Values of a class and number by network and layer, without the input."""
    rows = table.select(control=control, measure=measure, class_=class_)
    networks = list(dict.fromkeys(rows["network"].tolist()))
    by_layer = [
        [
            rows["value"][(rows["network"] == one) & (rows["layer_index"] == i)].mean()
            for i in (1, 2, 3)
        ]
        for one in networks
    ]
    return np.array(by_layer)


def column(found, name, measure="pieces", class_="a", **more):
    return found.select(measure=measure, class_=class_, **more)[name]


# --- pooling ------------------------------------------------------------------------------------


def test_pool_adds_the_network_and_its_group():
    plain = pooled(3)
    assert next(iter(plain)) == "network" and set(plain["network"].tolist()) == {0, 1, 2}
    grouped = pooled(3, groups={0: "relu", 1: "tanh", 2: "relu"})
    assert list(grouped)[:2] == ["group", "network"] and len(grouped) == len(plain)
    assert set(grouped.select(group="relu")["network"].tolist()) == {0, 2}
    assert grouped.settings["measures"] == "made up"


def test_pool_keeps_diagrams_that_select_finds():
    circle = tl.datasets.circle(40, rng=0)
    tables = {
        name: tl.analyse({"input": circle, "relu": abs(circle) * size}, tl.Rips(), rng=0)
        for name, size in (("x", 1.0), ("y", 2.0))
    }
    table = tl.pool(tables, groups={"x": "small", "y": "large"})
    assert (
        table.diagrams["large", "y", "relu", "all", 0, "trained"]
        is (tables["y"].diagrams["relu", "all", 0, "trained"])
    )
    assert len(table.select(network="x").diagrams) == 2


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (lambda: {}, "`tables` must not be empty"),
        (lambda: {0: network(0), 1: network(1, layers=("input", "conv1"))}, r"their layers.*conv2"),
        (lambda: {0: network(0), 1: network(1, classes=("a",))}, r"their classes; found b in 0"),
        (lambda: {0: network(0, controls=()), 1: network(1)}, r"controls; found untrained in 1"),
        (
            lambda: {0: network(0), 1: network(1).select(measure="pieces")},
            r"their numbers.*longest",
        ),
        (lambda: {0: network(0), 1: network(1, settings={"repeats": "2"})}, "settings; found"),
        (lambda: {0: network(0), 1: network(0)}, "the same table for 0 and 1"),
        (lambda: {0: pooled(2)}, "one network each; found a column 'network'"),
    ],
)
def test_pool_says_what_differs(tables, said):
    with pytest.raises(ValueError, match=said):
        tl.pool(tables())


@pytest.mark.parametrize("control", ["untrained", "shuffled"])
def test_controls_that_were_drawn_once_are_refused(control):
    """Networks against one and the same copy are not independent: p would be far too small."""
    labels = np.repeat([0, 1], 30)

    class Network(dict):
        def untrained(self, rng):
            return Network(input=self["input"], relu=rng.normal(size=(60, 3)))

    def analysed(seed, rng):
        shown = np.random.default_rng(seed).normal(size=(60, 3))
        layers = Network(input=np.zeros((60, 3)) + labels[:, None], relu=shown)
        return tl.analyse(layers, tl.Rips(), labels=labels, control=control, rng=rng)

    with pytest.raises(ValueError, match=f"drawn apart; found {control} ones of 0 and 1"):
        tl.pool({seed: analysed(seed, rng=0) for seed in range(3)})
    apart = tl.pool({seed: analysed(seed, rng=seed) for seed in range(3)})
    assert len(contrast(apart, control))


def test_pool_takes_layer_tables_only():
    with pytest.raises(TypeError, match=r"such as \{seed: table\}; found list"):
        tl.pool([network(0), network(1)])
    with pytest.raises(TypeError, match="layer tables; found Table for 0"):
        tl.pool({0: network(0).summary()})
    with pytest.raises(ValueError, match="found no kind of 1"):
        pooled(2, groups={0: "a"})
    with pytest.raises(ValueError, match="found 7, which has no table"):
        pooled(2, groups={0: "a", 1: "b", 7: "a"})
    with pytest.raises(TypeError, match="`groups` must be a mapping"):
        pooled(2, groups=["a", "b"])


# --- several networks ---------------------------------------------------------------------------


def test_networks_are_compared_with_their_controls():
    table = pooled(8, effect=0.5)
    found = contrast(table)
    trained, untrained = (grid(table, name) for name in ("trained", "untrained"))
    wanted = paired_contrast(trained, untrained)
    for name in ("difference", "low", "high", "p", "p_adjusted", "least_p", "n"):
        np.testing.assert_allclose(column(found, name), getattr(wanted, name))
    np.testing.assert_allclose(column(found, "value"), trained.mean(axis=0))
    np.testing.assert_allclose(column(found, "control_value"), untrained.mean(axis=0))
    answer = found.overall.select(measure="pieces", class_="a")
    assert answer["p"] == answer["p_max"] == wanted.p_family and answer["layers"] == 3
    assert found.unit == "network" and "not merely: equal means" in found.null
    both = [
        (grid(table, c, class_="a") + grid(table, c, class_="b")) / 2
        for c in ("trained", "untrained")
    ]
    mean = found.overall.select(measure="pieces", class_="mean of classes")
    assert mean["p"] == mean["p_adjusted"] == paired_contrast(*both).p_family


def test_a_repeat_and_a_copy_are_no_units():
    """Repeats and copies are averaged: the p-value is that of four networks."""
    table = pooled(4, copies=3, repeats=5, effect=9.0)
    found = contrast(table)
    assert (found["n"] == 4).all() and (found["p"] == 2 / 2**4).all()
    copies = [grid(table.select(copy=copy), "untrained") for copy in range(3)]
    wanted = paired_contrast(grid(table, "trained"), copies)
    np.testing.assert_allclose(column(found, "difference"), wanted.difference)
    np.testing.assert_allclose(column(found, "low"), wanted.low)


def test_the_order_of_the_rows_does_not_matter():
    table = pooled(6)
    order = np.random.default_rng(0).permutation(len(table))
    shuffled = type(table)({name: values[order] for name, values in table.items()})
    one, other = contrast(table), contrast(shuffled)
    for name in ("p", "p_adjusted", "low"):
        for layer in ("conv1", "output"):
            np.testing.assert_allclose(
                column(one, name, layer=layer), column(other, name, layer=layer)
            )


def test_the_input_is_left_out_where_it_cannot_differ():
    found = contrast(pooled(6))
    assert "input" not in found["layer"] and "Layer 'input' is left out" in repr(found)
    other = {
        seed: changed(network(seed), seed, layer="input", control="trained") for seed in range(6)
    }
    assert "input" in contrast(tl.pool(other))["layer"]
    shuffled = pooled(6, controls=("shuffled",))
    assert "input" not in contrast(shuffled, "shuffled")["layer"]


def test_what_is_withheld_is_left_out_and_counted():
    tables = {seed: network(seed, effect=3.0) for seed in range(7)}
    place = {"layer": "conv2", "class_": "a", "measure": "pieces"}
    tables[3] = changed(tables[3], np.nan, control="untrained", **place)
    tables = {
        s: changed(t, np.nan, layer="output", class_="b", measure="pieces")
        for s, t in tables.items()
    }
    table = tl.pool(tables)
    found = contrast(table)
    assert "nan: 15 values" in repr(found) and "one side: 1 rows" in repr(found)
    row = found.select(measure="pieces", class_="a", layer="conv2")
    assert row["n"] == 6 and row["least_p"] == 2 / 2**6
    assert row["value"] - row["control_value"] == pytest.approx(row["difference"])
    assert len(found.select(measure="pieces", class_="b")) == 2
    assert not np.isnan(found["difference"]).any()


def test_rows_are_adjusted_where_networks_are_many():
    found = contrast(pooled(12, effect=1.5), over="rows", rng=0)
    from scipy.stats import false_discovery_control

    np.testing.assert_allclose(found["p_adjusted"], false_discovery_control(found["p"]))
    few = contrast(pooled(9, effect=1.5), over="rows")
    assert np.isnan(few["p_adjusted"]).all() and "cannot be adjusted one by one" in repr(few)
    assert np.isnan(few.overall.select(class_="a")["p_adjusted"]).all()
    many = contrast(pooled(10, effect=1.5)).overall.select(measure="pieces", class_=["a", "b"])
    np.testing.assert_allclose(many["p_adjusted"], false_discovery_control(many["p"]))


def test_constant_rows_are_not_counted():
    """Rows that are constant and equal in every network do not make others harder to find."""
    rng = np.random.default_rng(0)
    tables = {s: network(s, classes=("a",), effect=1.2) for s in range(11)}
    flat = {s: changed(t, 1.0, measure="longest_loop") for s, t in tables.items()}
    both, one = (
        contrast(table, over="rows", rng=rng)
        for table in (tl.pool(flat), tl.pool(flat).select(measure="pieces"))
    )
    np.testing.assert_array_equal(column(both, "p_adjusted"), one["p_adjusted"])
    constant = both.select(measure="longest_loop")
    assert (constant["p"] == 1).all() and (constant["p_adjusted"] == 1).all()
    # Equal in each network, but not the same in all: they are counted.
    equal = {s: changed(t, float(s), measure="longest_loop") for s, t in tables.items()}
    more = contrast(tl.pool(equal), over="rows")
    assert (column(more, "p_adjusted") > one["p_adjusted"]).any()


def test_five_networks_are_told_that_they_are_few():
    found = contrast(pooled(5, effect=20.0))
    assert repr(found).startswith(
        "Contrast: 5 networks cannot reach p < 0.05: the least possible p is 0.062."
    )
    assert (found["p"] == 0.0625).all() and (found["low"] > 0).all()
    assert "5 networks cannot reach" in found._repr_html_()


# --- one network --------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["copies", "repeats"])
def test_one_network_stands_among_its_copies(way):
    made = {"copies": {"copies": 19}, "repeats": {"copies": None, "repeats": 19}}[way]
    table = network(3, effect=4.0, classes=("a",), **made)
    found = contrast(table.select(measure="pieces"))
    rows = table.select(measure="pieces", layer=["conv1", "conv2", "output"])
    trained = rows.select(control="trained")
    value = [trained["value"][trained["layer_index"] == i][0] for i in (1, 2, 3)]
    untrained = rows.select(control="untrained")
    copies = np.array([untrained["value"][untrained["layer_index"] == i] for i in (1, 2, 3)]).T
    wanted = copy_contrast(value, copies)
    for name in ("difference", "low", "high", "p", "p_adjusted", "least_p", "n"):
        np.testing.assert_allclose(found[name], getattr(wanted, name))
    assert found.overall["p"] == wanted.p_mean_square and found.overall["p_max"] == wanted.p_family
    assert found.unit == "copy" and "19 copies can reach p = 0.05" in found.decidable


def rare(rng):
    return float(rng.poisson(0.1))


def share_called(make, n):
    """How often any answer over layers is called at 0.05."""
    calls = [(contrast(make(i)).overall["p"] <= 0.05 + 1e-12).any() for i in range(n)]
    return np.mean(calls)


def test_means_over_copies_are_not_taken_for_copies():
    """Rare counts: means over 20 copies are small and seldom 0, networks mostly 0.

    Flips of network less mean would call one table of three, ranks of means one of four.
    """
    made = {"draw": rare, "classes": ("a",), "layers": ("input", "conv1"), "effect": 0.0}

    def networks(i, **several):
        tables = {s: network(100 * i + s, **several, **made) for s in range(10)}
        return tl.pool(tables).select(measure="pieces")

    def alone(i, **several):
        return network(i, **several, **made).select(measure="pieces")

    copies, repeats = {"copies": 20}, {"copies": None, "repeats": 20}
    assert share_called(lambda i: networks(i, **copies), 40) < 0.1
    assert share_called(lambda i: networks(i, **repeats), 40) < 0.1
    assert share_called(lambda i: alone(i, copies=None, repeats=19), 100) < 0.1
    found = contrast(networks(0, **copies))
    row = networks(0, **copies).select(layer="conv1")
    mean = [row.select(control=c)["value"].mean() for c in ("trained", "untrained")]
    assert found["difference"] == pytest.approx(mean[0] - mean[1])
    assert "drawn untrained controls anew" not in repr(found)
    assert "drawn untrained controls anew" in repr(contrast(networks(0, **repeats)))
    twice = contrast(networks(0, copies=20, repeats=2))
    assert "drawn untrained controls anew" not in repr(twice)


def test_repeats_that_share_a_copy_are_averaged():
    """Network and copy are measured in the same repeats: their means can change places."""
    table = pooled(6, copies=1, repeats=4)
    found = contrast(table)
    wanted = paired_contrast(grid(table, "trained"), grid(table, "untrained"))
    np.testing.assert_allclose(column(found, "p_adjusted"), wanted.p_adjusted)
    assert "drawn" not in repr(found)
    shuffled = pooled(6, controls=("shuffled",), repeats=4)
    drawn = [grid(shuffled.select(repeat=repeat), "shuffled") for repeat in range(4)]
    wanted = paired_contrast(grid(shuffled.select(repeat=0), "trained"), drawn, rng=0)
    again = contrast(shuffled.select(measure="pieces", class_="a"), "shuffled", rng=0)
    np.testing.assert_allclose(again["p"], wanted.p)
    assert "drawn shuffled controls anew" in repr(again) and "labels" in again.null


def test_one_copy_decides_nothing():
    found = contrast(network(0, effect=50.0))
    assert found.unit == "copy" and (found["p"] == 1).all() and np.isinf(found["low"]).all()
    assert "1 copy cannot reach p < 0.05: the least possible p is 0.5" in repr(found)


def test_copies_of_several_repeats_are_averaged():
    table = network(0, copies=4, repeats=3)
    found = contrast(table)
    assert (found["n"] == 4).all() and (found["least_p"] == 0.2).all()


@pytest.mark.parametrize("control", ["shuffled", "untrained"])
def test_repeats_of_one_network_have_no_p(control):
    """Also beside one untrained copy, which is measured in every repeat."""
    table = network(2, repeats=20, controls=(control,), classes=("a",))
    found = contrast(table, control, share=0.5)
    assert found.unit == "repeat" and np.isnan(found["p"]).all() and len(found.overall) == 0
    rows = table.select(measure="pieces", layer="conv1")
    one, other = (rows.select(control=c)["value"] for c in ("trained", control))
    for name, values in (("trained", one), (f"trained - {control}", one - other)):
        wanted = subsample_intervals(values, share=0.5)
        row = found.select(contrast=name, measure="pieces", layer="conv1")
        assert row["low"] == pytest.approx(wanted.low) and row["high"] == pytest.approx(wanted.high)
        assert row["n"] == 20
    assert "no p-value" in repr(found) and "hold 0.5 of the points" in repr(found)


def test_one_network_alone_has_its_values():
    found = contrast(network(0, controls=()))
    assert set(found["contrast"].tolist()) == {"trained"} and np.isnan(found["low"]).all()
    assert "1 repeat of one network: no p-value" in repr(found)


# --- two kinds ----------------------------------------------------------------------------------


def test_kinds_are_compared_beside_their_controls():
    groups = {seed: "relu" if seed < 4 else "tanh" for seed in range(9)}
    table = pooled(9, groups=groups, effect=1.0)
    found = contrast(table, between="group")
    kinds = [table.select(group=kind) for kind in ("relu", "tanh")]
    trained, untrained = ([grid(kind, name) for kind in kinds] for name in ("trained", "untrained"))
    differences = [one - other for one, other in zip(trained, untrained, strict=True)]
    for what, both in (
        ("trained", trained),
        ("untrained", untrained),
        ("trained - untrained", differences),
    ):
        wanted = group_contrast(*both)
        for name in ("difference", "low", "high", "p", "p_adjusted", "least_p"):
            mine = column(found, name, contrast=f"relu - tanh: {what}")
            np.testing.assert_allclose(mine, getattr(wanted, name))
    assert "4 against 5 networks" in found.decidable and "group" in found.null
    alone = contrast(pooled(9, groups=groups, controls=()), between="group")
    assert set(alone["contrast"].tolist()) == {"relu - tanh: trained"}


def test_between_needs_two_kinds_of_networks():
    with pytest.raises(ValueError, match="`between` needs a table of several networks"):
        contrast(network(0), between="group")
    for wrong in ("colour", "network", 3):
        with pytest.raises(ValueError, match="`between` must be a column that divides"):
            contrast(pooled(4), between=wrong)
    with pytest.raises(ValueError, match="must divide the networks; found"):
        contrast(pooled(4), between="layer")
    with pytest.raises(ValueError, match=r"in two; found 'a', 'b', 'c'.*select two"):
        contrast(pooled(3, groups={0: "a", 1: "b", 2: "c"}), between="group")
    few = contrast(pooled(3, groups={0: "a", 1: "b", 2: "b"}), between="group")
    assert np.isnan(few["p"]).all() and "1 against 2 networks cannot reach" in repr(few)


# --- refusals, selection, pictures --------------------------------------------------------------


def test_what_is_not_there_is_refused():
    with pytest.raises(TypeError, match="`table` must be a LayerTable; found Table"):
        contrast(network(0).summary())
    with pytest.raises(ValueError, match="`control` must be one of untrained, shuffled"):
        contrast(pooled(3), "random")
    with pytest.raises(ValueError, match="`control` must be in the table, which has untrained"):
        contrast(pooled(3), "shuffled")
    with pytest.raises(ValueError, match="`over` must be one of layers, rows"):
        contrast(pooled(3), over="networks")
    with pytest.raises(ValueError, match="rows of trained networks, beyond the input"):
        contrast(pooled(3).select(layer="input"))
    with pytest.raises(ValueError, match="`share` must be above 0"):
        contrast(network(0, repeats=3, controls=()), share=1)
    with pytest.raises(ValueError, match="`share` must be left out where more is compared"):
        contrast(pooled(3), share=0.5)


def test_what_is_selected_keeps_its_answers():
    found = contrast(pooled(6, effect=1.0))
    part = found.select(measure="pieces", class_="a")
    assert isinstance(part, Contrast) and part.decidable == found.decidable
    assert part.overall["class"].tolist() == ["a"] and part.overall["measure"].tolist() == [
        "pieces"
    ]
    assert "mean of classes" in found.select(measure="pieces").overall["class"]
    assert len(contrast(pooled(6)).to_columns()["p"]) == 12


def test_pictures_are_filled_where_p_is_small():
    from matplotlib import pyplot as plt

    found = contrast(pooled(8, effect=6.0, classes=("a",)))
    ax = found.plot("pieces")
    (filled,) = [line for line in ax.lines if line.get_marker() == "o" and len(line.get_xdata())]
    np.testing.assert_allclose(filled.get_ydata(), found.select(measure="pieces")["difference"])
    assert filled.get_markerfacecolor() == filled.get_color() and "Filled" in ax.get_title("left")
    few = contrast(pooled(5, effect=6.0, classes=("a",))).plot("longest_loop", degree=1)
    points = [line for line in few.lines if line.get_marker() == "o" and len(line.get_xdata())]
    assert [line.get_markerfacecolor() for line in points] == ["white"]
    assert "5 networks cannot reach p < 0.05" in few.get_title("left")
    for wrong in ({"measure": "x"}, {"degree": 5}, {"contrast": "x"}):
        with pytest.raises(ValueError, match=f"`{next(iter(wrong))}` must be one of"):
            found.plot(**wrong)
    copies = contrast(network(0, copies=3)).plot()
    assert np.isfinite(copies.get_ylim()).all()
    plt.close("all")
