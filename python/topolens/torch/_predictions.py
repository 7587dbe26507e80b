"""What a network predicts: one label per sample, read off its output as its head means it.

The largest of several scores, the sign of a single one, or whether a single probability is above
one half. Where an output may mean something else, there are no predictions, and a reason.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from topolens._arrays import as_labels
from topolens.torch._finding import Unfit, first_fit, tensors_in
from topolens.torch._forward import dense
from topolens.torch._reading import naming

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from topolens.torch._forward import ForwardPass

    Labels = NDArray[Any]

OWN = "say with `predictions` what the network predicts"
SIGMOIDS = {"sigmoid", "sigmoid_", "special_expit", "hardsigmoid", "hardsigmoid_"}


class Predictor:
    """Reads the predictions off one batch after the other.

    Parameters
    ----------
    own : callable, ndarray or None
        What the user says: a function of the network's whole result, or the labels themselves.
    head : str
        Name of the operation that makes the network's output.
    """

    def __init__(self, own: Callable[[Any], Any] | Labels | None, head: str) -> None:
        self._own = own
        self._sigmoid = head in SIGMOIDS
        self._width: int | None = None
        self._parts: list[Labels] = []
        self.note: str | None = None

    def learn(self, probe: ForwardPass) -> None:
        """See how many scores there are for two samples."""
        if isinstance(probe.output, Tensor):
            self._width = probe.output.shape[-1]

    def read(self, found: ForwardPass, n: int) -> None:
        """Read the labels of a batch of n samples."""
        if callable(self._own):
            self._parts.append(_by_function(self._own, found.result, n))
        elif self._own is None and self.note is None:
            self.note = self._doubt(found)
            if self.note is None:
                self._parts.append(_labels(dense(found.output), self._sigmoid))

    def joined(self) -> Labels | None:
        """Return the labels of all samples, None where there is a note."""
        if self._own is not None and not callable(self._own):
            return self._own
        return None if self.note else np.concatenate(self._parts)

    def _doubt(self, found: ForwardPass) -> str | None:
        """Say why no label is read off this output, if so."""
        output = found.output
        if isinstance(output, Unfit):
            return f"the output {output.reason}; {OWN}"
        if output.ndim > 2 or not output[0].numel():
            shape = ", ".join(("n", *map(str, output.shape[1:])))
            return f"an output of shape ({shape}) is no score of classes; {OWN}"
        heads = _heads(found.chosen, len(output))
        if len(heads) > 1 and not _are_logits(found.chosen, output):
            return f"the network has {len(heads)} outputs with a row per sample; {OWN}"
        if output.ndim == 1 or output.shape[1] == 1:
            return None
        if self._width != output.shape[1]:
            return f"the output has other columns in other batches, which may be its samples; {OWN}"
        if self._sigmoid:
            return f"several outputs of a sigmoid may be above one half at once; {OWN}"
        return None


def _labels(output: Tensor, sigmoid: bool) -> Labels:
    output = output.detach().cpu()
    scores = (output.double() if output.is_floating_point() else output).numpy()
    if scores.ndim == 2 and scores.shape[1] > 1:
        return scores.argmax(axis=1)
    single = scores.reshape(len(scores))
    if single.dtype.kind in "biu":
        return single.astype(np.int64)
    if sigmoid:
        return (single > 0.5).astype(np.int64)
    return np.where(single > 0, 1, -1)


def _by_function(own: Callable[[Any], Any], result: Any, n: int) -> Labels:
    with naming("predictions"):
        labels = own(result)
        if isinstance(labels, Tensor):
            labels = labels.detach().cpu()
        return as_labels(labels, n, "predictions")


def _heads(value: Any, n: int) -> list[Tensor]:
    """Return the tensors that could be scores of the samples."""
    fits = (tensor for tensor in tensors_in(value) if isinstance(first_fit(tensor, n), Tensor))
    return [tensor for tensor in fits if tensor.ndim <= 2 and tensor.is_floating_point()]


def _are_logits(value: Any, output: Tensor) -> bool:
    """Whether the result itself calls this tensor its logits."""
    if dataclasses.is_dataclass(value) and not isinstance(value, Mapping):
        return getattr(value, "logits", None) is output
    return isinstance(value, Mapping) and value.get("logits") is output
