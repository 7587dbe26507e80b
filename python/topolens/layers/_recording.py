"""What a network did with its samples: one array per layer, and a summary of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from topolens._arrays import count_distinct
from topolens.layers._columns import columns_of
from topolens.layers._drawn import drawn_by_layer
from topolens.layers._frame import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray


SUMMARY_COLUMNS: dict[str, type] = {
    "layer": np.str_,
    "calls": np.int64,
    "shape": np.str_,
    "kept_shape": np.str_,
    "MB": np.float64,
    "distinct_rows": np.int64,
    "finite": np.bool_,
    "averaged": np.str_,
    "note": np.str_,
}


class Source(Protocol):
    """What a recording was made from."""

    def untrained(
        self, trained: Recording, rng: int | np.random.Generator | None, model: Any
    ) -> Recording:
        """Record the samples of a recording in an untrained model."""
        ...


class LayerRow(NamedTuple):
    """Facts on one recorded layer.

    Attributes
    ----------
    layer : str
        Name of the layer, ``name#k`` for the (k+1)-th call of a module.
    calls : int
        Number of times the module was called in one forward pass.
    shape, kept_shape : tuple of int
        Shape of the activations, samples first, before and after the reduction to rows.
    megabytes : float
        Size of the kept array in units of 10⁶ bytes.
    distinct_rows : int
        Number of different points among the samples; 0.0 and -0.0 are the same.
    finite : bool
        Whether the array is free of NaN and infinities.
    averaged : str
        What was averaged for a row, such as "7×7 positions", "12 tokens", "unpadded tokens", "all
        tokens" where samples have more or less of them, or "unknown function" where the user's
        function made the rows. Empty: nothing.
    """

    layer: str
    calls: int
    shape: tuple[int, ...]
    kept_shape: tuple[int, ...]
    megabytes: float
    distinct_rows: int
    finite: bool
    averaged: str


@dataclass(eq=False, repr=False)
class Recording(Mapping[str, "NDArray[np.float32]"]):
    """Activations of the same samples in several layers of a network.

    A mapping from layer name to a float32 array of shape (n_samples, features), in the order of
    execution. `topolens.record` makes it, `topolens.analyse` takes it. It can be pickled.

    Attributes
    ----------
    activations : dict of str to ndarray of shape (n_samples, features), float32
        The layers, in the order of execution. The second call of a module is ``"relu#1"``.
    shapes : dict of str to tuple of int
        Shape of each layer's activations, samples first, before their reduction to rows.
    indices : ndarray of shape (n_samples,), int64
        Positions of the samples in the order in which the loader gave them, ascending.
    labels : ndarray of shape (n_samples,) or None
        Labels of the samples, None if the loader gave none.
    predictions : ndarray of shape (n_samples,) or None
        For an output of shape (n, K) the index of the largest entry. For one of shape (n, 1) or
        (n,): 1 or 0 where it comes from a sigmoid and is above one half or not; 1 or -1 where it
        is a score, positive or not; itself where it holds integers. None for other outputs.
    predictions_note : str or None
        Why there are no predictions.
    channel_axes : dict of str to int
        On which axis of its shape each layer has its channels, or features.
    averaged : dict of str to str
        What was averaged for the rows of each layer, in words.
    skipped : dict of str to str
        Modules that were selected and have no row for each sample, and why.
    sample_ids : ndarray of shape (n_samples,)
        What tells the samples apart where two recordings meet: the ids that `record` was given,
        else their positions, as in `indices`.
    shuffled : bool
        The ids are positions in an order that the loader draws anew in each pass, so that equal
        ones need not be the same samples.
    drawn : dict of str to str, or None
        In a control that `untrained` made: how each parameter and buffer was drawn, by its name.
    source : object or None
        Holds the model and the samples' inputs for `untrained`. Left out of pickles and copies.

    Examples
    --------
    >>> import numpy as np
    >>> from topolens.layers import Recording
    >>> points = np.zeros((3, 2), dtype=np.float32)
    >>> recording = Recording({"input": points}, {"input": (3, 2)}, np.arange(3))
    >>> recording["input"].shape
    (3, 2)
    >>> recording.rows[0].distinct_rows
    1
    """

    activations: dict[str, NDArray[np.float32]]
    shapes: dict[str, tuple[int, ...]]
    indices: NDArray[np.int64]
    labels: NDArray[Any] | None = None
    predictions: NDArray[Any] | None = None
    predictions_note: str | None = field(default=None, kw_only=True)
    channel_axes: dict[str, int] = field(default_factory=dict, kw_only=True)
    averaged: dict[str, str] = field(default_factory=dict, kw_only=True)
    skipped: dict[str, str] = field(default_factory=dict, kw_only=True)
    sample_ids: NDArray[Any] | None = field(default=None, kw_only=True)
    shuffled: bool = field(default=False, kw_only=True)
    drawn: dict[str, str] | None = field(default=None, kw_only=True)
    source: Source | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if self.sample_ids is None:
            self.sample_ids = self.indices

    def __getitem__(self, layer: str) -> NDArray[np.float32]:
        return self.activations[layer]

    def __iter__(self) -> Iterator[str]:
        return iter(self.activations)

    def __len__(self) -> int:
        return len(self.activations)

    # Mapping would compare the arrays, whose truth value is ambiguous.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def untrained(
        self, rng: int | np.random.Generator | None = None, *, model: Any = None
    ) -> Recording:
        """Record the same samples in an untrained model of the same kind: a control.

        The surest control is a fresh model, made as yours was: ``record(..., untrained=make)`` or
        ``recording.untrained(model=make)`` with a function that constructs it. Without one a copy
        of the model gets the weights that its library, or else its modules, draw. The model
        itself is left as it is.

        Parameters
        ----------
        rng : int, numpy.random.Generator or None, default None
            Seed of the new weights. PyTorch's own random state is not touched.
        model : callable, torch.nn.Module or None, default None
            What makes the fresh model, or such a model, in place of that of `record`. A function
            is called with PyTorch seeded by `rng`.

        Returns
        -------
        Recording
            The same samples and layers, recorded with the same options. `drawn`, and a column of
            that name in the summary, tell how its weights were drawn.

        Raises
        ------
        RuntimeError
            If this recording was unpickled or copied: only the original holds the model.
        TypeError, ValueError
            If the fresh model is none, shares parameters with the recorded one, has other layers,
            or gives the same in all of them.

        Warns
        -----
        UserWarning
            If the control may not be as untrained as it should be: a class draws weights in its
            ``__init__``, tensors stay that are no parameters, or all samples end in one point.

        Notes
        -----
        Without a function or model:

        1. a model of Hugging Face is constructed from its configuration, one of timm or torchvision
           by its constructor, also where it is a part of yours; nothing is downloaded. Entries of
           the same name and shape are taken from it;
        2. others are drawn by `reset_parameters` of every module, then by `init_weights` or the
           like, parts before the whole. Parameters that none reaches are drawn with their own mean
           and standard deviation, or zero if the name ends in ``bias``. Weight norms, spectral
           norms and other parametrizations are fitted to the new weight.

        Then running statistics that have never run, of all controls, become those of up to 256 of
        the samples, in one pass with the statistics of each batch, as training would begin.
        Otherwise the signal would fade or explode through a deep network. Buffers that nothing
        sets are kept. Hooks of yours do not run in the control.

        Examples
        --------
        >>> import torch
        >>> from topolens.torch import record
        >>> def make():
        ...     return torch.nn.Sequential(
        ...         torch.nn.Linear(2, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3)
        ...     )
        >>> recording = record(make(), torch.rand(100, 2), untrained=make)
        >>> control = recording.untrained(rng=0)
        >>> control["output"].shape, control.drawn["0.weight"]
        ((100, 3), 'factory')
        """
        if self.source is None:
            raise RuntimeError(
                "a recording that was unpickled or copied holds no model: call `untrained` on the "
                "one that `record` returned"
            )
        return self.source.untrained(self, rng, model)

    def feature_maps(self, layer: str) -> NDArray[np.float32]:
        """Return the activations of a convolutional layer in their own shape.

        Parameters
        ----------
        layer : str
            A layer whose activations have four axes, and of which nothing was averaged.

        Returns
        -------
        ndarray of float32, shape (n_samples, channels, height, width)
            A view of what the recording holds, also of layers that have their channels last.

        Raises
        ------
        KeyError
            If there is no such layer.
        ValueError
            If the layer has another number of axes, or was recorded with another reduction.
        """
        if layer not in self.activations:
            raise KeyError(f"`layer` must be one of {', '.join(self)}; found {layer!r}")
        shape, rows = self.shapes[layer], self[layer]
        if len(shape) != 4:
            raise ValueError(
                f"`layer` must have four axes, channels among them; found {shape} of {layer!r}"
            )
        if rows.size != np.prod(shape):
            raise ValueError(
                f'`layer` must be recorded with `reduce="flatten"`; {layer!r} has shape {shape} '
                f"and was reduced to {rows.shape}"
            )
        return as_maps(rows, shape[1:], self.channel_axes.get(layer, 1))

    @cached_property
    def rows(self) -> list[LayerRow]:
        """Facts on each layer, in the order of execution."""
        calls = Counter(name.partition("#")[0] for name in self)
        return [
            LayerRow(
                layer=name,
                calls=calls[name.partition("#")[0]],
                shape=self.shapes[name],
                kept_shape=array.shape,
                megabytes=array.nbytes / 1e6,
                distinct_rows=count_distinct(array),
                finite=bool(np.isfinite(array).all()),
                averaged=self.averaged.get(name, ""),
            )
            for name, array in self.items()
        ]

    def summary(self) -> Table:
        """Return the facts on each layer as a table.

        Its columns are layer, calls, shape, kept_shape, MB, distinct_rows, finite and averaged, as
        `LayerRow` explains them, and note; the shapes are text. Modules in `skipped` follow with
        nothing but the reason in their note. An untrained control has a column `drawn` too: how
        the parameters in a layer were drawn, and at the output those in no layer.
        """
        kept = (
            (*(str(fact) if isinstance(fact, tuple) else fact for fact in row), "")
            for row in self.rows
        )
        skipped = (
            (name, 0, "", "", 0.0, 0, False, "", f"skipped: {reason}")
            for name, reason in self.skipped.items()
        )
        columns = columns_of(chain(kept, skipped), SUMMARY_COLUMNS)
        if self.drawn is not None and len(self):
            drawn = [*drawn_by_layer(self.drawn, self).values(), *[""] * len(self.skipped)]
            columns["drawn"] = np.array(drawn, np.str_)
        return Table(columns)

    def __repr__(self) -> str:
        return f"{self._title()}\n{self.summary()!r}"

    def _repr_html_(self) -> str:
        return f"<p>{self._title()}</p>\n{self.summary()._repr_html_()}"

    def _title(self) -> str:
        left_out = f", {len(self.skipped)} skipped" if self.skipped else ""
        return f"Recording: {len(self.indices)} samples, {len(self)} layers{left_out}"

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the model and its inputs, which may be large or impossible to pickle."""
        return {**self.__dict__, "source": None}


def as_maps(rows: NDArray[Any], shape: tuple[int, ...], axis: int) -> NDArray[Any]:
    """Return rows in the shape that each had before; maps with their channels first."""
    maps = rows.reshape(-1, *shape)
    return np.moveaxis(maps, axis, 1) if maps.ndim == 4 else maps
