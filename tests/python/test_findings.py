"""Sentences about tables that are made so that it is known what may be said."""

import re

import numpy as np
import pytest

import topolens as tl
from topolens.layers import LayerTable
from topolens.layers._columns import LAYER_COLUMNS, columns_of
from topolens.layers._evidence import mean_of_classes
from topolens.measures._hops import TOO_COARSE

LAYERS = ("input", "first", "second", "output")
CLASSES = ("cat", "dog")
DEGREES = {"longest_loop": 1, "supported_loops": 1, "betti": 0}


def made(
    trained, untrained=None, *, networks=1, copies=0, classes=CLASSES, noise=0.1, seed=0, n=60
):
    """Build a table from courses through the layers: by measure, one for all or one a class."""
    rng = np.random.default_rng(seed)
    rows = []
    for network in range(networks):
        conditions = [("trained", 0), *(("untrained", copy) for copy in range(copies))]
        for control, copy in conditions:
            courses = trained if control == "trained" else untrained
            for measure, course in courses.items():
                for name in classes:
                    of_class = course[name] if isinstance(course, dict) else course
                    for index, layer in enumerate(LAYERS):
                        spread = noise if index and measure != "supported_loops" else 0
                        value = of_class[index] + spread * rng.normal()
                        degree = DEGREES.get(measure, -1)
                        note = TOO_COARSE if np.isnan(value) else ""
                        rows.append(
                            (network, index, layer, name, control, measure, "", degree, np.inf,
                             value, 0, copy, n, n, 0.1, note)
                        )  # fmt: skip
    columns = columns_of(rows, {"network": np.int64, **LAYER_COLUMNS})
    if networks == 1:
        del columns["network"]
    return LayerTable(columns)


def said(table, **options):
    return list(table.findings(**options))


@pytest.fixture(params=[{"networks": 10, "copies": 1}, {"networks": 1, "copies": 39}])
def units(request):
    return request.param


# --- what is there is said ------------------------------------------------------------------------


def test_classes_that_are_pulled_together(units):
    table = made(
        {"within_to_others": (0.9, 0.8, 0.5, 0.3)}, {"within_to_others": (0.9,) * 4}, noise=0.02,
        **units,
    )  # fmt: skip
    (sentence,) = said(table)
    assert sentence.startswith("Training pulls the classes together from layer first on:")
    assert "from 0.9 in layer input to 0.3" in re.sub(r"0\.(29|30)\d?", "0.3", sentence)
    assert "difference −0.6 [" in re.sub(r"−0\.(59|6)\d*", "−0.6", sentence)
    who = "10 networks" if units["networks"] > 1 else "one network, 39 untrained copies"
    assert who in sentence and "60 samples a class" in sentence
    assert ("p = 0.002" if units["networks"] > 1 else "p = 0.025, the least possible") in sentence


def test_only_the_layer_that_differs_is_named(units):
    table = made(
        {"within_to_others": (0.9, 0.9, 0.4, 0.9)}, {"within_to_others": (0.9,) * 4}, noise=0.02,
        **units,
    )  # fmt: skip
    assert said(table)[0].startswith("Training pulls the classes together in layer second:")


def test_classes_that_hold_together_and_those_that_fall_apart(units):
    whole, apart = (2, 2, 2, 2), (2, 3, 10, 19)
    assert said(made({"pieces": whole}, {"pieces": apart}, **units))[0].startswith(
        "The classes hold together: "
    )
    assert (
        "pieces a class among the others in layer output"
        in said(made({"pieces": apart}, {"pieces": whole}, **units))[0]
    )


def test_classes_that_join_up():
    joined = {"pieces_of_three": (9, 4, 1, 1)}
    (sentence,) = said(made(joined, noise=0))
    assert sentence.startswith("The classes join up by layer second:") and "in 4 before" in sentence
    never = made({"pieces_of_three": (9, 4, 1, 2)}, noise=0)
    at_once = made({"pieces_of_three": (1, 1, 1, 1)}, noise=0)
    controls = made(joined, {"pieces_of_three": (9, 1, 1, 1)}, copies=3, noise=0)
    for table in (never, at_once, controls):
        assert not any("join up" in sentence for sentence in said(table))


def loops(*supported, length):
    return {"longest_loop": length, "supported_loops": supported}


def test_a_loop_that_training_removes(units):
    table = made(
        loops(1, 1, 0, 0, length=(1.3, 1.2, 0.2, 0.1)),
        loops(1, 1, 1, 1, length=(1.3, 1.2, 1.1, 1)),
        classes=("tone",), noise=0.02, **units,
    )  # fmt: skip
    (sentence,) = said(table)
    assert sentence.startswith("The loop at the input is gone from layer second on, and not in")
    assert "60 samples;" in sentence


def test_a_loop_that_only_training_keeps(units):
    table = made(
        loops(1, 1, 1, 0, length=(1.3, 1.2, 0.9, 0.1)),
        loops(1, 1, 0, 0, length=(1.3, 1.2, 0.3, 0.1)),
        classes=("turn",), noise=0.02, **units,
    )  # fmt: skip
    (sentence,) = said(table)
    assert sentence.startswith(
        "The loop is kept up to layer second, where untrained copies lose it"
    )


def test_loops_of_several_classes_are_several_questions():
    """With 39 copies p is 0.025 at least: of one class with a loop that is clear, of three not."""
    courses = ((1, 0, 0, 0), (1.3, 0.2, 0.2, 0.1)), ((1, 1, 1, 1), (1.3, 1.2, 1.2, 1.1))
    no_loop = (0, 0, 0, 0), (0.1, 0.1, 0.1, 0.1)

    def table(n_looped):
        names = "abcd"
        numbers = [
            {
                "supported_loops": {
                    c: (of if c in names[:n_looped] else no_loop)[0] for c in names
                },
                "longest_loop": {c: (of if c in names[:n_looped] else no_loop)[1] for c in names},
            }
            for of in courses
        ]
        return made(*numbers, classes=names, copies=39, noise=0.02)

    def gone(table):
        return [sentence for sentence in said(table) if "is gone from layer first on" in sentence]

    (sentence,) = gone(table(1))
    assert "The loop of class a" in sentence and "p = 0.025" in sentence
    assert len(gone(table(2))) == 2 and "p = 0.05;" in gone(table(2))[0]
    assert not gone(table(3))


def test_one_class_that_was_chosen_before_is_called_by_its_name():
    table = made(
        {"within_to_others": {"cat": (0.9, 0.8, 0.5, 0.3), "dog": (0.9,) * 4}, "pieces": (1,) * 4},
        {"within_to_others": (0.9,) * 4, "pieces": (1, 9, 9, 9)},
        copies=19, noise=0.02,
    ).select(class_="cat")  # fmt: skip
    pulled, whole = said(table)
    assert pulled.startswith("Training pulls class cat together from layer first on:")
    assert whole.startswith("Class cat holds together: 1")


def test_shuffled_labels_are_no_training():
    labels = np.repeat([0, 1], 40)
    noise = np.random.default_rng(0).normal(size=(80, 2))
    apart = {"input": noise, "next": noise + 6 * labels[:, None]}
    tables = {
        seed: tl.analyse(apart, tl.Spread(), labels=labels, control="shuffled", rng=seed)
        for seed in range(6)
    }
    (sentence,) = said(tl.pool(tables), control="shuffled")
    assert sentence.startswith("More than chance holds the classes together from layer next on:")
    assert "there in shuffled labels" in sentence


def test_a_layer_that_is_not_clear_by_itself_is_not_named():
    """All layers together differ, but not the one where the loop ends."""
    table = made(
        loops(1, 1, 0, 0, length=(1.3, 0.5, 1.1, 1.0)),
        loops(1, 1, 1, 1, length=(1.3, 1.2, 1.1, 1.0)),
        classes=("tone",), copies=39, noise=0.02,
    )  # fmt: skip
    assert not any("is gone" in sentence for sentence in said(table))


# --- what is not there is said too ----------------------------------------------------------------


def test_no_loops():
    short = loops(0, 0, 0, 0, length=(0.1,) * 4)
    (sentence,) = said(made(short, noise=0.01))
    assert sentence.startswith("No loop that these points can show, in any layer (one network")
    assert "of 20 points few loops would be" in said(made(short, noise=0.01, n=20))[0]


def test_nothing_distinguishes_or_nothing_is_decided(units):
    level = {"within_to_others": (0.7,) * 4}
    (alike,) = said(made(level, level, noise=0.01, seed=1, **units))
    assert alike.startswith("Nothing distinguishes trained networks from untrained copies in size")
    (open_,) = said(made(level, level, noise=0.3, seed=1, **units))
    assert open_.startswith("Undecided: size within over distance to others")


def test_what_is_certain_but_small_is_not_said():
    table = made(
        {"within_to_others": (0.7, 0.68, 0.68, 0.68)}, {"within_to_others": (0.7,) * 4},
        noise=0.001, networks=10, copies=1,
    )  # fmt: skip
    assert table.contrast(rng=0).select(layer="output")["p"].max() < 0.01
    (sentence,) = said(table)
    assert sentence.startswith("Certain but small: size within over distance to others differs by")


@pytest.mark.parametrize(
    ("units", "reason"),
    [
        ({"networks": 5, "copies": 1}, "5 networks cannot reach p < 0.05"),
        ({"networks": 1, "copies": 9}, "9 copies cannot reach p < 0.05"),
    ],
)
def test_too_few_to_decide(units, reason):
    for measure in ("pieces", "longest_loop"):
        table = made({measure: (2, 2, 2, 2)}, {measure: (2, 9, 9, 9)}, **units)
        (sentence,) = said(table)
        assert sentence.startswith(reason)


def test_repeats_say_how_far_other_samples_would_move_the_numbers():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 60)
    layers = {"input": rng.normal(size=(120, 3)), "next": rng.normal(size=(120, 3))}
    few = tl.analyse(layers, tl.Spread(), labels=labels, repeats=5, rng=0)
    many = tl.analyse(layers, tl.Spread(), labels=labels, repeats=20, rng=0)
    assert not any("Other samples" in sentence for sentence in said(few))
    (sentence,) = [s for s in said(many) if "Other samples" in s]
    assert sentence.startswith(
        "Other samples of this kind would move size within over distance to others by about 0.0"
    )
    assert "one network, 20 repeats, 48 samples a class" in sentence


def test_too_coarse():
    nan = float("nan")
    (sentence,) = said(made({"betti": (1, nan, nan, nan)}, noise=0))
    assert sentence.startswith("The hop scale is too coarse to see anything: in 75% of the clouds")
    assert not any("coarse" in s for s in said(made({"betti": (9, 1, 1, nan)}, noise=0)))


def test_there_is_always_a_sentence():
    (sentence,) = said(made({"entropy": (1, 2, 3, 4)}))
    assert sentence.startswith("Nothing to say of entropy by these rules.")
    assert 'control="untrained"' in sentence


def test_null_tables_are_seldom_called_clear():
    level = {"within_to_others": (0.7,) * 4}
    clear = 0
    for seed in range(200):
        table = made(level, level, copies=19, noise=0.2, seed=seed)
        clear += any(s.startswith("Training") for s in said(table))
    assert clear <= 18  # 10 expected of 200 at most; 18 or fewer in 99.5 % of all tests like this


# --- the sequence ---------------------------------------------------------------------------------


def test_findings_are_a_sequence_that_prints_as_a_list():
    found = made({"pieces_of_three": (9, 4, 1, 1)}, noise=0).findings()
    assert found[0] == next(iter(found)) and len(found) == 1
    assert repr(found) == f"- {found[0]}"
    assert "<li>The classes join up" in found._repr_html_()


def test_only_tables_of_layers_are_taken():
    with pytest.raises(TypeError, match="`table` must be a LayerTable; found dict"):
        tl.layers.findings({})
    with pytest.raises(ValueError, match="`control` must be one of untrained, shuffled"):
        tl.layers.findings(made({"pieces": (1, 1, 1, 1)}), "fresh")


def test_the_mean_of_classes_is_unknown_where_a_class_is():
    table = made({"betti": {"cat": (1, 2, 3, 4), "dog": (3, 4, 5, float("nan"))}}, noise=0)
    mean = mean_of_classes(table)
    np.testing.assert_array_equal(mean["value"], [2, 3, 4, np.nan])
    assert set(mean["class"].tolist()) == {"mean of classes"}
