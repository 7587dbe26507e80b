"""What the paper says about the space of networks, as far as a finite sample can show it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

import topolens as tl
from experiments.harness import (
    OURS,
    Claim,
    Interval,
    at_least,
    at_most,
    below,
    fullest,
    mean_interval,
    share_interval,
)
from experiments.networks.space import nearest_known, rows_of, space_of
from experiments.networks.training import EPOCHS, PATH_STEPS

PAPER = "Wu et al."
END = EPOCHS[-1]
STAGES = {0: "untrained", 1: "after one epoch", END: "trained"}
NEAR = 0.05
EPS = {0: 0.1, 1: 0.1, END: NEAR}


def claims(table: pd.DataFrame) -> list[Claim]:
    """Test symmetries, axioms, ties, compactness and connectivity."""
    table, _ = fullest(table)
    return [
        *_symmetries(table),
        *_metric(table),
        *_ties(table),
        *_compactness(table),
        *_connectivity(table),
    ]


def _symmetries(table: pd.DataFrame) -> Iterator[Claim]:
    copies = rows_of(table, "copy")
    same = (copies["distance"] == 0).sum()
    yield Claim(
        PAPER,
        "",
        "Networks that differ by a symmetry of the weights are one point.",
        at_least(0.95),
        share_interval(same, len(copies)),
        "of the networks",
        "Share of trained networks at distance 0 from a copy whose hidden units are permuted, and "
        "rescaled (ReLU) or turned in sign (tanh).",
        remark=(
            f"The weights moved by {copies['moved'].min():.1f} to {copies['moved'].max():.1f} "
            "times their norm."
        ),
    )


def _metric(table: pd.DataFrame) -> Iterator[Claim]:
    checkpoints = rows_of(table, "checkpoint")
    space = space_of(checkpoints)
    D = space.distances()
    violations, triples = _broken_triangles(D)
    share = violations / triples
    yield Claim(
        PAPER,
        "",
        "The distance keeps the triangle inequality.",
        at_most(0),
        Interval(share, share, share, triples, "none, all triples were counted"),
        "of the triples",
        "Share of triples of all checkpoints, as counts of images, that break it.",
        remark="A law of the definition: it tests the program more than the paper.",
    )
    end = checkpoints["epoch"] == END
    final = space.select(np.flatnonzero(end))
    apart = final.distances()
    pairs = np.triu_indices(len(final), 1)
    decided = apart.decide(NEAR)[pairs]
    classes = len(final.quotient())
    yield Claim(
        OURS,
        "",
        "Beside symmetries, hardly any two trained networks are the same point.",
        at_least(0.95),
        share_interval(classes, len(final)),
        "of the number of networks",
        "Number of classes at distance 0 of the trained networks.",
        remark=(
            f"A net at {NEAR} has {len(apart.quotient(NEAR))} classes. Of all pairs "
            f"{(decided == 1).mean():.1%} are certified within {NEAR}, "
            f"{(decided == -1).mean():.1%} beyond, and the others open."
        ),
    )


def _broken_triangles(D: tl.networks.NetworkDistances) -> tuple[int, int]:
    counts = D.counts.astype(np.int32)
    m = len(counts)
    broken = 0
    for middle in range(m):
        detour = counts[:, middle, None] + counts[middle]
        broken += int((counts > detour).sum())
    return broken, m**3


def _ties(table: pd.DataFrame) -> Iterator[Claim]:
    checkpoints = rows_of(table, "checkpoint")
    for epoch in (0, END):
        at = checkpoints[checkpoints["epoch"] == epoch]
        free = (at["ties"] == 0).sum()
        yield Claim(
            PAPER,
            "",
            f"Ties are rare: pruning them leaves nearly all networks ({STAGES[epoch]}).",
            at_least(0.95),
            share_interval(free, len(at)),
            "of the networks",
            "Share of networks without an exact tie of the two largest logits in any image.",
            remark=f"On average {at['near_ties'].mean():.1%} of the images are tied to 0.05.",
        )


def _compactness(table: pd.DataFrame) -> Iterator[Claim]:
    checkpoints = rows_of(table, "checkpoint")
    for epoch, stage in STAGES.items():
        at = checkpoints[checkpoints["epoch"] == epoch]
        seeds = at["seed"].nunique() // 2
        distance = nearest_known(at.reset_index(drop=True), seeds)
        near = (distance <= EPS[epoch]).sum()
        yield Claim(
            OURS,
            "",
            f"Compactness shows at this size: nearly every new network ({stage}) is within "
            f"{EPS[epoch]} of a known one.",
            at_least(0.95),
            share_interval(near, len(distance)),
            "of the new networks",
            f"Share of networks with odd seeds within {EPS[epoch]} of one of the {len(distance)} "
            "with even seeds.",
            remark=(
                "Compactness is a theorem, and no sample can break it: does it show at so "
                "many networks?"
            ),
        )


def _connectivity(table: pd.DataFrame) -> Iterator[Claim]:
    paths = rows_of(table, "path").pivot(
        index=["kind", "width", "activation", "seed"], columns="steps", values="jump"
    )
    yield Claim(
        OURS,
        "",
        "Networks of one architecture are connected: straight paths have no jumps.",
        at_most(0.05),
        mean_interval(paths[PATH_STEPS[-1]]),
        "of the images",
        f"Largest distance of neighbours among {PATH_STEPS[-1]} steps from one trained network to "
        "another of its kind, straight through the weights.",
        remark=f"Among {PATH_STEPS[0]} steps it is {paths[PATH_STEPS[0]].mean():.3f}.",
    )
    ratio = np.log2(paths[PATH_STEPS[0]] / paths[PATH_STEPS[-1]])
    yield Claim(
        OURS,
        "",
        "Steps on a straight path shrink with their number: predictions depend continuously on "
        "weights.",
        below(-1),
        mean_interval(-ratio),
        "doublings",
        f"Base 2 logarithm of the largest of {PATH_STEPS[-1]} steps over the largest of "
        f"{PATH_STEPS[0]}; -4 if steps shrink with their number, 0 at a jump.",
    )
    checkpoints = rows_of(table, "checkpoint", epoch=END)
    found = space_of(checkpoints).distances().persistence(maxdim=1)
    deaths = found.result.dgms[0][:, 1]
    merged = float(deaths[np.isfinite(deaths)].max())
    yield Claim(
        OURS,
        "",
        "The trained networks are one piece at 0.1.",
        at_most(0.1),
        Interval(
            merged,
            max(merged - found.band, 0.0),
            merged + found.band,
            space_of(checkpoints).n_samples,
            "Clopper and Pearson for all pairs at once, and stability of persistence",
        ),
        "of the images",
        "Distance at which the last component of the trained networks is joined.",
        remark=(
            "`n` is the number of images. Bars that are certified (longer than "
            f"{2 * found.band:.3f}): {int(found.significant[0].sum()) - 1} gaps and "
            f"{int(found.significant[1].sum())} loops."
        ),
    )
