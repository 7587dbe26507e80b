"""What the layers of a network give out in one forward pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import ReferenceType, ref

from topolens.torch._batches import batch_length
from topolens.torch._finding import Unfit, first_fit, version
from topolens.torch._observation import ENDS
from topolens.torch._tokens import are_names, token_mask

if TYPE_CHECKING:
    from torch import Tensor, nn

    from topolens.torch._batches import Inputs
    from topolens.torch._reading import Reading
    from topolens.torch._selection import Selection

    Keep = Callable[[str, Tensor, Tensor | None], Any]


@dataclass
class ForwardPass:
    """What was kept of one forward pass.

    Attributes
    ----------
    kept : dict of str to object
        What `keep` made of each layer, in the order of execution.
    skipped : dict of str to str
        Layers without a row for each sample, that nobody asked for, and why.
    result, chosen : object
        What the network returned, and the part of it in which the user wants the output.
    output : Tensor, Unfit or None
        The tensor in that part.
    echo : str or None
        The layer whose result is, untouched, that tensor.
    """

    kept: dict[str, Any] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    result: Any = None
    chosen: Any = None
    output: Tensor | Unfit | None = None
    echo: str | None = None


def run_forward(
    model: nn.Module,
    inputs: Inputs,
    selection: Selection,
    reading: Reading,
    keep: Keep,
) -> ForwardPass:
    """Send one batch through the model and keep what the selected layers give out.

    `keep` takes a layer's name, its tensor, and which tokens of the samples are no padding, if
    that is known. It is called as soon as the layer has returned, since a tensor may be
    overwritten later, as by an in-place ReLU.
    """
    n = batch_length(inputs)
    tokens = token_mask(inputs)
    found = ForwardPass()
    last: tuple[str, ReferenceType[Tensor], int] | None = None

    def see(layer: str, tensor: Tensor | Unfit) -> None:
        if not isinstance(tensor, Unfit):
            found.kept[layer] = keep(layer, dense(tensor), tokens)
        elif selection.by_name or reading.speaks_of(layer):
            raise tensor.error(layer)
        else:
            found.skipped[layer] = tensor.reason

    def hook(layer: str, value: Any) -> None:
        nonlocal last
        tensor = first_fit(reading.chosen(layer, value), n)
        see(layer, tensor)
        fits = not isinstance(tensor, Unfit)
        last = (layer, ref(tensor), version(tensor)) if fits else None

    if "input" in selection.ends:
        given = first_fit(reading.chosen("input", inputs), n)
        if isinstance(given, Unfit) or not (selection.auto and are_names(given, model)):
            see("input", given)
    with _hooks(model, selection.modules, hook):
        found.result = model(**inputs) if isinstance(inputs, dict) else model(inputs)
    found.chosen = reading.chosen("output", found.result)
    found.output = first_fit(found.chosen, n, reading.place)
    if last and found.output is last[1]() and version(found.output) == last[2]:
        found.echo = last[0]
    if "output" in selection.ends:
        see("output", found.output)
    return found


def dense(tensor: Tensor) -> Tensor:
    """Return the numbers for which a quantised tensor stands."""
    return tensor.dequantize() if tensor.is_quantized else tensor


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
