"""Cubical Betti numbers of feature maps, layer by layer and image by image."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from topolens._calls import Progress, refuse_unused, reporting
from topolens.homology._results import Construction
from topolens.profiles._profile import STATISTICS, CubicalProfile, Statistics
from topolens.profiles._reader import Layout, MapReader, Reduce, Rule, as_reader
from topolens.profiles._sources import chosen_layers, maps_of

if TYPE_CHECKING:
    import torch

    from topolens.torch._reductions import Channels
    from topolens.torch._selection import Layers


def cubical_profile(
    source: torch.nn.Module | Mapping[str, ArrayLike],
    thresholds: ArrayLike = 0.0,
    *,
    images: Any = None,
    layers: Layers = "auto",
    channels: Channels | Mapping[str, Channels | None] | None = None,
    layout: Layout = "volume",
    rule: Rule = "value",
    reduce: Reduce = "mean",
    construction: Construction = "V",
    sublevel: bool = True,
    statistics: Statistics = "running",
    n_permutations: int = 10,
    max_images: int = 200,
    per_class: int | None = None,
    rng: int | np.random.Generator | None = None,
    device: torch.device | str | None = None,
    n_threads: int | None = None,
    max_memory: float | None = None,
    progress: Progress = False,
) -> CubicalProfile:
    """Count the homology of the feature maps of every layer, for every image.

    Parameters
    ----------
    source : torch.nn.Module, Recording, or dict of str to array (n_images, C, H, W)
        A model, which is run on `images` and of whose layers only the Betti numbers are kept; or
        feature maps that are there already, in the order of execution.
    thresholds : float or sequence of float, default 0.0
        Where Betti numbers are taken: at these values of the features, or quantiles of them.
    images : as the loader of :func:`topolens.record`
        What the model is run on; only with a model.
    layers : as in :func:`topolens.record`, default "auto"
        The layers to read. ``"auto"``: all layers of a dict; those of a recording except
        ``"input"``; of a model those that :func:`topolens.record` chooses, without input and
        output. Layers without maps (C, H, W) are skipped, unless they are in a dict.
    channels : {"first", "last", None} or dict, default None
        On which axis a model's layers have their channels, as in :func:`topolens.record`. Maps of
        shape (n, H, W, C) are read as (n, C, H, W).
    layout : {"volume", "per_channel", "channel_norm", "volume_permuted"}, default "volume"
        How an image's maps are read. ``"volume"``: as one array with three axes, of which the
        channels are one, in their order. ``"volume_permuted"``: the same, with channels in random
        orders. ``"per_channel"``: each channel as a picture. ``"channel_norm"``: the length of
        the vector of channels at each position, as one picture.
    rule : {"value", "quantile"}, default "value"
        Whether `thresholds` are values, or quantiles of what one layer shows of one image.
    reduce : {"mean", "sum"}, default "mean"
        What is taken of the channels with ``layout="per_channel"``.
    construction, sublevel
        As in :func:`topolens.cubical_betti`.
    statistics : {"running", "image"}, default "running"
        What the normalisation layers of a model use: the statistics of training, as in evaluation
        mode, or those of the one image that is being looked at.
    n_permutations : int, default 10
        Random orders of the channels with ``layout="volume_permuted"``, the same for all images.
    max_images : int, default 200
        Images that a model is run on; of more, as many are chosen by `rng`.
    per_class : int or None, default None
        In the place of `max_images`: the number of images of each class, as in
        :func:`topolens.record`.
    rng : int, Generator or None, default None
        Chooses images and permutations.
    device : torch.device, str or None, default None
        Where to run a model. None: where it is.
    n_threads : int, optional
        Threads to use; all by default. The result does not depend on it.
    max_memory : float, optional
        Bytes that counting may take; what is available by default.
    progress : bool or callable, default False
        Show a bar over the images that a model is run on, or over the layers that are there
        already, or call ``progress(done, total)`` now and then.

    Returns
    -------
    CubicalProfile

    Raises
    ------
    TypeError
        If `source` is of another kind.
    ValueError
        If no layer has feature maps, layers differ in their number of images, a value is NaN,
        or an argument breaks its rule.
    MemoryError
        If counting does not fit `max_memory`.

    See Also
    --------
    ttp_score, CubicalProfile.decay : How fast complexity falls.
    Cubical : The measure for `analyse`.
    topolens.homology.cubical_betti : One image.

    Notes
    -----
    With ``layout="volume"``, sublevel sets, V-construction and ``statistics="image"`` this is what
    the code released with [1]_ computes, except that bars are half-open here: a class counts at
    η if birth ≤ η < death. The paper reads (C, H, W) as (W, H, C); the order of axes does not
    change Betti numbers. Its η is not published; since its Betti numbers do not change under ReLU
    η was at least 0, where {x ≤ η} and {max(x, 0) ≤ η} are the same set.

    The order of channels means nothing, but the volume depends on it. The other three layouts do
    not, or show how much. A quantile of the values, unlike a fixed η, gives the same Betti numbers
    when a layer is rescaled, and for any other increasing function of its values.

    A model with its own dropout or stochastic depth is run without it in either mode; the released
    code never calls ``eval()``. Images of different sizes may be mixed. The choice of permutations
    in a layer depends on `rng` and its name only.

    References
    ----------
    .. [1] S. Suresh, B. Das, V. Abrol, S. Dutta Roy, "On characterizing the evolution of embedding
       space of neural networks using algebraic topology", Pattern Recognition Letters 179 (2024).

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> checkers = np.indices((4, 4)).sum(axis=0) % 2
    >>> maps = {"first": checkers.reshape(1, 1, 4, 4), "last": np.zeros((1, 8, 2, 2))}
    >>> p = tl.cubical_profile(maps)
    >>> p.complexity()
    array([8., 1.])
    """
    reader = as_reader(
        thresholds,
        rule=rule,
        layout=layout,
        reduce=reduce,
        construction=construction,
        sublevel=sublevel,
        n_permutations=n_permutations,
        rng=rng,
        n_threads=n_threads,
        max_memory=max_memory,
    )
    if statistics not in STATISTICS:
        raise ValueError(f'`statistics` must be "running" or "image"; found {statistics!r}')
    if isinstance(source, Mapping):
        if images is not None or statistics != "running":
            raise ValueError("`images` and `statistics` need a model as `source`")
        unused = {"max_images": (max_images, 200), "per_class": (per_class, None)}
        own = {"device": (device, None), "channels": (channels, None)}
        refuse_unused("without a model", **unused, **own)
        return _of_maps(source, layers, reader, progress)
    if not (hasattr(source, "named_modules") or hasattr(source, "_orig_mod")):
        raise TypeError(
            f"`source` must be a torch.nn.Module, a Recording or a dict of arrays; "
            f"found {type(source).__name__}"
        )
    if images is None:
        raise ValueError("`images` must be given where `source` is a model")
    from topolens.torch._choice import number_of_samples
    from topolens.torch._maps import map_runner

    runner = map_runner(
        source,
        images,
        layers,
        reader,
        channels=channels,
        own_statistics=statistics == "image",
        max_images=number_of_samples(per_class, max_images=(max_images, 200)),
        per_class=per_class is not None,
        rng=rng,
        device=device,
        progress=progress,
    )
    return _of_runner(runner, reader, statistics)


def _of_maps(
    source: Mapping[str, Any], layers: Any, reader: MapReader, progress: Progress
) -> CubicalProfile:
    betti, shapes, skipped = {}, {}, []
    names = chosen_layers(source, layers)
    with reporting(progress, "layers") as report:
        for done, (layer, maps) in enumerate(maps_of(source, names), start=1):
            if maps is None:
                skipped.append(layer)
            else:
                betti[layer], shapes[layer] = reader(layer, maps), maps.shape[1:]
            if report:
                report(done, len(names))

    def untrained(rng: Any, model: Any) -> CubicalProfile:
        if not hasattr(source, "untrained"):
            raise TypeError("`untrained` needs a profile of a model or of a Recording")
        return _of_maps(source.untrained(rng, model=model), layers, reader, progress)

    return _profile(betti, shapes, skipped, reader=reader, source=untrained)


def _of_runner(runner: Any, reader: MapReader, statistics: Statistics) -> CubicalProfile:
    betti: dict[str, list[np.ndarray]] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    skipped: dict[str, bool] = {}
    batches = 0  # a layer that is not measured in each is skipped
    for found in runner.batches():
        batches += 1
        skipped.update(dict.fromkeys(found.skipped, True))
        for layer, measured in found.kept.items():
            if measured is None:
                skipped[layer] = True
            else:
                betti.setdefault(layer, []).append(measured.values)
                shapes.setdefault(layer, measured.shape)
    skipped.update({layer: True for layer, parts in betti.items() if len(parts) < batches})
    whole = {layer: np.concatenate(parts) for layer, parts in betti.items() if layer not in skipped}
    shapes = {layer: shapes[layer] for layer in whole}

    def untrained(rng: Any, model: Any) -> CubicalProfile:
        return _of_runner(runner.untrained(rng, model), reader, statistics)

    return _profile(
        whole, shapes, list(skipped), reader=reader, statistics=statistics, source=untrained
    )


def _profile(
    betti: Mapping[str, np.ndarray],
    shapes: Mapping[str, tuple[int, ...]],
    skipped: list[str],
    *,
    reader: MapReader,
    statistics: Statistics | None = None,
    source: Callable[[Any, Any], CubicalProfile],
) -> CubicalProfile:
    if not betti:
        raise ValueError(
            f"`source` must have layers of shape (n_images, channels, height, width); found none "
            f"among {', '.join(skipped)}"
        )
    draws = np.stack([np.moveaxis(found, 1, 0) for found in betti.values()], axis=1)
    permuted = reader.layout == "volume_permuted"
    return CubicalProfile(
        layers=tuple(betti),
        thresholds=np.array(reader.thresholds),
        betti=draws.mean(axis=0) if permuted else draws[0],
        permutations=draws if permuted else None,
        shapes=dict(shapes),
        skipped=tuple(skipped),
        layout=reader.layout,
        rule=reader.rule,
        reduce=reader.reduce,
        construction=reader.construction,
        sublevel=reader.sublevel,
        statistics=statistics,
        source=source,
    )
