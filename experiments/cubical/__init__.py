"""Betti numbers of feature maps: their decay with depth, and whether it ranks networks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from experiments.cubical import prose
from experiments.cubical.channels import claims_on_channels
from experiments.cubical.curves import settled
from experiments.cubical.decay import claims_on_decay
from experiments.cubical.invariance import claims_on_invariance
from experiments.cubical.plots import draw
from experiments.cubical.ranking import claims_on_ranking
from experiments.cubical.sizes import jobs
from experiments.harness import Claim, Figure

__all__ = ["SOURCE", "TITLE", "about", "claims", "figures", "jobs", "remarks", "summary"]

TITLE = "Decay of cubical complexity"
SOURCE = (
    "S. Suresh, B. Das, V. Abrol, S. Dutta Roy, *On characterizing the evolution of embedding "
    "space of neural networks using algebraic topology*, Pattern Recognition Letters 179 (2024), "
    "[arXiv:2311.04592](https://arxiv.org/abs/2311.04592)."
)


def about(table: pd.DataFrame) -> str:
    """Say what was run."""
    return prose.about(settled(table))


def claims(table: pd.DataFrame) -> list[Claim]:
    """Return what the paper claims, with intervals, and our own questions."""
    rows = settled(table)
    return [
        *claims_on_decay(rows),
        *claims_on_invariance(rows),
        *claims_on_ranking(rows),
        *claims_on_channels(rows),
    ]


def figures(table: pd.DataFrame, folder: Path) -> list[Figure]:
    """Draw the figures into a folder."""
    return draw(settled(table), folder)


def remarks(table: pd.DataFrame) -> str:
    """Say what the numbers mean, where they differ from the paper, and why."""
    return prose.remarks(settled(table))


def summary(table: pd.DataFrame) -> str:
    """Say what became of the paper."""
    return prose.summary(settled(table))
