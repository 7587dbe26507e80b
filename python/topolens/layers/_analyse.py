"""Measure the topology of a network's data after every layer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from topolens._arrays import as_points, as_real, as_values
from topolens._calls import Progress, as_count, as_threads, refuse_unused, renamed, reporting
from topolens.layers._protocol import Measure
from topolens.layers._recording import Recording
from topolens.layers._rows import Cloud, Rows, takes_maps
from topolens.layers._sampling import By, Groups, Seeds, sample_sizes, split
from topolens.layers._settings import settings_of
from topolens.layers._table import LayerTable
from topolens.spaces._spaces import MetricSpace

Control = Literal["untrained", "shuffled"]

CONTROLS: tuple[str, ...] = get_args(Control)


def analyse(
    layers: Mapping[str, ArrayLike],
    measures: Measure | Sequence[Measure],
    *,
    labels: ArrayLike | None = None,
    by: By | None = None,
    repeats: int = 1,
    subsample: int | float | None = None,
    control: Control | Sequence[Control] | None = None,
    classes: Sequence[Any] | None = None,
    rng: int | np.random.Generator | None = None,
    n_threads: int | None = None,
    progress: Progress = False,
) -> LayerTable:
    """Measure every layer, every class, and their controls.

    Parameters
    ----------
    layers : Recording or mapping of str to array (n, ...) or MetricSpace
        Activations of the same n samples, layer by layer, in the order of execution. Each array
        is flattened to (n, features). If the measures have ``metric="precomputed"``, the
        distances of the samples.
    measures : Measure or sequence of Measure
        What to measure, such as ``HopBetti()`` or ``[HopBetti(k=6), HopBetti(k=10), Rips()]``.
    labels : array (n,), optional
        Class of each sample; taken from the Recording when not given.
    by : {None, "class", "prediction"}, optional
        Measure all points as one cloud, or split them by label or by what the network predicts.
        When not given, ``"class"`` if `labels` are given (those of a Recording do not count), as
        on the command line.
    repeats : int, default 1
        How often to measure, each time with another subsample.
    subsample : int or float, optional
        Points drawn without replacement from each cloud: a number, or a share in (0, 1]. When
        not given, all points are used, or a share of 0.8 if `repeats` is above 1.
    control : {None, "untrained", "shuffled"} or a sequence of them, default None
        What to compare with. ``"untrained"``: the same samples in an untrained copy of the
        model, a new copy in each repeat; it needs a Recording. ``"shuffled"``: the same layers
        with permuted labels, a new permutation in each repeat; it needs ``by="class"``.
    classes : sequence, optional
        The classes to measure, in this order; all when not given.
    rng : int, Generator or None, default None
        Seed of subsamples, permutations and re-initialisations.
    n_threads : int, optional
        Threads of each measure. The table does not depend on it.
    progress : bool or callable, default False
        Show a bar over the layers, or call ``progress(done, total)`` after each.

    Returns
    -------
    LayerTable
        One row per layer, class, control, repeat and number.

    Raises
    ------
    ValueError
        Before anything is computed: if layers differ in their number of samples, if no layer is
        finite, if labels do not match, if a class has too few points. At the end, if a measure
        could measure nothing.
    TypeError
        If an argument has the wrong type, or ``control="untrained"`` meets a plain mapping.

    See Also
    --------
    layer_distances : Distances of the diagrams from layer to layer.
    topolens.torch.record : Makes the layers.
    topolens.plotting.plot_layers, topolens.report.write_report : What becomes of the table.

    Notes
    -----
    Within one repeat every layer is measured on the same samples, and so is the untrained
    control. The spread over repeats comes from subsampling (in controls also from permutation
    or initialisation); it says nothing about other networks trained on the same data.

    The random numbers of a cloud depend on `rng`, its repeat and its class alone: leaving out
    layers, classes or measures does not change the other rows. Of several measures of one name the
    first draws what it would draw alone, and the others have random numbers of their own, which
    depend on their settings.

    A dead layer does not end an analysis. Where a cloud holds NaN or infinity, or a measure refuses
    it with a `ValueError` or `NumericalError`, such as the dimension of one repeated point, the
    values are nan and the column ``note`` says why.

    If an exception or Ctrl-C stops the analysis, the exception carries the rows so far as its
    attribute ``partial_table``; in a notebook, ``sys.last_value.partial_table``.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> labels = np.repeat([0, 1], 40)
    >>> mixed = np.random.default_rng(0).normal(size=(80, 2))
    >>> apart = mixed + [[9.0, 0.0]] * (np.arange(80) % 2 * labels)[:, None]
    >>> table = tl.analyse({"mixed": mixed, "apart": apart}, tl.HopBetti(k=6),
    ...                    labels=labels, by="class")
    >>> table.select(measure="components", class_=1).columns["value"]
    array([1., 2.])
    """
    measures = _check_measures(measures)
    if by is None and labels is not None:
        by = "class"
    if by == "prediction":
        refuse_unused('with by="prediction"', labels=(labels, None))
    as_threads(n_threads)
    arrays, shapes = _check_layers(layers, given=_take_distances(measures))
    conditions = ("trained", *_check_controls(control, by, layers))
    repeats = as_count(repeats, "repeats", least=1)
    groups = _split(layers, arrays, labels, by, classes)
    sizes = sample_sizes(groups, subsample, repeats)
    recorded = isinstance(layers, Recording) and by == "class"
    way = ": record more of each class, with `per_class`" if recorded else ""
    _refuse_small_clouds(sizes, measures, next(iter(arrays)), way)
    _refuse_no_maps(shapes, measures)
    seeds = Seeds.of(rng)
    rows = Rows(
        settings=_describe(measures, by, repeats, sizes, conditions=conditions, seeds=seeds)
    )

    total = repeats * len(conditions) * len(arrays)
    layer_by_layer = _clouds(
        layers, arrays, shapes, groups, sizes, conditions=conditions, repeats=repeats, seeds=seeds
    )
    with rows.kept_on_error(), reporting(progress, "layers") as report:
        for done, clouds in enumerate(layer_by_layer, start=1):
            for cloud in clouds:
                rows.add(cloud, measures, seeds, n_threads)
            if report:
                report(done, total)
        rows.refuse_failures()
    return rows.table()


def _clouds(
    layers: Mapping[str, Any],
    arrays: dict[str, Any],
    shapes: dict[str, tuple[int, ...]],
    groups: Groups,
    sizes: dict[str, int],
    *,
    conditions: Sequence[str],
    repeats: int,
    seeds: Seeds,
) -> Iterator[Iterator[Cloud]]:
    """Yield the clouds of one layer after the other, in every repeat and condition."""
    for repeat in range(repeats):
        prepared = [
            (
                condition,
                _layers_under(condition, layers, arrays, seeds, repeat),
                _groups_under(condition, groups, seeds, repeat).draw(sizes, seeds, repeat),
            )
            for condition in conditions
        ]
        for condition, shown, samples in prepared:
            for index, (layer, array) in enumerate(shown.items()):
                yield (
                    Cloud(
                        layer_index=index,
                        layer=layer,
                        name=name,
                        condition=condition,
                        repeat=repeat,
                        points=_take(layer, array, sample),
                        shape=shapes[layer],
                        channel_axis=getattr(layers, "channel_axes", {}).get(layer, 1),
                    )
                    for name, sample in samples.items()
                )


def _layer_name(layer: str) -> str:
    return f"layers[{layer!r}]"


def _take(layer: str, array: Any, sample: np.ndarray) -> np.ndarray | MetricSpace:
    if _is_space(array):
        return array.select(sample)
    return as_values(array[sample], name=_layer_name(layer))


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


def _take_distances(measures: Sequence[Measure]) -> bool:
    """Whether layers are the distances of samples: to all measures, or to none."""
    given = {getattr(measure, "metric", None) == "precomputed" for measure in measures}
    if len(given) > 1:
        names = ", ".join(measure.name for measure in measures)
        raise ValueError(
            f'`measures` must have metric="precomputed" all or none; found some in {names}: '
            "analyse distances and points apart"
        )
    return given.pop()


Shapes = dict[str, tuple[int, ...]]


def _check_layers(
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
    found = {layer: _read(_layer_name(str(layer)), one, given) for layer, one in layers.items()}
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
    if not any(_is_space(array) or np.isfinite(array).all() for array in flat.values()):
        as_points(flat[first], _layer_name(first))
    recorded = getattr(layers, "shapes", {})  # before they were reduced to rows
    shapes = {
        str(layer): () if _is_space(array) else recorded.get(layer, array.shape)[1:]
        for layer, array in found.items()
    }
    for layer, array in flat.items():
        if not _is_space(array) and math.prod(shapes[layer]) != array.shape[1]:
            shapes[layer] = array.shape[1:]
    return flat, shapes


def _is_space(array: Any) -> bool:
    return isinstance(array, MetricSpace)


def _read(name: str, array: Any, given: bool) -> np.ndarray | MetricSpace:
    if not (given or _is_space(array) or hasattr(array, "to_space")):
        return as_real(array, name)
    with renamed(name):
        return MetricSpace(array)


def _flatten(layer: str, array: Any) -> Any:
    if _is_space(array) and len(array):
        return array
    if _is_space(array) or array.ndim == 0 or len(array) == 0:
        raise ValueError(f"`{_layer_name(layer)}` must have at least one sample")
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


def _split(
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


def _layers_under(
    condition: str,
    layers: Any,
    arrays: dict[str, Any],
    seeds: Seeds,
    repeat: int,
) -> dict[str, Any]:
    if condition != "untrained":
        return arrays
    untrained, _ = _check_layers(layers.untrained(seeds.generator("untrained", repeat)))
    if list(untrained) != list(arrays):
        raise ValueError(
            f"the untrained copy must have the same layers; "
            f"found {', '.join(untrained)} for {', '.join(arrays)}"
        )
    return untrained


def _groups_under(condition: str, groups: Groups, seeds: Seeds, repeat: int) -> Groups:
    if condition != "shuffled":
        return groups
    return groups.shuffled(seeds.generator("shuffled", repeat))


def _describe(
    measures: Sequence[Measure],
    by: str | None,
    repeats: int,
    sizes: Mapping[str, int],
    *,
    conditions: Sequence[str],
    seeds: Seeds,
) -> dict[str, str]:
    return {
        "measures": "; ".join(str(measure) for measure in measures),
        "split": f"by {by}" if by else "not split",
        "points per cloud": ", ".join(f"{name}: {size}" for name, size in sizes.items()),
        "repeats": str(repeats),
        "conditions": ", ".join(conditions),
        "seed": str(seeds.entropy),
    }
