"""What is run, and what the numbers mean, in words."""

from __future__ import annotations

from textwrap import fill

import pandas as pd

from experiments.harness import fullest, in_words, mean_interval
from experiments.magnitude.across import HYPERPARAMETERS, TARGET, granulated
from experiments.magnitude.intervals import begun, turns
from experiments.magnitude.measures import SCALES
from experiments.magnitude.runs import (
    ACCURACY,
    along,
    correlations,
    kinds,
    mean_correlation,
    paths,
    restarts,
    windows,
)
from experiments.magnitude.walks import BATCH, WINDOW

STANDS_FOR = {
    "Fashion-MNIST": "No package brings MNIST; Fashion-MNIST stands for it, which has as many "
    "images of the same size and is harder: accuracies are ten percent lower.",
    "shaken digits": "Neither MNIST nor Fashion-MNIST was at hand; the digits of scikit-learn "
    "stand for it, enlarged and shaken into 60 000 images of 28 × 28 pixels, and 10 000 others "
    "for the test that come from other originals.",
    "MNIST": "The data are the paper's.",
}
CAUTION = """\
- **What this does not show.** The networks of one kind differ in their seeds alone, and intervals
  are over these; nothing here is about other data, rates or widths. Distances are those of random
  sketches; against exact ones, in four windows of one network, |1.36 W| was off by up to 0.6 %,
  slopes by 0.01 and the PH dimension by 0.005. The width of the layers is a guess, so that no claim
  counts as tested at the paper's settings."""


def about(table: pd.DataFrame) -> str:
    """Say what is run."""
    table, _ = fullest(table)
    found, again = windows(table), restarts(table)
    of_mnist = found[found["network"] != "AlexNet"]
    data = of_mnist["data"].iloc[0]
    on_images = " AlexNet is trained on CIFAR-10." if (found["network"] == "AlexNet").any() else ""
    text = f"""\
While a network is trained by plain SGD, each {WINDOW} weight vectors in turn form a metric space.
The paper says that its magnitude, the effective number of models, and its magnitude dimension fall
while test accuracy rises, and that the magnitude dimension goes with the PH dimension. As there,
fully connected networks of 5 and 7 layers (fcn-5, fcn-7) are trained at rate
{of_mnist["rate"].iloc[0]:g} in batches of {BATCH} for {of_mnist["iteration"].max():,.0f}
iterations, {of_mnist["iteration"].nunique()} windows, here with
{of_mnist["seed"].nunique()} seeds each; layers are {of_mnist["width"].iloc[0]:.0f} wide, which the
paper does not say.{on_images} {STANDS_FOR[data]}

R. Andreeva, B. Dupuis, R. Sarkar, T. Birdal and U. Şimşekli
([2024](https://arxiv.org/abs/2407.08723)) bound the generalisation gap by two other numbers of the
walk around a trained network: the positive magnitude at the root of the number of images, and the
sum of lifetimes. For them, {again["seed"].nunique()} networks of 5 layers come to know
{again["images"].iloc[0]:,.0f} of the images, and each is trained on from there for one window at
three rates with three sizes of batches."""
    return "\n\n".join(fill(part, 100) for part in text.split("\n\n"))


def summary(table: pd.DataFrame) -> str:
    """Say in a sentence what became of the paper."""
    found = windows(fullest(table)[0])
    falls = mean_interval(along(found, "|1.36 W|"))
    small, large = (
        mean_correlation(correlations(begun(found), name, "PH dimension"))
        for name in ("slope below them", "magnitude dimension")
    )
    return (
        f"Along training |1.36 W| falls while accuracy rises (τ {falls.estimate:.2f}), and so does "
        "the PH dimension. Whether the magnitude dimension goes with them depends on the interval "
        f"of scales: its correlation with the PH dimension is {small.estimate:+.2f} below t = 1.36 "
        f"and {large.estimate:+.2f} where the curve is straightest."
    )


def remarks(table: pd.DataFrame) -> str:
    """Say what the numbers mean, where they differ from the paper, and why."""
    table, _ = fullest(table)
    found = windows(table)
    points = (
        of_scales(found),
        of_intervals(found),
        of_first(found),
        of_age(found),
        of_gap(table),
        of_paths(table),
        CAUTION,
    )
    return "\n".join(fill(" ".join(point.split()), 100, subsequent_indent="  ") for point in points)


def of_scales(found: pd.DataFrame) -> str:
    """Say at which scales the number of models falls."""
    listed = "; ".join(
        f"{kind}: " + ", ".join(f"{along(rows, f'|{t:g} W|').mean():+.2f}" for t in SCALES)
        for kind, rows in kinds(found)
    )
    return f"""\
- **The effective number of models falls at t = 1.36 as the paper shows it, and not at all scales.**
  Its τ with accuracy at t = {", ".join(f"{t:g}" for t in SCALES)} is, for {listed}. The windows of
  a network that comes to rest are smaller, and their points lie more evenly: fewer are told apart
  at small scales, and more of them at large ones."""


def of_intervals(found: pd.DataFrame) -> str:
    """Say how the dimension depends on the interval."""
    listed = "; ".join(
        f"{kind}: " + ", ".join(f"{t:.2g}" for t in turns(rows, "PH dimension"))
        for kind, rows in kinds(found)
    )
    _, rows = next(kinds(found))
    straight = (rows[f"straight {end}"].median() for end in ("from", "to"))
    return f"""\
- **The magnitude dimension can be had with either sign.** Of one and the same walk the slope of
  log|tW| goes closely with the PH dimension over some intervals, and as closely against it over
  others. It goes with it at small t; the correlation changes its sign at these t: {listed}. The
  curve is straightest from about {" to ".join(f"{t:.2g}" for t in straight)}, where the slope rises
  along training. The paper chose the straight part by hand in [0, 40] and does not print it: its
  .96 is found where the interval is right, and no verdict here says what it was."""


def of_first(found: pd.DataFrame) -> str:
    """Say what the first window does."""
    first, second = (found[found["iteration"] == k * WINDOW] for k in (1, 2))
    listed = " and ".join(f"{rows[ACCURACY].mean():.1f} %" for _, rows in kinds(first))
    dimensions = "; ".join(
        f"{kind}: {rows['PH dimension'].mean():.2f}, then {after['PH dimension'].mean():.2f}"
        for (kind, rows), (_, after) in zip(kinds(first), kinds(second), strict=True)
    )
    return f"""\
- **The window that begins at random weights is another thing.** In it the network goes a long way,
  and the PH dimension is lower than in the next ({dimensions}). With it the correlation of the two
  dimensions is far smaller (dashed in the figure). In the paper's figure the accuracy
  of fcn-5 goes from 96.5 to 98 %: its networks had learned before. Here accuracy is {listed} at the
  end of the first window. So the claim is tested without it; the number with it stands beside."""


def of_age(found: pd.DataFrame) -> str:
    """Say what the correlations along training are worth."""
    with_age = [along(found, name, "iteration").mean() for name in (ACCURACY, "|1.36 W|")]
    return f"""\
- **Age moves them all.** Accuracy has a τ of {with_age[0]:.2f} with the iteration, |1.36 W| one of
  {with_age[1]:.2f}. Of networks of one age, which differ in their seeds alone, those with smaller
  numbers need not be the better ones: our questions ask for that."""


def of_gap(table: pd.DataFrame) -> str:
    """Say what the restarts show."""
    found = restarts(table)
    names = ("sum of lifetimes", "positive magnitude", "PH dimension", "norm", "diameter")
    listed = ", ".join(f"{name} {granulated(found, name)['Psi'].mean():+.2f}" for name in names)
    cells = found.groupby(HYPERPARAMETERS)[["training accuracy", TARGET]].mean()
    worst, best = cells["training accuracy"].idxmin(), cells["training accuracy"].idxmax()
    known = "; ".join(
        f"at rate {rate:g} in batches of {batch:g}, {known:.1f} %, with a gap of {gap:.1f} %"
        for (rate, batch), (known, gap) in zip(
            (worst, best), cells.loc[[worst, best]].to_numpy(), strict=True
        )
    )
    return f"""\
- **From trained weights.** Ψ with the largest gap of a window is {listed}. A wide walk means a
  large gap in the theory; here the gap follows first of all how many of their images the networks
  know: {known}. A noisy training leaves the minimum that it began in, and a window in larger
  batches is more passes over the images. The 2024 paper trains transformers and graph networks,
  also by ADAM, and takes distances of losses as well; these small networks and plain SGD do not
  contradict it."""


def of_paths(table: pd.DataFrame) -> str:
    """Say how far estimates of known dimensions are off."""
    found = paths(table)
    low, high = (
        in_words(mean_interval(found[name] - found["alpha"]), "")
        for name in ("magnitude dimension", "PH dimension")
    )
    return f"""\
- **Lévy paths.** Our rule for the straightest part is off by {low} on average, the PH dimension by
  {high}. The paper's estimator is another."""
