"""Persistence diagrams as single numbers."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from topolens import _core
from topolens._calls import as_choice, as_number, refuse_unused
from topolens.diagrams._essential import Essential, as_finite_diagram
from topolens.diagrams._reading import DiagramLike, as_diagram

Amplitude = Literal["bottleneck", "wasserstein", "landscape", "betti"]

# With the parameters that each takes.
AMPLITUDES: dict[str, str] = {
    "bottleneck": "",
    "wasserstein": "pq",
    "landscape": "p",
    "betti": "p",
}
KINDS = ("birth", "death", "midpoint", "lifetime")


def persistence_entropy(
    dgm: DiagramLike,
    *,
    normalized: bool = False,
    degree: int | None = None,
    essential: Essential = None,
) -> float:
    """Entropy of the lengths of the bars, in nats.

    Parameters
    ----------
    dgm, degree
        As in :func:`betti_curve`.
    normalized : bool
        Divide by the logarithm of the number of bars that have a length, the largest possible
        value.
    essential : {None, "drop"} or float
        What becomes of essential classes: None refuses them, "drop" leaves them out, a number
        ends them there.

    Returns
    -------
    float
        -Σ p log p, with p the share of a bar in the sum of all lengths [1]_. It tells how many
        bars there are in effect: exp of it is n for n bars of one length. 0 where no bar, or one
        alone, has a length.

    Raises
    ------
    ValueError
        If an argument breaks its rule, or there are essential classes and no rule for them.
    OverflowError
        If a length or the result is more than the largest number.

    See Also
    --------
    total_persistence, amplitude, persistence_statistics : Other numbers.

    References
    ----------
    .. [1] N. Atienza, R. González-Díaz, M. Rucco, "Persistent entropy for separating
       topological features from noise in Vietoris-Rips complexes", J. Intell. Inf. Syst. 52
       (2019).

    Examples
    --------
    >>> import math, topolens as tl
    >>> math.exp(tl.diagrams.persistence_entropy([[0.0, 1.0], [3.0, 4.0]])).__round__(6)
    2.0
    """
    bars = as_finite_diagram(dgm, essential, degree=degree)
    found = _core.persistence_entropies([bars], normalized=bool(normalized), n_threads=1)
    return float(found[0]) + 0.0  # sums of nothing are -0.0


def total_persistence(
    dgm: DiagramLike,
    p: float = 1.0,
    *,
    degree: int | None = None,
    essential: Essential = None,
) -> float:
    """Sum the powers of the lengths of the bars.

    Parameters
    ----------
    dgm, degree, essential
        As in :func:`persistence_entropy`.
    p : float
        Positive exponent.

    Returns
    -------
    float
        Σ (death - birth)^p [1]_.

    Raises
    ------
    ValueError
        If an argument breaks its rule, or there are essential classes and no rule for them.
    OverflowError
        If a length or the result is more than the largest number.

    See Also
    --------
    persistence_entropy, amplitude, persistence_statistics : Other numbers.
    topolens.homology.lifetime_sum : Of degree 0, without a diagram.

    References
    ----------
    .. [1] D. Cohen-Steiner, H. Edelsbrunner, J. Harer, Y. Mileyko, "Lipschitz functions have
       L_p-stable persistence", Found. Comput. Math. 10 (2010).

    Examples
    --------
    >>> import topolens as tl
    >>> tl.diagrams.total_persistence([[0.0, 1.0], [3.0, 5.0]], p=2)
    5.0
    """
    bars = as_finite_diagram(dgm, essential, degree=degree)
    found = _core.total_persistences([bars], p=as_number(p, "p"), n_threads=1)
    return float(found[0]) + 0.0  # sums of nothing are -0.0


def amplitude(
    dgm: DiagramLike,
    metric: Amplitude = "bottleneck",
    *,
    p: float = 2.0,
    q: float = math.inf,
    degree: int | None = None,
    essential: Essential = None,
) -> float:
    """Distance of a diagram from the empty one.

    Parameters
    ----------
    dgm, degree, essential
        As in :func:`persistence_entropy`.
    metric : {"bottleneck", "wasserstein", "landscape", "betti"}
        "bottleneck": half the longest bar. "wasserstein": (Σ h^p)^(1/p), with h the distance of
        each bar from the diagonal in the L^q norm, ``2 ** (1 / q) * length / 2``. "landscape":
        the L^p norm of all landscapes together, (Σ_k ∫ λ_k(t)^p dt)^(1/p). "betti": the L^p
        norm of the Betti curve, (∫ β(t)^p dt)^(1/p).
    p : float
        Exponent of all but "bottleneck": at least 1, ``inf`` for the supremum.
    q : float
        Norm in the plane for "wasserstein", at least 1.

    Returns
    -------
    float
        Exact, not from a grid; 0 for a diagram without bars.

    Raises
    ------
    ValueError
        If an argument breaks its rule, or there are essential classes and no rule for them.
    OverflowError
        If a length or the result is more than the largest number.

    See Also
    --------
    persistence_entropy, total_persistence, persistence_statistics : Other numbers.
    bottleneck_distance, wasserstein_distance, landscape_distance : Of two diagrams.

    Notes
    -----
    At each t the landscapes are the tents of the bars in another order, so that the norm of all
    of them is (Σ 2 (length/2)^(p+1) / (p+1))^(1/p).

    Examples
    --------
    >>> import topolens as tl
    >>> dgm = [[0.0, 6.0], [1.0, 9.0]]
    >>> tl.diagrams.amplitude(dgm), tl.diagrams.amplitude(dgm, "wasserstein", p=2)
    (4.0, 5.0)
    """
    bars = as_finite_diagram(dgm, essential, degree=degree)
    exponent, norm = as_number(p, "p"), as_number(q, "q")
    for name, value in (("p", exponent), ("q", norm)):
        if not value >= 1:
            raise ValueError(f"`{name}` must be at least 1; found {value:g}")
    chosen = as_choice(metric, "metric", tuple(AMPLITUDES))
    used = AMPLITUDES[chosen]
    refuse_unused(f"for metric={chosen!r}", used, p=(p, 2.0), q=(q, math.inf))
    return float(_core.amplitudes([bars], metric=chosen, p=exponent, q=norm, n_threads=1)[0])


def persistence_statistics(
    dgm: DiagramLike, *, degree: int | None = None, essential: Essential = None
) -> dict[str, float]:
    """Describe births, deaths, midpoints and lifetimes by their statistics.

    Parameters
    ----------
    dgm, degree, essential
        As in :func:`persistence_entropy`.

    Returns
    -------
    dict of str to float
        For each of ``birth``, ``death``, ``midpoint`` and ``lifetime``: ``_mean``, ``_sd``
        (divisor n), ``_min``, ``_q10``, ``_q25``, ``_median``, ``_q75``, ``_q90``, ``_max`` and
        ``_iqr`` (the middle half), nan without bars; quantiles are linear between the ordered
        values. Then ``count`` (bars described), ``essential`` (essential classes of `dgm`) and
        ``entropy`` (:func:`persistence_entropy`). The order of the names is fixed.

    Raises
    ------
    ValueError
        If an argument breaks its rule, or there are essential classes and no rule for them.
    OverflowError
        If a length or the result is more than the largest number.

    See Also
    --------
    persistence_entropy, total_persistence, amplitude : Single numbers.

    References
    ----------
    .. [1] D. Ali, A. Asaad, M.-J. Jimenez, V. Nanda, E. Paluzo-Hidalgo, M. Soriano-Trigueros,
       "A survey of vectorization methods in topological data analysis", IEEE TPAMI 45 (2023).

    Examples
    --------
    >>> import topolens as tl
    >>> found = tl.diagrams.persistence_statistics([[0.0, 1.0], [2.0, 5.0]])
    >>> found["lifetime_mean"], found["birth_max"], found["count"]
    (2.0, 2.0, 2.0)
    """
    read = as_diagram(dgm, degree=degree)
    bars = as_finite_diagram(read, essential)
    table = _core.persistence_statistics([bars], n_threads=1)[0]
    named = {
        f"{kind}_{name}": float(value)
        for kind, values in zip(KINDS, table, strict=True)
        for name, value in zip(_core.SUMMARY_NAMES, values, strict=True)
    }
    return {
        **named,
        "count": float(len(bars)),
        "essential": float(np.isinf(read).any(axis=1).sum()),
        "entropy": persistence_entropy(bars),
    }
