"""What Wheeler, Bouza and Bubenik answer: at all scales, complexity may rise."""

from __future__ import annotations

from collections.abc import Iterator

from experiments.harness import Claim, above, mean_interval, share_interval
from experiments.harness.claims import OURS
from experiments.layers.quantities import Networks, area, largest_rise
from experiments.layers.words import of_row


def critics(networks: Networks) -> Iterator[Claim]:
    """Ask how full persistence goes through the layers, in networks of nine hidden ones."""
    for row in networks.rows:
        if "x9 " not in row or not row.startswith("D-"):
            continue
        trained, untrained = (
            networks.of(row, measure="total", control=control)
            for control in ("trained", "untrained")
        )
        if min(len(trained), len(untrained)) < 2:
            continue
        rises = largest_rise(trained) > 0.1
        yield Claim(
            OURS,
            "",
            f"{of_row(row)}: full persistence rises on its way through most trained networks "
            "(Wheeler et al.).",
            above(0.5),
            share_interval(int(rises.sum()), len(rises)),
            "of the networks",
            "Share of the networks in which total persistence, in diameters of the layer, is in "
            "some layer more than 10 % above that of the input.",
        )
        yield Claim(
            OURS,
            "",
            f"{of_row(row)}: training raises full persistence (Wheeler et al.).",
            above(0),
            mean_interval(area(trained) - area(untrained)),
            "of that of the input",
            "Mean of total persistence over all layers as a share of that of the input, trained "
            "less untrained copy.",
        )
