"""The cubical profile of a network: its numbers, and what is read off them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from topolens.homology._results import Construction
from topolens.layers._frame import Table
from topolens.profiles._decay import DecayMeasures, decay_measures
from topolens.profiles._reader import Layout, Reduce, Rule

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Statistics = Literal["running", "image"]

STATISTICS: tuple[str, ...] = get_args(Statistics)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
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
    layout: Layout
    rule: Rule
    reduce: Reduce
    construction: Construction
    sublevel: bool
    statistics: Statistics | None
    source: Callable[[Any, Any], CubicalProfile] | None = None

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
        """Return the sum of all Betti numbers for each image, shape (n_layers, n_images).

        Parameters
        ----------
        threshold : float, optional
            One of `thresholds`; needed where there are several.

        Returns
        -------
        ndarray of float64, shape (n_layers, n_images)

        Raises
        ------
        ValueError
            If `threshold` is none of them, or none is chosen of several.
        """
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

    def select(self, images: ArrayLike) -> CubicalProfile:
        """Return the profile of some of the images.

        Parameters
        ----------
        images : array_like, shape (k,) or (n_images,)
            Positions, or a mask.

        Returns
        -------
        CubicalProfile
            Without the model, which `untrained` would need.

        Raises
        ------
        ValueError
            If no image is chosen.
        """
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

    def untrained(
        self, rng: int | np.random.Generator | None = None, *, model: Any = None
    ) -> CubicalProfile:
        """Return the profile of the same images in an untrained model of the same kind.

        Parameters
        ----------
        rng : int, Generator or None, default None
            Seed of the new parameters, which are drawn as for `Recording.untrained`.
        model : callable, torch.nn.Module or None, default None
            What makes a fresh model, the surest control, or such a model; as there.

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
        return self.source(rng, model)

    def decay(
        self,
        threshold: float | None = None,
        *,
        rng: int | np.random.Generator | None = None,
        n_resamples: int = 1000,
        confidence_level: float = 0.95,
    ) -> DecayMeasures:
        """Measure how complexity falls with depth, with intervals over images.

        Parameters
        ----------
        threshold : float, optional
            One of `thresholds`; needed where there are several.
        rng, n_resamples, confidence_level
            As in :func:`topolens.ttp_score`.

        Returns
        -------
        DecayMeasures
        """
        return decay_measures(self.complexities(threshold), rng, n_resamples, confidence_level)

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
        from topolens.profiles._plots import plot_profile

        betti = self.betti[:, :, self._index(threshold)].astype(float)
        return plot_profile(betti, self.layers, ax)

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

        Raises
        ------
        ValueError
            If there is no such degree.
        """
        from topolens._style import betti_symbol
        from topolens.profiles._plots import plot_curves

        n_degrees = self.betti.shape[3]
        if degree is not None and degree not in range(n_degrees):
            raise ValueError(f"`degree` must be among 0 to {n_degrees - 1}; found {degree}")
        betti = self.betti.astype(float)
        counts = (betti.sum(axis=3) if degree is None else betti[..., degree]).mean(axis=1)
        voxels = np.array([self._voxels(layer) for layer in self.layers])
        ax = plot_curves(counts / voxels[:, None], self.thresholds, self.layers, ax)
        ax.set_xlabel("quantile" if self.rule == "quantile" else "threshold")
        what = "complexity" if degree is None else betti_symbol(degree)
        ax.set_ylabel(f"{what} per voxel")
        return ax

    def _voxels(self, layer: str) -> int:
        """Return the size of what one count is taken of."""
        channels, height, width = self.shapes[layer]
        one_picture = self.layout == "channel_norm" or (
            self.layout == "per_channel" and self.reduce == "mean"
        )
        return height * width if one_picture else channels * height * width

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return one row for each layer, image, threshold and degree, as columns."""
        index = np.indices(self.betti.shape).reshape(4, -1)
        return {
            "layer_index": index[0],
            "layer": np.array(self.layers)[index[0]],
            "image": index[1],
            "threshold": self.thresholds[index[2]],
            "degree": index[3],
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
