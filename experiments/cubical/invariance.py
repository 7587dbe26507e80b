"""Claims about what complexity does not depend on: the four invariances of the paper."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from experiments.cubical.curves import (
    curve,
    has_residuals,
    over_images,
    residual_curves,
    residual_numbers,
    studies_in,
    toy_numbers,
)
from experiments.cubical.decay import ABSTRACT, PAPER, RESIDUALS
from experiments.cubical.few import FEW, N_FEW
from experiments.cubical.pictures import SMALL_IMAGENET
from experiments.cubical.residual import N_IMAGES
from experiments.cubical.shapes import shift
from experiments.cubical.sizes import CIFAR, LARGE, Study
from experiments.harness import OURS, Claim, Interval, at_most, below, mean_interval

SAME = 0.1
SHIFT = "of all complexity lies at another depth"
HOW = "Largest difference, over all depths, of the shares of all complexity up to there"
LONGEST = 150  # steps of the toy networks that are trained best


def claims_on_invariance(table: pd.DataFrame) -> list[Claim]:
    """Return the claims on similar images, input size, depth, and number of images."""
    studies = studies_in(table)
    found = [similar_images(table, study) for study in studies if study.similar]
    if CIFAR in studies:
        found += made_small(table)
    found += [input_size(table, study) for study in studies if has_sizes(study)]
    found += [depth(table, study) for study in studies if study.families]
    if has_residuals(table):
        found += [depth_of_residuals(table), few_images(table)]
    return [*found, score_of_few_images(table)]


def similar_images(table: pd.DataFrame, study: Study) -> Claim:
    """Ask whether images of a similar kind give the same curve."""
    pairs = [
        (curve(table, study, name), curve(table, study, name, kind=study.similar))
        for name in study.networks
    ]
    return Claim(
        PAPER,
        ABSTRACT,
        f"“Topological invariance of an architecture on similar datasets” ({study.name} and "
        f"{study.similar.partition(',')[0]}).",
        at_most(SAME),
        largest_shift(pairs),
        SHIFT,
        f"{HOW}, for the two kinds of images; largest of {len(pairs)} networks.",
        at_paper_settings=study is LARGE,
        remark=" ".join(contrast(table, study, kind) for kind in study.others[:2]),
    )


def contrast(table: pd.DataFrame, study: Study, kind: str) -> str:
    """Say how far images of another kind are."""
    shifts = [
        shift(
            curve(table, study, name).mean(axis=1),
            curve(table, study, name, kind=kind).mean(axis=1),
        )
        for name in study.networks
    ]
    return f"Between {study.kind} and {kind} it is {100 * max(shifts):.3g} %."


def made_small(table: pd.DataFrame) -> list[Claim]:
    """Ask whether what pictures show makes the curve, or how many pixels they had."""

    def of(*kinds: str) -> Interval:
        return largest_shift(
            [
                tuple(curve(table, CIFAR, name, kind=kind) for kind in kinds)
                for name in CIFAR.networks
            ]
        )

    large = f"{HOW}; largest of {len(CIFAR.networks)} networks, which see 224 pixels in each case."
    return [
        Claim(
            OURS,
            "",
            "Pictures of ImageNet that are made as small as those of CIFAR-10 give the curve of "
            "CIFAR-10 (EfficientNet-Lite 0, 1 and 2).",
            at_most(SAME),
            of("CIFAR-10", SMALL_IMAGENET),
            SHIFT,
            large,
        ),
        Claim(
            OURS,
            "",
            "The same pictures of ImageNet give the same curve when they have been made as small "
            "as those of CIFAR-10 and large again (EfficientNet-Lite 0, 1 and 2).",
            at_most(SAME),
            of("ImageNet", SMALL_IMAGENET),
            SHIFT,
            large,
        ),
    ]


def has_sizes(study: Study) -> bool:
    """Say whether images are shown at several sizes."""
    return any(len(pixels) > 1 for pixels in study.pixels.values())


def input_size(table: pd.DataFrame, study: Study) -> Claim:
    """Ask whether the size of the input changes the curve."""
    pairs = [
        (curve(table, study, name), curve(table, study, name, pixels=pixels))
        for name in study.networks
        for pixels in study.pixels[name][:-1]
    ]
    *others, usual = study.pixels[study.networks[0]]
    by_size = np.array(
        [shift(one.mean(axis=1), other.mean(axis=1)) for one, other in pairs]
    ).reshape(-1, len(others))
    listed = (
        f"{pixels} pixels {100 * largest:.3g} %"
        for pixels, largest in zip(others, by_size.max(axis=0), strict=True)
    )
    return Claim(
        PAPER,
        ABSTRACT,
        f"Invariance to “input resolution/size” ({study.name}).",
        at_most(SAME),
        largest_shift(pairs),
        SHIFT,
        f"{HOW}, at {usual} pixels and at {', '.join(map(str, others))}; largest of all networks "
        f"and sizes.",
        at_paper_settings=study is LARGE,
        remark=f"By size: {', '.join(listed)}.",
    )


def depth(table: pd.DataFrame, study: Study) -> Claim:
    """Ask whether the depth changes the curve, among networks that differ in little else."""
    curves = {name: curve(table, study, name) for name in study.networks}
    pairs = [
        (curves[one], curves[other])
        for family in study.families
        for one, other in combinations(family, 2)
    ]
    layers = ", ".join(str(len(curves[name])) for family in study.families for name in family)
    return Claim(
        PAPER,
        ABSTRACT,
        f"Invariance for “architectures of variable depth” ({study.name}).",
        at_most(SAME),
        largest_shift(pairs),
        SHIFT,
        f"{HOW}, as a part of the depth; largest over pairs of networks of one family, with "
        f"{layers} layers.",
        at_paper_settings=study is LARGE,
    )


def depth_of_residuals(table: pd.DataFrame) -> Claim:
    """Ask the same of networks that differ in nothing but depth, seed by seed."""
    trained = residual_curves(table, "trained").unstack("seed")
    random = residual_curves(table, "untrained").unstack("seed")
    by_seed = [largest_of_pairs(trained[seed]) for seed in trained]
    between_seeds = np.mean([largest_of_pairs(of_depth) for _, of_depth in trained.iterrows()])
    by_chance = np.mean([largest_of_pairs(random[seed]) for seed in random])
    accuracies = residual_numbers(table)["test accuracy"].groupby("depth").mean()
    right = ", ".join(f"{accuracy:.1f}" for accuracy in accuracies)
    return Claim(
        PAPER,
        ABSTRACT,
        f"Invariance for “architectures of variable depth” ({RESIDUALS}).",
        at_most(SAME),
        mean_interval(by_seed),
        SHIFT,
        f"{HOW}, as a part of the depth; largest over pairs of depths, mean over seeds.",
        remark=f"Among networks of one depth and three seeds it is {100 * between_seeds:.3g} %, "
        f"with random weights {100 * by_chance:.3g} %. The three depths name {right} % of the test "
        "images right.",
    )


def largest_of_pairs(curves: Sequence[np.ndarray]) -> float:
    """Return the largest shift among several curves."""
    return max(shift(one, other) for one, other in combinations(curves, 2))


def few_images(table: pd.DataFrame) -> Claim:
    """Ask whether ten images give the curve of all."""
    return Claim(
        PAPER,
        ABSTRACT,
        f"Invariance to “data sub-sampling”: {FEW} images give the curve of {N_IMAGES} "
        f"({RESIDUALS}).",
        at_most(SAME),
        mean_interval(residual_numbers(table)["shift, ten images"]),
        SHIFT,
        f"{HOW}, for ten random images and for all; mean over {N_FEW} draws and over networks.",
    )


def score_of_few_images(table: pd.DataFrame) -> Claim:
    """Ask whether ten images give θ well enough to compare networks."""
    numbers = toy_numbers(table)
    numbers = numbers[numbers["steps"] == LONGEST]
    between_networks = numbers.groupby("depth")["theta"].std().mean()
    return Claim(
        PAPER,
        ABSTRACT,
        f"Invariance to “data sub-sampling”: {FEW} images give the score θ well enough to tell "
        f"networks apart (toy networks on digits, {LONGEST} steps).",
        below(0.5),
        mean_interval(numbers["sd of theta, ten images"] / between_networks),
        "of the spread of θ among networks",
        "Standard deviation of θ over draws of ten images, over the standard deviation of θ among "
        "networks of the same depth; mean over networks.",
        theirs="τ of θ and accuracy .79 ± .06 with ten images (stored numbers)",
    )


def largest_shift(pairs: Sequence[tuple[np.ndarray, ...]]) -> Interval:
    """Bootstrap the largest shift between two curves over the images that all pairs have."""

    def largest(images: np.ndarray) -> float:
        return max(
            shift(one[:, images].mean(axis=1), other[:, images].mean(axis=1))
            for one, other in pairs
        )

    return over_images(pairs[0][0].shape[1], largest)
