"""Small networks for the tests of recordings, and their values by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def mlp(*widths, activation=nn.ReLU):
    torch.manual_seed(0)
    layers = []
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after), activation()]
    return nn.Sequential(*layers[:-1])


def by_hand(function, *inputs):
    """Rows of what a function of tensors gives in evaluation mode."""
    with torch.no_grad():
        return function(*inputs).float().flatten(1).numpy()


def check_seeds(recording):
    """A seed decides the control, and PyTorch's random state is left alone."""
    torch.manual_seed(3)
    before = torch.get_rng_state()
    first, same, other = (recording.untrained(seed)["output"] for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(first, same)
    assert not np.allclose(first, other)


class Functional(nn.Module):
    """Activations are functions, so only layers with parameters are modules."""

    def __init__(self, inplace=False):
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.Linear(2, 5)
        self.second = nn.Linear(5, 4)
        self.third = nn.Linear(4, 3)
        self.inplace = inplace

    def forward(self, x):
        x = F.relu(self.first(x))
        x = F.relu(self.second(x), inplace=self.inplace)
        return self.third(x)


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(width, width), nn.ReLU())

    def forward(self, x):
        return x + self.inner(x)


class Tupled(nn.Module):
    """Gives out whatever a function makes of its linear layer."""

    def __init__(self, wrap):
        super().__init__()
        self.linear = nn.Linear(2, 3)
        self.wrap = wrap

    def forward(self, x):
        return self.wrap(self.linear(x))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.head = nn.Linear(8, 2)

    def forward(self, x, mask=None):
        return self.head(self.encoder(x, src_key_padding_mask=mask).mean(1))
