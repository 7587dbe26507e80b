"""Tables grow row by row, are read back as they were, and suffice for the page."""

from __future__ import annotations

import sys
import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import experiment_cases as cases
from experiments import __main__ as command
from experiments.harness import Claim, Figure, Job, Store, above, fullest, run, share_interval
from experiments.harness.draws import draws_until
from experiments.harness.tables import keep, read_table, read_tables, write_table

LIMITS = {0.9: 20, 0.5: 30, 0.05: 12}  # by the probability of a success
ENOUGH = 8


def draw_of(p, draw):
    return Job(cases.coin, {"p": p, "draw": draw}, cost=36, group=f"p = {p}")


def jobs(size, store):
    """Draw until eight succeed, in three rows, of which the last will not get there."""
    found = []
    for p, limit in LIMITS.items():
        found += draws_until(
            lambda draw, p=p: draw_of(p, draw),
            store,
            lambda rows: sum(row["good"] for row in rows),
            enough=ENOUGH,
            limit=limit,
        )
    return found


def claims(table):
    good = table.groupby("group", sort=False)["good"]
    return [
        Claim("A", "", f"{name} is a fair coin.", above(0.4), share, "of the draws", "It.")
        for name, values in good
        for share in [share_interval(values.sum(), len(values))]
    ]


def figures(table, folder):
    (folder / "draws.png").write_bytes(b"\x89PNG")
    return [Figure(folder / "draws.png", f"{len(table)} draws.")]


COINS = SimpleNamespace(
    TITLE="Coins",
    SOURCE="Nobody.",
    jobs=jobs,
    about=lambda table: f"Run at {fullest(table)[1]} size.",
    claims=claims,
    figures=figures,
    remarks=lambda table: "Heads.",
)


@pytest.fixture
def coins(monkeypatch):
    """The command, with one experiment."""
    monkeypatch.setitem(sys.modules, "experiments.coins", COINS)
    monkeypatch.setattr(command, "EXPERIMENTS", ("coins",))

    def of(folder, *options):
        return command.main(["--out", str(folder), "--verbose", "0", "--workers", "1", *options])

    return of


def table_in(folder, size="small"):
    return (folder / "tables" / size / "coins.csv").read_text("utf-8")


def test_draws_go_on_until_enough_succeed(tmp_path, coins):
    assert coins(tmp_path) == 0
    table = read_tables(tmp_path / "tables", ["coins"])["coins"]
    for p, limit in LIMITS.items():
        good = table.loc[table["p"] == p, "good"].to_numpy()
        expected = [cases.coin(p, draw)[0]["good"] for draw in range(limit)]
        last = np.flatnonzero(np.cumsum(expected) == ENOUGH)
        assert good.tolist() == expected[: last[0] + 1 if len(last) else limit]
        assert good.sum() == ENOUGH or len(good) == limit


def test_draws_never_ask_for_one_too_many(tmp_path):
    store = Store(tmp_path)
    asked = draws_until(lambda d: draw_of(0.9, d), store, len, enough=3, limit=9)
    assert [job.parameters["draw"] for job in asked] == [0, 1, 2]
    run(asked, store)
    none = draws_until(lambda d: draw_of(0.9, d), store, lambda rows: 0, enough=3, limit=4)
    assert [job.parameters["draw"] for job in none] == [0, 1, 2, 3]
    one = draws_until(lambda d: draw_of(0.9, d), store, lambda rows: 1, enough=3, limit=4)
    assert len(one) == 3


def test_rows_that_are_run_one_after_another_make_the_same_table(tmp_path, coins):
    coins(tmp_path / "whole")
    for rows in (["p = 0.5"], ["*.05", "p = 0.9"]):
        assert coins(tmp_path / "parts", "--rows", *rows) == 0
    assert table_in(tmp_path / "parts") == table_in(tmp_path / "whole")


def test_rows_that_another_machine_computed_stay(tmp_path, coins):
    coins(tmp_path, "--rows", "p = 0.5")
    (tmp_path / "jobs").rename(tmp_path / "elsewhere")
    coins(tmp_path, "--rows", "p = 0.9")
    assert read_table(tmp_path / "tables/small/coins.csv")["group"].unique().tolist() == [
        "p = 0.9",
        "p = 0.5",
    ]


def test_rows_that_the_experiment_no_longer_has_go(tmp_path):
    store, path = Store(tmp_path / "jobs"), tmp_path / "coins.csv"
    old, new = (
        [Job(cases.coin, {"p": 0.5, "draw": 1}, cost=1, group=group)] for group in ("old", "new")
    )
    run(old, store)
    assert keep(old, store, path) and keep(new, store, path)
    assert read_table(path)["group"].tolist() == ["new"]


def test_unfinished_rows_are_not_in_the_table(tmp_path):
    store, path = Store(tmp_path / "jobs"), tmp_path / "coins.csv"
    asked = [draw_of(p, draw) for p in (0.5, 0.9) for draw in range(2)]
    assert not keep(asked, store, path) and not path.exists()
    run(asked[:3], store)
    assert keep(asked, store, path)
    assert read_table(path)["group"].tolist() == ["p = 0.5", "p = 0.5"]
    beside = [*asked, Job(cases.coin, {"p": 0.1, "draw": 0}, cost=1)]
    run(beside, store)
    assert keep(beside, store, path)
    assert read_table(path)["group"].fillna("").tolist() == ["p = 0.5"] * 2 + ["p = 0.9"] * 2 + [""]
    whole = [Job(cases.coin, {"p": 0.5, "draw": draw}, cost=1) for draw in (0, 7)]
    assert not keep(whole, store, path)


def test_draws_count_before_all_are_there_and_never_fewer(tmp_path):
    path = tmp_path / "coins.csv"
    asked = [
        Job(cases.coin, {"p": 0.5, "draw": draw}, cost=1, group="coin", draw=True)
        for draw in range(6)
    ]
    one, other = Store(tmp_path / "one"), Store(tmp_path / "other")
    run([*asked[:3], asked[4]], one)
    assert keep(asked, one, path)
    assert read_table(path)["draw"].tolist() == [0, 1, 2]  # and not 4, as if 3 were lost
    run(asked[:2], other)
    assert not keep(asked, other, path)
    assert read_table(path)["draw"].tolist() == [0, 1, 2]
    run(asked[2:5], other)
    assert keep(asked, other, path)
    assert read_table(path)["draw"].tolist() == [0, 1, 2, 3, 4]


def test_no_job_begins_when_time_is_over_and_the_next_run_goes_on(tmp_path, coins):
    assert coins(tmp_path, "--hours", "0") == 0
    assert not (tmp_path / "tables").exists()
    coins(tmp_path)
    coins(tmp_path / "at once")
    assert table_in(tmp_path) == table_in(tmp_path / "at once")


def test_jobs_that_have_begun_are_finished_when_time_is_over(tmp_path):
    asked = [
        Job(cases.sums, {"seed": seed, "n": 2}, cost=1) for seed in range(50)
    ]  # of 0.02 s each
    store = Store(tmp_path)
    table = run(asked, store, until=time.time() + 0.3)
    done = [job in store for job in asked]
    assert 0 < sum(done) < 50
    assert len(table) == 2 * sum(done)
    assert len(run(asked, store)) == 100


def test_a_row_that_fails_costs_no_other(tmp_path, coins, monkeypatch, capsys):
    odd = [Job(cases.fails_if_odd, {"seed": seed}, cost=1, group=f"of {seed}") for seed in (1, 2)]
    monkeypatch.setattr(COINS, "jobs", lambda size, store: odd)
    monkeypatch.setattr(COINS, "claims", lambda table: [])
    assert coins(tmp_path) == 1
    assert "1 is odd" in capsys.readouterr().err
    assert read_table(tmp_path / "tables/small/coins.csv")["group"].tolist() == ["of 2"]


def test_the_page_is_the_same_from_tables_alone(tmp_path, coins):
    coins(tmp_path)
    page = tmp_path / "results.md"
    text = page.read_text("utf-8")
    page.unlink()
    (tmp_path / "jobs").rename(tmp_path / "gone")
    assert coins(tmp_path, "--from-tables") == 0
    assert page.read_text("utf-8") == text
    assert "| p = 0.5 is a fair coin. |" in text and "Run at small size." in text


def test_both_sizes_are_on_one_page(tmp_path, coins):
    coins(tmp_path)
    coins(tmp_path, "--size", "paper")
    table = read_tables(tmp_path / "tables", ["coins"])["coins"]
    assert table["size"].value_counts().to_dict() == {
        "small": len(table) / 2,
        "paper": len(table) / 2,
    }
    assert fullest(table)[1] == "paper" and len(fullest(table)[0]) == len(table) / 2
    assert "Run at paper size." in (tmp_path / "results.md").read_text("utf-8")


def test_the_estimate_names_rows_with_their_hours(tmp_path, coins, capsys):
    coins(tmp_path, "--estimate")
    text = capsys.readouterr().out
    assert "coins: 24 of 24 jobs to do, about 0.24 CPU hours" in text
    assert "  p = 0.05: 8 of 8 jobs to do, about 0.08 CPU hours, 0.08 on 1 workers" in text
    assert list(tmp_path.iterdir()) == []
    coins(tmp_path, "--estimate", "--rows", "*9")
    assert "coins: 8 of 8 jobs" in capsys.readouterr().out


def test_the_command_ends_with_the_time_that_it_took(tmp_path, coins, capsys):
    coins(tmp_path)
    text = capsys.readouterr().out
    assert "in all: " in text and " CPU minutes" in text and "minutes on 1 workers" in text


def test_tables_are_read_back_as_they_were(tmp_path):
    table = pd.DataFrame(
        {
            "word": ["None", "nan", "a, b", "NA"],
            "curve": ["9 9 1", "1", "2", "3"],
            "whole": [1, 2, 3, 4],
            "missing": [1.5, np.nan, 0.0, -2.0],
            "empty": [None, "x", None, "y"],
            "good": [True, False, True, True],
            "maybe": [True, np.nan, False, np.nan],
        }
    )
    write_table(table, tmp_path / "t" / "table.csv")
    pd.testing.assert_frame_equal(
        read_table(tmp_path / "t" / "table.csv"), table, check_dtype=False
    )


def test_numbers_have_seven_digits(tmp_path):
    write_table(pd.DataFrame({"x": [np.pi * 1e-9, 2 / 3]}), tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_text() == "x\n3.141593e-09\n0.6666667\n"


def test_texts_that_would_come_back_as_numbers_are_refused(tmp_path):
    with pytest.raises(ValueError, match="'labels'"):
        write_table(pd.DataFrame({"labels": ["0123", "0456"]}), tmp_path / "table.csv")
