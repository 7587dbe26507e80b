"""topolens shows how a trained network changes the topology of its data, layer by layer.

The way of the data: :func:`record` turns a PyTorch model and a loader into one array per layer;
:func:`analyse` measures every array and returns a long table that prints, plots and exports.
:func:`rips`, :func:`hop_betti`, :func:`cubical` and :func:`magnitude` are kernels for arrays from
anywhere. What is asked for most stands here; the packages `spaces`, `homology`, `magnitudes`,
`diagrams`, `measures`, `layers`, `torch`, `networks`, `profiles`, `statistics`, `transfer`,
`datasets`, `plotting`, `report` and `sklearn` hold the rest.
"""

from __future__ import annotations

import importlib
import warnings

from topolens import _core
from topolens._core import NumericalError, __version__
from topolens.diagrams import (
    bottleneck_distance,
    confidence_band,
    distance_matrix,
    wasserstein_distance,
)
from topolens.homology import cubical, cubical_betti, hop_betti, ph_dimension, rips, rips_batch
from topolens.layers import analyse, choose_scale, layer_distances, pool
from topolens.magnitudes import magnitude, magnitude_function
from topolens.measures import (
    HopBetti,
    Loops,
    Magnitude,
    MagnitudeDimension,
    PHDimension,
    Pieces,
    Rips,
    Spread,
)
from topolens.networks import NetworkSpace
from topolens.plotting import plot_diagram
from topolens.profiles import Cubical, cubical_profile, ttp_score
from topolens.report import write_report
from topolens.spaces import MetricSpace, distances, landmarks
from topolens.torch import TrajectoryRecorder, record

analyze = analyse

__all__ = [
    "Cubical",
    "HopBetti",
    "Loops",
    "Magnitude",
    "MagnitudeDimension",
    "MetricSpace",
    "NetworkSpace",
    "NumericalError",
    "PHDimension",
    "Pieces",
    "Rips",
    "Spread",
    "TrajectoryRecorder",
    "__version__",
    "analyse",
    "analyze",
    "bottleneck_distance",
    "choose_scale",
    "confidence_band",
    "cubical",
    "cubical_betti",
    "cubical_profile",
    "distance_matrix",
    "distances",
    "hop_betti",
    "landmarks",
    "layer_distances",
    "magnitude",
    "magnitude_function",
    "ph_dimension",
    "plot_diagram",
    "pool",
    "record",
    "rips",
    "rips_batch",
    "ttp_score",
    "wasserstein_distance",
    "write_report",
]

_WHEN_ASKED = ("cli", "datasets", "sklearn", "statistics", "transfer")
# Where other names are looked for; not in sklearn, which takes seconds to import.
_SEARCHED = (
    *("datasets", "diagrams", "homology", "layers", "magnitudes", "measures", "networks"),
    *("plotting", "profiles", "report", "spaces", "statistics", "torch", "transfer"),
)


def __getattr__(name: str) -> object:
    """Import the packages that no name above needs once asked; say where other names are."""
    if name in _WHEN_ASKED:
        return importlib.import_module(f"topolens.{name}")
    message = f"module 'topolens' has no attribute {name!r}"
    for package in () if name.startswith("_") else _SEARCHED:
        if name in importlib.import_module(f"topolens.{package}").__all__:
            message += f"; it is topolens.{package}.{name}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*__all__, *_SEARCHED, *_WHEN_ASKED})


if _core.DEBUG_BUILD:
    warnings.warn(
        "topolens was built in debug mode and is many times slower; build with --release",
        stacklevel=2,
    )
