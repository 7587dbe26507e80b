"""Which rule finds the loops of known shapes, and which number tells loops from noise."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist, squareform
from scipy.stats import mannwhitneyu

from experiments.calibration.clouds import LOOPS, NOISE, SHAPES, grid, rotated
from experiments.harness.jobs import Job, Row
from topolens.datasets import naitzat
from topolens.diagrams import persistence_entropy, universal_null_test
from topolens.homology import hop_betti, rips

TITLE = "Known shapes"
VERSION = 1
POINTS = {"small": (100,), "full": (100, 300, 800)}
PLACES = ((3, 0.07), (3, 0.21), (16, 0.21), (16, 0.42), (64, 0.42))  # dimension, norm of the noise
SEPARATED = {"small": (60,), "full": (60, 200)}
CLOUDS = {"small": 5, "full": 60}
REPEATS = {"small": 2, "full": 10}  # of a shape in a place
OF_A_CLASS = {"small": 1000, "full": 2500}
SETS = {"D-I": (0, 9), "D-II": (9, 9), "D-III": (0, 0)}  # loops of both classes
COARSE = 0.7  # of the points within two hops of one
FALSE = 0.05
RULES = {
    "hop_14": "hops, k = 14",
    "hop_log": "hops, k = 3 ln n, unless too coarse",
    "bars_15": "bars > 0.15 of the mean distance",
    "bars_30": "bars > 0.3 of the mean distance",
    "ratio_2": "death/birth > 2",
    "law": "universal law alone",
    "supported": "**supported**: the law, and longer than 0.2",
}
NUMBERS = {
    "longest_mean": "longest / mean distance",
    "longest_diameter": "longest / diameter",
    "law_p": "1 − p of the universal law",
    "ratio": "death/birth, largest",
    "share": "share of the longest in the total",
    "minus_entropy": "−entropy",
    "longest_nearest": "longest / median nearest distance",
    "hop_14": "hop β₁, k = 14",
    "total": "total persistence / mean distance",
    "bars": "number of bars",
}


def jobs(size: str) -> list[Job]:
    """Return a job for each shape and number of points, and for each kind of loop and noise."""
    shapes = [
        Job(recovered, {"shape": shape, "n": n, "repeats": REPEATS[size]}, cost=REPEATS[size] / 15)
        for shape in SHAPES
        for n in POINTS[size]
    ]
    separated = [
        Job(single_numbers, {"kind": kind, "n": n, "clouds": CLOUDS[size]}, cost=CLOUDS[size] / 150)
        for kind in (*LOOPS, *NOISE)
        for n in SEPARATED[size]
    ]
    sets = [
        Job(of_a_set, {"data": name, "label": label, "most": OF_A_CLASS[size]}, cost=0.5)
        for name in SETS
        for label in (0, 1)
    ]
    return shapes + separated + sets


def recovered(shape: str, n: int, repeats: int) -> list[Row]:
    """Count the loops of a shape by every rule, in every place; nan for no answer."""
    loops, make = SHAPES[shape]
    rows = []
    for (dim, noise), repeat in product(PLACES, range(repeats)):
        seed = [n, dim, round(100 * noise), sorted(SHAPES).index(shape), repeat]
        rng = np.random.default_rng(seed)
        X = rotated(make(rng, n), dim, noise, rng)
        found = {name: float(count) for name, count in counted(X)}
        rows.append({"dim": dim, "noise": noise, "loops": loops, **found})
    return rows


def of_a_set(data: str, label: int, most: int) -> list[Row]:
    """Count the loops of a class of a set by Naitzat et al., of so many of its points."""
    points, labels = naitzat(data, rng=0)
    X = np.random.default_rng(0).permutation(points[labels == label])[:most]
    found = {name: float(count) for name, count in counted(X)}
    return [{"points": len(X), "loops": SETS[data][label], **found}]


def counted(X: np.ndarray) -> Iterator[tuple[str, float]]:
    """Yield what each rule says of the number of loops."""
    mean, bars = pdist(X).mean(), rips(X, n_threads=1)[1]
    test = universal_null_test(bars, mean)
    lengths = bars[:, 1] - bars[:, 0]
    yield "hop_14", hop_betti(X, k=14).betti[1]
    hops = hop_betti(X, k=math.ceil(3 * np.log(len(X))))
    yield "hop_log", hops.betti[1] if hops.max_degree / len(X) <= COARSE else math.nan
    yield "bars_15", (lengths > 0.15 * mean).sum()
    yield "bars_30", (lengths > 0.3 * mean).sum()
    yield "ratio_2", (bars[:, 1] > 2 * bars[:, 0]).sum()
    judged = test.n_tested == 0 or not math.isnan(test.p_value)
    yield "law", (test.p_values < test.alpha).sum() if judged else test.n_supported
    yield "supported", test.n_supported


def single_numbers(kind: str, n: int, clouds: int) -> list[Row]:
    """Measure single numbers of clouds with loops, or of noise."""
    rows = []
    for seed in range(clouds):
        X = (LOOPS | NOISE)[kind](np.random.default_rng([seed, n, 2]), n)
        D = pdist(X)
        bars = rips(X, n_threads=1)[1]
        test = universal_null_test(bars, D.mean())
        lengths = bars[:, 1] - bars[:, 0]
        longest, total = lengths.max(initial=0), lengths.sum()
        nearest = np.median(np.sort(squareform(D), axis=1)[:, 1])
        row = {
            "longest_mean": longest / D.mean(),
            "longest_diameter": longest / D.max(),
            "law_p": 1 - test.p_value if test.n_tested >= 10 else float(test.n_supported > 0),
            "ratio": (bars[:, 1] / bars[:, 0]).max(initial=1),
            "share": longest / total if total else 0,
            "minus_entropy": -persistence_entropy(bars),
            "longest_nearest": longest / nearest,
            "hop_14": hop_betti(X, k=14).betti[1],
            "total": total / D.mean(),
            "bars": len(bars),
        }
        rows.append({"cloud": seed, **{name: float(f"{value:.4g}") for name, value in row.items()}})
    return rows


def report(table: pd.DataFrame) -> str:
    """Say how often every rule is right, and how well every number separates loops from noise."""
    shapes = table[table["shape"].notna()]
    parts = (_recovered(shapes), _of_sets(table), _separated(table[table["kind"].notna()]))
    return "\n\n".join(filter(None, parts))


def _recovered(shapes: pd.DataFrame) -> str:
    rows = []
    empty = shapes[shapes["loops"] == 0]
    for rule, name in RULES.items():
        right = (shapes[rule] == shapes["loops"]).mean()
        no_torus = shapes[shapes["shape"] != "torus"]
        without = (no_torus[rule] == no_torus["loops"]).mean()
        false, silent = (empty[rule] > 0).mean(), shapes[rule].isna().mean()
        rows.append([name, f"{right:.2f}", f"{without:.2f}", f"{false:.2f}", f"{silent:.2f}"])
    sizes = ", ".join(f"{n:g}" for n in sorted(shapes["n"].unique()))
    return (
        f"β₁ of {', '.join(SHAPES)}: {len(shapes)} clouds of n = {sizes} points in 3, 16 and 64 "
        "dimensions. A torus of so few points is undersampled. False: loops in clouds without "
        "one.\n\n"
    ) + grid(("rule", "β₁ right", "without tori", "false loops", "no answer"), rows)


def _of_sets(table: pd.DataFrame) -> str:
    if "data" not in table or table["data"].isna().all():
        return ""
    sets = table[table["data"].notna()]
    rows = [
        [f"{row.data}, class {row.label:g}", f"{row.points:g}", f"{row.loops:g}"]
        + ["–" if math.isnan(found := getattr(row, rule)) else f"{found:g}" for rule in RULES]
        for row in sets.itertuples()
    ]
    return (
        "Sets of Naitzat et al. The points of D-I lie on a grid, whose few ratios are large; the "
        "rings of D-II are short beside the whole.\n\n"
    ) + grid(("class", "points", "loops", *RULES.values()), rows)


def _separated(clouds: pd.DataFrame) -> str:
    sizes = sorted(clouds["n"].unique())
    rows = []
    for number, name in NUMBERS.items():
        cells = []
        for n in sizes:
            of_size = clouds[clouds["n"] == n]
            has_loop = of_size["kind"].isin(LOOPS)
            area, power = separation(of_size[number][has_loop], of_size[number][~has_loop])
            cells += [f"{area:.3f}", f"{power:.2f}"]
        rows.append([name, *cells])
    heads = [f"{what}, n = {n:g}" for n in sizes for what in ("AUC", "power")]
    return (
        f"{len(LOOPS)} kinds of clouds with loops against {len(NOISE)} kinds of noise: the "
        f"probability that the number is larger with a loop (AUC), and the share of loops above "
        f"all but {FALSE:.0%} of the noise.\n\n"
    ) + grid(("number", *heads), rows)


def separation(loops: pd.Series, noise: pd.Series) -> tuple[float, float]:
    """Area under the curve, ties counted as half, and power at 5 % false over all noise."""
    area = mannwhitneyu(loops, noise).statistic / (len(loops) * len(noise))
    bound = np.quantile(noise, 1 - FALSE, method="higher")
    return float(area), float((loops > bound).mean())
