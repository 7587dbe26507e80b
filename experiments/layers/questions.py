"""Our own questions: what an untrained network, and random halves of the points, would show."""

from __future__ import annotations

from collections.abc import Iterator

from experiments.harness import Claim, below, mean_interval
from experiments.harness.claims import OURS
from experiments.layers.quantities import Networks, area, hops_of
from experiments.layers.words import of_row

IN_WORDS = {1: "one hop", 2: "two hops"}


def questions(networks: Networks) -> Iterator[Claim]:
    """Compare with controls in the networks of nine hidden layers."""
    for row in networks.rows:
        if "x9 " in row:
            yield from _controls(networks, row)


def _controls(networks: Networks, row: str) -> Iterator[Claim]:
    trained, untrained = (
        networks.of_a(row, control=control) for control in ("trained", "untrained")
    )
    if len(trained) < 2:
        return
    if len(untrained):
        yield Claim(
            OURS,
            "",
            f"{of_row(row)}: complexity falls earlier than in untrained copies.",
            below(0),
            mean_interval(area(trained) - area(untrained)),
            "of ω(Ma) at the input",
            "Mean of ω(Ma) over all layers as a share of that at the input, trained less "
            f"untrained copy, at {IN_WORDS[hops_of(row)]}.",
        )
    shuffled = networks.of(row, control="shuffled")
    if len(shuffled):
        ends = networks.of(row).iloc[:, -1]
        yield Claim(
            OURS,
            "",
            f"{of_row(row)}: at the output the classes are simpler than random halves.",
            below(0),
            mean_interval(ends - shuffled.iloc[:, -1]),
            "in ω",
            "ω of both classes at the output, less ω with permuted labels in the same network, "
            f"at {IN_WORDS[hops_of(row)]}.",
        )
