"""The recording of chosen samples in a model, and again in an untrained copy of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from topolens._calls import Progress, memory_limit, reporting
from topolens.layers._recording import Recording
from topolens.torch._contrast import check_control
from topolens.torch._forward import ForwardPass, run_forward
from topolens.torch._fresh import Factory, as_factory
from topolens.torch._reading import mean_features
from topolens.torch._state import at_rest, device_of, moved, seeded
from topolens.torch._untrained import untrained_control

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from topolens.torch._batches import Inputs, Samples
    from topolens.torch._reading import Reading
    from topolens.torch._selection import Selection

logger = logging.getLogger("topolens")

# Two, since a single sample would hide a batch axis in the wrong place behind an axis of length
# one, and would lose its own axis in models that call `squeeze`.
PROBE_SIZE = 2
BYTES = np.dtype(np.float32).itemsize


@dataclass(frozen=True, eq=False)
class Recorder:
    """All that a recording is made from."""

    model: torch.nn.Module
    samples: Samples
    selection: Selection
    reading: Reading
    device: torch.device | str | None
    max_memory: float | None
    progress: Progress
    fresh: Factory | None = None

    def record(self) -> Recording:
        """Learn the shapes from two samples, take the memory, and fill it batch by batch."""
        n = len(self.samples)
        with at_rest(self.model, self.device) as device:
            probe = self._probe(device)
            self._refuse_too_large(probe)
            activations = {
                layer: np.empty((n, rows.shape[1]), np.float32)
                for layer, rows in probe.rows.items()
            }
            predictions = []
            for chosen, inputs in self._batches(device):
                kept = self._forward(inputs)
                _check_alike(probe, kept)
                for layer, array in activations.items():
                    array[chosen] = kept.rows[layer]
                predictions.append(kept.predictions)
        return Recording(
            activations=activations,
            shapes={layer: (n, *probe.shapes[layer][1:]) for layer in activations},
            indices=self.samples.indices,
            labels=self.samples.labels,
            predictions=_joined(predictions),
            source=self,
        )

    def untrained(
        self, trained: Recording, rng: int | np.random.Generator | None, model: Factory | None
    ) -> Recording:
        """Record the same in an untrained model, and check that it is a control."""
        given = self.fresh if model is None else as_factory(model, "model")
        with seeded(device_of(self.model), rng):
            control = untrained_control(
                self.model, given, self.samples, self.selection.modules, self.device
            )
            recording = replace(self, model=control.model).record()
        recording.drawn = control.drawn
        check_control(trained, recording, constructed=control.constructed)
        return recording

    def _probe(self, device: torch.device) -> ForwardPass:
        """Run a small batch, and check that the layers are those that were asked for."""
        _, inputs = next(self.samples.batches(PROBE_SIZE))
        probe = self._forward(moved(inputs, device))
        for name in self.selection.modules if self.selection.by_name else ():
            if name not in probe.rows:
                raise ValueError(f"`layers` names {name!r}, which the model does not call")
        if not probe.rows:
            raise ValueError(
                f"`layers` selects only modules that the model does not call: "
                f"{', '.join(self.selection.modules)}"
            )
        self.reading.check_names(probe.rows)
        return probe

    def _refuse_too_large(self, probe: ForwardPass) -> None:
        """State the size of the recording; refuse it with what would fit if it is too large."""
        n = len(self.samples)
        each = BYTES * sum(rows.shape[1] for rows in probe.rows.values())
        each_mean = BYTES * sum(mean_features(shape) for shape in probe.shapes.values())
        limit = memory_limit(self.max_memory)
        logger.info("recording %d samples: %d layers, %.1f MB", n, len(probe.rows), n * each / 1e6)
        if n * each <= limit:
            return
        advice = [f"`max_samples={int(limit // each)}`"] if limit >= each else []
        if n * each_mean <= limit:
            advice.append(f'`reduce="mean"` ({n * each_mean / 1e6:.3g} MB)')
        raise MemoryError(
            f"recording {n} samples in {len(probe.rows)} layers takes {n * each / 1e6:.3g} MB, "
            f"more than the {limit / 1e6:.3g} MB of `max_memory`; what would fit: "
            f"{' or '.join(advice) or 'fewer layers'}"
        )

    def _batches(self, device: torch.device) -> Iterator[tuple[slice, Inputs]]:
        with reporting(self.progress, "samples") as report:
            for chosen, inputs in self.samples.batches():
                yield chosen, moved(inputs, device)
                if report:
                    report(chosen.stop, len(self.samples))

    def _forward(self, inputs: Inputs) -> ForwardPass:
        kept = run_forward(self.model, inputs, self.selection, self.reading)
        if self.selection.auto and kept.echo:
            del kept.rows[kept.echo], kept.shapes[kept.echo]
        return kept


def _joined(parts: list[NDArray[np.int64] | None]) -> NDArray[np.int64] | None:
    known = [part for part in parts if part is not None]
    return np.concatenate(known) if len(known) == len(parts) else None


def _check_alike(probe: ForwardPass, kept: ForwardPass) -> None:
    """Check that a batch shows the layers and sizes of the first."""
    if list(kept.rows) != list(probe.rows):
        different = sorted(set(kept.rows) ^ set(probe.rows)) or list(kept.rows)
        raise ValueError(
            f"every batch must call the same layers in the same order; it differs in "
            f"{', '.join(different)}"
        )
    for layer, rows in kept.rows.items():
        if rows.shape[1] != probe.rows[layer].shape[1]:
            raise ValueError(
                f"layer {layer!r} must have the same shape in all batches; found "
                f"{probe.shapes[layer][1:]} and {kept.shapes[layer][1:]} per sample. Pad the "
                f'samples to one length, or reduce them by "mean", "cls" or "last"'
            )
