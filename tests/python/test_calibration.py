"""The simulations behind the page of p-values: frame, reports, and a sample of what they count."""

from __future__ import annotations

import re
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch")
pytest.importorskip("joblib")

from experiments.calibration import PARTS, SIZES, copies, flips, groups, planted, subsamples, tables
from experiments.calibration.__main__ import TABLES, main
from experiments.calibration.data import FAMILIES, correlated
from experiments.calibration.page import write_page
from experiments.calibration.rates import COVERAGE, LEVEL, Rate, rates, verdict
from experiments.harness.tables import read_table


def one(rows):
    (row,) = pd.DataFrame(rows).itertuples()
    return row


def within(found, name, low, high):
    """A rate that is, but for four standard errors, within what is promised."""
    slack = 4 * getattr(found, f"{name}_error")
    return low - slack <= getattr(found, name) <= high + slack


# --- a sample of each ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "n", "level", "power"), [("gauss", 10, 0.05, 0.8), ("counts", 8, 0, 0.4)]
)
def test_flips_keep_their_level_and_have_power(kind, n, level, power):
    found = one(flips.simulate(kind, n, tables=25))
    assert within(found, "flips", level, 0.05) and within(found, "covered", 0.94, 1)
    assert within(found, "power", power - 0.05, 1)
    assert within(found, "bootstrap", 0.08, 0.2)


def test_tables_have_few_false_rows():
    found = one(tables.simulate("gauss", 10, tables=40))
    for method in tables.METHODS:
        assert within(found, f"false_{method}", 0, 0.05)
    assert found.found_classes > 0.4 and found.found_one_class > 0.6
    nothing = one(tables.simulate("gauss", 6, tables=10))
    assert nothing.found_rows == nothing.found_classes == 0


def test_ranks_keep_their_level():
    found = one(copies.simulate("counts", 19, tables=150))
    for name in ("largest", "square"):
        assert within(found, name, 0, 0.05)
    assert within(found, "covered", 0.95, 1) and found.square_all_3 > 0.8
    assert one(copies.simulate("gauss", 9, tables=20)).largest_all_3 == 0


def test_kinds_keep_their_level_where_they_are_alike():
    found = one(groups.simulate(5, 5, 1.0, tables=100))
    assert within(found, "largest", 0, 0.05) and within(found, "row", 0, 0.05)
    assert within(found, "covered", 0.94, 1) and found.power > 0.4


def test_intervals_of_subsamples_need_their_factor():
    table = pd.DataFrame(subsamples.simulate(0, 8)).query("share == 0.8 and number == 'norm'")
    factor = (table["half"] / table["naive"]).to_numpy()
    np.testing.assert_allclose(factor, 2, rtol=0.01)


def test_planted_effects_are_found():
    with_effect, without = (planted.simulate(effect, 0, 2) for effect in (True, False))
    assert all(row["pieces"] and row["loop"] for row in with_effect)
    assert sum(row["any_row"] for row in without) < 2


def test_numbers_within_a_class_go_together():
    z = correlated(np.random.default_rng(0), 4000)
    r = np.corrcoef(z.T)
    same = np.equal.outer(FAMILIES, FAMILIES) & ~np.eye(len(FAMILIES), dtype=bool)
    assert r[same].mean() == pytest.approx(0.4, abs=0.03)
    assert r[np.not_equal.outer(FAMILIES, FAMILIES)].mean() == pytest.approx(0.2, abs=0.03)
    assert z.std() == pytest.approx(1, abs=0.02)


# --- verdicts and the page ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "error", "wanted", "said"),
    [
        (0.05, 0.005, LEVEL, "holds"),
        (0.05, 0.02, LEVEL, "open"),
        (0.01, 0.005, LEVEL, "conservative"),
        (0.12, 0.01, LEVEL, "fails"),
        (0.96, 0.005, COVERAGE, "holds"),
        (0.8, 0.01, COVERAGE, "fails"),
        (0.95, 0.01, COVERAGE, "open"),
    ],
)
def test_verdicts(share, error, wanted, said):
    assert verdict(Rate(share, error), wanted) == said


def test_none_of_few_proves_little():
    row = rates(never=[False] * 20, half=[True, False] * 50)
    assert row["never"] == 0 and row["never_error"] == 0.05
    assert row["half_error"] == pytest.approx(0.05, rel=0.01)
    assert verdict(Rate(row["never"], row["never_error"]), LEVEL) == "open"


def test_the_command_keeps_tables_and_writes_the_page(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(copies.TABLES, "small", 30)
    command = ["--size", "small", "--only", "copies", "--out", str(tmp_path)]
    assert main([*command, "--estimate"]) == 0
    assert main(command) == 0
    text = (tmp_path / "calibration.md").read_text("utf-8")
    assert copies.TITLE in text and flips.TITLE not in text and "nan" not in text
    before = (tmp_path / "tables/small/copies.csv").read_text()
    assert main(command) == 0  # from the store
    assert (tmp_path / "tables/small/copies.csv").read_text() == before
    assert "copies: 6 jobs" in capsys.readouterr().out


@pytest.mark.parametrize("name", PARTS)
def test_every_part_has_jobs_of_both_sizes(name):
    part = import_module(f"experiments.calibration.{name}")
    keys = [{job.key for job in part.jobs(size)} for size in SIZES]
    assert keys[0] and keys[1] and part.TITLE
    minutes = sum(job.cost for job in part.jobs("small")) / 60
    assert minutes < 2


def test_the_page_is_that_of_the_tables_that_are_kept(tmp_path):
    kept = sorted(TABLES.glob("*/*.csv"))
    assert kept and all(path.stat().st_size < 1_000_000 for path in kept)
    page = write_page(TABLES, tmp_path / "calibration.md").read_text("utf-8")
    assert page == (TABLES.parents[2] / "docs" / "calibration.md").read_text("utf-8")
    assert not re.search(r"\b(nan|inf|None)\b", page) and "fails" not in page


@pytest.mark.parametrize("path", sorted(TABLES.glob("*/*.csv")), ids=lambda path: path.stem)
def test_tables_that_are_kept_are_those_of_the_jobs(path):
    """A job that is asked for now has its rows in the table."""
    part = import_module(f"experiments.calibration.{path.stem}")
    table = read_table(path)
    for job in part.jobs(path.parent.name):
        mask = np.ones(len(table), dtype=bool)
        for name, value in job.parameters.items():
            mask &= (table[name] == value).to_numpy()
        assert mask.any(), job
