"""What is run, and what the numbers about layers mean."""

from __future__ import annotations

import pandas as pd

from experiments.harness import fullest

ABOUT = """\
Nine pieces, nine linked rings, nine shells in shells: the sets D-I, D-II and D-III, whose Betti
numbers are known, and two real ones, the digits of scikit-learn (zeros against the rest, 30
principal components) and a table of breast cancers (30 columns). Fully connected networks of one
width are trained until every point is in its class, and of those drawn that do not get there none
is looked at. They start from Glorot's weights and see mini-batches of 512 points, where the paper
trains on all points at once.

{size}

After every layer the points of each class are joined to their `k` nearest, and the Betti numbers
of the complex of all pairs at most so many hops apart are counted: `k = 14`, two hops on D-I,
{scales}. There the input shows the Betti numbers that it should. For real data, `k = 6` and one
hop, where sampling alone makes many loops, as in the paper's tables. ω is the sum of the Betti
numbers of both classes. Full persistence is that of 150 landmarks of each class, over all scales,
with the largest distance in the layer set to one. Each network is measured beside a copy with
fresh weights, and with permuted labels."""

SIZES = {
    "small": """\
Small size: D-I as in the paper (7 800 points, every third for homology) with 15 units a layer;
D-II with 7 200 and D-III with 7 560 points in place of 45 000 and 37 800, and 25 units, since few
networks of 15 get every point right in the time. Nine hidden layers; on D-I also three, and a
bottleneck of three units, and ReLU networks that start from PyTorch's weights. 10 networks of
each kind on D-I (8 of the shallow ones and of those with a bottleneck), 5 on the others, or as
many as got every point right.""",
    "paper": """\
Paper size: all points, widths 15, 25 and 50, three to nine hidden layers, a bottleneck of three
units, 30 networks of each kind.""",
}
SCALES = {
    "small": "D-II and D-III (every fourth and second point; the paper has `k = 35` for more)",
    "paper": "`k = 35` and two hops on D-II and D-III",
}


def about(table: pd.DataFrame) -> str:
    """Say what is run."""
    size = fullest(table)[1]
    return ABOUT.format(size=SIZES[size], scales=SCALES[size])


def remarks(table: pd.DataFrame) -> str:
    """Say what disagrees with the paper, and why; written about the numbers at small size."""
    return REMARKS[fullest(table)[1]]


REMARKS = {
    "small": """\
- **What agrees.** Networks that classify every point lose most of the complexity of their input,
  and in most of them each class ends as one piece. Shallow networks leave it to their last
  layers and deep ones spread it. tanh is the last: it keeps complexity longer than leaky ReLU in
  all five data sets, and in four of them the interval is clear of 0. ReLU before leaky ReLU is
  open in four of five. A bottleneck of three units takes more than half of the complexity away at
  once with tanh; with ReLU too few networks differ too much.
- **What does not: (1, 0, 0) at the output.** Pieces merge, holes need not close. Most networks
  keep loops of the plane of D-I, and none ends with a class of D-III in one piece without holes,
  with every point right. So a correct answer does not need a simple shape. How often holes close
  depends on training: of ReLU networks on D-I that start from PyTorch's smaller weights, eight of
  ten close all holes of the plane, of those that start from Glorot's, as in the paper, two of
  ten. (The means of ω are too spread to decide: one of the ten keeps twelve loops.) Our networks
  also see mini-batches at smaller rates, and stop as soon as they make no mistake. And in the two
  logits the points lie nearly on a line, where a graph of `k` neighbours shows a loop or a gap
  wherever the spacing changes.
- **What the controls take away.** Untrained copies lose complexity too, by squeezing alone. On D-I
  and D-II training makes the fall no earlier than that, as far as these intervals can tell; with
  tanh on D-I the untrained copies are even earlier. Clearly simpler after training are the outputs
  on D-II, D-III and the real data. But with permuted labels, halves of the same points drawn at
  random are as simple there as the classes, as far as can be told: the last layers simplify all
  of the data, and not the classes in particular.
- **What the critics say holds.** Total persistence rises in every trained network, most with tanh,
  and is highest in the middle layers; in the last ones it falls below that of the input. In
  untrained copies it hardly rises. Nine tenths of it are of degree 0, the length of a spanning tree
  of the landmarks: hidden layers spread the points over more dimensions before the last ones
  gather them. The hop count at one scale is blind to that, as it is meant to be. So "networks
  simplify topology layer by layer" is a statement about one scale.
- **What not to conclude.** Five or ten networks of a kind, of one or two widths, on three made
  clouds and two small real ones; networks that did not get every point right were not looked at,
  as in the paper, and of those that did the first were taken. Real data are measured at one hop,
  where most loops come from sampling: there ω says how evenly points are spread rather than what
  shape they have.""",
    "paper": """\
What was said about the numbers at small size was about those, and is not repeated here.""",
}
