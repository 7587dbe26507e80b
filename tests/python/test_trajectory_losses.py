"""Losses along a trajectory, of models that take keyword arguments and give more than a tensor."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist
from torch import nn
from torch.nn import functional as F

import topolens as tl

PER_SAMPLE = nn.CrossEntropyLoss(reduction="none")
TOKENS = torch.from_numpy(np.random.default_rng(0).integers(9, size=(40, 5)))
MASK = torch.ones_like(TOKENS)
MASK[::2, 3:] = 0
Y = TOKENS[:, 0] % 3


@dataclass
class Output(dict):
    """Like what Hugging Face models return: a dictionary with the logits in it."""

    logits: torch.Tensor

    def __post_init__(self):
        self["logits"] = self.logits


class Classifier(nn.Module):
    """Takes what a tokenizer gives; the mask matters."""

    def __init__(self, wrap=Output):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.table = nn.Embedding(9, 4)
            self.head = nn.Linear(4, 3)
        self.wrap = wrap

    def forward(self, input_ids, attention_mask):
        kept = self.table(input_ids) * attention_mask[..., None]
        return self.wrap(self.head(kept.sum(1)))


def trained(model, losses, n_steps=4):
    """A recorder after some steps, and the logits after each."""
    traj, stored = tl.TrajectoryRecorder(model, losses=losses, weights=False), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(n_steps):
        optimizer.zero_grad()
        logits = logits_of(model)
        F.cross_entropy(logits, Y).backward()
        optimizer.step()
        traj.step()
        stored.append(logits_of(model).detach())
    return traj, stored


def logits_of(model):
    found = model(TOKENS, MASK)
    return found["logits"] if isinstance(found, dict) else found[0]


@pytest.mark.parametrize(
    "inputs",
    [
        {"input_ids": TOKENS, "attention_mask": MASK},
        {"input_ids": TOKENS.numpy(), "attention_mask": MASK.numpy()},
    ],
)
@pytest.mark.parametrize("wrap", [Output, lambda logits: (logits, [1])])
def test_keyword_arguments_give_losses(inputs, wrap):
    traj, stored = trained(Classifier(wrap), (inputs, Y, PER_SAMPLE))
    values = np.array([PER_SAMPLE(logits, Y).numpy() for logits in stored])
    right = np.array([(logits.argmax(1) == Y).numpy() for logits in stored])
    found = traj.space("losses").distances
    np.testing.assert_allclose(found, pdist(values, "cityblock") / 40, rtol=1e-5)
    assert found.min() > 0
    np.testing.assert_allclose(traj.space("zero-one").distances, pdist(right, "hamming"))


def test_no_batch_of_losses_has_one_sample():
    """1025 samples are more than go through the model at once."""
    seen = []

    class Squeezing(nn.Linear):
        def forward(self, x):
            seen.append(len(x))
            return super().forward(x).squeeze()

    X = torch.randn(1025, 2)
    squared = nn.MSELoss(reduction="none")
    traj = tl.TrajectoryRecorder(Squeezing(2, 1), losses=(X, torch.zeros(1025), squared))
    traj.step()
    assert seen == [1023, 2]


@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        (
            {"input_ids": TOKENS, "attention_mask": MASK[:3]},
            ValueError,
            "must have the same length",
        ),
        ({"input_ids": TOKENS[:3], "attention_mask": MASK[:3]}, ValueError, "40 targets for 3"),
        ({}, ValueError, "`losses` must have inputs; found an empty dictionary"),
    ],
)
def test_wrong_keyword_arguments_are_refused(inputs, error, message):
    with pytest.raises(error, match=re.escape(message)):
        tl.TrajectoryRecorder(Classifier(), losses=(inputs, Y, PER_SAMPLE))


def test_a_model_without_a_tensor_is_refused():
    inputs = {"input_ids": TOKENS, "attention_mask": MASK}
    traj = tl.TrajectoryRecorder(Classifier(lambda logits: "?"), losses=(inputs, Y, PER_SAMPLE))
    with pytest.raises(TypeError, match=r"must give a tensor.*found str\. Give a function"):
        traj.step()
