"""Verdicts follow from intervals, intervals from values, and the page from both."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from experiments.harness import (
    Claim,
    Figure,
    Interval,
    above,
    at_least,
    at_most,
    below,
    between,
    bootstrap_interval,
    difference_interval,
    judge,
    mean_interval,
    share_interval,
)
from experiments.harness.page import build, leave


@pytest.mark.parametrize(
    ("low", "high", "wanted", "verdict"),
    [
        (0.1, 0.2, above(0), "holds"),
        (0.0, 0.2, above(0), "undecided"),
        (-0.1, 0.2, above(0), "undecided"),
        (-0.2, -0.1, above(0), "fails"),
        (-0.2, 0.0, above(0), "fails"),
        (0.0, 0.0, above(0), "fails"),
        (0.0, 0.0, at_least(0), "holds"),
        (-0.1, 0.0, at_least(0), "undecided"),
        (-0.2, -0.1, below(0), "holds"),
        (-0.2, 0.0, below(0), "undecided"),
        (0.0, 0.3, below(0), "fails"),
        (0.0, 0.3, at_most(0.3), "holds"),
        (0.4, 0.5, at_most(0.3), "fails"),
        (0.9, 1.1, between(0.9, 1.1), "holds"),
        (0.8, 1.0, between(0.9, 1.1), "undecided"),
        (1.2, 1.3, between(0.9, 1.1), "fails"),
        (0.5, math.inf, above(0), "undecided"),
    ],
)
def test_judge(low, high, wanted, verdict):
    assert judge(low, high, wanted) == verdict


def test_judge_refuses_what_is_no_interval():
    with pytest.raises(ValueError, match="low"):
        judge(1, 0, above(0))
    with pytest.raises(ValueError, match="low"):
        judge(math.nan, 1, above(0))


def test_intervals_by_hand():
    # t with 4 degrees of freedom at 97.5 %: 2.776445; the sd of 1..5 is sqrt(2.5)
    found = mean_interval([1, 2, 3, 4, 5])
    assert found.low == pytest.approx(3 - 2.776445 * math.sqrt(2.5 / 5), abs=1e-5)
    assert found.estimate == 3 and found.n == 5
    # Welch: variances 1/3 of 1 and 4, so 5/3 and 25/9 / (1/18 + 16/18) = 2.941176 degrees
    found = difference_interval([1, 2, 3], [0, 2, 4])
    assert found.low == pytest.approx(-3.218 * math.sqrt(5 / 3), abs=3e-3)
    assert difference_interval([3, 3], [1, 1])[:3] == (2, 2, 2)
    assert share_interval(37, 1000)[1:3] == pytest.approx((0.0261827, 0.0506411), abs=1e-6)
    assert share_interval(5, 5)[:3] == pytest.approx((1, 0.025**0.2, 1))


def test_bootstrap_interval_covers_and_is_the_same_each_time():
    rng = np.random.default_rng(1)
    draws = rng.exponential(size=(100, 40))
    found = [bootstrap_interval(values, np.mean, resamples=999) for values in draws]
    assert sum(interval.low <= 1 <= interval.high for interval in found) >= 85
    assert bootstrap_interval(draws[0], np.mean, resamples=999) == found[0]


@pytest.mark.parametrize("values", [[], [1], [1, math.nan]])
def test_intervals_refuse_what_they_cannot_judge(values):
    with pytest.raises(ValueError, match="two finite numbers"):
        mean_interval(values)


def claim_with(low, high):
    interval = Interval((low + high) / 2, low, high, 7, "by hand")
    return Claim("A paper", "It grows.", above(0), interval, "units", "The slope.")


def experiment(title, claims):
    def figures(table, folder):
        (folder / "slope.png").write_bytes(b"\x89PNG")
        return [Figure(folder / "slope.png", "The slope. It rises.")]

    return SimpleNamespace(
        TITLE=title,
        SOURCE="A. Author, *Paper*.",
        about=lambda size: f"Run at {size} size.",
        claims=lambda table, size: claims,
        figures=figures,
        remarks=lambda table, size: "As the paper says.",
    )


def test_page_shows_every_claim_of_every_experiment_that_was_run(tmp_path):
    table = pd.DataFrame({"x": [1, 2]})
    out = tmp_path / "out"
    leave(experiment("Layers", [claim_with(0.5, 1)]), table, "small", out / "layers")
    leave(experiment("Networks", [claim_with(-1, 1)]), table, "small", out / "networks")
    page = build(out, ["layers", "cubical", "networks"], tmp_path / "docs" / "results.md")
    text = page.read_text("utf-8")

    assert "| Layers | 1 | 1 | 0 | 0 |" in text and "| Networks | 1 | 0 | 0 | 1 |" in text
    rows = [line for line in text.splitlines() if line.startswith("| A paper")]
    assert [row.split(" | ")[2] for row in rows] == ["**holds**", "**undecided**"]
    assert "0.75 units | [0.5, 1] | 7 |" in rows[0]
    assert text.index("## Layers") < text.index("## Networks")
    for picture in ("layers_slope.png", "networks_slope.png"):
        assert f"](pictures/results/{picture})" in text
        assert (page.parent / "pictures" / "results" / picture).exists()
    assert pd.read_csv(out / "layers" / "table.csv").equals(table)
    assert json.loads((out / "layers" / "claims.json").read_text())["claims"][0]["n"] == 7


def test_page_writes_shares_in_percent_and_says_what_was_wanted(tmp_path):
    shares = share_interval(18, 20)
    wanted = {
        "at least 90 %": at_least(0.9),
        "above 90 %": above(0.9),
        "at most 90 %": at_most(0.9),
        "below 90 %": below(0.9),
        "from 80 % to 90 %": between(0.8, 0.9),
    }
    claims = [Claim("A", "So.", w, shares, "of the networks", "It.") for w in wanted.values()]
    leave(experiment("Layers", claims), pd.DataFrame({"x": [1]}), "small", tmp_path / "layers")
    text = build(tmp_path, ["layers"], tmp_path / "results.md").read_text("utf-8")
    for words in wanted:
        assert f"| {words} | 90 % of the networks | [68.3 %, 98.8 %] | 20 |" in text
