"""Where the feature maps of a profile come from: arrays by layer, a recording, or a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from topolens._arrays import as_image
from topolens.layers._recording import Recording


def maps_of(source: Mapping[str, Any], layers: Any) -> Iterator[tuple[str, np.ndarray | None]]:
    """Yield the chosen layers with their maps (n, C, H, W); None for those that are no maps."""
    counts: dict[str, int] = {}
    for layer in chosen_layers(source, layers):
        maps = _of_recording(source, layer) if isinstance(source, Recording) else source[layer]
        if maps is not None:
            maps = as_maps(maps, layer)
            counts[layer] = len(maps)
            first = next(iter(counts))
            if counts[layer] != counts[first]:
                raise ValueError(
                    f"layers must all have the same number of images; found {counts[first]} in "
                    f"{first!r} and {counts[layer]} in {layer!r}"
                )
        yield layer, maps


def as_maps(maps: Any, layer: str) -> np.ndarray:
    """Read the feature maps of one layer."""
    array = as_image(maps, f"layers[{layer!r}]")
    if array.ndim != 4 or 0 in array.shape:
        raise ValueError(
            f"layer {layer!r} must have shape (n_images, channels, height, width), none of them 0; "
            f"found {array.shape}"
        )
    if np.isnan(array).any():
        place = np.argwhere(np.isnan(array))[0].tolist()
        raise ValueError(f"layer {layer!r} must not hold NaN; found it at {place}")
    return array


def _of_recording(recording: Recording, layer: str) -> np.ndarray | None:
    return recording.feature_maps(layer) if len(recording.shapes[layer]) == 4 else None


def chosen_layers(source: Mapping[str, Any], layers: Any) -> list[str]:
    """Return the names of the layers; the input of a recording only if it is asked for."""
    if not source:
        raise ValueError("`source` must have at least one layer")
    known = list(source)
    if isinstance(layers, str) and layers == "auto":
        given = isinstance(source, Recording) and len(known) > 1
        return [name for name in known if name != "input"] if given else known
    if isinstance(layers, str):
        names = [name for name in known if fnmatchcase(name, layers)]
    elif callable(layers) or not isinstance(layers, Iterable):
        raise TypeError(
            f'`layers` must be "auto", a list of names or a glob string where `source` is not a '
            f"model; found {layers!r}"
        )
    else:
        names = list(layers)
    for name in names:
        if name not in known:
            raise ValueError(f"`layers` must be among {', '.join(known)}; found {name!r}")
    if not names:
        raise ValueError(f"`layers` selects none of {', '.join(known)}; found {layers!r}")
    return names
