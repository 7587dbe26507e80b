"""Recordings that are compared sample by sample are of the same samples."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from topolens._calls import caller_level
from topolens.layers._recording import Recording


def check_same_samples(recordings: Mapping[Any, Recording], argument: str) -> None:
    """Refuse recordings of different samples, and warn where that cannot be known."""
    names = list(recordings)
    for name in names[1:]:
        _check_pair(names[0], name, recordings, argument)
    shuffled = [name for name in names if recordings[name].shuffled]
    if shuffled and len(names) > 1:
        warnings.warn(
            f"`{argument}` must be of the same samples, and are paired by their positions in the "
            f"loader; found {shuffled[0]!r} recorded from a loader that shuffles: record with "
            f"shuffle=False, or with `sample_ids`",
            UserWarning,
            stacklevel=caller_level(),
        )


def _check_pair(first: Any, other: Any, recordings: Mapping[Any, Recording], argument: str) -> None:
    a, b = (recordings[name].sample_ids for name in (first, other))
    if np.array_equal(a, b):
        return
    way = "record them with the same loader, number of samples and `rng`"
    if len(a) != len(b):
        raise ValueError(
            f"`{argument}` must be of the same samples; found {len(a)} of {first!r} and {len(b)} "
            f"of {other!r}: {way}"
        )
    place = next(i for i in range(len(a)) if a[i] != b[i])
    raise ValueError(
        f"`{argument}` must be of the same samples in the same order; found sample "
        f"{a[place].item()!r} of {first!r} and {b[place].item()!r} of {other!r} at {place}: {way}"
    )
