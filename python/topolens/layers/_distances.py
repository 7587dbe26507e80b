"""Distances between the diagrams of an analysis: from layer to layer, and to the controls."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from inspect import signature
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from topolens._calls import as_choice
from topolens.diagrams._distances import (
    DiagramMetric,
    bottleneck_distance,
    landscape_distance,
    sliced_wasserstein_distance,
    wasserstein_distance,
)
from topolens.layers._columns import LAYER_COLUMNS, columns_of, joined_by
from topolens.layers._concat import concat
from topolens.layers._table import LayerTable

DISTANCES: dict[DiagramMetric, Callable[..., Any]] = {
    "bottleneck": bottleneck_distance,
    "wasserstein": wasserstein_distance,
    "sliced_wasserstein": sliced_wasserstein_distance,
    "landscape": landscape_distance,
}


class Place(NamedTuple):
    """Where a diagram stands: the key of ``LayerTable.diagrams``."""

    layer: str
    name: str
    repeat: int
    control: str
    settings: str = ""


def layer_distances(
    table: LayerTable,
    distance: DiagramMetric = "bottleneck",
    *,
    scaled: bool = False,
    **options: Any,
) -> LayerTable:
    """Add the distances between consecutive layers, and between layers and their controls.

    Parameters
    ----------
    table : LayerTable
        From :func:`analyse` with a measure that keeps diagrams, such as :class:`Rips`.
    distance : {"bottleneck", "wasserstein", "sliced_wasserstein", "landscape"}
        As in :func:`distance_matrix`.
    scaled : bool
        Divide the diagrams of each cloud by their largest finite value first, so that a layer
        that stretches all its distances by one factor is at distance 0 from the one before.
    **options
        More arguments of the distance, such as ``p``.

    Returns
    -------
    LayerTable
        The rows of `table`, then, in each degree, ``{distance}_to_previous``: of each layer
        but the first, to the layer before in the same class, repeat and control; and
        ``{distance}_to_trained``: of each control, to the trained network in the same layer,
        class and repeat.

    Raises
    ------
    ValueError
        If the table has no diagrams or was joined by name, or an argument breaks its rule.

    See Also
    --------
    analyse : Makes the table.
    topolens.diagrams.distance_matrix : Distances of any diagrams.

    Notes
    -----
    A measure sees one cloud and a distance needs two, so that these rows are drawn from the
    diagrams of a finished analysis. Distances are in the units of the layers, unless `scaled`;
    they are infinite between diagrams with different numbers of essential classes, which a
    finite threshold can leave.

    Examples
    --------
    >>> import topolens as tl
    >>> circle = tl.datasets.circle(60, rng=0)
    >>> layers = {"input": circle, "double": 2 * circle, "squashed": circle * [2, 0.2]}
    >>> table = tl.layer_distances(tl.analyse(layers, tl.Rips()), scaled=True)
    >>> table.select(measure="bottleneck_to_previous", degree=1)["value"].round(1)
    array([0. , 0.4])
    """
    if not isinstance(table, LayerTable):
        raise TypeError(f"`table` must be a LayerTable; found {type(table).__name__}")
    if not table.diagrams:
        raise ValueError("`table` must have diagrams; measure with Rips() to keep them")
    if names := joined_by(table):
        raise ValueError(
            f"`table` must be of one analysis, without a column {names[0]!r}; take the distances "
            "of each table before they are joined"
        )
    between = DISTANCES[as_choice(distance, "distance", tuple(DISTANCES))]
    known = signature(between).parameters.keys() - {"a", "b", "degree", "matching"}
    for option in options.keys() - known:
        raise TypeError(f"`{option}` must be an option of {distance!r}: {', '.join(sorted(known))}")
    diagrams = {
        Place(*key): _scaled(result.dgms) if scaled else list(result.dgms)
        for key, result in table.diagrams.items()
    }
    indices = dict(zip(table.columns["layer"], table.columns["layer_index"].tolist(), strict=True))
    counts = _counts(table)
    how = {**({"scaled": True} if scaled else {}), **options}
    options_said = [f"{option}={value}" for option, value in how.items()]
    rows = []
    for kind, place, other in _pairs(diagrams, indices):
        for degree, (a, b) in enumerate(zip(diagrams[place], diagrams[other], strict=False)):
            start = perf_counter()
            value = float(between(a, b, **options))
            layer, name, repeat, control, settings = place
            cloud = (indices[layer], layer, name, control)
            settings = ", ".join([*options_said, *([settings] if settings else [])])
            number = (f"{distance}_to_{kind}", settings, degree, math.inf, value)
            rows.append((*cloud, *number, repeat, *counts[place[:4]], perf_counter() - start))
    added = LayerTable(columns_of(rows, LAYER_COLUMNS))
    joined = concat([table, added])
    joined.settings["distances"] = f"{distance}{', scaled' if scaled else ''}"
    return joined


def _pairs(
    diagrams: dict[Place, list[np.ndarray]], indices: dict[str, int]
) -> Iterator[tuple[str, Place, Place]]:
    """Yield what is compared with what: the layer before, then the trained network."""
    ordered = sorted(set(place.layer for place in diagrams), key=indices.__getitem__)
    before = dict(zip(ordered[1:], ordered, strict=False))
    for place in diagrams:
        others = {
            "previous": place._replace(layer=before.get(place.layer, "")),
            "trained": place._replace(control="trained"),
        }
        for kind, other in others.items():
            if other in diagrams and other != place:
                yield kind, place, other


def _scaled(dgms: list[np.ndarray]) -> list[np.ndarray]:
    values = np.concatenate([dgm.ravel() for dgm in dgms])
    largest = np.abs(values[np.isfinite(values)]).max(initial=0.0)
    return [dgm / largest if largest else dgm for dgm in dgms]


def _counts(table: LayerTable) -> dict[tuple, tuple[int, int]]:
    """Points, and distinct points, of each cloud."""
    names = ("layer", "class", "repeat", "control", "n", "n_distinct")
    rows = zip(*(table.columns[name].tolist() for name in names), strict=True)
    return {row[:4]: row[4:] for row in rows}
