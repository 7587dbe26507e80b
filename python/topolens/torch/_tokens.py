"""Samples that are sequences of tokens: which tokens are padding, and numbers that are names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn


def token_mask(inputs: Any) -> Tensor | None:
    """Return which tokens of the samples are not padding, (n, tokens), where inputs tell.

    ``attention_mask`` is 1 at tokens, as in Hugging Face models; ``src_key_padding_mask`` is True
    or -inf at padding, as in `torch.nn.TransformerEncoder`.
    """
    if not isinstance(inputs, Mapping):
        return None
    mask, padding = inputs.get("attention_mask"), inputs.get("src_key_padding_mask")
    if isinstance(mask, Tensor) and mask.ndim == 2:
        return _checked("attention_mask", mask != 0)
    if isinstance(padding, Tensor) and padding.ndim == 2:
        return _checked("src_key_padding_mask", padding == 0)
    return None


def are_names(tensor: Tensor, model: nn.Module) -> bool:
    """Whether the input holds numbers of tokens, between which there is no distance."""
    whole = not (tensor.is_floating_point() or tensor.is_complex() or tensor.dtype == torch.bool)
    return whole and any(isinstance(module, nn.Embedding) for module in model.modules())


def _checked(name: str, mask: Tensor) -> Tensor:
    empty = ~mask.any(dim=1)
    if empty.any():
        place = int(empty.int().argmax())
        raise ValueError(f"`{name}` must leave a token of every sample; found none in row {place}")
    return mask
