"""What runs in a network, in which order and from what, seen in one pass of a few samples."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.weak import WeakTensorKeyDictionary

from topolens.torch._axes import CUTTING, REARRANGING, made_axis, moved_axis, taken_axis
from topolens.torch._batches import batch_length
from topolens.torch._entries import packed_weight
from topolens.torch._finding import first_fit, tensors_in, version
from topolens.torch._state import moved

if TYPE_CHECKING:
    from topolens.torch._batches import Inputs, Samples

ENDS = ("input", "output")  # of the network, whatever its modules are called
# Two, since a single sample would hide a batch axis in the wrong place behind an axis of length
# one, and would lose its own axis in models that call `squeeze`.
PROBE_SIZE = 2
PROBE_NOTE = (
    "the model was shown two samples first, since with a single one an axis of samples cannot be "
    "told from others. One that takes batches of a fixed size only cannot be recorded: export or "
    "trace it with a dynamic first axis"
)


@dataclasses.dataclass(eq=False)
class Call:
    """One call of a module in a forward pass.

    Attributes
    ----------
    name : str
        Name of the module, ``name#k`` at its (k+1)-th call; "" for the network.
    module : Module
        The module.
    parent : Call or None
        The call within which this one runs.
    number : int
        Its place in the order of beginning.
    calls : list of Call
        The calls within it, in their order.
    weights : int
        Number of weight matrices of the modules without parts that are called within it, or of
        itself if there are none. Tables of embeddings do not count.
    shape : tuple of int or None
        Shape of its result, if that has a row per sample.
    lack : str
        Why it has none, if so.
    axis : int or None
        The axis of its result that holds the channels, as far as that could be followed.
    gets : set of Call
        The calls whose results it is given as they are, or after modules without weights.
    gives : Call or None
        The call whose result it gives on like that.
    needs : int
        Bit k is set if its result depends on call number k, bit 0 if on the inputs.
    """

    name: str
    module: nn.Module
    parent: Call | None
    number: int
    calls: list[Call] = dataclasses.field(default_factory=list)
    weights: int = 0
    shape: tuple[int, ...] | None = None
    lack: str = ""
    axis: int | None = None
    gets: set[Call] = dataclasses.field(default_factory=set)
    gives: Call | None = None
    needs: int = 0

    def depends_on(self, other: Call) -> bool:
        """Whether its result depends on that of an earlier call."""
        return bool(self.needs >> other.number & 1)


@dataclasses.dataclass(eq=False)
class Observation:
    """What was seen in one forward pass.

    Attributes
    ----------
    root : Call
        The call of the network, with all calls in it.
    calls : list of Call
        All calls but that of the network, in the order in which they end.
    ends : dict of str to int or None
        The axis of the channels in ``"input"`` and ``"output"``.
    output : int
        Which of the tensors with rows that the network returns is its output: the first; of
        feature maps of which each is made from the one before, the last.
    operation : str
        Name of the operation that made the output, such as ``"sigmoid"``.
    """

    root: Call
    calls: list[Call]
    ends: dict[str, int | None] = dataclasses.field(default_factory=dict)
    output: int = 0
    operation: str = ""

    def axes(self) -> dict[str, int]:
        """Return the axis of the channels for the calls and the ends where it is known."""
        known = {**self.ends, **{call.name: call.axis for call in self.calls}}
        return {name: axis for name, axis in known.items() if axis is not None}


def first_look(model: nn.Module, samples: Samples, device: torch.device) -> Observation:
    """See what runs on the first two samples."""
    _, inputs = next(samples.batches(PROBE_SIZE))
    try:
        return observe(model, moved(inputs, device), batch_length(inputs))
    except Exception as error:
        error.add_note(PROBE_NOTE)
        raise


def observe(model: nn.Module, inputs: Inputs, n: int) -> Observation:
    """Send n samples through the model and see what runs.

    What depends on what is followed through every operation. Where PyTorch cannot show these, as
    in compiled kernels, each call is taken to depend on all that ended before it began.
    """
    with suppress(Exception):
        return _Watch(model, n, following=True).run(inputs)
    return _Watch(model, n, following=False).run(inputs)


class _Watch:
    """Hooks on all modules for one pass; those of a call run around those of its parts."""

    def __init__(self, model: nn.Module, n: int, *, following: bool) -> None:
        self._n = n
        self._names = {module: name for name, module in model.named_modules() if is_layer(name)}
        self._counts = Counter(ENDS)  # so a child called "output" is "output#1"
        self._root = self._now = Call("", model, None, 0)
        self._begun = 1
        self._ended: list[Call] = []
        self._results = _Results()
        self._flow = _Flow(self._results) if following else None

    def run(self, inputs: Inputs) -> Observation:
        with ExitStack() as stack:
            for module in self._names:
                for handle in (
                    module.register_forward_pre_hook(self._begin, with_kwargs=True),
                    # Also after an error, which the network may catch.
                    module.register_forward_hook(self._end, always_call=True),
                ):
                    stack.callback(handle.remove)
            if self._flow:
                self._flow.start(inputs)
                stack.enter_context(self._flow)
            model = self._root.module
            result = model(**inputs) if isinstance(inputs, dict) else model(inputs)
        seen = Observation(self._root, self._ended)
        given = [tensor for tensor in tensors_in(result) if self._has_rows(tensor)]
        if self._flow and given:
            seen.output = self._flow.deepest(given)
            seen.operation = self._flow.operation(given[seen.output])
            seen.ends["output"] = self._flow.axis(given[seen.output])
        first = first_fit(inputs, self._n)
        if self._flow and isinstance(first, Tensor):
            seen.ends["input"] = self._flow.axis(first)
        return seen

    def _begin(self, module: nn.Module, args: Any, kwargs: Any) -> None:
        if module is self._root.module:
            return
        name = self._names[module]
        count, self._counts[name] = self._counts[name], self._counts[name] + 1
        call = Call(f"{name}#{count}" if count else name, module, self._now, self._begun)
        self._begun += 1
        self._now.calls.append(call)
        self._now = call
        if self._flow:
            self._flow.take(module, args)
        found = map(self._results.maker, tensors_in((args, kwargs)))
        call.gets = {maker for maker in found if maker is not None}

    def _end(self, module: nn.Module, args: Any, result: Any) -> None:
        call = self._now
        inner = sum(part.weights for part in call.calls)
        call.weights = inner if call.calls else _matrices(module)
        given = [*tensors_in(result)]
        if self._flow:
            call.needs = self._flow.needs(given)
        else:
            call.needs = 1 | sum(1 << other.number for other in self._ended)
        rows = first_fit(result, self._n)
        if isinstance(rows, Tensor):
            call.gives = self._results.maker(rows)
            call.shape = tuple(rows.shape)
        else:
            call.lack = rows.reason
        if call.parent is None:
            return
        for tensor in given:
            if self._flow:
                self._flow.mark(tensor, call)
            if call.weights:
                self._results.made(tensor, call)
            elif call.gets:
                self._results.made(tensor, max(call.gets, key=lambda maker: maker.number))
        if isinstance(rows, Tensor) and self._flow:
            call.axis = self._flow.axis(rows)
        self._ended.append(call)
        self._now = call.parent

    def _has_rows(self, tensor: Tensor) -> bool:
        return isinstance(first_fit(tensor, self._n), Tensor)


class _Results:
    """Which call made a tensor."""

    def __init__(self) -> None:
        self._makers: Any = WeakTensorKeyDictionary()

    def made(self, tensor: Tensor, call: Call) -> None:
        self._makers[tensor] = call, version(tensor)

    def maker(self, tensor: Tensor) -> Call | None:
        """Return the call that made a tensor, if it is still as that call left it."""
        maker, then = self._makers.get(tensor, (None, 0))
        return maker if maker and then == version(tensor) else None


class _Flow(TorchDispatchMode):
    """Follows through the operations what depends on which calls, and the axis of channels."""

    def __init__(self, results: _Results) -> None:
        super().__init__()
        self._results = results
        # By storage, since a tensor that is written through a view is written itself.
        self._needs: dict[int, int] = {}
        self._axes: Any = WeakTensorKeyDictionary()
        self._operations: Any = WeakTensorKeyDictionary()

    def start(self, inputs: Any) -> None:
        for tensor in tensors_in(inputs):
            self._needs[_place(tensor)] = 1
            if tensor.ndim >= 4:
                self._axes[tensor] = 1  # images, as all of PyTorch takes them

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        given = [*tensors_in((args, kwargs))]
        places = {_place(tensor) for tensor in given}
        needs = self.needs(given)
        for made in tensors_in(result):
            place = _place(made)
            before = self._needs.get(place, 0) if place in places else 0
            self._needs[place] = needs | before
            name = func.overloadpacket.__name__
            same = given and name in REARRANGING | CUTTING
            self._operations[made] = self._operations.get(given[0], name) if same else name
            if given and name in REARRANGING:
                maker = self._results.maker(given[0])
                if maker:
                    self._results.made(made, maker)
            axis = moved_axis(func, args, given, made, self._axes.get)
            if axis is not None:
                self._axes[made] = axis
        return result

    def take(self, module: nn.Module, args: Any) -> None:
        """Learn on which axis the channels of a module's argument must be."""
        tensor = args[0] if args and isinstance(args[0], Tensor) else None
        axis = None if tensor is None else taken_axis(module, tensor)
        if axis is not None:
            self._axes[tensor] = axis

    def mark(self, tensor: Tensor, call: Call) -> None:
        """Let what is made of a call's result depend on the call."""
        self._needs[_place(tensor)] = self._needs.get(_place(tensor), 0) | 1 << call.number
        axis = made_axis(call.module, tensor)
        if axis is not None:
            self._axes[tensor] = axis

    def needs(self, given: Iterable[Tensor]) -> int:
        """Return the calls on which any of the tensors depends."""
        found = 0
        for tensor in given:
            found |= self._needs.get(_place(tensor), 0)
        return found

    def deepest(self, given: list[Tensor]) -> int:
        """Return the place of the last map, if each is made from the one before; else 0."""
        needs = [self.needs([tensor]) for tensor in given]
        grows = all(before & after == before != after for before, after in pairwise(needs))
        return len(given) - 1 if grows and all(tensor.ndim > 3 for tensor in given) else 0

    def axis(self, tensor: Tensor) -> int | None:
        return self._axes.get(tensor)

    def operation(self, tensor: Tensor) -> str:
        """Return the name of the operation that made a tensor."""
        return self._operations.get(tensor, "")


def is_layer(name: str) -> bool:
    """Whether a module is a layer, not a part of a parametrization of weights."""
    return "parametrizations" not in name.split(".")


def _matrices(module: nn.Module) -> int:
    """Return the number of weight matrices of a module that calls no other."""
    if isinstance(module, nn.Embedding | nn.EmbeddingBag):
        return 0
    if packed_weight(module) is not None:
        return 1
    return sum(sum(size > 1 for size in weight.shape) > 1 for weight in module.parameters())


def _place(tensor: Tensor) -> int:
    try:
        return tensor.untyped_storage()._cdata
    except (NotImplementedError, RuntimeError):  # sparse and nested tensors have none
        return id(tensor)
