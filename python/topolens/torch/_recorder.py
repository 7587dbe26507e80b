"""The recording of chosen samples in a model, and again in an untrained copy of it."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from topolens._calls import Progress, caller_level, memory_limit, reporting
from topolens.layers._recording import Recording
from topolens.torch._contrast import check_control
from topolens.torch._dependence import precision_of
from topolens.torch._filling import Filling, look_at
from topolens.torch._forward import run_forward
from topolens.torch._fresh import Factory, as_factory
from topolens.torch._observation import ENDS, PROBE_SIZE, first_look
from topolens.torch._predictions import Predictor
from topolens.torch._reductions import mean_features
from topolens.torch._state import at_rest, device_of, moved, seed_torch, seeded
from topolens.torch._untrained import untrained_control

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from topolens.torch._batches import Inputs, Samples
    from topolens.torch._filling import Layer
    from topolens.torch._forward import ForwardPass, Keep
    from topolens.torch._observation import Observation
    from topolens.torch._reading import Reading
    from topolens.torch._selection import Selection

logger = logging.getLogger("topolens")

BYTES = 4  # of a float32
MOST_NAMES = 12  # in a message


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
    seed: int = 0
    predictions: Callable[[Any], Any] | NDArray[Any] | None = None
    head: str = ""
    fresh: Factory | None = None

    def record(self) -> Recording:
        """See which layers there are, learn their shapes, and fill their arrays by batches."""
        with at_rest(self.model, self.device) as device:
            seed_torch(self.seed, device)
            seen = first_look(self.model, self.samples, device)
        selection, reading = self.selection.among(seen), self.reading.told(seen)
        found = replace(self, selection=selection, reading=reading, head=seen.operation)._record()
        if selection.auto and not set(found) - set(ENDS):
            _warn_of_nothing(seen)
        return found

    def untrained(
        self, trained: Recording, rng: int | np.random.Generator | None, model: Factory | None
    ) -> Recording:
        """Record the same in an untrained model, and check that it is a control."""
        given = self.fresh if model is None else as_factory(model, "model")
        with seeded(device_of(self.model), rng):
            control = untrained_control(
                self.model, given, self.samples, self.selection.modules, self.device
            )
            own = self.predictions if callable(self.predictions) else None
            recording = replace(self, model=control.model, predictions=own)._record()
        recording.drawn = control.drawn
        check_control(trained, recording, constructed=control.constructed)
        return recording

    def _record(self) -> Recording:
        """Learn the shapes from two samples, take the memory, and fill it batch by batch."""
        n, by_name = len(self.samples), self.selection.by_name
        predictor = Predictor(self.predictions, self.head)
        with at_rest(self.model, self.device) as device:
            seed_torch(self.seed, device)
            seen, skipped = self._probe(device, predictor)
            self._refuse_too_large(seen)
            precision = precision_of(self.model)
            filling = Filling(seen, self.reading, n, by_name=by_name, precision=precision)
            for chosen, inputs in self._batches(device):
                self._fill(filling, predictor, chosen, inputs)
        skipped = {**filling.skipped, **skipped, **self.selection.beside}  # the first reason counts
        layers = {name: seen[name] for name in filling.arrays}
        _refuse_none_left(layers, skipped)
        return Recording(
            activations=filling.arrays,
            shapes={name: (n, *layer.shape[1:]) for name, layer in layers.items()},
            indices=self.samples.indices,
            labels=self.samples.labels,
            predictions=predictor.joined(),
            sample_ids=self.samples.ids,
            shuffled=self.samples.shuffled,
            predictions_note=predictor.note,
            channel_axes={name: layer.axis for name, layer in layers.items()},
            averaged=filling.averaged(),
            skipped=skipped,
            source=self,
        )

    def _fill(self, filling: Filling, predictor: Predictor, chosen: slice, inputs: Inputs) -> None:
        """Run a batch; what the model returns is gone before the next."""
        found = self._forward(inputs, filling.writer(chosen))
        filling.check(chosen, found)
        predictor.read(found, chosen.stop - chosen.start)

    def _probe(
        self, device: torch.device, predictor: Predictor
    ) -> tuple[dict[str, Layer], dict[str, str]]:
        """Run two samples, and check that the layers are those that were asked for."""
        _, inputs = next(self.samples.batches(PROBE_SIZE))
        probe = self._forward(moved(inputs, device), partial(look_at, self.reading))
        predictor.learn(probe)
        for name in self.selection.modules if self.selection.by_name else ():
            if name not in probe.kept:
                raise ValueError(f"`layers` names {name!r}, which the model does not call")
        if not (probe.kept or probe.skipped):
            raise ValueError(
                f"`layers` selects only modules that the model does not call: "
                f"{', '.join(self.selection.modules)}"
            )
        self.reading.check_names([*probe.kept, *probe.skipped])
        _refuse_none_left(probe.kept, probe.skipped)
        return probe.kept, probe.skipped

    def _refuse_too_large(self, layers: Mapping[str, Layer]) -> None:
        """State the size of the recording; refuse it with what would fit if it is too large."""
        n = len(self.samples)
        each = BYTES * sum(layer.width for layer in layers.values())
        means = (mean_features(layer.shape, layer.axis) for layer in layers.values())
        each_mean = BYTES * sum(means)
        inputs = sum(map(_bytes_of, self.samples.inputs))
        limit = memory_limit(self.max_memory)
        logger.info(
            "recording %d samples: %d layers, %.1f MB, beside inputs of %.1f MB",
            *(n, len(layers), n * each / 1e6, inputs / 1e6),
        )
        if self.max_memory is None:  # what is available is what the inputs left
            inputs = 0
        if n * each + inputs <= limit:
            return
        most = int(limit // (each + inputs / n))
        advice = [f"`max_samples={most}`"] if most else []
        if n * each_mean + inputs <= limit:
            advice.append(f'`reduce="mean"` ({n * each_mean / 1e6:.3g} MB)')
        beside = f" beside {inputs / 1e6:.3g} MB of inputs" if inputs else ""
        raise MemoryError(
            f"recording {n} samples in {len(layers)} layers takes {n * each / 1e6:.3g} MB{beside}, "
            f"more than the {limit / 1e6:.3g} MB of `max_memory`; what would fit: "
            f"{' or '.join(advice) or 'fewer layers'}"
        )

    def _batches(self, device: torch.device) -> Iterator[tuple[slice, Inputs]]:
        with reporting(self.progress, "samples") as report:
            for chosen, inputs in self.samples.batches():
                yield chosen, moved(inputs, device)
                if report:
                    report(chosen.stop, len(self.samples))

    def _forward(self, inputs: Inputs, keep: Keep) -> ForwardPass:
        found = run_forward(self.model, inputs, self.selection, self.reading, keep)
        if self.selection.auto and found.echo:
            found.kept.pop(found.echo)
        return found


def _refuse_none_left(layers: Mapping[str, Layer], skipped: Mapping[str, str]) -> None:
    """Refuse where no layer has rows, and say why each has none."""
    if not layers:
        listed = "; ".join(f"{name!r} {reason}" for name, reason in skipped.items())
        raise ValueError(f"`layers` must select a layer with a row for each sample: {listed}")


def _warn_of_nothing(seen: Observation) -> None:
    """Say which modules could be asked for, where none was chosen."""
    names = [call.name for call in seen.calls if call.shape]
    if len(names) > 1:  # a single one makes the output
        listed = ", ".join(names[:MOST_NAMES]) + (", ..." if len(names) > MOST_NAMES else "")
        text = f'`layers="auto"` found no layer between input and output; name some of {listed}'
        warnings.warn(text, UserWarning, stacklevel=caller_level())


def _bytes_of(inputs: Inputs) -> int:
    parts = inputs.values() if isinstance(inputs, dict) else [inputs]
    return sum(part.nbytes for part in parts)
