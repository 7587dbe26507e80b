"""Cubical Betti numbers of feature maps, layer by layer and image by image."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from topolens._profiles.reader import as_reader
from topolens._profiles.sources import maps_of
from topolens.decay import DecayMeasures, decay_measures
from topolens.table import Table

if TYPE_CHECKING:
    import torch
    from matplotlib.axes import Axes

    from topolens._profiles.reader import MapReader

__all__ = ["CubicalProfile", "cubical_profile"]

STATISTICS = ("running", "image")


def cubical_profile(
    source: Any,
    thresholds: Any = 0.0,
    *,
    images: Any = None,
    layers: Any = "auto",
    layout: str = "volume",
    rule: str = "value",
    reduce: str = "mean",
    construction: str = "V",
    sublevel: bool = True,
    statistics: str = "running",
    n_permutations: int = 10,
    max_images: int = 200,
    rng: int | np.random.Generator | None = None,
    device: torch.device | str | None = None,
    n_threads: int | None = None,
    max_memory: float | None = None,
    progress: bool = False,
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
    rng : int, Generator or None, default None
        Chooses images and permutations.
    device : torch.device, str or None, default None
        Where to run a model. None: where it is.
    n_threads : int, optional
        Threads to use; all by default. The result does not depend on it.
    max_memory : float, optional
        Bytes that counting may take; what is available by default.
    progress : bool, default False
        Show a bar over the images that a model is run on.

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
        rule,
        layout,
        reduce,
        construction,
        sublevel,
        n_permutations,
        rng,
        n_threads,
        max_memory,
    )
    if statistics not in STATISTICS:
        raise ValueError(f'`statistics` must be "running" or "image"; found {statistics!r}')
    if isinstance(source, Mapping):
        if images is not None or statistics != "running":
            raise ValueError("`images` and `statistics` need a model as `source`")
        return _of_maps(source, layers, reader)
    if not (hasattr(source, "named_modules") or hasattr(source, "_orig_mod")):
        raise TypeError(
            f"`source` must be a torch.nn.Module, a Recording or a dict of arrays; "
            f"found {type(source).__name__}"
        )
    if images is None:
        raise ValueError("`images` must be given where `source` is a model")
    return _of_model(source, images, layers, reader, statistics, max_images, rng, device, progress)


def _of_maps(source: Mapping[str, Any], layers: Any, reader: MapReader) -> CubicalProfile:
    betti, shapes, skipped = {}, {}, []
    for layer, maps in maps_of(source, layers):
        if maps is None:
            skipped.append(layer)
        else:
            betti[layer], shapes[layer] = reader(layer, maps), maps.shape[1:]

    def untrained(rng: Any) -> CubicalProfile:
        if not hasattr(source, "untrained"):
            raise TypeError("`untrained` needs a profile of a model or of a Recording")
        return _of_maps(source.untrained(rng), layers, reader)

    return _profile(betti, shapes, skipped, reader, None, untrained)


def _of_model(
    model: Any,
    images: Any,
    layers: Any,
    reader: MapReader,
    statistics: str,
    max_images: int,
    rng: Any,
    device: Any,
    progress: bool,
) -> CubicalProfile:
    from topolens._torch.maps import map_runner

    runner = map_runner(
        model, images, layers, reader, statistics == "image", max_images, rng, device, progress
    )
    return _of_runner(runner, reader, statistics)


def _of_runner(runner: Any, reader: MapReader, statistics: str) -> CubicalProfile:
    betti: dict[str, list[np.ndarray]] = {}
    shapes, skipped = {}, {}
    for found in runner.batches():
        for layer, rows in found.rows.items():
            if rows is None:
                skipped[layer] = True
            else:
                betti.setdefault(layer, []).append(rows)
                shapes.setdefault(layer, found.shapes[layer][1:])
    whole = {layer: np.concatenate(parts) for layer, parts in betti.items()}

    def untrained(rng: Any) -> CubicalProfile:
        return _of_runner(runner.untrained(rng), reader, statistics)

    return _profile(whole, shapes, list(skipped), reader, statistics, untrained)


def _profile(
    betti: Mapping[str, np.ndarray],
    shapes: Mapping[str, tuple[int, ...]],
    skipped: list[str],
    reader: MapReader,
    statistics: str | None,
    source: Callable[[Any], CubicalProfile],
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


@dataclass(frozen=True, eq=False, repr=False)
class CubicalProfile:
    """Betti numbers of feature maps: layers × images × thresholds × degrees.

    Attributes
    ----------
    layers : tuple of str
        In the order of execution.
    thresholds : ndarray of shape (T,)
        Values or quantiles, as `rule` says.
    betti : ndarray of shape (n_layers, n_images, T, n_degrees)
        Degrees 0 to 2 of volumes, 0 and 1 of pictures. With ``layout="volume_permuted"`` means
        over the permutations, with ``"per_channel"`` means or sums over the channels.
    permutations : ndarray of shape (P, n_layers, n_images, T, n_degrees) or None
        The Betti numbers under each permutation.
    shapes : dict of str to tuple of int
        (C, H, W) of each layer, for the first image.
    skipped : tuple of str
        Layers that gave no feature maps.
    layout, rule, reduce, construction : str
    sublevel : bool
        How the maps were read; see :func:`topolens.cubical_profile`.
    statistics : {"running", "image"} or None
        What the model's normalisation layers used; None where the maps were given.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> maps = np.random.default_rng(0).normal(size=(5, 3, 6, 6))
    >>> p = tl.cubical_profile({"raw": maps, "relu": np.maximum(maps, 0)}, [0.0, 0.5])
    >>> p.betti.shape
    (2, 5, 2, 3)
    >>> bool((p.betti[0] == p.betti[1]).all())
    True
    """

    layers: tuple[str, ...]
    thresholds: np.ndarray
    betti: np.ndarray
    permutations: np.ndarray | None
    shapes: dict[str, tuple[int, ...]]
    skipped: tuple[str, ...]
    layout: str
    rule: str
    reduce: str
    construction: str
    sublevel: bool
    statistics: str | None
    source: Callable[[Any], CubicalProfile] | None = field(default=None, kw_only=True)

    @property
    def n_images(self) -> int:
        """Number of images."""
        return self.betti.shape[1]

    @property
    def n_voxels(self) -> np.ndarray:
        """Size C·H·W of the maps of each layer, for the first image, shape (n_layers,)."""
        return np.array([np.prod(self.shapes[layer]) for layer in self.layers])

    def complexity(self, threshold: float | None = None) -> np.ndarray:
        """Return the mean over images of the sum of all Betti numbers, layer by layer.

        Parameters
        ----------
        threshold : float, optional
            One of `thresholds`; needed where there are several.

        Returns
        -------
        ndarray of float64, shape (n_layers,)
        """
        return self.complexities(threshold).mean(axis=1)

    def complexities(self, threshold: float | None = None) -> np.ndarray:
        """Return the sum of all Betti numbers for each image, shape (n_layers, n_images)."""
        return self.betti[:, :, self._index(threshold)].sum(axis=2, dtype=np.float64)

    def permuted_complexities(self, threshold: float | None = None) -> np.ndarray:
        """Return the same under each permutation, shape (P, n_layers, n_images).

        Raises
        ------
        ValueError
            If channels were not permuted.
        """
        if self.permutations is None:
            raise ValueError(
                '`permuted_complexities` needs a profile with layout="volume_permuted"; '
                f"found {self.layout!r}"
            )
        return self.permutations[:, :, :, self._index(threshold)].sum(axis=3, dtype=np.float64)

    def select(self, images: Any) -> CubicalProfile:
        """Return the profile of some of the images, by their positions or a mask."""
        places = np.asarray(images)
        chosen = np.arange(self.n_images)[places] if places.size else places.ravel()
        if chosen.ndim != 1 or not len(chosen):
            raise ValueError(f"`images` must choose at least one image; found {images!r}")
        draws = self.permutations
        return self._with(
            betti=self.betti[:, chosen],
            permutations=None if draws is None else draws[:, :, chosen],
            source=None,
        )

    def untrained(self, rng: int | np.random.Generator | None = None) -> CubicalProfile:
        """Return the profile of the same images in a re-initialised copy of the model.

        Parameters
        ----------
        rng : int, Generator or None, default None
            Seed of the new parameters, which are drawn as for `Recording.untrained`.

        Returns
        -------
        CubicalProfile

        Raises
        ------
        TypeError
            If the profile was made from arrays, selected, copied or unpickled: only the original
            of a model or recording holds the model.
        """
        if self.source is None:
            raise TypeError("`untrained` needs the profile that `cubical_profile` returned")
        return self.source(rng)

    def decay(
        self,
        threshold: float | None = None,
        *,
        rng: int | np.random.Generator | None = None,
        n_bootstrap: int = 1000,
        confidence: float = 0.95,
    ) -> DecayMeasures:
        """Measure how complexity falls with depth, with intervals over images.

        Parameters
        ----------
        threshold : float, optional
            One of `thresholds`; needed where there are several.
        rng, n_bootstrap, confidence
            As in :func:`topolens.ttp_score`.

        Returns
        -------
        DecayMeasures
        """
        return decay_measures(self.complexities(threshold), rng, n_bootstrap, confidence)

    def plot(self, threshold: float | None = None, *, ax: Axes | None = None) -> Axes:
        """Draw the Betti numbers of each degree over the layers, and their sum.

        Parameters
        ----------
        threshold : float, optional
            One of `thresholds`; needed where there are several.
        ax : matplotlib Axes, optional
            Where to draw; a new figure when not given.

        Returns
        -------
        matplotlib Axes
            Means over images, with bands of one standard deviation.
        """
        from topolens._profiles.plots import plot_profile

        return plot_profile(self, self._index(threshold), ax)

    def plot_curves(self, degree: int | None = None, *, ax: Axes | None = None) -> Axes:
        """Draw Betti numbers over the thresholds, one curve for each layer.

        Parameters
        ----------
        degree : int, optional
            Degree of homology; the sum of all when not given.
        ax : matplotlib Axes, optional
            Where to draw; a new figure when not given.

        Returns
        -------
        matplotlib Axes
            Means over images, as shares of the number of voxels that one count is taken of.
        """
        from topolens._profiles.plots import plot_curves

        return plot_curves(self, degree, ax)

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return one row for each layer, image, threshold and degree, as columns."""
        index = np.indices(self.betti.shape).reshape(4, -1)
        return {
            "layer_index": index[0],
            "layer": np.array(self.layers)[index[0]],
            "image": index[1],
            "threshold": self.thresholds[index[2]],
            "dimension": index[3],
            "betti": self.betti.ravel().astype(np.float64),
        }

    def summary(self) -> Table:
        """Return a table of means over images: one row for each layer and threshold."""
        means = self.betti.mean(axis=1).reshape(-1, self.betti.shape[3])
        totals = self.betti.sum(axis=3, dtype=np.float64)
        n = len(self.thresholds)
        shapes = ["×".join(map(str, self.shapes[layer])) for layer in self.layers]
        return Table(
            {
                "layer": np.repeat(self.layers, n),
                "shape": np.repeat(shapes, n),
                "threshold": np.tile(self.thresholds, len(self.layers)),
                **{f"betti_{degree}": column for degree, column in enumerate(means.T)},
                "complexity": totals.mean(axis=1).ravel(),
                "sd": totals.std(axis=1, ddof=1).ravel()
                if self.n_images > 1
                else np.full(len(means), np.nan),
            }
        )

    def __repr__(self) -> str:
        return f"{self._title()}\n{self.summary()!r}"

    def _repr_html_(self) -> str:
        return f"<p>{self._title()}</p>\n{self.summary()._repr_html_()}"

    def _title(self) -> str:
        how = "sublevel" if self.sublevel else "superlevel"
        if self.rule == "quantile":
            how += ", quantiles"
        if self.statistics:
            how += f", {self.statistics} statistics"
        return (
            f"CubicalProfile: {len(self.layers)} layers, {self.n_images} images, "
            f"{self.layout} ({self.construction}, {how})"
        )

    def _index(self, threshold: float | None) -> int:
        listed = ", ".join(f"{value:g}" for value in self.thresholds)
        if threshold is None:
            if len(self.thresholds) > 1:
                raise ValueError(f"`threshold` must be one of {listed}; found none")
            return 0
        found = np.flatnonzero(self.thresholds == threshold)
        if not len(found):
            raise ValueError(f"`threshold` must be one of {listed}; found {threshold}")
        return int(found[0])

    def _with(self, **changes: Any) -> CubicalProfile:
        from dataclasses import replace

        return replace(self, **changes)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the model and its images."""
        return {**self.__dict__, "source": None}
