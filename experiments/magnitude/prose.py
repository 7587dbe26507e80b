"""What is run, and what the numbers mean, in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.harness import fullest
from experiments.magnitude.across import ACCURACY, DIMENSION, granulated
from experiments.magnitude.along import last_two
from experiments.magnitude.runs import ends, paths, stops

SUBJECT = """\
While a network is trained by plain SGD, its last 1000 weight vectors form a metric space. Its
magnitude and its dimension are said to be low where the network generalises well."""
ABOUT = {
    "small": f"""{SUBJECT} The paper
follows single networks along their training. Here 48 fully connected networks are trained on 600 of
the digits of scikit-learn (1197 others are the test): learning rates 0.04, 0.08 and 0.16, widths 32
and 128, 5 and 7 layers, four seeds each, batches of 100, 4000 iterations, a look at each thousand.
Distances are Euclidean between weights, by a sketch with 2048 coordinates. A network *has learned*
when 99 % of its training images are right; only those that have are compared with each other.""",
    "paper": f"""{SUBJECT} As in the
paper, networks with 5 and 7 fully connected layers are trained on MNIST for 10 000 iterations and
AlexNet on CIFAR-10 for 19 000, in batches of 100. The paper shows the learning rate 0.1; here there
are others beside it, two widths, and five seeds. A network *has learned* when 99 % of its training
images are right. The data sets are read from `data/`, where torchvision puts them.""",
}
CAUTION = """\
- **What this does not show.** These are a few architectures on one or two data sets. Intervals are
  over networks that were trained alike, not over data sets. Where every training image is right,
  the gap is 100 % less the test accuracy, and the two are one target."""


def about(table: pd.DataFrame) -> str:
    """Say what is run."""
    return ABOUT[fullest(table)[1]]


def remarks(table: pd.DataFrame) -> str:
    """Say what the numbers mean, where they differ from the paper, and why."""
    table, size = fullest(table)
    if size != "small":
        return CAUTION
    parts = [of_size(table), of_time(table), of_dimensions(table), of_norm(table), of_paths(table)]
    return "\n".join([*parts, CAUTION])


def of_size(table: pd.DataFrame) -> str:
    """Say what magnitude at a fixed scale follows."""
    found = ends(table)
    tau = found["|1.36 W|"].corr(found["diameter"], "kendall")
    return f"""\
- **Magnitude at a fixed scale is the size of the walk.** It orders the networks as the diameter of
  the window does (τ {tau:.2f}). It is small where a network has come to rest. After equally many
  iterations those have that learn faster, at higher rates and with wider layers, and these are also
  better on the test. So the correlation that the paper reports is found here too, within each
  hyper-parameter as well; but a ruler would find it."""


def of_time(table: pd.DataFrame) -> str:
    """Say what joins magnitude and accuracy along training."""
    before, last = last_two(stops(table))
    shrunk = 100 * np.exp(np.log(last["|30.51 W|"] / before["|30.51 W|"]).mean())
    change = (last[ACCURACY] - before[ACCURACY]).mean()
    return f"""\
- **Along training it is time that joins the two.** In the last thousand iterations of networks that
  had learned before, magnitude at t = 30.51 falls to {shrunk:.0f} % on average, and accuracy moves
  by {change:+.2f} %. And a network that has not begun to learn hardly moves: its magnitude is small
  while its accuracy is that of guessing. Hence the coefficients near 0 over four windows, where
  the paper's figures, of one network each, show a clear trend."""


def of_dimensions(table: pd.DataFrame) -> str:
    """Say what the dimensions follow."""
    psi = granulated(ends(table), DIMENSION, ACCURACY).psi
    listed = ", ".join(f"{name} {value:.2f}" for name, value in psi.items())
    return f"""\
- **The dimension depends on how it is read.** Between the paper's scales the slope follows size
  too: it is near 0 where nearly all points look like one. Where the curve is straightest, wherever
  that is, the slope neither falls along training nor is it lower in better networks: its ψ with
  accuracy are {listed}. More layers give a lower dimension, and here worse networks.
- **Magnitude dimension and PH dimension** do not go together as closely as in the paper. Outliers
  are windows in which a network begins to learn: a slow and a fast stretch, whose points come apart
  at different scales. The curve then has two straight parts, and the dimension is that of the one
  over which the magnitude grows more."""


def of_norm(table: pd.DataFrame) -> str:
    """Say when the norm does better."""
    found = ends(table)
    of_depth = [
        f"{rows['norm'].corr(rows[ACCURACY], 'kendall'):.2f} with {depth:g} layers"
        for depth, rows in found.groupby("depth")
    ]
    psi = granulated(found, "norm", ACCURACY).psi["depth"]
    return f"""\
- **The norm of the weights** has the τ {" and ".join(of_depth)}, and between depths it points the
  other way (ψ {psi:.2f}): deeper networks have larger norms and are worse. Whether it does better
  than magnitude, as Tan et al. found, depends on which networks are compared."""


def of_paths(table: pd.DataFrame) -> str:
    """Say how far estimates of known dimensions are off."""
    known, found = paths(table), ends(table)
    low, high = found[DIMENSION].quantile([0.05, 0.95])
    error, other = ((known[name] - known["alpha"]).mean() for name in (DIMENSION, "PH dimension"))
    return f"""\
- **Lévy paths.** Our rule for the straightest part is off by {error:+.2f} on average, where the
  paper reports 0.3 too low for a part chosen by hand; the PH dimension is off by {other:+.2f}. Nine
  of ten networks have magnitude dimensions from {low:.2f} to {high:.2f}: not much more than these
  errors."""
