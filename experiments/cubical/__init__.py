"""Betti numbers of feature maps: their decay with depth, and whether it ranks networks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from experiments.cubical.decay import claims_on_decay
from experiments.cubical.invariance import claims_on_invariance
from experiments.cubical.plots import draw
from experiments.cubical.prose import about, remarks
from experiments.cubical.ranking import claims_on_ranking
from experiments.cubical.sizes import STUDIES, jobs
from experiments.harness import Claim, Figure, fullest

__all__ = ["SOURCE", "TITLE", "about", "claims", "figures", "jobs", "remarks"]

TITLE = "Decay of cubical complexity"
SOURCE = (
    "S. Suresh, B. Das, V. Abrol, S. Dutta Roy, *On characterizing the evolution of embedding "
    "space of neural networks using algebraic topology*, Pattern Recognition Letters 179 (2024), "
    "[arXiv:2311.04592](https://arxiv.org/abs/2311.04592)."
)


def claims(table: pd.DataFrame) -> list[Claim]:
    """Return what the paper claims, with intervals."""
    table, size = fullest(table)
    studies = STUDIES[size]
    return [
        *claims_on_decay(table, studies),
        *claims_on_invariance(table, studies),
        *claims_on_ranking(table),
    ]


def figures(table: pd.DataFrame, folder: Path) -> list[Figure]:
    """Draw the figures into a folder."""
    table, _ = fullest(table)
    there = set(table["network"].dropna())
    return draw(table, folder, [study for study in STUDIES["paper"] if there >= {*study.networks}])
