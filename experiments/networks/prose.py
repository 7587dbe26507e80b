"""What is run, and what the numbers about the space of networks mean."""

from __future__ import annotations

import pandas as pd

from experiments.harness import fullest
from experiments.networks.populations import SEEDS, WIDTHS

ABOUT = """\
The paper gives a definition and theorems, and no experiments that are known to us. The full text
was not at hand: what is tested is the definition as we read it from the abstract and a summary,
the distance of two networks being the probability that their predicted labels differ, and
networks at distance 0 being one point.

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


def remarks(table: pd.DataFrame) -> str:
    """Say what agrees with the paper, and what no sample can show."""
    return REMARKS


REMARKS = """\
- **Compactness** is a theorem about all networks that are left after pruning, and a sample cannot
  contradict it. What a sample can show is whether the space fills up at sizes that one can train,
  and that depends on the stage of training. Fully trained networks are soon covered: one or two
  balls of radius 0.1 hold all of them, however many. Before, and most of all after one epoch, the
  number of balls grows nearly in proportion to the number of networks, and most new networks are
  far from every known one. A covering number of such a population is a number about the sample.
- **Symmetries** are divided out as promised: weights that are moved by more than their own norm
  leave every label as it was. The converse is not to be had: apart from copies, hardly two trained
  networks agree on all images, and intervals leave open for many pairs whether they are within a
  few percent of each other. No sample can certify a distance of 0.
- **Ties** never occur in floating-point logits, so that pruning them costs nothing. Near ties do:
  before training most images have two logits within 0.05 of each other, and labels there hang on
  rounding. The paper's pruning by a margin would remove untrained networks first.
- **Connectivity.** The weights of one architecture are a connected set, and straight paths show no
  jump in the predictions: with sixteen times as many steps the largest is about eight times as
  small. (With few steps it is bounded by the change on the whole path, hence not sixteen times.)
  Between architectures there is no such path here. The trained networks of all kinds hang together
  below the certified scale, and of their gaps and loops none is certified with 1197 images.
- **Agreement with the paper.** Nothing here contradicts it. Most of what it claims is a matter of
  definition or a theorem, so that these claims test the implementation and the reach of samples.
- **What not to conclude.** One small task, networks of at most nine thousand weights, one set of
  training images: nothing is said about large networks, other data or other training sets."""
