"""How the parameters of an untrained control were drawn, told layer by layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

FEW = 3
# What was not drawn as the model's authors draw it is told with the names.
NAMED = ("kept", "own mean and spread")


def drawn_by_layer(drawn: Mapping[str, str], layers: Iterable[str]) -> dict[str, str]:
    """Return for each layer how the parameters and buffers in it were drawn.

    What is in no recorded layer is told at the output, or else at the last layer.
    """
    layers = list(layers)
    modules = {layer.partition("#")[0]: layer for layer in reversed(layers)}  # the first call
    rest = "output" if "output" in layers else layers[-1]
    parts: dict[str, dict[str, list[str]]] = {layer: {} for layer in layers}
    for name, how in drawn.items():
        parts[_layer_of(name, modules) or rest].setdefault(how, []).append(name)
    return {
        layer: "; ".join(_told(how, names) for how, names in ways.items())
        for layer, ways in parts.items()
    }


def _layer_of(name: str, modules: Mapping[str, str]) -> str | None:
    """Return the innermost recorded layer that holds a parameter."""
    owner = name.rpartition(".")[0]
    while owner and owner not in modules:
        owner = owner.rpartition(".")[0]
    return modules.get(owner)


def _told(how: str, names: list[str]) -> str:
    if how not in NAMED:
        return how
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return f"{how}: {', '.join(names[:FEW])}{more}"
