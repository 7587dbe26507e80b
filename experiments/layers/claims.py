"""What the papers claim about layers, each as one number with an interval over networks."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from experiments.harness import (
    OURS,
    Claim,
    above,
    at_least,
    below,
    between,
    difference_interval,
    fullest,
    mean_interval,
    share_interval,
)
from experiments.layers.data import SIMULATED
from experiments.layers.populations import DEEP, SHALLOW
from experiments.layers.quantities import (
    area,
    complexity,
    ends_in_one_piece,
    ends_simple,
    kinds,
    largest_fall,
    largest_rise,
    last,
    lateness,
    under,
)

PAPER = "Naitzat et al."
NAMES = {"relu": "ReLU", "leaky": "leaky ReLU", "tanh": "tanh"}
TITLES = {
    "D-I": "D-I",
    "D-II": "D-II",
    "D-III": "D-III",
    "digits": "digits (0 or not)",
    "cancer": "breast cancer",
}


def claims(table: pd.DataFrame) -> list[Claim]:
    """Test what the papers say, on the data for which there are networks."""
    table, _ = fullest(table)
    glorot = kinds(table, weights="glorot")
    usual = kinds(glorot, hidden=DEEP, bottleneck=0)
    of = {data: kinds(usual, data=data) for data in usual["data"].unique()}
    simulated = [data for data in of if data in SIMULATED]
    found: list[Claim] = []
    for data in of:
        found += _simplification(of[data], data)
    for data in simulated:
        found += _endpoints(of[data], data)
    for data in of:
        found += _order(of[data], data)
    for activation in ("relu", "tanh"):
        of_kind = kinds(glorot, data="D-I", width=15, activation=activation)
        found += _depth(of_kind, activation)
        found += _bottleneck(of_kind, activation)
    found += _initial_weights(kinds(table, data="D-I", hidden=DEEP, bottleneck=0, width=15))
    for data in of:
        found += _controls(of[data], data)
    for data in simulated:
        found += _critics(of[data], data)
    return found


def _simplification(table: pd.DataFrame, data: str) -> Iterator[Claim]:
    omega = under(complexity(table), "trained")
    yield Claim(
        PAPER,
        "",
        f"{TITLES[data]}: networks simplify the topology.",
        below(0.5),
        mean_interval(last(omega) / omega[0]),
        "of ω at the input",
        "ω of trained networks at the output, as a share of that at the input.",
    )
    if data in SIMULATED:
        merged = ends_in_one_piece(table)
        yield Claim(
            PAPER,
            "",
            f"{TITLES[data]}: each class leaves the network in one piece.",
            at_least(0.9),
            share_interval(merged.sum(), len(merged)),
            "of the networks",
            "Share of the trained networks with β₀ = 1 for both classes at the output.",
        )


def _endpoints(table: pd.DataFrame, data: str) -> Iterator[Claim]:
    for name, simple in ends_simple(table).groupby(level="class", sort=False):
        counts = simple.groupby(level="activation").agg(["sum", "size"])
        by_activation = ", ".join(
            f"{NAMES[a]} {int(counts.loc[a, 'sum'])} of {counts.loc[a, 'size']}"
            for a in NAMES
            if a in counts.index
        )
        yield Claim(
            PAPER,
            "",
            f"{TITLES[data]}, {name}: the class leaves the network in one piece without holes.",
            at_least(0.9),
            share_interval(simple.sum(), len(simple)),
            "of the networks",
            "Share of the trained networks whose last layer shows Betti numbers (1, 0, ...).",
            remark=f"By activation: {by_activation}.",
        )


def _order(table: pd.DataFrame, data: str) -> Iterator[Claim]:
    areas = area(under(complexity(table), "trained")).groupby(level="activation")
    of = {activation: values.to_numpy() for activation, values in areas}
    for early, late in (("relu", "leaky"), ("leaky", "tanh")):
        if early in of and late in of and min(len(of[early]), len(of[late])) > 1:
            yield Claim(
                PAPER,
                "",
                f"{TITLES[data]}: complexity falls earlier with {NAMES[early]} than with "
                f"{NAMES[late]}.",
                above(0),
                difference_interval(of[late], of[early]),
                "of ω at the input",
                f"Mean of ω over all layers as a share of ω at the input, {NAMES[late]} less "
                f"{NAMES[early]}.",
            )


def _depth(table: pd.DataFrame, activation: str) -> Iterator[Claim]:
    plain = kinds(table, bottleneck=0)
    shallow, deep = (
        under(complexity(kinds(plain, hidden=hidden)), "trained") for hidden in (SHALLOW, DEEP)
    )
    if min(len(shallow), len(deep)) < 2:
        return
    yield Claim(
        PAPER,
        "",
        f"D-I, {NAMES[activation]}: shallow networks do it in their last layers.",
        above(0),
        difference_interval(lateness(shallow), lateness(deep)),
        "of the depth",
        f"Where ω falls, from 0 (input) to 1 (output), {SHALLOW} less {DEEP} hidden layers.",
    )
    yield Claim(
        PAPER,
        "",
        f"D-I, {NAMES[activation]}: deep networks spread it over their layers.",
        below(0),
        difference_interval(largest_fall(deep), largest_fall(shallow)),
        "of all falls",
        f"Share of the largest fall of ω in all falls, {DEEP} less {SHALLOW} hidden layers.",
        remark="With more layers there are more shares, so that this is the weaker half.",
    )


def _bottleneck(table: pd.DataFrame, activation: str) -> Iterator[Claim]:
    middle = DEEP // 2 + 1
    deep = under(complexity(kinds(table, hidden=DEEP)), "trained")
    share = deep[middle] / deep[0]
    narrow = share.index.get_level_values("bottleneck") > 0
    if min(narrow.sum(), (~narrow).sum()) < 2:
        return
    yield Claim(
        PAPER,
        "",
        f"D-I, {NAMES[activation]}: a bottleneck in the middle forces an early change.",
        below(0),
        difference_interval(share[narrow], share[~narrow]),
        "of ω at the input",
        f"ω behind hidden layer {middle} of {DEEP}, which has 3 units, less ω there with "
        "full width.",
    )


def _initial_weights(table: pd.DataFrame) -> Iterator[Claim]:
    outputs = last(under(complexity(kinds(table, activation="relu")), "trained"))
    of = {weights: values for weights, values in outputs.groupby(level="weights")}
    if len(of) < 2:
        return
    yield Claim(
        OURS,
        "",
        "D-I, ReLU: how simple the output is does not depend on the weights at the start.",
        between(-1, 1),
        difference_interval(of["pytorch"], of["glorot"]),
        "in ω",
        "ω of both classes at the output, with PyTorch's initial weights less with Glorot's.",
    )


def _controls(table: pd.DataFrame, data: str) -> Iterator[Claim]:
    omega = complexity(table)
    trained, untrained = under(omega, "trained"), under(omega, "untrained")
    yield Claim(
        OURS,
        "",
        f"{TITLES[data]}: complexity falls earlier in trained networks than in untrained ones.",
        below(0),
        mean_interval(area(trained) - area(untrained)),
        "of ω at the input",
        "Mean of ω over all layers as a share of ω at the input, trained less untrained copy, for "
        "all activations together.",
    )
    yield Claim(
        OURS,
        "",
        f"{TITLES[data]}: the output is simpler after training.",
        below(0),
        mean_interval(last(trained) - last(untrained)),
        "in ω",
        "ω of both classes at the output, trained less untrained copy, for all activations "
        "together.",
    )
    if data in SIMULATED:
        yield Claim(
            OURS,
            "",
            f"{TITLES[data]}: at the output the classes are simpler than random halves.",
            below(0),
            mean_interval(last(trained) - last(under(omega, "shuffled"))),
            "in ω",
            "ω of both classes at the output, less ω with permuted labels in the same network.",
        )


def _critics(table: pd.DataFrame, data: str) -> Iterator[Claim]:
    total = complexity(table, "total")
    trained, untrained = under(total, "trained"), under(total, "untrained")
    rises = largest_rise(trained) > 0.1
    yield Claim(
        OURS,
        "",
        f"{TITLES[data]}: full persistence rises on its way through most trained networks.",
        above(0.5),
        share_interval(rises.sum(), len(rises)),
        "of the networks",
        "Share of the networks in which total persistence, in diameters of the layer, is in some "
        "layer more than 10 % above that of the input.",
    )
    yield Claim(
        OURS,
        "",
        f"{TITLES[data]}: training raises full persistence.",
        above(0),
        mean_interval(area(trained) - area(untrained)),
        "of that of the input",
        "Mean of total persistence over all layers as a share of that of the input, trained less "
        "untrained copy.",
    )
