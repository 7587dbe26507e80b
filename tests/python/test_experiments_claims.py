"""Verdicts follow from intervals, intervals from values, and the page from both."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from experiments.harness import (
    OURS,
    Claim,
    Figure,
    Finding,
    Interval,
    above,
    at_least,
    at_most,
    below,
    between,
    bootstrap_interval,
    can_decide,
    difference_interval,
    in_words,
    judge,
    mean_interval,
    power,
    share_interval,
)
from experiments.harness.page import build


@pytest.mark.parametrize(
    ("low", "high", "wanted", "side"),
    [
        (0.1, 0.2, above(0), "inside"),
        (0.0, 0.2, above(0), "across"),
        (-0.1, 0.2, above(0), "across"),
        (-0.2, -0.1, above(0), "outside"),
        (-0.2, 0.0, above(0), "outside"),
        (0.0, 0.0, above(0), "outside"),
        (0.0, 0.0, at_least(0), "inside"),
        (-0.1, 0.0, at_least(0), "across"),
        (-0.2, -0.1, below(0), "inside"),
        (-0.2, 0.0, below(0), "across"),
        (0.0, 0.3, below(0), "outside"),
        (0.0, 0.3, at_most(0.3), "inside"),
        (0.4, 0.5, at_most(0.3), "outside"),
        (0.9, 1.1, between(0.9, 1.1), "inside"),
        (0.8, 1.0, between(0.9, 1.1), "across"),
        (1.2, 1.3, between(0.9, 1.1), "outside"),
        (0.5, math.inf, above(0), "across"),
    ],
)
def test_judge(low, high, wanted, side):
    assert judge(low, high, wanted) == side


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


def claim_with(low, high, **kwargs):
    interval = Interval((low + high) / 2, low, high, 7, "by hand")
    values = {"paper": "A paper", "place": "Fig. 3", "statement": "It grows.", **kwargs}
    return Claim(**values, wanted=above(0), interval=interval, unit="units", method="The slope.")


@pytest.mark.parametrize(
    ("low", "high", "settings", "verdict"),
    [
        (1, 2, False, "reproduced"),
        (1, 2, True, "reproduced"),
        (-2, -1, True, "not reproduced"),
        (-2, -1, False, "not reproduced at this size"),
        (-1, 1, True, "undecided"),
    ],
)
def test_a_paper_is_contradicted_at_its_own_settings_only(low, high, settings, verdict):
    assert claim_with(low, high, at_paper_settings=settings).verdict == verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(1, 2, "holds"), (-2, -1, "fails"), (-1, 1, "undecided")]
)
def test_our_questions_have_verdicts_of_their_own(low, high, verdict):
    assert claim_with(low, high, paper=OURS).verdict == verdict


def test_a_claim_says_whose_bound_it_has():
    with pytest.raises(ValueError, match="bound"):
        claim_with(1, 2, bound="theirs")


def share_claim(count, n, wanted):
    interval = share_interval(count, n)
    return Claim("A", "", "So.", wanted, interval, "of them", "It.", at_paper_settings=True)


@pytest.mark.parametrize(("n", "reachable"), [(15, False), (30, False), (35, False), (36, True)])
def test_at_least_90_percent_is_out_of_reach_of_few(n, reachable):
    """36 of 36 is the first that has a lower end of 90 %: 0.025 ** (1 / 36) = 0.9026."""
    assert can_decide(at_least(0.9), share_interval(n, n)) == reachable
    beyond = "undecided (this n could not have decided)"
    assert share_claim(n, n, at_least(0.9)).verdict == ("reproduced" if reachable else beyond)
    assert share_claim(0, n, at_least(0.9)).verdict == ("not reproduced" if reachable else beyond)


def test_a_mean_can_be_anywhere():
    assert can_decide(above(5), mean_interval([1, 2]))


@pytest.mark.parametrize(
    ("wanted", "n", "truth", "expected"),
    [
        (above(0.5), 30, 0.85, 0.99),
        (at_least(0.8), 30, 0.95, 0.55),
        (at_least(0.9), 60, 0.99, 0.88),
        (at_least(0.9), 30, 0.99, 0.00),
    ],
)
def test_power_is_that_of_binomial_sums_and_of_draws(wanted, n, truth, expected):
    assert power(wanted, n, truth) == pytest.approx(expected, abs=0.005)
    reproduced = [share_claim(k, n, wanted).verdict == "reproduced" for k in range(n + 1)]
    terms = (
        math.comb(n, k) * truth**k * (1 - truth) ** (n - k) * reproduced[k] for k in range(n + 1)
    )
    assert power(wanted, n, truth) == pytest.approx(sum(terms))
    drawn = np.random.default_rng(0).binomial(n, truth, 4000)
    assert np.mean([reproduced[k] for k in drawn]) == pytest.approx(expected, abs=0.03)


def test_power_of_bounds_from_above_and_of_two():
    assert power(below(0.5), 30, 0.15) == pytest.approx(power(above(0.5), 30, 0.85))
    both = power(between(0.2, 0.8), 50, 0.5)
    one = power(at_least(0.2), 50, 0.5) + power(at_most(0.8), 50, 0.5) - 1
    assert both == pytest.approx(one, abs=1e-4)


def experiment(title, said, **more):
    def figures(table, folder):
        (folder / "slope.png").write_bytes(b"\x89PNG")
        return [Figure(folder / "slope.png", "The slope. It rises.")]

    return SimpleNamespace(
        TITLE=title,
        SOURCE="A. Author, *Paper*.",
        about=lambda table: f"{len(table)} rows.",
        claims=lambda table: said,
        figures=figures,
        remarks=lambda table: "As the paper says.",
        **more,
    )


def page_of(folder, **experiments):
    """Build the page of experiments, each with a table of two rows."""
    table = pd.DataFrame({"x": [1, 2], "size": "small"})
    return build(experiments, dict.fromkeys(experiments, table), folder / "results.md")


def rows_below(text, heading):
    """Return the cells of the table below a heading."""
    after = text.partition(f"{heading}\n")[2].lstrip("\n").partition("\n\n")[0]
    return [line.strip("| ").split(" | ") for line in after.splitlines()[2:]]


def test_page_keeps_claims_questions_and_estimates_apart(tmp_path):
    claims = [
        claim_with(0.5, 1, theirs="0.7"),
        claim_with(-1, 1, paper=OURS, statement="Does it?", bound="ours"),
        Finding("A paper", "Theorem 2", "It is compact.", "52 % [42, 62]"),
    ]
    page = page_of(tmp_path, layers=experiment("Layers", claims))
    text = page.read_text("utf-8")
    assert rows_below(text, "### What the paper says") == [
        [
            *("It grows.", "Fig. 3", "**reproduced**", "above 0 (ours)"),
            *("0.7", "0.75 units [0.50, 1.00]", "7"),
        ]
    ]
    assert rows_below(text, "### Our questions") == [
        ["Does it?", "**undecided**", "above 0 (ours)", "0.0 units [-1.0, 1.0]", "7"]
    ]
    assert rows_below(text, "### Estimates without a verdict") == [
        ["It is compact.", "Theorem 2", "52 % [42, 62]"]
    ]
    assert "| Layers | 1 | 0 | 0 | 0 | 0 | 0 | 1 | 1 |" in text
    assert "2 rows." in text and "As the paper says." in text


def test_page_begins_with_a_sentence_a_paper(tmp_path):
    counted = experiment("Layers", [claim_with(1, 2), claim_with(1, 2), claim_with(-1, 2)])
    said = experiment("Networks", [claim_with(1, 2)], summary=lambda table: "Nothing new.")
    text = page_of(tmp_path, layers=counted, networks=said).read_text("utf-8")
    first = text[: text.index("## ")]
    assert "- **Layers.** Of 3 claims: 2 reproduced, 1 undecided." in first
    assert "- **Networks.** Nothing new." in first


def test_page_shows_the_pictures_that_are_drawn_now(tmp_path):
    folder = tmp_path / "pictures" / "results" / "layers"
    folder.mkdir(parents=True)
    (folder / "old.png").touch()
    text = page_of(tmp_path, layers=experiment("Layers", [claim_with(1, 2)])).read_text("utf-8")
    assert "![The slope](pictures/results/layers/slope.png)" in text
    assert [path.name for path in folder.iterdir()] == ["slope.png"]


def test_page_writes_shares_in_percent_and_says_what_was_wanted(tmp_path):
    wanted = {
        "at least 50 %": at_least(0.5),
        "above 50 %": above(0.5),
        "at most 50 %": at_most(0.5),
        "below 50 %": below(0.5),
        "from 20 % to 80 %": between(0.2, 0.8),
    }
    claims = [share_claim(18, 20, bound) for bound in wanted.values()]
    text = page_of(tmp_path, layers=experiment("Layers", claims)).read_text("utf-8")
    found = rows_below(text, "### What the paper says")
    assert [row[3] for row in found] == [f"{words} (ours)" for words in wanted]
    assert all(row[5:] == ["90 % of them [68 %, 99 %]", "20"] for row in found)
    sure = power(at_least(0.5), 20, 0.875)
    assert f"At a truth of 87.5 %, n = 20 would have decided with probability {sure:.2f}." in text


def test_bars_of_magnitude_do_not_end_a_cell(tmp_path):
    claims = [claim_with(1, 2, statement="|1.36 W| grows.")]
    text = page_of(tmp_path, layers=experiment("Layers", claims)).read_text("utf-8")
    assert "| \\|1.36 W\\| grows. | Fig. 3 | " in text


def test_papers_are_named_where_there_are_several(tmp_path):
    claims = [claim_with(1, 2), claim_with(1, 2, paper="Another", place="")]
    text = page_of(tmp_path, layers=experiment("Layers", claims)).read_text("utf-8")
    rows = rows_below(text, "### What the paper says")
    assert [row[1] for row in rows] == ["A paper, Fig. 3", "Another"]


@pytest.mark.parametrize(
    ("numbers", "unit", "words"),
    [
        ((0.365, 0.29, 0.44), "of them", "36.5 % of them [29.0 %, 44.0 %]"),
        ((-0.00506, -0.0714, 0.0613), "ρ", "-0.005 ρ [-0.071, 0.061]"),
        ((2104.3, 2026, 2181), "classes", "2,104 classes [2,026, 2,181]"),
        ((-0.0001, -0.02, 0.03), "", "0.000 [-0.020, 0.030]"),
        ((2 / 3, 2 / 3, 2 / 3), "", "0.667 [0.667, 0.667]"),
        ((1, 0.98, 1), "of all", "100.0 % of all [98.0 %, 100.0 %]"),
    ],
)
def test_numbers_have_two_digits_of_their_errors(numbers, unit, words):
    assert in_words(Interval(*numbers, 9, "by hand"), unit) == words
