"""What is measured of the weights of one window."""

from __future__ import annotations

import numpy as np

import topolens as tl
from experiments.harness.jobs import Plain

SCALES = (1.36, 6.78, 16.95, 30.51)  # those of the paper's figures
BELOW = (0.1, SCALES[0])
CURVE = np.geomspace(0.1, 100, 31)
RATIO = 2.0
STARTS = np.geomspace(CURVE[0], CURVE[-1] / RATIO, 28)  # of the intervals [t, 2t]


def of_scales(space: tl.MetricSpace) -> dict[str, Plain]:
    """Measure magnitude at the paper's scales, and its slope over every interval."""
    f = tl.magnitude_function(space, np.union1d(SCALES, CURVE), n_threads=1)
    values = dict(zip(f.ts, f.values.tolist(), strict=True))
    slopes = tl.magnitudes.magnitude_slopes(f, RATIO, n_intervals=len(STARTS)).values
    return {
        **{f"|{t:g} W|": values[t] for t in SCALES},
        "slope at the paper's scales": slope(f, (SCALES[0], SCALES[-1])),
        "slope below them": slope(f, BELOW),
        "slopes": " ".join(f"{value:.4f}" for value in slopes),
    }


def slope(f: tl.magnitudes.MagnitudeFunction, scales: tuple[float, float]) -> float:
    """Fit one line between two scales."""
    return float(tl.magnitudes.magnitude_dimension(f, scales, bootstrap=None))


def dimensions(space: tl.MetricSpace) -> dict[str, float]:
    """Estimate the two dimensions, which do not depend on the unit of the distances."""
    straightest = tl.magnitudes.magnitude_dimension(space, bootstrap=None, n_threads=1)
    return {
        "magnitude dimension": float(straightest),
        "straight from": straightest.scales[0],
        "straight to": straightest.scales[1],
        "PH dimension": float(tl.ph_dimension(space, rng=0, n_threads=1)),
    }


def complexities(space: tl.MetricSpace, n_training: int) -> dict[str, float]:
    """Measure what the bounds of Andreeva et al. (2024) hold, at the root of n, and the extent."""
    return {
        "positive magnitude": tl.magnitude(space, np.sqrt(n_training), positive=True, n_threads=1),
        "sum of lifetimes": tl.homology.lifetime_sum(space, n_threads=1),
        "diameter": float(space.distances.max()),
    }
