"""Whether two groups of diagrams differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from topolens import _core
from topolens._arrays import as_rng, as_values
from topolens._bootstrap import as_resamples
from topolens._calls import Progress, as_choice, as_number, gate, memory_limit, renamed
from topolens._faces import hinted
from topolens.diagrams._distances import DIAGRAM_METRICS, DiagramMetric, distance_matrix
from topolens.diagrams._reading import DiagramLike, as_list_of_diagrams
from topolens.spaces._metrics import distances_by_function
from topolens.spaces._spaces import distances as distances_of_space

Distance = DiagramMetric | Callable[[np.ndarray, np.ndarray], float] | np.ndarray


@dataclass(frozen=True, eq=False)
class PermutationTest:
    """Result of a permutation test.

    Attributes
    ----------
    p_value : float
        (1 + permutations with at most the loss of the groups) / (1 + permutations).
    loss : float
        Joint loss of the two groups.
    losses : ndarray of float64, shape (n_resamples,)
        Joint losses of random groups of the same sizes.
    sizes : (int, int)
        Diagrams in each group.
    distances : ndarray of float64, shape (n, n)
        Distances between all diagrams, those of the first group first.
    """

    p_value: float
    loss: float
    losses: np.ndarray = field(repr=False)
    sizes: tuple[int, int]
    distances: np.ndarray = field(repr=False)

    @property
    def n_resamples(self) -> int:
        """Random permutations."""
        return len(self.losses)

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the losses, that of the groups first, as columns, for pandas or polars."""
        losses = np.r_[self.loss, self.losses]
        return {"permutation": np.arange(len(losses)), "loss": losses}

    def __repr__(self) -> str:
        """One line with the p-value and how it was found."""
        return (
            f"PermutationTest(p_value={self.p_value:.4g}, loss={self.loss:.4g}; "
            f"{self.sizes[0]} and {self.sizes[1]} diagrams, {self.n_resamples} permutations)"
        )


def permutation_test(
    group_a: Sequence[DiagramLike],
    group_b: Sequence[DiagramLike],
    distance: Distance = "bottleneck",
    *,
    exponent: float = 2.0,
    n_resamples: int = 999,
    degree: int | None = None,
    rng: int | np.random.Generator | None = None,
    n_threads: int | None = None,
    progress: Progress = False,
    **options: Any,
) -> PermutationTest:
    """Test whether two groups of diagrams come from one distribution.

    Parameters
    ----------
    group_a, group_b : sequence
        Diagrams of independent spaces, at least two in each group, each as in
        :func:`betti_curve`.
    distance : str, callable or ndarray
        What :func:`distance_matrix` takes ("bottleneck", "wasserstein", "sliced_wasserstein",
        "landscape"), a function of two diagrams, or the distances themselves: a symmetric
        matrix over the diagrams of both groups, those of `group_a` first.
    exponent : float
        Positive power of the distances in the loss.
    n_resamples : int
        Random divisions into groups of the same sizes.
    degree : int, optional
        The degree to take; needed where diagrams have several.
    rng : int or Generator, optional
        Draws the divisions. One seed, one p-value.
    n_threads, progress
        As in :func:`rips`.
    **options
        More arguments of :func:`distance_matrix`.

    Returns
    -------
    PermutationTest

    Raises
    ------
    ValueError
        If a group has fewer than two diagrams, an argument breaks its rule, or a distance is
        infinite, as between diagrams with different numbers of essential classes.

    See Also
    --------
    distance_matrix : The distances.
    confidence_band, landscape_band : How far a diagram, or a mean, is known.

    Notes
    -----
    The joint loss is the mean distance, to the power, within the groups:
    Σ_g 1/(2 n_g (n_g - 1)) Σ_{i, j in g} d(D_i, D_j)^exponent ([1]_, with p the Wasserstein
    exponent and q ours). All distances are computed once. If the groups have one distribution,
    all divisions are alike and P(p_value <= a) <= a for every a: the test is exact, whatever the
    distance. A small p-value says that the distributions of diagrams differ, not where; a large
    one does not say that they are equal. No p-value can be less than one in the number of
    divisions, which small groups have few of.

    References
    ----------
    .. [1] A. Robinson, K. Turner, "Hypothesis testing for topological data analysis", J. Appl.
       Comput. Topol. 1 (2017).

    Examples
    --------
    >>> import topolens as tl
    >>> circles = [tl.rips(tl.datasets.circle(30, rng=seed)) for seed in range(6)]
    >>> squashed = [tl.rips(tl.datasets.circle(30, rng=9 + s) * [1, 0.1]) for s in range(6)]
    >>> tl.diagrams.permutation_test(circles, squashed, degree=1, rng=0).p_value < 0.02
    True
    """
    groups = [
        as_list_of_diagrams(group, name, degree=degree)
        for group, name in ((group_a, "group_a"), (group_b, "group_b"))
    ]
    for group, name in zip(groups, ("group_a", "group_b"), strict=True):
        if len(group) < 2:
            raise ValueError(f"`{name}` must have at least two diagrams; found {len(group)}")
    power = as_number(exponent, "exponent")
    if not 0 < power < np.inf:
        raise ValueError(f"`exponent` must be a positive number; found {exponent}")
    count = as_resamples(n_resamples, least=1)
    sizes = (len(groups[0]), len(groups[1]))
    labels = np.repeat(np.array([0, 1], dtype=np.uint8), sizes)
    shuffled = as_rng(rng).permuted(np.tile(labels, (count, 1)), axis=1)
    with gate("permutation_test", n_threads, progress) as call:
        report = call.pop("progress")
        distances = _distances([*groups[0], *groups[1]], distance, n_threads, report, options)
        losses = _core.joint_losses(
            len(distances),
            distances[np.triu_indices(len(distances), 1)],
            np.vstack([labels, shuffled]),
            q=power,
            **call,
        )
    loss, losses = float(losses[0]), losses[1:]
    as_low = int((losses <= loss).sum())
    return PermutationTest((1 + as_low) / (1 + count), loss, losses, sizes, distances)


def _distances(
    diagrams: list[np.ndarray], distance: Distance, n_threads: Any, report: Any, options: Any
) -> np.ndarray:
    """Distances of all pairs as a symmetric matrix."""
    n = len(diagrams)
    if isinstance(distance, str):
        as_choice(distance, "distance", tuple(DIAGRAM_METRICS))
        progress = report or False
        matrix = hinted(distance_matrix)(
            diagrams, distance, n_threads=n_threads, progress=progress, **options
        )
        return np.asarray(matrix, dtype=np.float64)
    if options:
        raise TypeError(f"{', '.join(options)}: only for distances by name")
    if callable(distance):
        values, _ = distances_by_function(diagrams, distance, memory_limit(None), "distance")
        return _core.square(values, n)
    shape = as_values(distance, "distance").shape
    if shape != (n, n):
        raise ValueError(f"`distance` must have shape ({n}, {n}); found {shape}")
    with renamed("distance"):
        return distances_of_space(distance, metric="precomputed", n_threads=n_threads)
