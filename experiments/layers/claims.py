"""What Naitzat, Zhitnikov and Lim claim, each as one number with an interval over networks."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from experiments.harness import (
    Claim,
    Finding,
    above,
    below,
    difference_interval,
    in_words,
    mean_interval,
    share_interval,
)
from experiments.layers.critics import critics
from experiments.layers.data import REAL
from experiments.layers.quantities import (
    Networks,
    area,
    at_paper_settings,
    hops_of,
    largest_fall,
    lateness,
    scatter,
)
from experiments.layers.questions import questions
from experiments.layers.table_1 import ACTIVATIONS, NARROW, kind
from experiments.layers.table_1 import PAPER as PAPER_ROWS
from experiments.layers.table_3 import table_3
from experiments.layers.words import NAMES, of_row, titled

PAPER = "Naitzat et al."
ABSTRACT = "abstract"
PLAIN = "D-I 15x8 leaky"  # what the row with a bottleneck is compared with
SETS = {
    "D-I": ("D-I 15x9",),
    "D-II": ("D-II 15x9", "D-II 25x9", "D-II small 15x9"),
    "D-III": ("D-III 15x9", "D-III 50x9", "D-III small 25x9"),
    "digits": ("digits 15x9",),
    "cancer": ("cancer 15x9",),
}


def claims(table: pd.DataFrame) -> list[Claim | Finding]:
    """Test what the papers say, on the rows for which there are networks."""
    networks = Networks(table)
    deep = [shape for shapes in SETS.values() for shape in shapes]
    found: list[Claim | Finding] = []
    for shape in deep:
        found += ends(networks, shape)
    for shape in deep:
        found += order(networks, shape)
    found += depth(networks)
    found += bottleneck(networks)
    found += width(networks)
    found += variation(networks)
    found += loops_last_longest(networks)
    found += table_3(networks)
    found += [*successes(networks), *questions(networks), *critics(networks)]
    return found


def rows_of(networks: Networks, shape: str) -> dict[str, str]:
    """Return the rows of a shape that have networks, by activation."""
    rows = {activation: f"{shape} {activation}" for activation in ACTIVATIONS}
    return {name: row for name, row in rows.items() if len(networks.of(row)) > 1}


def ends(networks: Networks, shape: str) -> Iterator[Claim]:
    """Ask whether each class, a and b, leaves the network with the lowest Betti numbers."""
    for row in rows_of(networks, shape).values():
        if kind(row).data in REAL:
            continue  # there is no truth at the input
        for letter, name in zip("ab", networks.classes(row), strict=True):
            simple = networks.ends_simple(row, name)
            pieces = networks.of(row, degree=0, **{"class": name}).mean()
            yield Claim(
                PAPER,
                ABSTRACT,
                f"{of_row(row)}: the Betti numbers of M{letter} ({name}) “nearly always reduce to "
                "their lowest possible values”, β₀ = 1 and no others.",
                above(0.5),
                share_interval(int(simple.sum()), len(simple)),
                "of the networks",
                f"Share of the well-trained networks with Betti numbers 1, 0, ..., 0 of M{letter} "
                "at the output; “most” is how we read “nearly always”.",
                at_paper_settings=at_paper_settings(row),
                theirs="β₀ = 1, β₁ = β₂ = 0",
                remark="β₀ by layer, mean: " + " ".join(f"{value:.3g}" for value in pieces) + ".",
            )


def order(networks: Networks, shape: str) -> Iterator[Claim]:
    """Ask whether ReLU is faster than leaky ReLU, and that than tanh."""
    of = rows_of(networks, shape)
    for early, late in (("relu", "leaky"), ("leaky", "tanh")):
        if early in of and late in of:
            one, other = (area(networks.of_a(of[name])) for name in (late, early))
            yield Claim(
                PAPER,
                ABSTRACT,
                f"{titled(shape)}: the reduction is faster with {NAMES[early]} than with "
                f"{NAMES[late]}.",
                above(0),
                difference_interval(one, other),
                "of ω(Ma) at the input",
                "Mean of ω(Ma) over all layers as a share of ω(Ma) at the input, "
                f"{NAMES[late]} less {NAMES[early]}; hops: {hops_of(of[early])}.",
                at_paper_settings=at_paper_settings(of[early]),
                theirs=f"{NAMES[early]} before {NAMES[late]}",
            )


def depth(networks: Networks) -> Iterator[Claim]:
    """Ask whether shallow networks leave it to their last layers, and deep ones spread it."""
    for activation in ACTIVATIONS:
        rows = [f"D-I {shape} {activation}" for shape in ("15x3", "15x9")]
        if min(len(networks.of(row)) for row in rows) < 2:
            continue
        shallow, deep = (networks.of_a(row) for row in rows)
        untrained = networks.of_a(rows[0], control="untrained")
        control = in_words(mean_interval(lateness(untrained).dropna()), "of the depth")
        yield Claim(
            PAPER,
            ABSTRACT,
            f"D-I, {NAMES[activation]}: a shallow network “changes topology only in its final "
            "layers”.",
            above(0),
            mean_interval(lateness(shallow)),
            "of the depth",
            "Mean position of the falls of ω(Ma), from 0 (input) to 1 (output), less that of "
            "equal falls in all layers; three hidden layers.",
            at_paper_settings=True,
            remark=f"Untrained copies: {control}. Nine hidden layers: "
            f"{in_words(mean_interval(lateness(deep)), 'of the depth')}.",
        )
        yield Claim(
            PAPER,
            ABSTRACT,
            f"D-I, {NAMES[activation]}: a deep network “spreads topological changes more evenly "
            "across all layers”.",
            below(0),
            difference_interval(largest_fall(deep), largest_fall(shallow)),
            "of all falls",
            "Share of the largest fall of ω(Ma) in all falls, nine less three hidden layers.",
            at_paper_settings=True,
            remark="With more layers there are more shares, so that this is the weaker half of the "
            "claim.",
        )


def bottleneck(networks: Networks) -> Iterator[Claim]:
    """Ask whether a narrow layer forces large changes."""
    if min(len(networks.of(NARROW)), len(networks.of(PLAIN))) < 2:
        return
    behind = kind(NARROW).widths.index(3) + 1
    narrow, plain = (
        omega[behind] / omega[0] for omega in (networks.of_a(row) for row in (NARROW, PLAIN))
    )
    yield Claim(
        PAPER,
        "",
        "D-I, leaky ReLU: a bottleneck “forces large topological changes” by the layer where "
        "it is.",
        below(0),
        difference_interval(narrow, plain),
        "of ω(Ma) at the input",
        f"ω(Ma) behind hidden layer {behind} of eight, which has 3 units (the paper's row "
        "15-15-15-3-15-15-15-15), less ω(Ma) there with 15 units.",
        at_paper_settings=True,
    )


def width(networks: Networks) -> Iterator[Claim]:
    """Ask whether narrow networks reduce faster than wide ones."""
    for narrow, wide in (("D-I 15x9", "D-I 50x9"), ("D-II 15x9", "D-II 25x9")):
        rows = [f"{shape} leaky" for shape in (narrow, wide)]
        if min(len(networks.of(row)) for row in rows) < 2:
            continue
        one, other = (area(networks.of_a(row)) for row in rows)
        yield Claim(
            PAPER,
            "",
            f"{titled(narrow)} against {titled(wide)}, leaky ReLU: narrow networks change "
            "topology faster than wide ones.",
            above(0),
            difference_interval(other, one),
            "of ω(Ma) at the input",
            "Mean of ω(Ma) over all layers as a share of ω(Ma) at the input, wide less narrow.",
            at_paper_settings=True,
        )


def variation(networks: Networks) -> Iterator[Claim]:
    """Ask whether networks with tanh differ most among themselves."""
    for shape in ("D-I 15x9", "D-II 15x9", "D-III 15x9"):
        of = rows_of(networks, shape)
        if "tanh" in of and "relu" in of:
            one, other = (scatter(area(networks.of_a(of[name]))) for name in ("tanh", "relu"))
            yield Claim(
                PAPER,
                "",
                f"{titled(shape)}: networks with tanh vary more than those with ReLU.",
                above(0),
                difference_interval(one, other),
                "of ω(Ma) at the input",
                "Mean distance of the area under ω(Ma) from the median of the row, tanh less "
                "ReLU (Levene's comparison).",
                at_paper_settings=True,
            )


def loops_last_longest(networks: Networks) -> Iterator[Claim]:
    """Ask whether the loops of D-II last longest under tanh."""
    of = rows_of(networks, "D-II 15x9")
    if "tanh" in of and "leaky" in of:
        one, other = (area(networks.of_a(of[name], degree=1)) for name in ("tanh", "leaky"))
        yield Claim(
            PAPER,
            "",
            "D-II: loops last longer with tanh than with leaky ReLU.",
            above(0),
            difference_interval(one, other),
            "of β₁(Ma) at the input",
            "Mean of β₁(Ma) over all layers as a share of that at the input, tanh less leaky ReLU.",
            at_paper_settings=True,
        )


def successes(networks: Networks) -> Iterator[Finding]:
    """Tell for each row how many draws were trained well, and how they do on others."""
    for row in networks.rows:
        well, draws = networks.well_trained(row)
        of_row_ = networks.training[networks.training["row"] == row]
        right = of_row_[of_row_["well"]]
        error = right["unseen"].mean()
        on_others = f"; {100 * error:.2g} % wrong on unseen points" if error == error else ""
        yield Finding(
            PAPER,
            "Table 1" if row in PAPER_ROWS else "",
            f"{of_row(row)}: well-trained networks.",
            f"{well} of {draws} draws {in_words(share_interval(well, draws), 'of the draws')}"
            f"{on_others}; {right['steps'].median():,.0f} steps (median)",
        )
