"""The fully connected networks of the paper, trained on its set D-I by the paper's recipe.

G. Naitzat, A. Zhitnikov, L.-H. Lim, "Topology of deep neural networks", JMLR 21(184), 2020: two
coordinates in, nine hidden layers of fifteen units, two logits out; Adam on all points at once,
until every training point is in its class. What matters is the scale of the coordinates, which lie
between -1 and 1 as with the authors: at ten times that, holes do not close. A network that does not
get there is not looked at: another is drawn.
"""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import torch
from torch import nn

import topolens as tl

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}
DEPTH, WIDTH = 9, 15
RATE, HALVED_EVERY = 0.02, 2500
LOOK, MOST_LOOKS, MOST_DRAWS = 1000, 3, 6
CLASSES = np.array(["disks", "plane"])
# The paper looks at every third of the 7800 points, with these neighbours.
POINTS, MEASURE = 2600, tl.HopBetti(k=14, hops=2, max_reach=1)

torch.set_num_threads(1)  # the networks are so small that threads only wait for one another


def disks(rng: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Return points and labels of D-I: 0 in one of nine disks, 1 in the plane around them."""
    X, y = tl.datasets.naitzat("D-I", rng=rng)
    return torch.tensor(X, dtype=torch.float32), torch.tensor(y)


class GlorotLinear(nn.Linear):
    """A linear layer that draws Glorot's weights, also for an untrained copy."""

    def reset_parameters(self) -> None:
        """Draw the weights anew."""
        nn.init.xavier_uniform_(self.weight)
        nn.init.zeros_(self.bias)


def fully_connected(activation: str) -> nn.Sequential:
    """Build 2-15x9-2 with Glorot's initialisation."""
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    for i in range(1, DEPTH + 1):
        parts[f"linear{i}"] = GlorotLinear(WIDTH if i > 1 else 2, WIDTH)
        parts[f"{activation}{i}"] = ACTIVATIONS[activation]()
    parts["logits"] = GlorotLinear(WIDTH, 2)
    return nn.Sequential(parts)


def trained(activation: str, X: torch.Tensor, y: torch.Tensor, *, seed: int) -> nn.Sequential:
    """Draw a network and train it until it classifies every point; draw again if it cannot."""
    torch.manual_seed(seed)
    for _ in range(MOST_DRAWS):
        model = fully_connected(activation)
        if _train(model, X, y):
            return model
    raise RuntimeError(f"none of {MOST_DRAWS} networks classifies every point (seed {seed})")


def _train(model: nn.Module, X: torch.Tensor, y: torch.Tensor) -> bool:
    """Tell whether a look finds every point right before the steps run out."""
    adam = torch.optim.Adam(model.parameters(), lr=RATE)
    halved = torch.optim.lr_scheduler.ExponentialLR(adam, 0.5 ** (1 / HALVED_EVERY))
    for _ in range(MOST_LOOKS):
        for _ in range(LOOK):
            adam.zero_grad()
            nn.functional.cross_entropy(model(X), y).backward()
            adam.step()
            halved.step()
        if accuracy(model, X, y) == 1:
            return True
    return False


@torch.no_grad()
def accuracy(model: nn.Module, X: torch.Tensor, y: torch.Tensor) -> float:
    """Return the share of points that the model puts in their class."""
    return float((model(X).argmax(dim=1) == y).double().mean())


def betti_by_layer(
    model: nn.Module, X: torch.Tensor, y: torch.Tensor, seed: int
) -> tl.layers.LayerTable:
    """Measure both classes in every layer, beside an untrained copy."""
    recording = tl.record(model, (X[::3], y[::3]), max_samples=POINTS)
    names = CLASSES[recording.labels]
    return tl.analyse(recording, MEASURE, labels=names, by="class", control="untrained", rng=seed)
