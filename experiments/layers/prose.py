"""What was run, and what the numbers about layers mean."""

from __future__ import annotations

from textwrap import fill

import pandas as pd

from experiments.layers.draws import ENOUGH
from experiments.layers.quantities import Networks
from experiments.layers.table_1 import ACTIVATIONS, PAPER
from experiments.layers.table_3 import about_table_3, remarks_table_3
from experiments.layers.words import NAMES

ABOUT = """\
Nine pieces, nine linked rings, nine shells in shells: the sets D-I, D-II and D-III, whose Betti
numbers are known, and two real ones, the digits of scikit-learn (zeros against the rest, 30
principal components) and a table of breast cancers (30 columns). As with the authors, coordinates
lie between -1 and 1 and fully connected networks see all points at once: Adam at a rate of 0.02
that is halved, continuously, every 2 500 steps (4 000 with a bottleneck), Glorot's weights, at most
18 000 steps. Every 1 000 steps we look: training ends when every point is right, and a network that
makes no fewer mistakes for three looks is given up. Draws go on until there are enough
*well-trained* networks.

After every layer the points of each class are joined to their `k` nearest, and the Betti numbers
of the complex of all pairs at most two hops apart are counted, with the paper's points: `k = 14` on
2 600 points of D-I, `k = 35` on 11 250 of D-II and 9 450 of D-III. There the input shows the Betti
numbers that it should. Real data have no such truth: `k = 6` at one, two and three hops. ω is the
sum of the Betti numbers, Ma the class that the paper draws. Full persistence is that of 150
landmarks of each class, over all scales, with the largest distance in the layer set to one. Beside
each network stands a copy with fresh weights and, but for the largest clouds, the same network with
permuted labels."""


OF_TABLE_1 = """\
Table 1 of the paper has 41 rows and 1 286 networks. {run} Rows called "a sixth" or "a fifth of the
points" are trained on so many, six networks each, and measured on the paper's points."""


def about(table: pd.DataFrame) -> str:
    """Say what was run, and how much of Table 1 that is."""
    networks = Networks(table)
    counts = {row: networks.well_trained(row)[0] for row in PAPER}
    whole = [row for row, count in counts.items() if count >= ENOUGH]
    partly = [row for row, count in counts.items() if 0 < count < ENOUGH]
    parts = [f"{len(whole)} of these rows, as we read the table, are here with {ENOUGH} networks"]
    if partly:
        parts.append(f"{len(partly)} with fewer")
    if left := len(PAPER) - len(whole) - len(partly):
        parts.append(f"{left} were not run")
    run = f"{', '.join(parts)}. `python -m experiments --size paper --estimate` tells their hours."
    of_table_1 = fill(OF_TABLE_1.format(run=run), 100, break_on_hyphens=False)
    return f"{ABOUT}\n\n{of_table_1}\n{about_table_3(networks)}"


def summary(table: pd.DataFrame) -> str:
    """Say in one sentence what became of the paper."""
    networks = Networks(table)
    parts = []
    for activation in ACTIVATIONS:
        row = f"D-I 15x9 {activation}"
        if len(networks.of(row)):
            last = networks.of_a(row, degree=0).iloc[:, -1].mean()
            closed = networks.ends_simple(row, networks.classes(row)[1])
            parts.append(
                f"{NAMES[activation]} to {last:.2f} (the other class ends without holes in "
                f"{closed.sum()} of {len(closed)})"
            )
    return (
        "Networks do simplify the topology of their input, ReLU first and tanh last: on D-I the "
        f"nine pieces of Ma fall with {', with '.join(parts)}."
    )


def remarks(table: pd.DataFrame) -> str:
    """Say what agrees with the paper, and what does not."""
    return REMARKS + remarks_table_3(Networks(table))


REMARKS = """\
- **The paper's picture comes out.** At the authors' scale, full batches and sampling, β₀ of the
  disks of D-I falls as in their figures, ReLU first, then leaky ReLU, then tanh, each clear of the
  next by more than a tenth of ω, and ends at one. Earlier versions of this page said the opposite.
  The reason was the scale of the input: with coordinates between -10 and 10, as the generator of
  the set leaves them, holes do not close, and at a few thousand points the Betti numbers of D-II
  and D-III have no slack.
- **What does not: the other class.** The abstract says that the Betti numbers of both components
  fall to their lowest values. The plane around the disks, which the paper does not draw, keeps some
  of its nine holes: with tanh in every network, with leaky ReLU in most; only ReLU closes them in
  most networks, and not in all. All these networks classify every training point, and all but a
  thousandth of the unseen ones. So a correct answer does not need a simple shape of both classes.
- **What the controls say.** Untrained copies lose complexity too, by squeezing alone, but later:
  the difference is a fifth to a quarter of ω for each activation. At the output the classes are
  simpler than random halves of the same points, by about one Betti number.
- **All scales.** Total persistence rises on its way through most of these networks, but that
  training raises it is true of tanh only; ReLU networks have less of it than their untrained
  copies. So "networks simplify topology layer by layer" is a statement about one scale and, outside
  of ReLU, about one class.
- **D-II and D-III.** On the paper's 45 000 points of D-II most networks with leaky ReLU bring the
  rings of Ma into one piece without a loop, as the abstract says; of Mb about every second one
  does, which is near the bound that we set. Of D-III there are a few networks at the paper's size,
  too few to decide. With a sixth and a fifth of the points, six draws of a kind, pieces merge as
  on D-I, and loops and hollows mostly go, last with tanh. A network at the paper's size takes one
  to three minutes, and the other rows of Table 1 are yet to be run.
- **What not to conclude.** Simulated sets, of which each is one draw; networks that did not get
  every point right were not looked at, as in the paper. In the two logits points lie nearly on a
  line, where a graph of `k` neighbours shows a loop or a gap wherever the spacing changes."""
