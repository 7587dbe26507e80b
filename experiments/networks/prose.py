"""What is run, and what the numbers about the space of networks mean."""

from __future__ import annotations

import pandas as pd

from experiments.harness import fullest, in_words
from experiments.networks.claims import END, weights_do_not_tell
from experiments.networks.coverage import RADIUS, coverage
from experiments.networks.populations import SEEDS, WIDTHS
from experiments.networks.space import nearest_known, rows_of
from experiments.networks.training import NEAR_TIE, PATH_STEPS

ABOUT = """\
The paper gives a definition and theorems, and no experiments that are known to us. The full text
was not at hand: this follows the definition as we read it from the abstract and a summary, the
distance of two networks being the probability that their predicted labels differ, and networks at
distance 0 being one point. A theorem needs no test. What a sample can add is how much of it is
seen at sizes that one can train, and that is shown without a verdict.

{networks} networks are trained on 600 images of digits (scikit-learn, 8 × 8 pixels): {kinds}
(fully connected ones with two hidden layers of so many units, and convolutional ones with so
many channels in the first of two layers), with ReLU and with tanh, {seeds} seeds each. They are
looked at before training and after 1, 3, 10 and 30 epochs of Adam. Distances are shares of the
1197 other images."""


def about(table: pd.DataFrame) -> str:
    """Say what is run."""
    size = fullest(table)[1]
    kinds = ", ".join(f"{kind} {width}" for kind, width in WIDTHS[size])
    networks = 2 * len(WIDTHS[size]) * SEEDS[size]
    return ABOUT.format(kinds=kinds, seeds=SEEDS[size], networks=networks)


def summary(table: pd.DataFrame) -> str:
    """Say what became of the paper."""
    table, _ = fullest(table)
    claim = weights_do_not_tell(rows_of(table, "pair"), rows_of(table, "copy"))
    early, trained = (balls(table, epoch) for epoch in (1, END))
    return (
        "What is proved needs no test, and a sample shows how much of it can be seen: "
        f"{trained[1]:.0f} balls of radius {RADIUS} cover {trained[0]} trained networks, as many "
        f"networks after one epoch need {early[1]:.0f}. What the abstract says from experience, "
        "that the distance of weights does not tell what networks predict, is "
        f"{claim.verdict} ({in_words(claim.interval, claim.unit)})."
    )


def remarks(table: pd.DataFrame) -> str:
    """Say what a sample shows of the theorems, and what it cannot show."""
    table, _ = fullest(table)
    parts = [of_compactness(table), of_weights(table), of_ties(table), of_paths(table), CAUTION]
    return "\n".join(parts)


def balls(table: pd.DataFrame, epoch: int) -> tuple[int, float, float]:
    """Return how many networks there are, the balls that cover them, and those for a half."""
    found = coverage(rows_of(table, "checkpoint", epoch=epoch))
    half, whole = found.balls.mean(axis=0)[-2:]
    return int(found.known[-1]), float(whole), float(half)


def of_compactness(table: pd.DataFrame) -> str:
    """Say where the covering number levels off."""
    grows = [balls(table, epoch) for epoch in (END, 0, 1)]
    from_half = [f"from {half:.3g} to {whole:.3g}" for _, whole, half in grows]
    after_one = rows_of(table, "checkpoint", epoch=1)
    far = (nearest_known(after_one, after_one["seed"].nunique() // 2) > RADIUS).mean()
    return f"""\
- **Compactness** is a theorem about all networks that pruning leaves, and no sample can contradict
  it: every finite one has a finite cover. What can be seen is whether the number of balls levels
  off, and that depends on the stage of training. From half of the networks to all, balls of radius
  {RADIUS} grow {from_half[0]} if trained, {from_half[1]} if not, and {from_half[2]}
  after one epoch, where {100 * far:.0f} % of new networks are beyond {RADIUS} of all known ones.
  There a covering number is one of the sample, and says nothing about the space."""


def of_weights(table: pd.DataFrame) -> str:
    """Say what weights tell of outcomes."""
    copies = rows_of(table, "copy")
    claim = weights_do_not_tell(rows_of(table, "pair"), copies)
    return f"""\
- **Weights and outcomes.** Symmetries are divided out as promised: weights that are moved by up to
  {copies["moved"].max():.0f} times their norm leave every label as it was. And of two trained
  networks of one kind the distance of the weights says nothing about how much they agree:
  {in_words(claim.interval, claim.unit)}. High-dimensional weights from independent starts are all
  about equally far apart. The converse of the first is not to be had: apart from
  copies hardly two trained networks agree on all images, and no sample can certify a distance of
  0."""


def of_ties(table: pd.DataFrame) -> str:
    """Say how often labels are nearly not unique."""
    checkpoints = rows_of(table, "checkpoint")
    near = 100 * checkpoints.groupby("epoch")["near_ties"].mean()
    return f"""\
- **Ties** never occur in floating-point logits, so that pruning them costs nothing. Near ties do:
  before training {near[0]:.0f} % of the images have their two largest logits within {NEAR_TIE} of
  each other, after it {near[END]:.1f} %. A pruning by a margin would remove untrained networks
  first."""


def of_paths(table: pd.DataFrame) -> str:
    """Say what straight paths show."""
    jumps = rows_of(table, "path").groupby("steps")["jump"].mean()
    first, last = PATH_STEPS[0], PATH_STEPS[-1]
    return f"""\
- **Connectedness.** The weights of one architecture are a connected set, and straight paths through
  them show no jump in the predictions: among {first} steps the largest changes
  {100 * jumps[first]:.0f} % of the labels, among {last} steps {100 * jumps[last]:.1f} %. Between
  architectures there is no such path, but trained networks of all kinds hang together at a small
  distance. Of gaps and loops between them none is certified with so few images."""


CAUTION = """\
- **What not to conclude.** One small task, small networks, one set of training images: nothing is
  said about large networks, other data or other training sets."""
