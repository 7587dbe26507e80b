"""The fully connected networks of the paper, trained on its set D-I in seconds.

G. Naitzat, A. Zhitnikov, L.-H. Lim, "Topology of deep neural networks", JMLR 21(184), 2020: two
coordinates in, nine hidden layers of fifteen units, two logits out, trained until every training
point is in its class. The paper uses full-batch Adam at rates of 0.02 to 0.04, which leaves some
networks of this shape stuck; mini-batches at 0.01 bring most of them there in seconds. As in the
paper, a network that does not get there is not looked at: another is drawn in its place.
"""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import torch
from torch import nn

import topolens as tl

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}
DEPTH, WIDTH = 9, 15
BATCH, RATE, HALVED_EVERY = 1024, 0.01, 1000
MOST_EPOCHS, MOST_DRAWS = 700, 6
CLASSES = np.array(["disks", "plane"])
# The paper looks at every third of the 7800 points, with these neighbours.
POINTS, MEASURE = 2600, tl.HopBetti(k=14, hops=2)

torch.set_num_threads(1)  # the networks are so small that threads only wait for one another


def disks(rng: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Return points and labels of D-I: 0 in one of nine disks, 1 in the plane around them."""
    X, y = tl.datasets.naitzat("D-I", rng=rng)
    return torch.tensor(X, dtype=torch.float32), torch.tensor(y)


def fully_connected(activation: str) -> nn.Sequential:
    """Build 2-15x9-2 with PyTorch's own initialisation."""
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    for i in range(1, DEPTH + 1):
        parts[f"linear{i}"] = nn.Linear(WIDTH if i > 1 else 2, WIDTH)
        parts[f"{activation}{i}"] = ACTIVATIONS[activation]()
    parts["logits"] = nn.Linear(WIDTH, 2)
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
    """Tell whether the model gets every point right before the epochs run out."""
    adam = torch.optim.Adam(model.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.StepLR(adam, HALVED_EVERY, gamma=0.5)
    for _ in range(MOST_EPOCHS):
        for batch in torch.randperm(len(X)).split(BATCH):
            loss = nn.functional.cross_entropy(model(X[batch]), y[batch])
            adam.zero_grad()
            loss.backward()
            adam.step()
            schedule.step()
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
    recording = tl.record(model, (X, y), max_samples=POINTS, rng=0)
    names = CLASSES[recording.labels]
    return tl.analyse(recording, MEASURE, labels=names, by="class", control="untrained", rng=seed)
