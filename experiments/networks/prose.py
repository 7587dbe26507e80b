"""What is run, and what the numbers about the space of networks mean."""

from __future__ import annotations

import pandas as pd

from experiments.networks.populations import SEEDS, WIDTHS

ABOUT = """\
The paper gives a definition and theorems, and no experiments that are known to us. The full text
was not at hand: what is tested is the definition as we read it from the abstract and a summary,
the distance of two networks being the probability that their predicted labels differ, and
networks at distance 0 being one point.

{networks} networks are trained on 600 images of digits (scikit-learn, 8 × 8 pixels): {kinds} (two
hidden layers of so many units, or channels in the first of two convolutions), with ReLU and with
tanh, {seeds} seeds each. They are looked at before training and after 1, 3, 10 and 30 epochs of
Adam. Distances are shares of the 1197 other images."""


def about(size: str) -> str:
    """Say what is run."""
    kinds = ", ".join(f"{kind} {width}" for kind, width in WIDTHS[size])
    networks = 2 * len(WIDTHS[size]) * SEEDS[size]
    return ABOUT.format(kinds=kinds, seeds=SEEDS[size], networks=networks)


def remarks(table: pd.DataFrame, size: str) -> str:
    """Say what agrees with the paper, and what no sample can show."""
    return REMARKS


REMARKS = """TO BE WRITTEN"""
