"""Magnitude and dimension of training trajectories, and what they say about generalisation."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from experiments.harness import Claim, Figure, Finding, fullest
from experiments.magnitude.across import claims_across
from experiments.magnitude.along import claims_along, questions_along
from experiments.magnitude.known import findings_on_known
from experiments.magnitude.plots import draw
from experiments.magnitude.prose import about, remarks, summary
from experiments.magnitude.sizes import jobs

__all__ = ["SOURCE", "TITLE", "about", "claims", "figures", "jobs", "remarks", "summary"]

TITLE = "Magnitude and generalisation"
SOURCE = (
    "R. Andreeva, K. Limbeck, B. Rieck, R. Sarkar, *Metric space magnitude and generalisation in "
    "neural networks*, PMLR 221 (2023), [arXiv:2305.05611](https://arxiv.org/abs/2305.05611)."
)


def claims(table: pd.DataFrame) -> list[Claim | Finding]:
    """Return what the paper, and those after it, claim, with intervals."""
    table, _ = fullest(table)
    return [
        *claims_along(table),
        *questions_along(table),
        *claims_across(table),
        *findings_on_known(table),
    ]


def figures(table: pd.DataFrame, folder: Path) -> list[Figure]:
    """Draw the figures into a folder."""
    return draw(fullest(table)[0], folder)
