"""Classes in pieces: what spanning trees of all points keep of a class among the others."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from topolens import _core
from topolens._arrays import as_classes, as_rng
from topolens._bootstrap import as_resamples
from topolens._calls import Progress, as_count, gate
from topolens.spaces._metrics import Metric
from topolens.spaces._spaces import SpaceLike, as_space

MOST_TREES = 20  # where there are several


def pieces_among_others(
    X: SpaceLike,
    labels: ArrayLike,
    *,
    metric: Metric = "euclidean",
    n_resamples: int = 999,
    rng: int | np.random.Generator | None = None,
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> PiecesAmongOthers:
    """Count the pieces in which each class lies among the others.

    The minimum spanning tree of all points is cut at its edges between classes; what remains of a
    class is its pieces. There is no scale to choose, and nothing changes when all distances are
    multiplied by one factor.

    Parameters
    ----------
    X : array_like, shape (n, d), or distances, or MetricSpace
        As in :func:`topolens.rips`; not sparse.
    labels : array_like, shape (n,)
        The class of each point; two classes or more.
    metric : str or callable
        As in :func:`topolens.distances`.
    n_resamples : int
        How often labels are shuffled.
    rng : int or Generator, optional
        Shuffles labels and, where distances tie, draws trees. One seed, one p-value.
    n_threads, progress, max_memory
        As in :func:`topolens.distances`.

    Returns
    -------
    PiecesAmongOthers
        One entry per class, in the order of ``np.unique(labels)``.

    Raises
    ------
    ValueError
        If there is one class only, labels do not match the points, or distances are infinite.
    MemoryError
        If the job does not fit `max_memory`.

    See Also
    --------
    topolens.spaces.within_to_others : How small a class is beside its distance to the others.
    topolens.measures.Pieces : The measure of layers.

    Notes
    -----
    The number of edges between classes is the statistic of Friedman and Rafsky [1]_: few of them,
    and so few pieces, say that classes lie apart from one another. A class of n_c among n points
    has n_c minus the edges within it pieces. If labels were shuffled, each of the n - 1 edges of
    the tree would be within the class with probability n_c (n_c - 1) / (n (n - 1)), so that there
    would be n_c - n_c (n_c - 1) / n pieces in the mean, which is what ``by_chance`` holds.

    This is no Betti number: two parts of a class with no other class between them are one piece,
    however far apart they are, since the tree joins them.

    Where distances tie, as those of integers, of repeated points and of one-hot outputs, there are
    several minimum spanning trees. Then 20 of them are drawn, without a look at labels or at the
    order of the rows, and the number of pieces is the mean over them: classes that lie apart have
    it in each, and where a layer has made all points equal there are as many pieces as by chance.

    References
    ----------
    .. [1] J. H. Friedman, L. C. Rafsky, "Multivariate generalizations of the Wald-Wolfowitz and
       Smirnov two-sample tests", Ann. Statist. 7 (1979).

    Examples
    --------
    >>> import topolens as tl
    >>> points, labels = [[0.0], [1.1], [2.3], [3.6], [5.0], [6.5]], list("aabbaa")
    >>> found = tl.homology.pieces_among_others(points, labels, rng=0)
    >>> found.classes.tolist(), found.n_pieces.tolist(), found.by_chance.tolist()
    (['a', 'b'], [2.0, 1.0], [2.0, 1.6666666666666667])
    """
    space = as_space(X, metric, max_memory, n_threads)
    classes, codes = as_classes(labels, len(space))
    count, generator = as_resamples(n_resamples, least=1), as_rng(rng)
    shuffled = generator.permuted(np.tile(codes, (count, 1)), axis=1)
    seeds = generator.integers(2**63, size=MOST_TREES).tolist()
    with gate("pieces_among_others", n_threads, progress, max_memory) as call:
        trees, counts, n_edges = _core.pieces_among_others(
            space, np.vstack([codes, shuffled]), classes=len(classes), seeds=seeds, **call
        )
    sizes = tuple(tuple(np.array(of_class) for of_class in tree) for tree in trees)
    in_all_trees = np.sum([[len(of_class) for of_class in tree] for tree in sizes], axis=0)
    n = np.bincount(codes)
    return PiecesAmongOthers(
        classes=classes,
        n=n,
        n_pieces=in_all_trees / len(sizes),
        by_chance=n - n * (n - 1) / len(space),
        p_values=(1 + (counts <= in_all_trees).sum(axis=0)) / (1 + count),
        sizes=sizes,
        n_edges=n_edges,
        asymmetry=space.asymmetry,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class PiecesAmongOthers:
    """The pieces of classes, and how many there would be by chance.

    Attributes
    ----------
    classes : ndarray, shape (k,)
        The labels.
    n : ndarray of int64, shape (k,)
        Points of each class.
    n_pieces : ndarray of float64, shape (k,)
        Pieces of each class: a whole number where there is only one tree, a mean over trees where
        distances tie.
    by_chance : ndarray of float64, shape (k,)
        The mean number of pieces under shuffled labels.
    p_values : ndarray of float64, shape (k,)
        (1 + shuffles with at most so many pieces) / (1 + shuffles): small where a class holds
        together more than chance would have it.
    sizes : tuple of tuple of ndarray
        For each tree, and in it for each class, the points of each piece, the largest first.
    n_edges : int
        Edges of all minimum spanning trees; one less than points where there is only one tree.
    asymmetry : float
        By how much the two sides of given distances differed, at most.
    """

    classes: np.ndarray
    n: np.ndarray
    n_pieces: np.ndarray
    by_chance: np.ndarray
    p_values: np.ndarray
    sizes: tuple[tuple[np.ndarray, ...], ...] = field(repr=False)
    n_edges: int = field(repr=False)
    asymmetry: float = field(default=0.0, repr=False)

    def of_at_least(self, size: int) -> np.ndarray:
        """Count the pieces of at least so many points: without strays.

        Parameters
        ----------
        size : int
            1 counts all pieces.

        Returns
        -------
        ndarray of float64, shape (k,)
            Means over trees, as ``n_pieces``.
        """
        least = as_count(size, "size", least=1)
        counts = [[(of_class >= least).sum() for of_class in tree] for tree in self.sizes]
        return np.mean(counts, axis=0)

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the classes as columns, for pandas or polars."""
        return {
            "class": self.classes,
            "n": self.n,
            "n_pieces": self.n_pieces,
            "by_chance": self.by_chance,
            "p_value": self.p_values,
        }
