"""What is run, and what the numbers mean, in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.cubical.curves import (
    curve,
    has_residuals,
    permuted_curves,
    residual_curves,
    residual_numbers,
    studies_in,
    toy_numbers,
    voxels,
)
from experiments.cubical.invariance import largest_of_pairs
from experiments.cubical.pictures import SMALL_IMAGENET
from experiments.cubical.ranking import FREE, PUBLISHED, TARGET, THETA, ranking, scores
from experiments.cubical.residual import N_IMAGES
from experiments.cubical.shapes import fall, shift
from experiments.cubical.sizes import CIFAR, FACES, IMAGENET, LARGE

SUBJECT = """\
What a convolutional layer makes of one image is read as a volume whose third axis are the channels.
Ω is the number of its components, tunnels and hollows below the level 0, a mean over images. As in
the code released with the paper, each image is normalised by its own mean and variance. θ is the
paper's score, with lower values for faster decay. Two curves are *the same* if at no depth the
shares of all complexity that lie up to there differ by more than 0.1: that bound is ours.
*Stored numbers* are the Betti numbers of nine networks on CIFAR-10 that the authors have published;
what stands beside ours was computed from them."""
RUN = {
    CIFAR.kind: """\
- EfficientNet-Lite 0, 1 and 2, trained on ImageNet, see at 224 pixels the twenty images each of
  CIFAR-10, CIFAR-100, Fashion-MNIST, MNIST and ImageNet that ship with the package foolbox. The
  paper's networks and ours see images of CIFAR enlarged: they have 32 pixels a side.""",
    FACES.kind: """\
- RNet and ONet, two stages of a detector of faces, see 16 faces. They are no family.""",
    LARGE.kind: """\
- The paper's nine networks, as torchvision has them, see 100 images of CIFAR-10 at 256 pixels.""",
}
NOT_THEIRS = """
The paper's nine networks and whole data sets come with no package: `make experiments SIZE=paper`
reads them where their weights are in torch's cache and the images in `data/`. So no claim is tested
at the authors' settings, and none can be refuted here."""
CAUTION = """\
- **What this does not show.** The images are few, and intervals are over images of one kind or
  networks of one kind. For networks that others have trained, a claim is tested on the one for
  which it holds least. Other levels, layers and modes give other numbers."""


def summary(table: pd.DataFrame) -> str:
    """Say what became of the paper, in few sentences."""
    studies = studies_in(table)
    if CIFAR not in studies:
        return "Networks that are trained here alone: nothing is said of the paper's."
    lite = CIFAR.networks[0]
    large, small = (
        curve(table, CIFAR, lite, kind=kind).mean(axis=1) for kind in ("ImageNet", SMALL_IMAGENET)
    )
    refuted = "" if LARGE in studies else " Not the paper's networks, so nothing is refuted."
    return f"""\
Similar data sets give the same curve, as the paper says; but so do other pictures that were
  equally small. In {lite} Ω of the last layer is {large[-1] / large[0]:.2g} times that of the
  first on pictures of ImageNet, and {small[-1] / small[0]:.2g} times on the same pictures made as
  small as CIFAR's. “The lowest possible value” is reached nowhere.{refuted}"""


def about(table: pd.DataFrame) -> str:
    """Say what was run."""
    studies = studies_in(table)
    run = [RUN[study.kind] for study in studies if study.kind in RUN]
    if has_residuals(table):
        run.append(about_residuals(table))
    run.append(about_toys(table))
    return "\n".join([SUBJECT, "", *run, "" if LARGE in studies else NOT_THEIRS])


def about_residuals(table: pd.DataFrame) -> str:
    """Say how the residual networks were trained, and how good they are."""
    rows = table[table["part"] == "residual"]
    pixels, epochs = (int(rows[name].iloc[0]) for name in ("pixels", "epochs"))
    length = "one epoch" if epochs == 1 else f"{epochs} epochs"
    seeds = rows["seed"].nunique()
    right = residual_numbers(table)["test accuracy"]
    return f"""\
- ResNet-8, 14 and 20, as He et al. made them for CIFAR-10, are trained here for {length} on the
  60 000 images of Fashion-MNIST at {pixels} × {pixels} pixels, with {seeds} seeds. They name
  {right.min():.1f} to {right.max():.1f} % of the test images right, and are read on {N_IMAGES} of
  these. They differ in nothing but depth."""


def about_toys(table: pd.DataFrame) -> str:
    """Say what the toy networks are."""
    numbers = toy_numbers(table)
    widths, depths, steps = (
        ", ".join(map(str, sorted(numbers[name].unique()))) for name in ("width", "depth", "steps")
    )
    return f"""\
- {len(numbers)} toy networks are trained on the digits 0 to 4 of scikit-learn, and fine-tuned on
  100 images of the digits 5 to 9 (widths {widths}; {depths} convolutions;
  {steps} steps). They stand in for nine good networks in the ranking, and only there."""


def remarks(table: pd.DataFrame) -> str:
    """Say what the numbers mean, where they differ from the paper, and why."""
    parts = []
    if CIFAR in studies_in(table):
        parts += [of_enlarging(table), of_size(table), of_order(table)]
    if has_residuals(table):
        parts.append(of_depth(table))
    return "\n".join([*parts, of_ranking(table), CAUTION])


def of_enlarging(table: pd.DataFrame) -> str:
    """Say that the number of pixels which pictures had makes the curve, not what they show."""
    lite = CIFAR.networks[0]
    kinds = ("CIFAR-10", "CIFAR-100", "Fashion-MNIST", "MNIST", "ImageNet", SMALL_IMAGENET)
    ten, hundred, fashion, digits, large, small = (
        curve(table, CIFAR, lite, kind=kind).mean(axis=1) for kind in kinds
    )
    ratios = [f"{omega[-1] / omega[0]:.2g}" for omega in (ten, hundred, fashion, large, small)]
    alike, apart, similar = (
        f"{100 * shift(one, other):.2g} %"
        for one, other in ((ten, small), (large, small), (ten, hundred))
    )
    plain = " and ".join(f"{100 * shift(ten, other):.2g} %" for other in (fashion, digits))
    return f"""\
- **Whether Betti numbers end lower than they begin depends on how large the pictures were.** In
  {lite} Ω of the last layer is {ratios[0]} times that of the first on CIFAR-10, {ratios[1]} times
  on CIFAR-100, {ratios[2]} times on Fashion-MNIST, and {ratios[3]} times on ImageNet. It is not
  what the pictures show. Those of ImageNet, made as small as CIFAR's and then shown at 224 pixels
  like these, have {ratios[4]}, and a curve that differs by {alike} from that of CIFAR-10, and by
  {apart} from their own at full size. An enlarged picture is smooth, so that the first layers
  find little in it. The Betti numbers that the authors have stored, of CIFAR-10 enlarged to 256
  pixels, rise from first to last layer in four of nine networks: from 2868 to 6465 in ResNet-50,
  2435 to 6065 in ResNet-101, 2360 to 5925 in ResNet-152 and 1201 to 4039 in MobileNetV2. In
  VGG-16 they fall from 8670 to 631, in ResNet-18 from 3809 to 1239, in DenseNet-121, 169 and 201
  from 6120, 11 509 and 10 384 to 941, 1431 and 1407.
- **Similar data sets** do give the same curve: CIFAR-10 and CIFAR-100 differ by {similar}. But so
  do pictures of ImageNet made as small, whatever they show. Garments and digits, small too but on
  a plain ground, differ from CIFAR-10 by {plain}.
- **Resolution.** The curve does not depend on the size at which pictures of ImageNet are shown.
  With pictures of CIFAR, which have no more detail to show, it does: the more they are
  enlarged, the less complexity lies in the first layers."""


def of_size(table: pd.DataFrame) -> str:
    """Say what the fall is, beside sizes and random weights."""
    lite = IMAGENET.networks[0]
    trained, sizes, random = (
        f"{fall(omega):.2f}"
        for omega in (
            curve(table, IMAGENET, lite).mean(axis=1),
            voxels(table, IMAGENET, lite),
            curve(table, IMAGENET, lite, weights="untrained").mean(axis=1),
        )
    )
    return f"""\
- **Where they fall, so do the layers.** On ImageNet the slope of log Ω of {lite} is {trained};
  that of the number of voxels is {sizes}, and with random weights Ω has {random}.
- **“The lowest possible value” is not reached** in any network here. EfficientNets end with a
  layer of many channels, which has thousands of components. Nor is it in the numbers that the
  authors have stored."""


def of_order(table: pd.DataFrame) -> str:
    """Say what a permutation of the channels does."""
    parts = []
    for study in (study for study in studies_in(table) if study.channels):
        for network in study.networks:
            omega = curve(table, study, network).mean(axis=1)
            orders = permuted_curves(table, study, network, layout="volume_permuted").mean(axis=2)
            change = 100 * (orders.mean(axis=0) / omega - 1).mean()
            parts.append(f"{network} on {study.kind} {change:+.1f} %")
    return f"""\
- **The order of the channels.** A random order changes Ω by, on average over layers:
  {", ".join(parts)}.
  In the numbers that the authors have stored it is 7 to 9 %. The order that training happened to
  give is not special, but it is one of many."""


def of_depth(table: pd.DataFrame) -> str:
    """Say what depth alone does."""
    trained = residual_curves(table, "trained")
    ratio = trained.map(lambda omega: omega[-1] / omega[0])
    between = np.mean([largest_of_pairs(curves) for _, curves in trained.groupby("depth")])
    thetas = residual_numbers(table)["theta"].groupby("depth").mean()
    listed = ", ".join(f"{value:.3f}" for value in thetas)
    return f"""\
- **Depth alone.** Three residual networks of one depth, from other seeds, differ by
  {100 * between:.2g} %; the claim on depth has to be seen beside that. Ω of the last layer is
  {ratio.min():.2f} to {ratio.max():.2f} times that of the first. θ, which is taken at x = 1, 2, …,
  does depend on depth: {listed} for 8, 14 and 20 layers."""


def of_ranking(table: pd.DataFrame) -> str:
    """Say what θ ranks, and what nine networks could show."""
    found = scores(table)
    ranked = ranking(found)
    low, high = found[TARGET].quantile([0.05, 0.95])
    by_depth = found.groupby("depth")[[THETA, TARGET]].corr("kendall").iloc[::2, 1]
    listed = ", ".join(f"{value:.2f}" for value in by_depth)
    depths = ", ".join(map(str, by_depth.index.unique("depth")))
    each = ", ".join(
        f"{what} {ranked.kendall[name]:.2f}" for name, what in {**PUBLISHED, **FREE}.items()
    )
    return f"""\
- **The ranking** is one of toys: nine in ten reach {low:.0f} to {high:.0f} % after fine-tuning.
  τ of −θ is {ranked.kendall[THETA]:.2f} over all, and {listed} among those with {depths}
  layers. The others: {each}.
  θ is taken at x = 1, 2, …, so that networks of different depth have θ of different size, which
  alone spoils a ranking across depths. The paper's networks differ in more than that, and are
  good.
- **What nine networks can show.** The paper's τ of .78 is three standard deviations of chance,
  so that some relation between its nine numbers and θ there is. But nine networks cannot tell a
  good score from a better one: in random order τ has a standard deviation of 0.27, and groups
  of nine of our networks scatter as the right panel shows. Nor are the nine independent: four
  ResNets and three DenseNets."""
