"""One network recorded, and the recording held against a pass with hooks of this file's own."""

from __future__ import annotations

import dataclasses
import warnings
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from kinds import Kind
from topolens.torch import record

TOLERANCE = 1e-4  # of a layer's largest value
RANGE = 0.2, 5.0  # of a control's spread over that of a fresh network
FLAT = 1e-7  # the relative spread of what rounding alone keeps apart
Rows = dict[str, np.ndarray]


def examine(kind: Kind) -> dict[str, Any]:
    """Return what is to be known of one kind of network; what fails is said in `problems`."""
    found: dict[str, Any] = {"name": kind.name, "family": kind.family, "problems": {}}
    with _problem(found, "model"):
        torch.manual_seed(0)
        model = kind.make()
        inputs = kind.inputs()
        _settle(model, inputs)
        before = _state(model)
    if found["problems"]:
        return found
    recording = None
    with _problem(found, "recorded"), warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        recording = record(model, inputs, reduce="flatten", rng=0)
    if recording is None:
        return found
    layers = list(recording)
    found |= {
        "layers": len(layers),
        "first": layers[0],
        "last": layers[-1],
        "predictions": recording.predictions is not None,
        "warnings": [str(each.message) for each in heard if each.filename == __file__],
    }
    with _problem(found, "unchanged"):
        _check_unchanged(before, _state(model))
    with _problem(found, "values"):
        found["chance"] = _check_values(recording, model, inputs)
    if kind.control:
        with _problem(found, "control"):
            ends = {layer: recording[layer] for layer in _last_two(layers)}
            control = recording.untrained(0)
            found |= {"ratios": _ratios(kind, ends, control)}
            _check_ratios(found["ratios"])
    return found


@contextmanager
def _problem(found: dict[str, Any], about: str) -> Iterator[None]:
    """Note what goes wrong, and go on."""
    try:
        yield
    except Exception as error:
        found["problems"][about] = f"{type(error).__name__}: {error}".partition("\n")[0]


def _settle(model: nn.Module, inputs: Any) -> None:
    """Let running statistics belong to the weights, as in trained networks; train afterwards."""
    norms = [module for module in model.modules() if isinstance(module, _NormBase)]
    momenta = [module.momentum for module in norms]
    for module in norms:
        module.momentum = None  # an average of all passes, of which there is one
    _run(model, inputs, by_batch=True)
    for module, momentum in zip(norms, momenta, strict=True):
        module.momentum = momentum
    model.train()


def _run(model: nn.Module, inputs: Any, *, by_batch: bool) -> Any:
    """Run the model as in evaluation, its normalisation if asked with statistics of the batch."""
    model.eval()
    if by_batch:
        for module in model.modules():
            if isinstance(module, _NormBase):
                module.train()
    with torch.no_grad():
        return model(**inputs) if isinstance(inputs, Mapping) else model(inputs)


def seen(
    model: nn.Module, inputs: Any, layers: Mapping[str, np.ndarray], *, by_batch: bool = False
) -> Rows:
    """Return the rows of the same layers in one pass, by hooks that look for themselves.

    Of several tensors in a result it is the one that is nearest to what was recorded.
    """
    n = len(next(iter(inputs.values())) if isinstance(inputs, Mapping) else inputs)
    rows: Rows = {}
    calls = Counter({"input": 1, "output": 1})

    def keep(layer: str, value: Any) -> None:
        if layer in layers:
            found = [_rows(tensor, n) for tensor in _tensors(value) if _has_rows(tensor, n)]
            alike = [each for each in found if each.shape == layers[layer].shape]
            alike.sort(key=lambda each: np.abs(each - layers[layer]).max(initial=0))
            if found:
                rows[layer] = [*alike, *found][0]

    def hook_of(name: str) -> Any:
        def hook(module: nn.Module, arguments: Any, value: Any) -> None:
            keep(f"{name}#{calls[name]}" if calls[name] else name, value)
            calls[name] += 1

        return hook

    keep("input", inputs)
    hooks = [
        module.register_forward_hook(hook_of(name))
        for name, module in model.named_modules(remove_duplicate=False)
        if name and any(layer.partition("#")[0] == name for layer in layers)
    ]
    keep("output", _run(model, inputs, by_batch=by_batch))
    for hook in hooks:
        hook.remove()
    return rows


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    """Find all tensors in whatever a module returned, from its first part to its last."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, Mapping):
        yield from _tensors(list(value.values()))
    elif dataclasses.is_dataclass(value):
        yield from _tensors([getattr(value, part.name) for part in dataclasses.fields(value)])
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _tensors(part)


def _has_rows(tensor: torch.Tensor, n: int) -> bool:
    return tensor.ndim > 0 and len(tensor) == n and not tensor.is_complex()


def _rows(tensor: torch.Tensor, n: int) -> np.ndarray:
    tensor = tensor.dequantize() if tensor.is_quantized else tensor
    return tensor.detach().float().clone().reshape(n, -1).numpy()


def _state(model: nn.Module) -> dict[str, Any]:
    """Sum up all of a model that a recording could change."""
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    tensors = {
        name: zlib.crc32(value.detach().contiguous().view(-1).view(torch.uint8).numpy())
        if isinstance(value, torch.Tensor) and value.numel() and not value.is_quantized
        else repr(value)
        for name, value in model.state_dict().items()
    }
    return {
        "state": tensors,
        "training flags": [module.training for module in model.modules()],
        "hooks": [len(getattr(module, kind)) for module in model.modules() for kind in hooks],
        "gradients": [(p.requires_grad, p.grad is None) for p in model.parameters()],
        "random state": zlib.crc32(torch.get_rng_state().numpy()),
    }


def _check_unchanged(before: dict[str, Any], after: dict[str, Any]) -> None:
    changed = [part for part in before if before[part] != after[part]]
    if changed:
        raise AssertionError(f"changed {', '.join(changed)}")


def _check_values(layers: Rows, model: nn.Module, inputs: Any) -> bool:
    """Compare layers with a pass of this file's own; return whether chance decides their values."""
    own, again = seen(model, inputs, layers), seen(model, inputs, layers)
    chance = any(not np.array_equal(own[layer], again[layer], equal_nan=True) for layer in own)
    for layer, rows in layers.items():
        if layer not in own or own[layer].shape != rows.shape:
            found = own[layer].shape if layer in own else None
            raise AssertionError(f"{layer!r} has shape {rows.shape}, own hooks find {found}")
        largest = np.abs(own[layer]).max(initial=0)
        off = np.abs(rows - own[layer]).max(initial=0)
        if not (chance or off <= TOLERANCE * largest):
            raise AssertionError(f"{layer!r} is off by {off / largest:.1e} of its largest value")
    return chance


def _last_two(layers: list[str]) -> list[str]:
    """Return the output, and the layer before it."""
    inner = [layer for layer in layers if layer not in ("input", "output")]
    return [*inner[-1:], *(["output"] if "output" in layers else [])]


def spread(rows: np.ndarray) -> float:
    """Return the mean distance to the centre over the mean length."""
    rows = rows.astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1).mean()
    return (
        float(np.linalg.norm(rows - rows.mean(axis=0), axis=1).mean() / lengths) if lengths else 0
    )


def _ratios(kind: Kind, layers: Any, control: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return the control's spread over that of a network fresh from its constructor."""
    torch.manual_seed(1)
    fresh = seen(kind.make(), kind.inputs(), layers, by_batch=True)
    return {layer: [spread(control[layer]), spread(fresh[layer])] for layer in layers}


def _check_ratios(ratios: dict[str, list[float]]) -> None:
    """Where the fresh network itself gives one point for all, so may the control."""
    low, high = RANGE
    for layer, (control, fresh) in ratios.items():
        if fresh < FLAT and control < FLAT:
            continue
        if not low * fresh <= control <= high * fresh:
            raise AssertionError(f"{layer!r} spreads {control:.2g}, of a fresh network {fresh:.2g}")
