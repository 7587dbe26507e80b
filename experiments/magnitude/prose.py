"""What is run, and what the numbers mean, in words."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill

import pandas as pd

from experiments.harness import fullest, in_words, mean_interval
from experiments.magnitude.across import HYPERPARAMETERS, TARGET, granulated
from experiments.magnitude.along import SMALL_SCALES, STRAIGHTEST
from experiments.magnitude.intervals import begun, turns
from experiments.magnitude.measures import SCALES
from experiments.magnitude.runs import (
    ACCURACY,
    NETWORK,
    along,
    correlations,
    kinds,
    mean_correlation,
    paths,
    restarts,
    windows,
)
from experiments.magnitude.walks import BATCH, WINDOW

DATA = {
    "Fashion-MNIST": "Fashion-MNIST, as many images of the same size, which are harder",
    "shaken digits": "the digits of scikit-learn, enlarged and shaken into 60 000 images of 28 × "
    "28 pixels, with 10 000 of other digits for the test",
    "MNIST": "MNIST",
    "CIFAR10": "CIFAR-10",
}
JUMP = 1.5
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
    first, end = found.iloc[0], found[found["iteration"] == found["iteration"].max()]
    listed = ", ".join(f"{kind} {rows[ACCURACY].mean():.1f} %" for kind, rows in kinds(end))
    text = f"""\
While a network is trained by plain SGD, each {WINDOW} weight vectors in turn form a metric space.
The paper says that its magnitude, the effective number of models, and its magnitude dimension fall
while test accuracy rises, and that the magnitude dimension goes with the PH dimension. As there,
fully connected networks of 5 and 7 layers (fcn-5, fcn-7) are trained at rate {first["rate"]:g} in
batches of {BATCH} for {found["iteration"].max():,.0f} iterations, here with up to
{found["seed"].nunique()} seeds of each kind; layers are {first["width"]:.0f} wide, which the paper
does not say. The data are {"; ".join(DATA[name] for name in found["data"].unique())}. In the end
test accuracy is: {listed}. The paper's fcn-5 reaches 98 % on MNIST, which no package brings.

R. Andreeva, B. Dupuis, R. Sarkar, T. Birdal and U. Şimşekli
([2024](https://arxiv.org/abs/2407.08723)) bound the generalisation gap by two other numbers of the
walk around a trained network: the positive magnitude at the root of the number of images, and the
sum of lifetimes. For them, {again["seed"].nunique()} networks of 5 layers come to know
{again["images"].iloc[0]:,.0f} images of {again["data"].iloc[0]}, and each is trained on from there
for one window at three rates with three sizes of batches."""
    return "\n\n".join(fill(part, 100, break_on_hyphens=False) for part in text.split("\n\n"))


def summary(table: pd.DataFrame) -> str:
    """Say in a sentence what became of the paper."""
    found = windows(fullest(table)[0])
    falls, dimension = (
        span(along(rows, name).mean() for _, rows in kinds(found))
        for name in ("|1.36 W|", "PH dimension")
    )
    small, steep = (
        span(together(begun(found), name).values()) for name in (SMALL_SCALES, STRAIGHTEST)
    )
    return (
        f"Along training |1.36 W| falls while accuracy rises (τ {falls}, by network and data), and "
        f"so does the PH dimension ({dimension}). Whether the magnitude dimension goes with them "
        "depends on the interval of scales: its correlation with the PH dimension is "
        f"{small} below t = {SCALES[0]:g}, and {steep} where the curve is straightest."
    )


def together(found: pd.DataFrame, name: str) -> dict[str, float]:
    """Correlate a slope with the PH dimension within the networks of each kind."""
    return {
        kind: mean_correlation(correlations(rows, name, "PH dimension")).estimate
        for kind, rows in kinds(found)
    }


def span(values: Iterable[float]) -> str:
    """Write the least and the largest."""
    least, *_, largest = sorted(values)
    return f"{least:+.2f} to {largest:+.2f}"


def remarks(table: pd.DataFrame) -> str:
    """Say what the numbers mean, where they differ from the paper, and why."""
    table, _ = fullest(table)
    found = windows(table)
    points = (
        of_scales(found),
        of_intervals(found),
        of_first(found),
        of_jumps(found),
        of_age(found),
        of_gap(table),
        of_paths(table),
        CAUTION,
    )
    return "\n".join(
        fill(" ".join(point.split()), 100, subsequent_indent="  ", break_on_hyphens=False)
        for point in points
    )


def of_scales(found: pd.DataFrame) -> str:
    """Say at which scales the number of models falls."""
    listed = "; ".join(
        f"{kind}: " + ", ".join(f"{along(rows, f'|{t:g} W|').mean():+.2f}" for t in SCALES)
        for kind, rows in kinds(found)
    )
    return f"""\
- **The effective number of models falls at t = 1.36 as the paper shows it.** At larger scales that
  depends on the data. Its τ with accuracy at t = {", ".join(f"{t:g}" for t in SCALES)} is, for
  {listed}. As a network comes to know its images the walk shrinks, and its magnitude falls at every
  scale. Where they stay hard, the noise of the batches keeps neighbours apart, and at larger scales
  it rises."""


def of_jumps(found: pd.DataFrame) -> str:
    """Say how often a network that has learned leaves its place."""
    begun_with = begun(found)
    growth = begun_with.groupby(NETWORK)["|1.36 W|"].pct_change().dropna() > JUMP - 1
    after = begun_with[ACCURACY] - begun_with.groupby(NETWORK)[ACCURACY].shift()
    listed = "; ".join(
        f"{kind}: {growth[growth.index.isin(rows.index)].sum()} of "
        f"{growth.index.isin(rows.index).sum()}"
        for kind, rows in kinds(found)
    )
    lost = after[growth.index[growth]].mean() if growth.any() else 0
    return f"""\
- **Jumps.** Networks that have learned leave their place now and then: |1.36 W| is more than
  {JUMP:g} times that of the window before in some windows ({listed}), and there test accuracy
  changes by {lost:+.1f} % on average."""


def of_intervals(found: pd.DataFrame) -> str:
    """Say how the dimension depends on the interval."""
    changes = "; ".join(
        f"{kind}: " + ", ".join(f"{t:.2g}" for t in turns(rows, "PH dimension"))
        for kind, rows in kinds(found)
    )
    steep = "; ".join(
        f"{kind} {value:+.2f}" for kind, value in together(begun(found), STRAIGHTEST).items()
    )
    return f"""\
- **The magnitude dimension can be had with either sign.** Of one and the same walk the slope of
  log|tW| goes closely with the PH dimension over some intervals of scales, and as closely against
  it over others; which ones depends on the data as well. At small t it goes with it; the mean
  correlation changes its sign at these t: {changes}. Where the curve is straightest it is: {steep}.
  The paper chose the straight part by hand in [0, 40] and does not print it: its .96 is found
  where the interval is right, and no verdict here says what it was."""


def of_first(found: pd.DataFrame) -> str:
    """Say what the first window does."""
    first, second = (found[found["iteration"] == k * WINDOW] for k in (1, 2))
    listed = ", ".join(f"{rows[ACCURACY].mean():.1f} %" for _, rows in kinds(first))
    dimensions = "; ".join(
        f"{kind}: {rows['PH dimension'].mean():.2f}, then {after['PH dimension'].mean():.2f}"
        for (kind, rows), (_, after) in zip(kinds(first), kinds(second), strict=True)
    )
    later, of_all = (together(of, SMALL_SCALES) for of in (begun(found), found))
    correlated = "; ".join(f"{kind}: {later[kind]:.2f}, {of_all[kind]:.2f}" for kind in later)
    return f"""\
- **The window that begins at random weights is another thing.** In it the network goes a long way,
  and its PH dimension is not that of the next ({dimensions}). The correlation of the two dimensions
  at small t, over all later windows and then over all, is: {correlated}. In the paper's figure the
  accuracy of fcn-5 goes from 96.5 to 98 %: its networks had learned before. Here accuracy is
  {listed} at the end of the first window. So the claim is tested without it; the number with it
  stands beside."""


def of_age(found: pd.DataFrame) -> str:
    """Say what the correlations along training are worth."""
    with_age = [along(found, name, "iteration").mean() for name in (ACCURACY, "|1.36 W|")]
    return f"""\
- **Age moves them all.** Accuracy has a τ of {with_age[0]:.2f} with the iteration, |1.36 W| one of
  {with_age[1]:.2f}. Our questions ask of networks of one age, which differ in their seeds alone,
  whether those with smaller numbers are the better ones."""


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
