"""Distances between the diagrams of an analysis: from layer to layer, and to the controls."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from inspect import signature
from itertools import pairwise
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

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

if TYPE_CHECKING:
    from topolens.homology._results import PersistenceResult

LengthUnit = Literal["mean distance", "largest value"]

LENGTH_UNITS: tuple[str | None, ...] = (*get_args(LengthUnit), None)
DISTANCES: dict[DiagramMetric, Callable[..., Any]] = {
    "bottleneck": bottleneck_distance,
    "wasserstein": wasserstein_distance,
    "sliced_wasserstein": sliced_wasserstein_distance,
    "landscape": landscape_distance,
}


class Cloud(NamedTuple):
    """Where a diagram stands, in the words of a table's rows."""

    layer: str
    name: str
    repeat: int
    control: str


class Facts(NamedTuple):
    """What the rows of a cloud say of it."""

    layer_index: int
    copy: int
    n: int
    n_distinct: int


Diagrams = dict[Cloud, list[np.ndarray]]


def layer_distances(
    table: LayerTable,
    distance: DiagramMetric = "bottleneck",
    *,
    unit: LengthUnit | None = "mean distance",
    **options: Any,
) -> LayerTable:
    """Add the distances between consecutive layers, and between layers and their controls.

    Parameters
    ----------
    table : LayerTable
        From :func:`analyse` with a measure that keeps diagrams, such as :class:`Rips`.
    distance : {"bottleneck", "wasserstein", "sliced_wasserstein", "landscape"}
        As in :func:`distance_matrix`.
    unit : {"mean distance", "largest value", None}, default "mean distance"
        What the diagrams of each cloud are divided by first: the mean distance of its points, or
        the largest finite value in its diagrams. Then a layer that stretches all its distances by
        one factor is at distance 0 from the one before. None: nothing, so that distances are in
        the units of the layers, and a stretch counts.
    **options
        More arguments of the distance, such as ``p``.

    Returns
    -------
    LayerTable
        The rows of `table`, then, in each degree, ``{distance}_to_previous``: of each layer
        but the first, to the layer before in the same class, repeat and control; and
        ``{distance}_to_trained``: of each control, to the trained network in the same layer,
        class and repeat. Only diagrams of the same measure with the same settings are compared;
        its settings are those of the row. Where one of two layers has no diagrams, such as a
        layer of NaN, the distance is nan with a note.

    Raises
    ------
    ValueError
        If the table has no diagrams, was joined by name or of several analyses, or has these
        distances already; if the mean distance of some diagrams is not known, which `Rips` and
        `Loops` take; or if an argument breaks its rule.

    See Also
    --------
    analyse : Makes the table.
    topolens.diagrams.distance_matrix : Distances of any diagrams.

    Notes
    -----
    A measure sees one cloud and a distance needs two, so that these rows are drawn from the
    diagrams of a finished analysis. Distances are infinite between diagrams with different numbers
    of essential classes, which a finite threshold can leave.

    Examples
    --------
    >>> import topolens as tl
    >>> circle = tl.datasets.circle(60, rng=0)
    >>> layers = {"input": circle, "double": 2 * circle, "squashed": circle * [2, 0.2]}
    >>> table = tl.layer_distances(tl.analyse(layers, tl.Rips()))
    >>> table.select(measure="bottleneck_to_previous", degree=1)["value"].round(1)
    array([0. , 0.5])
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
    allowed = signature(between).parameters.keys() - {"a", "b", "degree", "matching"}
    for option in options.keys() - allowed:
        names = ", ".join(sorted(allowed))
        raise TypeError(f"`{option}` must be an option of {distance!r}: {names}")
    if unit not in LENGTH_UNITS:
        raise ValueError(f'`unit` must be "mean distance", "largest value" or None; found {unit!r}')
    clouds = _clouds(table)
    how = {**({} if unit == "mean distance" else {"unit": unit}), **options}
    said = ", ".join(f"{option}={value}" for option, value in how.items())
    rows = []
    for made_with, diagrams in _by_measure(table, unit).items():
        settings = ", ".join(filter(None, (said, made_with)))
        for kind, cloud, other in _pairs(clouds, diagrams):
            facts, measure = clouds[cloud], f"{distance}_to_{kind}"
            where = (facts.layer_index, cloud.layer, cloud.name, cloud.control, measure, settings)
            for degree, number in enumerate(_numbers(cloud, other, diagrams, between, options)):
                value, seconds, note = number
                taken = (cloud.repeat, facts.copy, facts.n, facts.n_distinct, seconds, note)
                rows.append((*where, degree, math.inf, value, *taken))
    added = LayerTable(columns_of(rows, LAYER_COLUMNS))
    for measure, settings in added._distinct("measure", "settings"):
        if (measure, settings) in table._distinct("measure", "settings"):
            with_settings = f" with {settings}" if settings else ""
            raise ValueError(
                f"`table` must not have these distances yet; found {measure}{with_settings}"
            )
    joined = concat([table, added])
    told = (table.settings.get("distances"), ", ".join(filter(None, (distance, said))))
    joined.settings["distances"] = "; ".join(filter(None, told))
    return joined


def _numbers(
    cloud: Cloud,
    other: Cloud,
    diagrams: Diagrams,
    between: Callable[..., Any],
    options: dict[str, Any],
) -> Iterator[tuple[float, float, str]]:
    """Yield the distance in each degree, the seconds it took, and why there is none."""
    missing = [one.layer for one in (cloud, other) if one not in diagrams]
    if missing:
        for _ in range(max(map(len, diagrams.values()))):
            yield math.nan, 0.0, f"no diagrams of layer {missing[0]!r}"
        return
    for a, b in zip(diagrams[cloud], diagrams[other], strict=False):
        start = perf_counter()
        yield float(between(a, b, **options)), perf_counter() - start, ""


def _clouds(table: LayerTable) -> dict[Cloud, Facts]:
    """Return the clouds of one analysis, in which no two layers have one place."""
    names = ("layer", "class", "repeat", "control", "layer_index", "copy", "n", "n_distinct")
    found: dict[Cloud, Facts] = {}
    layers: dict[tuple, str] = {}
    with_diagrams = table._keep(table._of_first_copy())
    for row in zip(*(with_diagrams.columns[name].tolist() for name in names), strict=True):
        cloud, facts = Cloud(*row[:4]), Facts(*row[4:])
        there = layers.setdefault((*cloud[1:], facts.layer_index), cloud.layer)
        if there != cloud.layer or found.setdefault(cloud, facts) != facts:
            raise ValueError(
                f"`table` must be of one analysis, in which layers follow each other; found "
                f"{there!r} and {cloud.layer!r} at place {facts.layer_index}, or two clouds of "
                f"one layer: take the distances of each table before they are joined"
            )
    return found


def _by_measure(table: LayerTable, unit: LengthUnit | None) -> dict[str, Diagrams]:
    """Part the diagrams by what made them, so that only like is compared with like."""
    found: dict[str, Diagrams] = {}
    for key, result in table.diagrams.items():
        made_with = key[4] if len(key) > 4 else table._made_with.get(key, "")
        found.setdefault(made_with, {})[Cloud(*key[:4])] = scaled_diagrams(result, unit)
    return found


def _pairs(clouds: dict[Cloud, Facts], diagrams: Diagrams) -> Iterator[tuple[str, Cloud, Cloud]]:
    """Yield what is compared with what: the layer before, then the trained network.

    Where one of the two has no diagrams there is nothing to compare, but a row to say so.
    """
    measured = {cloud[1:] for cloud in diagrams}
    series: dict[tuple, list[Cloud]] = {}
    for cloud in clouds:
        series.setdefault(cloud[1:], []).append(cloud)
    before = {
        cloud: previous
        for of_one in series.values()
        for previous, cloud in pairwise(sorted(of_one, key=lambda c: clouds[c].layer_index))
    }
    for cloud in clouds:
        if cloud[1:] not in measured:
            continue
        if cloud in before:
            yield "previous", cloud, before[cloud]
        trained = cloud._replace(control="trained")
        if trained != cloud and trained in clouds:
            yield "trained", cloud, trained


def scaled_diagrams(
    result: PersistenceResult, unit: LengthUnit | None = "mean distance"
) -> list[np.ndarray]:
    """Divide the diagrams of a cloud by their unit, which is 1 where it would be 0."""
    length: float | None = 1.0
    if unit == "mean distance":
        length = getattr(result, "mean_distance", None)
    elif unit == "largest value":
        values = np.concatenate([dgm.ravel() for dgm in result.dgms])
        length = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    if length is None:
        raise ValueError(
            '`unit` must be None or "largest value" for diagrams without a mean distance, which '
            "Rips() and Loops() take; found 'mean distance'"
        )
    return [dgm / (length or 1.0) for dgm in result.dgms]
