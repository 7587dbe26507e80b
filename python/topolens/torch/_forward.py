"""What the layers of a network give out in one forward pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from topolens.torch._batches import batch_length
from topolens.torch._reading import checked
from topolens.torch._selection import ENDS
from topolens.torch._tokens import are_names, token_mask

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from topolens.torch._batches import Inputs
    from topolens.torch._reading import Reading
    from topolens.torch._selection import Selection


@dataclass
class ForwardPass:
    """What was kept of one forward pass.

    Attributes
    ----------
    rows : dict of str to ndarray of shape (n, features), float32
        The layers' activations, in the order of execution.
    shapes : dict of str to tuple of int
        Shape of each layer's activations before they were reduced to rows.
    predictions : ndarray of shape (n,), int64, or None
        Read off the network's output.
    echo : str or None
        The layer whose result is, untouched, the network's output.
    """

    rows: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    predictions: NDArray[np.int64] | None = None
    echo: str | None = None


def run_forward(
    model: nn.Module, inputs: Inputs, selection: Selection, reading: Reading
) -> ForwardPass:
    """Send one batch through the model and keep what the selected layers give out."""
    n = batch_length(inputs)
    tokens = token_mask(inputs)
    kept = ForwardPass()
    last: tuple[str, Tensor, int] | None = None

    def keep(layer: str, found: Tensor | None) -> Tensor:
        tensor = checked(layer, found, n)
        kept.rows[layer] = reading.rows(layer, tensor, tokens)
        kept.shapes[layer] = tuple(tensor.shape)
        return tensor

    def hook(layer: str, value: Any) -> None:
        nonlocal last
        tensor = keep(layer, reading.find_tensor(layer, value))
        last = layer, tensor, _version(tensor)

    if "input" in selection.ends:
        given = reading.find_tensor("input", inputs)
        if not (selection.auto and given is not None and are_names(given, model)):
            keep("input", given)
    with _hooks(model, selection.modules, hook):
        value = model(**inputs) if isinstance(inputs, dict) else model(inputs)
    output = reading.find_tensor("output", value)
    if last and output is last[1] and _version(output) == last[2]:
        kept.echo = last[0]
    if "output" in selection.ends:
        keep("output", output)
    kept.predictions = _predict(output, n)
    return kept


@contextmanager
def _hooks(
    model: nn.Module, names: Iterable[str], hook: Callable[[str, Any], None]
) -> Iterator[None]:
    """Call `hook` with the name and the result of every call of the named modules."""
    modules = dict(model.named_modules(remove_duplicate=False))
    calls = Counter(ENDS)  # so a child called "output" is "output#1"

    def hook_of(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def call(module: nn.Module, inputs: Any, value: Any) -> None:
            layer = f"{name}#{calls[name]}" if calls[name] else name
            calls[name] += 1
            hook(layer, value)

        return call

    handles = []
    try:
        for name in names:
            handles.append(modules[name].register_forward_hook(hook_of(name)))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _version(tensor: Tensor) -> int:
    """Return a number that grows when the tensor is overwritten."""
    return 0 if tensor.is_inference() else tensor._version


def _predict(output: Tensor | None, n: int) -> NDArray[np.int64] | None:
    """Return the largest of several outputs, the sign of a single one."""
    if output is None or output.is_complex() or output.ndim not in (1, 2) or len(output) != n:
        return None
    scores = output.detach().cpu().double().numpy().reshape(n, *output.shape[1:] or (1,))
    if scores.shape[1] > 1:
        return scores.argmax(axis=1)
    return np.where(scores[:, 0] > 0, 1, -1) if scores.shape[1] else None
