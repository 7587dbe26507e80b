"""Feature maps that are measured while the model runs, one layer of one batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch.nn.modules.batchnorm import _NormBase

from topolens._arrays import as_rng
from topolens._calls import Progress, reporting
from topolens.torch._batches import choose_samples
from topolens.torch._forward import run_forward
from topolens.torch._fresh import as_factory
from topolens.torch._observation import first_look
from topolens.torch._reading import Reading
from topolens.torch._selection import select_layers
from topolens.torch._state import at_rest, device_of, hookable, moved, seed_torch, seeded
from topolens.torch._untrained import untrained_control

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from topolens.torch._batches import Samples
    from topolens.torch._forward import ForwardPass
    from topolens.torch._reductions import Channels
    from topolens.torch._selection import Layers, Selection

    Measure = Callable[[str, NDArray[np.float32]], NDArray[Any]]

LARGEST_BATCH = 16  # maps of one layer that are in memory at once


def map_runner(
    model: nn.Module,
    images: Any,
    layers: Layers,
    measure: Measure,
    *,
    channels: Channels | Mapping[str, Channels | None] | None,
    own_statistics: bool,
    max_images: int,
    per_class: bool,
    rng: int | np.random.Generator | None,
    device: torch.device | str | None,
    progress: Progress,
) -> MapRunner:
    """Choose layers and images as a recording does; the ends of the network only by name.

    Of the images there are `max_images`, in all or of each class.
    """
    model = hookable(model)
    selection = select_layers(model, layers)
    if selection.auto:
        selection = replace(selection, ends=())
    generator = as_rng(rng)
    samples = choose_samples(
        images, model, max_images, generator, per_class=per_class, name="images"
    )
    seed = int(generator.integers(2**63))
    with at_rest(model, device) as place:
        seed_torch(seed, place)
        seen = first_look(model, samples, place)
    samples = replace(samples, batch_size=min(samples.batch_size, LARGEST_BATCH))
    return MapRunner(
        model,
        samples,
        selection.among(seen),
        Reading(channels=channels).told(seen),
        measure=measure,
        device=device,
        own_statistics=own_statistics,
        seed=seed,
        progress=progress,
    )


class Measured(NamedTuple):
    """What was measured of a layer's maps, and their shape (C, H, W)."""

    values: NDArray[Any]
    shape: tuple[int, ...]


@dataclass(frozen=True)
class MapRunner:
    """All that the maps of a model are measured with."""

    model: nn.Module
    samples: Samples
    selection: Selection
    reading: Reading
    measure: Measure
    device: torch.device | str | None
    own_statistics: bool
    seed: int
    progress: Progress

    def batches(self) -> Iterator[ForwardPass]:
        """Run the model on one batch after the other, with what was measured of its layers."""
        size = 1 if self.own_statistics else None
        layers = None
        with (
            at_rest(self.model, self.device) as device,
            own_statistics(self.model) if self.own_statistics else nullcontext(),
            reporting(self.progress, "images") as report,
        ):
            seed_torch(self.seed, device)
            for chosen, inputs in self.samples.batches(size):
                found = run_forward(
                    self.model, moved(inputs, device), self.selection, self.reading, self._measured
                )
                layers = self._check(found, layers)
                yield found
                if report:
                    report(chosen.stop, len(self.samples))

    def untrained(self, rng: int | np.random.Generator | None, model: Any = None) -> MapRunner:
        """Return the same for an untrained model."""
        given = as_factory(model, "model")
        with seeded(device_of(self.model), rng):
            control = untrained_control(
                self.model, given, self.samples, self.selection.modules, self.device
            )
        return replace(self, model=control.model)

    def _measured(self, layer: str, tensor: Tensor, tokens: Tensor | None) -> Measured | None:
        """Measure a layer's maps, channels first; None if it gives no maps."""
        if tensor.ndim != 4 or 0 in tensor.shape:
            return None
        maps = tensor.detach().movedim(self.reading.axis(layer, tensor.ndim), 1)
        array = maps.to("cpu", torch.float32).contiguous().numpy()
        return Measured(self.measure(layer, array), array.shape[1:])

    def _check(self, found: ForwardPass, first: list[str] | None) -> list[str]:
        """Check that a batch shows the layers that were asked for, and those of the first."""
        layers = list(found.kept)
        by_name = self.selection.by_name
        for name in self.selection.modules if by_name else ():
            if name not in layers:
                raise ValueError(f"`layers` names {name!r}, which the model does not call")
        if first is None:
            self.reading.check_names([*layers, *found.skipped])
        elif by_name and layers != first:
            different = sorted(set(layers) ^ set(first)) or layers
            raise ValueError(
                f"every batch must call the same layers in the same order; it differs in "
                f"{', '.join(different)}"
            )
        return layers


@contextmanager
def own_statistics(model: nn.Module) -> Iterator[None]:
    """Let normalisation layers use what they see, as in training, without remembering it."""
    norms = [module for module in model.modules() if isinstance(module, _NormBase)]
    tracked = [module.track_running_stats for module in norms]
    try:
        for module in norms:
            module.training, module.track_running_stats = True, False
        yield
    except ValueError as error:
        if "more than 1 value per channel" in str(error):
            error.add_note('a single image has none there: leave out `statistics="image"`')
        raise
    finally:
        for module, flag in zip(norms, tracked, strict=True):
            module.training, module.track_running_stats = False, flag
