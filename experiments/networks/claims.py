"""What the paper says about the space of networks, as far as a finite sample can show it.

Nearly all of it are theorems. They need no test and can fail none, so that they have estimates
here and no verdicts.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

import topolens as tl
from experiments.harness import (
    Claim,
    Finding,
    between,
    fullest,
    in_words,
    mean_interval,
    share_interval,
)
from experiments.networks.coverage import RADIUS, coverage, middle
from experiments.networks.space import KIND, nearest_known, rows_of, space_of
from experiments.networks.training import EPOCHS, NEAR_TIE, PATH_STEPS

PAPER = "Wu et al."
ABSTRACT = "abstract"
END = EPOCHS[-1]
STAGES = {0: "untrained", 1: "after one epoch", END: "trained"}


def claims(table: pd.DataFrame) -> list[Claim | Finding]:
    """Compare weights with outcomes; then estimates for theorems, one after another."""
    table, _ = fullest(table)
    checkpoints, copies = rows_of(table, "checkpoint"), rows_of(table, "copy")
    return [
        weights_do_not_tell(rows_of(table, "pair"), copies),
        *compactness(checkpoints),
        one_point(copies),
        triangles(checkpoints),
        *ties(checkpoints),
        *connectedness(rows_of(table, "path")),
        *pieces(rows_of(table, "checkpoint", epoch=END)),
    ]


def weights_do_not_tell(pairs: pd.DataFrame, copies: pd.DataFrame) -> Claim:
    """Ask whether networks that are near in their weights agree more."""
    groups = pairs.groupby([*KIND, "first_seed"])[["weights_apart", "disagree"]]
    rho = groups.apply(lambda group: group.corr("spearman").iloc[0, 1])
    disagree = in_words(mean_interval(groups.mean()["disagree"]), "of the images")
    return Claim(
        PAPER,
        ABSTRACT,
        "The Euclidean metric on the weights “typically fails to discriminate” networks by what "
        "they predict.",
        between(-0.2, 0.2),
        mean_interval(rho),
        "Spearman's ρ",
        "Of the distance of the weights with the share of images on which two trained networks "
        f"differ, over all pairs of {pairs['seeds'].iloc[0]:.0f} networks of one kind; mean over "
        "disjoint groups of so many.",
        remark=f"Weights of a pair are {pairs['weights_apart'].mean():.1f} times their norm apart "
        f"on average, and {disagree} are predicted differently. Copies by symmetry, which predict "
        f"the same, are moved by {copies['moved'].mean():.1f} times their norm.",
    )


def compactness(checkpoints: pd.DataFrame) -> Iterator[Finding]:
    """Cover what is known, and see how often a new network is near a known one."""
    for epoch, stage in STAGES.items():
        at = checkpoints[checkpoints["epoch"] == epoch].reset_index(drop=True)
        found = coverage(at)
        counts = "; ".join(
            f"{m} networks: {mean:.0f} [{low:.0f}, {high:.0f}]"
            for m, mean, low, high in zip(
                found.known[-3:],
                found.balls.mean(axis=0)[-3:],
                *middle(found.balls)[:, -3:],
                strict=True,
            )
        )
        distance = nearest_known(at, at["seed"].nunique() // 2)
        near = share_interval((distance <= RADIUS).sum(), len(distance))
        yield Finding(
            PAPER,
            ABSTRACT,
            f"The space of networks is compact ({stage}).",
            f"Balls of radius {RADIUS} that cover {counts} (no cover has fewer than "
            f"{found.apart[:, -1].max()}). {in_words(near, 'of new networks')} are within {RADIUS} "
            f"of one of {len(at) - len(distance)} known ones, n = {near.n}",
            "A theorem, for all networks that pruning leaves: their covering number is finite, but "
            "may be far beyond what any sample shows. Balls are set on one farthest network after "
            "another, mean and middle 95 % over random orders; no ball holds two networks more "
            "than two radii apart. The share has an interval by Clopper and Pearson.",
        )


def one_point(copies: pd.DataFrame) -> Finding:
    """Count the copies by symmetry that are at distance 0."""
    same = share_interval((copies["distance"] == 0).sum(), len(copies))
    return Finding(
        PAPER,
        ABSTRACT,
        "Networks that differ by a symmetry of the weights are one point.",
        f"{in_words(same, 'of the copies')} are at distance 0, n = {same.n}",
        "It follows from the definition. Units of trained networks are permuted and rescaled "
        f"(ReLU) or turned in sign (tanh), which moves the weights by {copies['moved'].min():.1f} "
        f"to {copies['moved'].max():.1f} times their norm. Interval: {same.method}.",
    )


def triangles(checkpoints: pd.DataFrame) -> Finding:
    """Count the triples that break the triangle inequality."""
    broken, triples = broken_triangles(space_of(checkpoints).distances())
    return Finding(
        PAPER,
        ABSTRACT,
        "The distance is a metric on the quotient: the triangle inequality.",
        f"{broken} of {triples:,} triples break it",
        "A law of the definition, which tests the program. All triples of checkpoints were "
        "counted, as numbers of images.",
    )


def broken_triangles(D: tl.networks.NetworkDistances) -> tuple[int, int]:
    """Return how many triples have a detour that is shorter, and how many there are."""
    counts = D.counts.astype(np.int32)
    m = len(counts)
    broken = 0
    for between_them in range(m):
        detour = counts[:, between_them, None] + counts[between_them]
        broken += int((counts > detour).sum())
    return broken, m**3


def ties(checkpoints: pd.DataFrame) -> Iterator[Finding]:
    """Say how many networks predict no unique label somewhere."""
    for epoch in (0, END):
        at = checkpoints[checkpoints["epoch"] == epoch]
        tied = share_interval((at["ties"] > 0).sum(), len(at))
        near = mean_interval(at["near_ties"])
        yield Finding(
            PAPER,
            ABSTRACT,
            "A “vanishingly small subset” of networks predicts labels that are not unique "
            f"({STAGES[epoch]}).",
            f"{in_words(tied, 'of the networks')} have a tie in some image, n = {tied.n}; to "
            f"within {NEAR_TIE}, {in_words(near, 'of the images')} are tied",
            "The first number is about ties of floating-point logits, with an interval by Clopper "
            "and Pearson; the second a mean over networks, by Student's t.",
        )


def connectedness(paths: pd.DataFrame) -> Iterator[Finding]:
    """Say how large the steps on straight paths through the weights are."""
    jumps = paths.pivot(index=[*KIND, "seed"], columns="steps", values="jump")
    first, last = PATH_STEPS[0], PATH_STEPS[-1]
    by_steps = "; ".join(
        f"{steps} steps: {in_words(mean_interval(jumps[steps]), 'of the images')}"
        for steps in PATH_STEPS
    )
    yield Finding(
        PAPER,
        "our reading",
        "Networks of one architecture are connected by paths without jumps.",
        f"Largest step among {by_steps}",
        "Predictions depend continuously on weights wherever labels are unique. Straight through "
        f"the weights from one trained network to another of its kind, {len(jumps)} disjoint "
        "pairs. Interval: Student's t.",
    )
    shrink = mean_interval(np.log2(jumps[first] / jumps[last]))
    yield Finding(
        PAPER,
        "our reading",
        "Steps shrink with their number.",
        f"{in_words(shrink, 'halvings')} of the largest step from {first} to {last} steps",
        f"{np.log2(last / first):.0f} if steps shrank as their number grows, 0 at a jump. With few "
        "steps the largest is bounded by the change on the whole path. Interval: Student's t.",
    )


def pieces(trained: pd.DataFrame) -> Iterator[Finding]:
    """Say how the trained networks hang together, and how few of them are the same."""
    space = space_of(trained)
    D = space.distances()
    found = D.persistence(maxdim=1)
    deaths = found.result.dgms[0][:, 1]
    joined = float(deaths[np.isfinite(deaths)].max())
    low, high = max(joined - found.band, 0.0), joined + found.band
    yield Finding(
        PAPER,
        "our reading",
        "Trained networks of all kinds are one piece.",
        f"From a distance of {joined:.3f} [{low:.3f}, {high:.3f}] on",
        f"Where the last component of {len(trained)} networks is joined. Intervals by Clopper and "
        f"Pearson for all pairs at once, {space.n_samples} images, and stability of persistence. "
        f"Bars longer than {2 * found.band:.3f}, which are certified: "
        f"{int(found.significant[0].sum()) - 1} gaps, {int(found.significant[1].sum())} loops.",
    )
    decided = D.decide(RADIUS)[np.triu_indices(len(D), 1)]
    yield Finding(
        PAPER,
        ABSTRACT,
        "Networks that perform equally well are one point.",
        f"{len(space.quotient())} points among {len(trained)} trained networks",
        "Classes at distance 0 on all images. No sample certifies a distance of 0; of all pairs "
        f"{(decided == 1).mean():.1%} are certified to be within {RADIUS} and "
        f"{(decided == -1).mean():.1%} to be beyond.",
    )
