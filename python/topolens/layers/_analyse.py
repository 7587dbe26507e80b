"""Measure the topology of a network's data after every layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from topolens._calls import Progress, as_threads, reporting
from topolens.layers._cloud import Cloud
from topolens.layers._estimate import estimated
from topolens.layers._job import Control, Job, Split, check_layers
from topolens.layers._rows import Rows
from topolens.layers._sampling import Seeds
from topolens.layers._sharing import Sharing, pools_of
from topolens.layers._table import LayerTable
from topolens.measures._protocol import Measure


def analyse(
    layers: Mapping[str, ArrayLike],
    measures: Measure | Sequence[Measure] | None = None,
    *,
    labels: ArrayLike | None = None,
    by: Split | None = None,
    repeats: int = 1,
    subsample: int | float | None = None,
    control: Control | Sequence[Control] | None = None,
    controls: int | None = None,
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
    measures : Measure or sequence of Measure, optional
        What to measure, such as ``HopBetti()`` or ``[HopBetti(k=6), HopBetti(k=10), Rips()]``.
        When not given, what has no scale to choose: ``[Loops(), Spread(), Pieces()]``, or
        ``Loops()`` alone where points are not split.
    labels : array (n,), optional
        Class of each sample; taken from the Recording when not given.
    by : {"class", "prediction", "all"}, optional
        Split the points by label or by what the network predicts, or measure all as one cloud.
        When not given, ``"class"`` where labels are known, ``"all"`` elsewhere. Labels of a
        Recording of which more than half are distinct are taken for no classes.
    repeats : int, default 1
        How often to measure, each time with another subsample.
    subsample : int or float, optional
        Points drawn without replacement from each cloud: a number, or a share in (0, 1]. When
        not given, all points are used, or a share of 0.8 if `repeats` is above 1.
    control : {None, "untrained", "shuffled"} or a sequence of them, default None
        What to compare with. ``"untrained"``: the same samples in an untrained copy of the
        model; it needs a Recording. ``"shuffled"``: the same layers with permuted labels, a new
        permutation in each repeat; it needs ``by="class"``.
    controls : int, optional
        Untrained copies, each measured on the samples of every repeat. When not given, 39 if
        `measures` are not given either, and else a new copy in each repeat. To tell one network
        from chance it takes 19 at least: see :meth:`LayerTable.contrast`.
    classes : sequence, optional
        The classes to measure, in this order; all when not given.
    rng : int, Generator or None, default None
        Seed of subsamples, permutations and re-initialisations.
    n_threads : int, optional
        Threads of each measure. The table does not depend on it.
    progress : bool or callable, default False
        Show a bar over the layers with an estimate of the time, or call
        ``progress(done, total)`` after each, in every repeat and copy.

    Returns
    -------
    LayerTable
        One row per layer, class, control, repeat, copy and number.

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
    estimate : How long it will take.
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

    Distances are computed once for all measures of one metric, and for all repeats where that is
    less work, which changes no number; the column ``seconds`` does not count them then.

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
    as_threads(n_threads)
    job = Job.of(
        layers,
        measures,
        labels=labels,
        by=by,
        repeats=repeats,
        subsample=subsample,
        control=control,
        controls=controls,
        classes=classes,
    )
    seeds = Seeds.of(rng)
    rows = Rows(settings=job.describe(seeds))
    networks = (network for condition in job.conditions for network in job.copies(condition))
    total = len(job.arrays) * sum(len(repeats) for _, repeats in networks)
    with rows.kept_on_error():
        told = f", {estimated(job, seeds, n_threads)}" if progress is True else ""
        with reporting(progress, f"layers{told}") as report:
            done = 0
            for looks in _layers(job, seeds):
                sharing = Sharing.of(job)
                for clouds in looks:
                    rows.add(clouds, job.measures, sharing, seeds, n_threads)
                    done += 1
                    if report:
                        report(done, total)
        rows.refuse_failures()
    return rows.table()


def _layers(job: Job, seeds: Seeds) -> Iterator[Iterator[list[Cloud]]]:
    """Yield the layers of one network after the other: in each repeat, the clouds of a layer."""
    for condition, copy, repeats, layers in _networks(job, seeds):
        pools = pools_of(job, condition, len(repeats))
        samples = {repeat: _samples(job, condition, seeds, repeat) for repeat in repeats}
        for index, (layer, array) in enumerate(layers.items()):
            yield (
                [
                    Cloud(
                        layer_index=index,
                        layer=layer,
                        name=name,
                        condition=condition,
                        repeat=repeat,
                        copy=copy,
                        array=array,
                        sample=sample,
                        pool=pools.get(name),
                        shape=job.shapes[layer],
                        channel_axis=getattr(job.layers, "channel_axes", {}).get(layer, 1),
                    )
                    for name, sample in samples[repeat].items()
                ]
                for repeat in repeats
            )


def _networks(job: Job, seeds: Seeds) -> Iterator[tuple[str, int, range, dict[str, Any]]]:
    """Yield the trained network and its controls, with the repeats in which each is measured."""
    # What cannot be made untrained is found out before anything is measured.
    made = {0: _untrained(job, seeds, 0)} if "untrained" in job.conditions else {}
    for condition in job.conditions:
        for copy, repeats in job.copies(condition):
            layers = job.arrays
            if condition == "untrained":
                layers = made.pop(copy, None) or _untrained(job, seeds, copy)
            yield condition, copy, repeats, layers


def _untrained(job: Job, seeds: Seeds, copy: int) -> dict[str, Any]:
    untrained, _ = check_layers(job.layers.untrained(seeds.generator("untrained", copy)))
    if list(untrained) != list(job.arrays):
        raise ValueError(
            f"the untrained copy must have the same layers; "
            f"found {', '.join(untrained)} for {', '.join(job.arrays)}"
        )
    return untrained


def _samples(job: Job, condition: str, seeds: Seeds, repeat: int) -> dict[str, np.ndarray]:
    groups = job.groups
    if condition == "shuffled":
        groups = groups.shuffled(seeds.generator("shuffled", repeat))
    return groups.draw(job.sizes, seeds, repeat)
