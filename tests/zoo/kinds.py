"""A kind of network to try: how it is made, and what it is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

SAMPLES = 8


@dataclass(frozen=True)
class Kind:
    """A network of random weights, small or shown something small.

    Attributes
    ----------
    name, family : str
        What it is called, and its row in the table of the documentation.
    make : callable
        Returns a fresh model.
    inputs : callable
        Returns the samples: a tensor, or a dictionary of the model's keyword arguments.
    control : bool
        Compare an untrained copy with a fresh model, which takes the memory of two.
    """

    name: str
    family: str
    make: Callable[[], nn.Module]
    inputs: Callable[[], Any]
    control: bool = True


def images(size: int = 64, channels: int = 3, n: int = SAMPLES) -> torch.Tensor:
    """Draw smooth images that differ in more than their noise, as photographs do."""
    source = torch.Generator().manual_seed(0)
    coarse = torch.randn(n, channels, 4, 4, generator=source)
    noise = torch.randn(n, channels, size, size, generator=source)
    return F.interpolate(coarse, size=size, mode="bilinear") + 0.2 * noise


def clips(frames: int = 8, size: int = 64, n: int = 4) -> torch.Tensor:
    """Draw videos (n, channels, frames, height, width) that fade from an image to another."""
    first, last = images(size, n=n), images(size, n=n).flip(0)
    weight = torch.linspace(0, 1, frames)[None, None, :, None, None]
    return (1 - weight) * first[:, :, None] + weight * last[:, :, None]


def tokens(length: int = 12, vocabulary: int = 99, name: str = "input_ids") -> dict[str, Any]:
    """Draw numbers of tokens, none of them special, and a mask without padding."""
    source = torch.Generator().manual_seed(0)
    drawn = torch.randint(5, vocabulary, (SAMPLES, length), generator=source)
    return {name: drawn, "attention_mask": torch.ones_like(drawn)}


def sounds(length: int = 4000) -> torch.Tensor:
    """Draw tones of different pitch with some noise."""
    source = torch.Generator().manual_seed(0)
    pitch = torch.linspace(0.01, 0.2, SAMPLES)[:, None]
    return (pitch * torch.arange(length)).sin() + 0.1 * torch.randn(
        SAMPLES, length, generator=source
    )


def numbers(*shape: int) -> torch.Tensor:
    """Draw what has no form of its own, such as spectrograms and series."""
    return torch.randn(SAMPLES, *shape, generator=torch.Generator().manual_seed(0))
