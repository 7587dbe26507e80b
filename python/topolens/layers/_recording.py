"""What a network did with its samples: one array per layer, and a summary of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from topolens._arrays import count_distinct
from topolens.layers._columns import columns_of
from topolens.layers._drawn import drawn_by_layer
from topolens.layers._table import Table

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
    """

    layer: str
    calls: int
    shape: tuple[int, ...]
    kept_shape: tuple[int, ...]
    megabytes: float
    distinct_rows: int
    finite: bool


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
    predictions : ndarray of shape (n_samples,), int64, or None
        For an output of shape (n, K) the index of the largest entry, for one of shape (n, 1) or
        (n,) its sign (1 where positive, else -1), None for other outputs.
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
    predictions: NDArray[np.int64] | None = None
    drawn: dict[str, str] | None = field(default=None, kw_only=True)
    source: Source | None = field(default=None, kw_only=True)

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
            A layer whose activations have four axes, recorded with ``reduce="flatten"``.

        Returns
        -------
        ndarray of float32, shape (n_samples, channels, height, width)
            A view of what the recording holds.

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
                f"`layer` must have shape (n, channels, height, width); found {shape} of {layer!r}"
            )
        if rows.size != np.prod(shape):
            raise ValueError(
                f'`layer` must be recorded with `reduce="flatten"`; {layer!r} has shape {shape} '
                f"and was reduced to {rows.shape}"
            )
        return rows.reshape(shape)

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
            )
            for name, array in self.items()
        ]

    def summary(self) -> Table:
        """Return the facts on each layer as a table.

        Its columns are layer, calls, shape, kept_shape, MB, distinct_rows and finite, as
        `LayerRow` explains them; the shapes are text. An untrained control has a column `drawn`
        too: how the parameters in a layer were drawn, and at the output those in no layer.
        """
        cells = (
            tuple(str(fact) if isinstance(fact, tuple) else fact for fact in row)
            for row in self.rows
        )
        columns = columns_of(cells, SUMMARY_COLUMNS)
        if self.drawn is not None and len(self):
            columns["drawn"] = np.array(list(drawn_by_layer(self.drawn, self).values()), np.str_)
        return Table(columns)

    def __repr__(self) -> str:
        return f"{self._title()}\n{self.summary()!r}"

    def _repr_html_(self) -> str:
        return f"<p>{self._title()}</p>\n{self.summary()._repr_html_()}"

    def _title(self) -> str:
        return f"Recording: {len(self.indices)} samples, {len(self)} layers"

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the model and its inputs, which may be large or impossible to pickle."""
        return {**self.__dict__, "source": None}
