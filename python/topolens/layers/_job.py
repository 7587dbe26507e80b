"""What an analysis is to do, checked before any of it is done."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import ArrayLike

from topolens._arrays import as_points, as_real
from topolens._calls import as_count, refuse_unused, renamed
from topolens.layers._cloud import layer_name
from topolens.layers._recording import Recording
from topolens.layers._sampling import By, Groups, Seeds, sample_sizes, split
from topolens.layers._settings import settings_of
from topolens.measures._loops import Loops
from topolens.measures._pieces import Pieces
from topolens.measures._protocol import Measure, compares_classes, takes_maps
from topolens.measures._spread import Spread
from topolens.spaces._spaces import MetricSpace

Control = Literal["untrained", "shuffled"]
Split = Literal["class", "prediction", "all"]

CONTROLS: tuple[str, ...] = get_args(Control)

ENOUGH_COPIES = 39  # of which the rank of one network can be 1 in 40

Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class Job:
    """Layers and measures that fit each other, and how clouds are drawn from the layers."""

    layers: Mapping[str, ArrayLike]
    arrays: dict[str, Any]
    shapes: Shapes
    measures: list[Measure]
    by: By | None
    groups: Groups
    sizes: dict[str, int]
    conditions: tuple[str, ...]
    repeats: int
    controls: int | None

    @classmethod
    def of(
        cls,
        layers: Mapping[str, ArrayLike],
        measures: Measure | Sequence[Measure] | None,
        *,
        labels: ArrayLike | None,
        by: Split | None,
        repeats: int,
        subsample: int | float | None,
        control: Control | Sequence[Control] | None,
        controls: int | None,
        classes: Sequence[Any] | None,
    ) -> Self:
        """Read what `analyse` is called with."""
        asked = None if measures is None else _check_measures(measures)
        if by in ("prediction", "all"):
            refuse_unused(f'with by="{by}"', labels=(labels, None))
        by = read_split(by, layers, labels)
        arrays, shapes = check_layers(layers, given=_take_distances(asked or ()))
        conditions = ("trained", *_check_controls(control, by, layers))
        repeats = as_count(repeats, "repeats", least=1)
        controls = _check_copies(controls, conditions)
        if measures is None and controls is None and "untrained" in conditions:
            controls = ENOUGH_COPIES
        groups = groups_of(layers, arrays, labels, by, classes)
        several = asked or _without_scale(groups)
        _refuse_one_class(groups, several)
        sizes = sample_sizes(groups, subsample, repeats)
        recorded = isinstance(layers, Recording) and by == "class"
        more = "record more of each class, with `per_class`, or " if recorded else ""
        way = f': {more}measure all points at once, with `by="all"`' if by else ""
        _refuse_small_clouds(sizes, several, next(iter(arrays)), way)
        _refuse_no_maps(shapes, several)
        return cls(
            layers=layers,
            arrays=arrays,
            shapes=shapes,
            measures=several,
            by=by,
            groups=groups,
            sizes=sizes,
            conditions=conditions,
            repeats=repeats,
            controls=controls,
        )

    def copies(self, condition: str) -> list[tuple[int, range]]:
        """Return the networks of a condition, each with the repeats in which it is measured."""
        repeats = range(self.repeats)
        if condition != "untrained":
            return [(0, repeats)]
        if self.controls is None:
            return [(repeat, range(repeat, repeat + 1)) for repeat in repeats]
        return [(copy, repeats) for copy in range(self.controls)]

    def describe(self, seeds: Seeds) -> dict[str, str]:
        """Return the settings, as a table shows them."""
        return {
            "measures": "; ".join(map(str, self.measures)),
            "split": f"by {self.by}" if self.by else "not split",
            "points per cloud": ", ".join(f"{name}: {size}" for name, size in self.sizes.items()),
            "repeats": str(self.repeats),
            "conditions": ", ".join(self.conditions),
            "seed": str(seeds.entropy),
        }


def _check_measures(measures: Measure | Sequence[Measure]) -> list[Measure]:
    listed = isinstance(measures, Sequence) and not isinstance(measures, str)
    several = list(measures) if listed else [measures]
    if not several:
        raise ValueError("`measures` must not be empty")
    for measure in several:
        if isinstance(measure, type) or not isinstance(measure, Measure):
            raise TypeError(
                f"`measures` must be measures such as HopBetti() or Rips(); found {measure!r}"
            )
    names = [(measure.name, settings_of(measure)) for measure in several]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f"`measures` must differ in name or settings, or their rows could not be told "
                f"apart; found {' '.join(filter(None, name))!r} {names.count(name)} times"
            )
    return several


def _without_scale(groups: Groups) -> list[Measure]:
    """Return the measures that have no scale to choose; of one class there are no others."""
    return [Loops()] if len(groups.names) < 2 else [Loops(), Spread(), Pieces()]


def _take_distances(measures: Sequence[Measure]) -> bool:
    """Whether layers are the distances of samples: to all measures, or to none."""
    given = {getattr(measure, "metric", None) == "precomputed" for measure in measures} or {False}
    if len(given) > 1:
        names = ", ".join(measure.name for measure in measures)
        raise ValueError(
            f'`measures` must have metric="precomputed" all or none; found some in {names}: '
            "analyse distances and points apart"
        )
    return given.pop()


def check_layers(
    layers: Mapping[str, Any], *, given: bool = False
) -> tuple[dict[str, Any], Shapes]:
    """Return the layers as (n, features), one seen to be finite, and the shape of a sample.

    What are distances, or `given` as such, are spaces.
    """
    if not isinstance(layers, Mapping):
        raise TypeError(
            f"`layers` must be a Recording or a mapping of names to arrays; "
            f"found {type(layers).__name__}"
        )
    if not layers:
        raise ValueError("`layers` must not be empty")
    found = {layer: _read(layer_name(str(layer)), one, given) for layer, one in layers.items()}
    flat = {str(layer): _flatten(str(layer), array) for layer, array in found.items()}
    if len(flat) < len(found):
        raise ValueError(f"`layers` must have names that differ as text; found {list(found)}")
    counts = {layer: len(array) for layer, array in flat.items()}
    first = next(iter(counts))
    for layer, count in counts.items():
        if count != counts[first]:
            raise ValueError(
                f"`layers` must all have the same number of samples; "
                f"found {counts[first]} in {first!r} and {count} in {layer!r}"
            )
    if not any(is_space(array) or np.isfinite(array).all() for array in flat.values()):
        as_points(flat[first], layer_name(first))
    recorded = getattr(layers, "shapes", {})  # before they were reduced to rows
    shapes = {
        str(layer): () if is_space(array) else recorded.get(layer, array.shape)[1:]
        for layer, array in found.items()
    }
    for layer, array in flat.items():
        if not is_space(array) and math.prod(shapes[layer]) != array.shape[1]:
            shapes[layer] = array.shape[1:]
    return flat, shapes


def is_space(array: Any) -> bool:
    return isinstance(array, MetricSpace)


def _read(name: str, array: Any, given: bool) -> np.ndarray | MetricSpace:
    if not (given or is_space(array) or hasattr(array, "to_space")):
        return as_real(array, name)
    with renamed(name):
        return MetricSpace(array)


def _flatten(layer: str, array: Any) -> Any:
    if is_space(array) and len(array):
        return array
    if is_space(array) or array.ndim == 0 or len(array) == 0:
        raise ValueError(f"`{layer_name(layer)}` must have at least one sample")
    return array.reshape(len(array), -1)


def _refuse_no_maps(shapes: Mapping[str, tuple[int, ...]], measures: Sequence[Measure]) -> None:
    for measure in measures:
        if takes_maps(measure) and not any(len(shape) == 3 for shape in shapes.values()):
            raise ValueError(
                f"{measure.name} needs layers of feature maps, shape (n, channels, height, width); "
                f"found only rows"
            )


def _check_controls(
    control: str | Sequence[str] | None, by: str | None, layers: Mapping[str, Any]
) -> tuple[str, ...]:
    several = isinstance(control, Sequence) and not isinstance(control, str)
    asked = () if control is None else tuple(control) if several else (control,)
    for name in asked:
        if name not in CONTROLS:
            raise ValueError(f'`control` must be None, "untrained" or "shuffled"; found {name!r}')
    if "shuffled" in asked and by != "class":
        raise ValueError(f'`control="shuffled"` needs `by="class"`; found by={by!r}')
    if "untrained" in asked and not hasattr(layers, "untrained"):
        raise TypeError(
            '`control="untrained"` needs a Recording, which can re-initialise its model; '
            f"found {type(layers).__name__}"
        )
    return tuple(dict.fromkeys(asked))


def _check_copies(controls: int | None, conditions: Sequence[str]) -> int | None:
    if controls is None:
        return None
    if "untrained" not in conditions:
        refuse_unused('without control="untrained"', controls=(controls, None))
    return as_count(controls, "controls", least=1)


def read_split(by: Split | None, layers: Mapping[str, Any], labels: ArrayLike | None) -> By | None:
    """Split by class wherever labels are known, unless something else is asked for."""
    if by not in (None, *get_args(Split)):
        raise ValueError(f'`by` must be None, "class", "prediction" or "all"; found {by!r}')
    if by is None:
        by = (
            "class"
            if labels is not None or _are_classes(getattr(layers, "labels", None))
            else "all"
        )
    return None if by == "all" else by


def _are_classes(recorded: Any) -> bool:
    """Whether recorded labels are those of classes, and not, say, targets of a regression."""
    return np.ndim(recorded) == 1 and 2 * len(np.unique(recorded)) <= len(recorded)


def _refuse_one_class(groups: Groups, measures: Sequence[Measure]) -> None:
    for measure in measures:
        if compares_classes(measure) and len(groups.names) < 2:
            raise ValueError(
                f"{measure.name} compares classes and needs two or more; found "
                f"{', '.join(groups.names)}: give `labels`, or leave it out"
            )


def groups_of(
    layers: Mapping[str, Any],
    arrays: Mapping[str, Any],
    labels: ArrayLike | None,
    by: By | None,
    classes: Sequence[Any] | None,
) -> Groups:
    n = len(next(iter(arrays.values())))
    if labels is None:
        labels = getattr(layers, "labels", None)
    predictions = getattr(layers, "predictions", None)
    if by == "prediction" and predictions is None and getattr(layers, "predictions_note", None):
        raise ValueError(f'`by="prediction"` needs predictions: {layers.predictions_note}')
    return split(n, by, labels, predictions, classes)


def _refuse_small_clouds(
    sizes: Mapping[str, int], measures: Sequence[Measure], first_layer: str, way: str
) -> None:
    for measure in measures:
        least = getattr(measure, "min_points", 1)
        for name, size in sizes.items():
            if size < least:
                raise ValueError(
                    f"{measure.name} needs at least {least} points; "
                    f"class {name!r} of layer {first_layer!r} has {size}{way}"
                )
