"""Short ways to call the functions of magnitude."""

from __future__ import annotations

import numpy as np

import topolens as tl
from topolens import _core
from topolens._calls import memory_limit
from topolens.spaces._spaces import as_space

METHODS = ["cholesky", "conjugate gradients", "lblt"]


def function(space, ts, metric="euclidean", **kwargs):
    return tl.magnitude_function(space, ts=ts, metric=metric, progress=False, **kwargs)


def by_method(space, ts, method, metric="euclidean", tol=1e-8, n_threads=None):
    """The function by a method that is named instead of chosen."""
    curve, (methods, negative), (_, n_distinct, plan) = _core.magnitude(
        as_space(space, metric),
        np.array(ts, dtype=float),
        tol=tol,
        weights=False,
        max_memory=memory_limit(None),
        method=method,
        n_threads=n_threads,
    )
    names = ("ts", "values", "slope", "residuals")
    return tl.magnitudes.MagnitudeFunction(
        **dict(zip(names, curve, strict=True)),
        methods=methods,
        negative_eigenvalues=negative,
        n_points=len(space),
        n_distinct=n_distinct,
        plan=plan,
    )
