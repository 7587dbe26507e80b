"""The fully connected networks of the paper, trained on its set D-I in seconds.

G. Naitzat, A. Zhitnikov, L.-H. Lim, "Topology of deep neural networks", JMLR 21(184), 2020,
section 6: two coordinates in, nine hidden layers of fifteen units, two logits out. The paper trains
by full-batch Adam; the mini-batches here reach the same 100 % training accuracy sooner.
"""

from __future__ import annotations

from collections import OrderedDict

import topolens as tl
import torch
from torch import nn

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}
DEPTH, WIDTH = 9, 15
BATCH, LEARNING_RATE, HALVED_EVERY, MOST_EPOCHS = 256, 0.005, 2500, 1000


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


def train(activation: str, X: torch.Tensor, y: torch.Tensor, *, seed: int) -> nn.Sequential:
    """Train until every point is classified correctly; say so if that never happens."""
    torch.manual_seed(seed)
    model = fully_connected(activation)
    adam = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    rate = torch.optim.lr_scheduler.StepLR(adam, HALVED_EVERY, gamma=0.5)
    for _ in range(MOST_EPOCHS):
        for batch in torch.randperm(len(X)).split(BATCH):
            loss = nn.functional.cross_entropy(model(X[batch]), y[batch])
            adam.zero_grad()
            loss.backward()
            adam.step()
            rate.step()
        if accuracy(model, X, y) == 1:
            return model
    raise RuntimeError(f"{MOST_EPOCHS} epochs leave some points in the wrong class (seed {seed})")


@torch.no_grad()
def accuracy(model: nn.Module, X: torch.Tensor, y: torch.Tensor) -> float:
    """Return the share of points that the model puts in their class."""
    return float((model(X).argmax(dim=1) == y).double().mean())
