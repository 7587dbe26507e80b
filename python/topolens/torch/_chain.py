"""The layers of a network that follow one upon the other, chosen among those that ran.

The first of these that a network has: blocks of several weights, blocks, activations, modules with
weights. What runs in parallel, such as the branches of an inception block or the towers of CLIP, is
no sequence: there the longest one is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

from torch import nn

if TYPE_CHECKING:
    from topolens.torch._observation import Call, Observation

CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
# Softmax restates the output, and attention is a block rather than an activation.
NOT_ACTIVATIONS = {"MultiheadAttention", "Softmin", "Softmax", "Softmax2d", "LogSoftmax"}
RECURRENT = (nn.RNNBase, nn.RNNCellBase)
ACTIVATIONS = (
    *(getattr(nn, name) for name in nn.modules.activation.__all__ if name not in NOT_ACTIVATIONS),
    *RECURRENT,
)


class Layers(NamedTuple):
    """The layers that are chosen, and why others of their kind are not, by their names."""

    chain: list[Call]
    beside: dict[str, str]


def choose_layers(seen: Observation) -> Layers:
    """Choose blocks; without such, activations; without such, modules with weights."""
    for choose in (partial(_blocks, least=2), partial(_blocks, least=1), _activations, _weighted):
        found = choose(seen)
        layers = _longest_chain(call for call in found if call.shape and call.needs & 1)
        if layers:
            names = {call.module for call in layers}
            others = (call for call in found if call.module not in names)
            return Layers(layers, {call.name: _lack(call) for call in others})
    return Layers([], {})


def _lack(call: Call) -> str:
    if call.shape and call.needs & 1:
        return "runs beside the layers that follow each other; name it in `layers` to see it"
    return "must depend on the inputs" if call.shape else call.lack


def _blocks(seen: Observation, least: int) -> list[Call]:
    return _Blocks(seen, least).of(seen.root)


class _Blocks:
    """Modules that recur, with `least` weight matrices or more at work in their parts.

    Stages and stacks may recur as blocks do. They differ from blocks in that each part gets what
    the one before has given, as it is, and the last gives the result: nothing is added to it.
    """

    def __init__(self, seen: Observation, least: int) -> None:
        self._least = least
        self._recurring = Counter(type(module) for module in {call.module for call in seen.calls})
        self._stages: set[type] = set()
        for call in seen.calls:  # parts end before the whole
            if self._repeats(self._inner(call)) and self._is_open(call):
                self._stages.add(type(call.module))

    def of(self, root: Call) -> list[Call]:
        """Return the blocks of the network, if half of its weights work in them.

        Gates such as those of squeeze-and-excitation recur as well, but beside the way.
        """
        blocks = self._inner(root)
        inside = sum(block.weights for block in blocks)
        return blocks if self._repeats(blocks) and 2 * inside >= root.weights else []

    def _inner(self, call: Call) -> list[Call]:
        """Return the blocks that follow each other in a call."""
        parts = chain.from_iterable(map(self._parts, call.calls))
        return [part for part in parts if self._is_block(part)]

    def _parts(self, call: Call) -> list[Call]:
        kind = type(call.module)
        if kind in CONTAINERS or (kind in self._stages and self._is_open(call)):
            return self._inner(call)
        return [call]

    def _is_block(self, call: Call) -> bool:
        return call.weights >= self._least and bool(call.calls)

    def _is_open(self, call: Call) -> bool:
        """Whether a call is nothing but its parts, should it be a stage."""
        return self._recurring[type(call.module)] < 2 or _is_composition(call)

    @staticmethod
    def _repeats(blocks: Iterable[Call]) -> bool:
        return any(count > 1 for count in Counter(type(b.module) for b in blocks).values())


def _is_composition(call: Call) -> bool:
    """Whether a call is one part after the other, and nothing beside them.

    Each part gets the result of the one before, and the last gives that of the call; or each of
    at least three gets the results of all before, as in DenseNet.
    """
    parts = [inner for inner in call.calls if inner.weights]
    handed_on = all(before in after.gets for before, after in pairwise(parts))
    dense = len(parts) > 2 and all(set(parts[:k]) <= part.gets for k, part in enumerate(parts))
    return handed_on and (call.gives is parts[-1] or dense)


def _activations(seen: Observation) -> list[Call]:
    """Return activations and recurrent modules; nothing if there are only recurrent ones.

    A recurrent module has weights too. Where it stands alone, other layers call their activations
    as functions, and are to be seen beside it.
    """
    found = [call for call in seen.calls if isinstance(call.module, ACTIVATIONS)]
    alone = all(isinstance(call.module, RECURRENT) for call in found)
    return [] if alone else found


def _weighted(seen: Observation) -> list[Call]:
    return [
        call
        for call in seen.calls
        if not call.calls and (call.weights or next(call.module.parameters(), None) is not None)
    ]


def _once(calls: Iterable[Call]) -> Iterator[Call]:
    """Yield the first call of each module."""
    return iter({call.module: call for call in calls}.values())


def _longest_chain(calls: Iterable[Call]) -> list[Call]:
    """Return the longest sequence in which each call depends on the one before.

    Of two that are equally long the one that ends later.
    """
    calls = list(calls)
    length = [1] * len(calls)
    before: list[int | None] = [None] * len(calls)
    for place, call in enumerate(calls):
        for earlier in range(place):
            if length[earlier] >= length[place] and call.depends_on(calls[earlier]):
                length[place], before[place] = length[earlier] + 1, earlier
    longest: list[Call] = []
    at = max(range(len(calls)), key=lambda place: (length[place], place), default=None)
    while at is not None:
        longest.append(calls[at])
        at = before[at]
    return longest[::-1]
