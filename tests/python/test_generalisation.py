"""Granulated and partial correlations against their definitions and against scipy."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import topolens as tl

AXES = {"rate": [0.1, 0.2, 0.4], "width": [8, 16], "kind": ["sgd", "adam", "both"]}


def grid(seed, ties=False):
    """A full grid with a measure and a target that depend on the settings and on chance."""
    rng = np.random.default_rng(seed)
    rows = [dict(zip(AXES, values, strict=True)) for values in product(*AXES.values())]
    for row in rng.permutation(rows):
        row["measure"] = 10 * row["rate"] + rng.normal() + (row["kind"] == "sgd")
        row["target"] = 5 * row["rate"] - row["width"] / 8 + rng.normal()
        if ties:
            row["measure"], row["target"] = round(row["measure"]), round(row["target"])
    return rows


def sign(x):
    return (x > 0) - (x < 0)


def tau(rows):
    """Equation 3: over all ordered pairs, divided by |T| (|T| - 1)."""
    total = sum(
        sign(a["measure"] - b["measure"]) * sign(a["target"] - b["target"])
        for a in rows
        for b in rows
        if a is not b
    )
    return total / (len(rows) * (len(rows) - 1))


def psi(rows, axis):
    """Equation 4: the mean of tau over all settings of the other hyper-parameters."""
    others = [name for name in AXES if name != axis]
    groups = [
        [
            row
            for row in rows
            if all(row[name] == value for name, value in zip(others, values, strict=True))
        ]
        for values in product(*(AXES[name] for name in others))
    ]
    return np.mean([tau(group) for group in groups])


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_definition(seed, ties):
    rows = grid(seed, ties)
    found = tl.statistics.granulated_kendall(
        rows, "measure", "target", list(AXES), rng=0, n_resamples=100
    )
    assert found.tau == pytest.approx(tau(rows), abs=1e-14)
    for axis in AXES:
        assert found.psi[axis] == pytest.approx(psi(rows, axis), abs=1e-14)
    assert found.Psi == pytest.approx(np.mean([psi(rows, axis) for axis in AXES]), abs=1e-14)
    assert found.n_groups == {"rate": 6, "width": 9, "kind": 6} and found.n_runs == 18
    if not ties:
        columns = pd.DataFrame(rows)
        expected = stats.kendalltau(columns["measure"], columns["target"]).statistic
        assert found.tau == pytest.approx(expected, abs=1e-14)


def test_kinds_of_tables():
    rows = grid(0)
    frame = pd.DataFrame(rows)
    shapes = [frame, frame.to_dict("list"), frame.drop(columns="kind").to_records(index=False)]
    if find_spec("polars"):
        shapes.append(import_module("polars").DataFrame(rows))
    expected = tl.statistics.granulated_kendall(rows, "measure", "target", ["rate", "width"], rng=0)
    for table in shapes:
        assert (
            tl.statistics.granulated_kendall(table, "measure", "target", ["rate", "width"], rng=0)
            == expected
        )


def test_measure_that_follows_one_hyperparameter():
    rows = [
        {"rate": r, "width": w, "measure": r, "target": r + 1e-3 * w}
        for r, w in product(range(6), range(4))
    ]
    found = tl.statistics.granulated_kendall(rows, "measure", "target", ["rate", "width"], rng=0)
    assert found.tau > 0.85 and found.psi == {"rate": 1, "width": 0} and found.Psi == 0.5
    assert found.psi_intervals == {"rate": (1, 1), "width": (0, 0)}


def test_seeds_are_not_compared_with_each_other():
    """Repeated runs count among themselves nothing, and twice with others."""
    rows = grid(3)
    again = [
        row | {"measure": row["measure"] + 1e-9, "target": row["target"] - 1e-9} for row in rows
    ]
    one = tl.statistics.granulated_kendall(rows, "measure", "target", list(AXES), rng=0)
    two = tl.statistics.granulated_kendall(rows + again, "measure", "target", list(AXES), rng=0)
    assert two.psi == pytest.approx(one.psi) and two.Psi == pytest.approx(one.Psi)


def test_incomplete_grids():
    rows = [row for row in grid(0) if row["rate"] != 0.4 or row["width"] == 8]
    found = tl.statistics.granulated_kendall(rows, "measure", "target", list(AXES), rng=0)
    assert found.n_groups == {"rate": 6, "width": 6, "kind": 5}
    groups = [
        [r for r in rows if (r["rate"], r["kind"]) == key]
        for key in product(*list(AXES.values())[::2])
    ]
    expected = np.mean([tau(group) for group in groups if len(group) > 1])
    assert found.psi["width"] == pytest.approx(expected)


def test_infinite_measures_are_ordered():
    rows = [{"a": i, "m": m, "t": i} for i, m in enumerate([1.0, 2.0, np.inf, np.inf])]
    assert tl.statistics.granulated_kendall(rows, "m", "t", ["a"], rng=0).tau == pytest.approx(
        5 / 6
    )


def test_intervals():
    rows = grid(1)
    found = tl.statistics.granulated_kendall(rows, "measure", "target", list(AXES), rng=0)
    low, high = found.Psi_interval
    assert low < found.Psi < high
    assert found.tau_interval[0] < found.tau < found.tau_interval[1]
    assert found == tl.statistics.granulated_kendall(rows, "measure", "target", list(AXES), rng=0)
    wide = tl.statistics.granulated_kendall(
        rows, "measure", "target", list(AXES), rng=0, confidence_level=0.99
    )
    assert wide.Psi_interval[0] < low and wide.Psi_interval[1] > high
    columns = found.to_columns()
    assert columns["correlation"] == ["tau", "psi(rate)", "psi(width)", "psi(kind)", "Psi"]
    assert columns["value"][-1] == found.Psi and columns["low"][-1] == low


# --- partial ------------------------------------------------------------------------------------


def confounded(n=60, seed=0):
    rng = np.random.default_rng(seed)
    norm = rng.normal(size=n)
    return {
        "measure": norm + rng.normal(size=n),
        "target": norm + rng.normal(size=n),
        "norm": norm,
        "rate": np.round(norm + rng.normal(size=n)),
    }


SCIPY = {"kendall": stats.kendalltau, "spearman": stats.spearmanr, "pearson": stats.pearsonr}


@pytest.mark.parametrize("method", SCIPY)
@pytest.mark.parametrize("given", ["norm", "rate"])
def test_one_given(method, given):
    runs = confounded()
    found = tl.statistics.partial_correlation(
        runs, "measure", "target", given, method=method, rng=0
    )
    names = ("measure", "target", given)
    xy, xz, yz = (SCIPY[method](runs[a], runs[b]).statistic for a, b in combinations(names, 2))
    expected = (xy - xz * yz) / np.sqrt((1 - xz**2) * (1 - yz**2))
    assert found.plain == pytest.approx(xy, abs=1e-13)
    assert found.value == pytest.approx(expected, abs=1e-13)
    assert found.interval[0] < found.value < found.interval[1]
    assert abs(found.value) < abs(found.plain) and found.given == (given,)


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_several_given_are_regressed_out(method):
    runs = confounded()
    if method == "spearman":
        ranked = {name: stats.rankdata(column) for name, column in runs.items()}
    else:
        ranked = runs
    Z = np.column_stack([np.ones(60), ranked["norm"], ranked["rate"]])
    left = [
        ranked[name] - Z @ np.linalg.lstsq(Z, ranked[name], rcond=None)[0]
        for name in ("measure", "target")
    ]
    found = tl.statistics.partial_correlation(
        runs, "measure", "target", ["norm", "rate"], method=method, rng=0
    )
    assert found.value == pytest.approx(np.corrcoef(*left)[0, 1], abs=1e-12)


def test_independent_given_their_cause():
    found = tl.statistics.partial_correlation(confounded(1000), "measure", "target", "norm", rng=0,
                                   n_resamples=100, method="pearson")  # fmt: skip
    assert found.plain > 0.4 and found.interval[0] < 0 < found.interval[1]


# --- refusals -----------------------------------------------------------------------------------

ROWS = grid(0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda k: k(ROWS, "norm", "target", ["rate"]), ValueError, "must have a column 'norm'"),
        (
            lambda k: k(ROWS, "kind", "target", ["rate"]),
            TypeError,
            r"`table\['kind'\]` must hold real numbers",
        ),
        (lambda k: k(ROWS, "measure", "target", "rate"), TypeError, "must be several names"),
        (lambda k: k(ROWS, "measure", "target", []), ValueError, "different names, at least one"),
        (lambda k: k(ROWS, "measure", "target", ["rate"] * 2), ValueError, "different names"),
        (lambda k: k(ROWS[:1], "measure", "target", ["rate"]), ValueError, "at least two runs"),
        (lambda k: k(7, "measure", "target", ["rate"]), TypeError, "table with named columns"),
        (
            lambda k: k(ROWS, "measure", "target", ["rate", "width"], n_resamples=5),
            ValueError,
            "`n_resamples` must be at least 100; found 5",
        ),
        (
            lambda k: k(ROWS, "measure", "target", ["rate", "measure"]),
            ValueError,
            "must each vary alone between some runs; 'rate' does not",
        ),
        (
            lambda k: k({"m": [1.0, np.nan], "t": [1, 2], "a": [1, 2]}, "m", "t", ["a"]),
            ValueError,
            r"`table\['m'\]` must not be missing; found nan at \[1\]",
        ),
        (
            lambda k: k({"m": [1.0, 2], "t": [1, 2], "a": [1, 2, 3]}, "m", "t", ["a"]),
            ValueError,
            r"columns of equal length; found \(3,\) for 'a'",
        ),
    ],
)
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call(tl.statistics.granulated_kendall)


@pytest.mark.parametrize(
    ("change", "given", "method", "message"),
    [
        (
            {"norm": np.ones(60)},
            "norm",
            "kendall",
            r"`table\['norm'\]` must vary between runs; found 1 in all",
        ),
        ({}, "measure", "pearson", "`given` must leave something of 'measure'"),
        ({"twice": 2 * confounded()["norm"]}, ["norm", "twice"], "pearson", "others determine"),
        ({"norm": np.full(60, np.inf)}, "norm", "pearson", r"`table\['norm'\]` must be finite"),
        ({}, "norm", "gamma", "`method` must be one of kendall, spearman, pearson; found 'gamma'"),
    ],
)
def test_refused_partial_correlations(change, given, method, message):
    with pytest.raises(ValueError, match=message):
        tl.statistics.partial_correlation(
            confounded() | change, "measure", "target", given, method=method
        )


# --- settings that are missing --------------------------------------------------------------------

MISSING = {
    "decay": [None, 0.1, None, 0.1, None, 0.1, None, 0.1],
    "rate": [1, 1, 2, 2, 1, 1, 2, 2],
    "seed": [0, 0, 0, 0, 1, 1, 1, 1],
    "m": [1.0, 2.0, 4.0, 3.0, 5.0, 8.0, 7.0, 6.0],
    "t": [1.0, 3.0, 2.0, 4.0, 6.0, 5.0, 8.0, 7.0],
}
HYPER = ["decay", "rate"]


def without(missing):
    return MISSING | {"decay": [missing if x is None else x for x in MISSING["decay"]]}


def of_rows(missing):
    columns = without(missing)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def as_frame(table):
    return pytest.importorskip("pandas").DataFrame(table)


FORMS = {
    "None": without(None),
    "NaN": without(np.nan),
    "NaN of arrays": {name: np.array(column, float) for name, column in MISSING.items()},
    "words": MISSING | {"decay": ["no", "yes"] * 4},
    "None among words": MISSING | {"decay": [None, "yes"] * 4},
    "NaN among words": MISSING | {"decay": [np.nan, "yes"] * 4},
    "lists": MISSING | {"decay": [None, [0.9, 0.99]] * 4},
    "tuples": MISSING | {"decay": [None, (0.9, 0.99)] * 4},
    "rows": of_rows(None),
    "rows with NaN": of_rows(np.nan),
    "rows without": [
        {name: value for name, value in row.items() if value is not None} for row in of_rows(None)
    ],
}
FRAMES = {
    "frame": lambda: as_frame(MISSING),
    "frame of objects": lambda: as_frame(MISSING).astype(object),
    "nullable frame": lambda: as_frame(MISSING).convert_dtypes(),
    "frame of words": lambda: as_frame(FORMS["None among words"]),
    "categories": lambda: as_frame(FORMS["None among words"]).astype({"decay": "category"}),
    "records": lambda: as_frame(MISSING).to_dict("records"),
    "polars": lambda: pytest.importorskip("polars").DataFrame(MISSING),
}


@pytest.mark.parametrize("form", [*FORMS, *FRAMES])
@pytest.mark.parametrize("axes", [HYPER, HYPER[::-1], [*HYPER, "seed"]])
def test_missing_settings_are_one_setting(form, axes):
    table = FORMS[form] if form in FORMS else FRAMES[form]()
    found = tl.statistics.granulated_kendall(table, "m", "t", axes, rng=0)
    known = MISSING | {"decay": [0.0, 0.1] * 4}
    assert found == tl.statistics.granulated_kendall(known, "m", "t", axes, rng=0)
    assert found.n_groups["decay"] == 2 ** (len(axes) - 1)


def test_a_setting_that_is_missing_throughout_does_not_vary():
    table = MISSING | {"decay": [None] * 8}
    with pytest.raises(ValueError, match="must each vary alone between some runs; 'decay' does"):
        tl.statistics.granulated_kendall(table, "m", "t", HYPER)
    rows = [{"m": 1.0, "t": 2.0}] * 3
    with pytest.raises(ValueError, match="`table` must have a column 'decay'"):
        tl.statistics.granulated_kendall(rows, "m", "t", ["decay"])


@pytest.mark.parametrize("missing", [None, np.nan])
@pytest.mark.parametrize("frame", [dict, as_frame])
def test_missing_numbers_name_their_column_and_place(missing, frame):
    for name in ("m", "t", "norm"):
        table = {**MISSING, "norm": [3.0, 1, 2, 5, 4, 8, 6, 7]}
        table[name] = [*table[name][:5], missing, *table[name][6:]]
        message = rf"`table\['{name}'\]` must .*; found (nan|None) at \[5\]"
        with pytest.raises((TypeError, ValueError), match=message):
            tl.statistics.partial_correlation(frame(table), "m", "t", "norm")
        if name != "norm":
            with pytest.raises((TypeError, ValueError), match=message):
                tl.statistics.granulated_kendall(frame(table), "m", "t", HYPER)


def test_columns_of_different_length_are_refused():
    table = {"m": [1.0, 2, 3], "t": [1.0, 2], "a": [1, 2, 3]}
    for function, names in (
        (tl.statistics.granulated_kendall, ["a"]),
        (tl.statistics.partial_correlation, "a"),
    ):
        with pytest.raises(ValueError, match="equal length; found 3 numbers for 'm' and 2 for 't'"):
            function(table, "m", "t", names)
