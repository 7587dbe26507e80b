"""The accuracy of nearest neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from topolens._calls import as_count
from topolens.spaces._graphs import neighbor_graph
from topolens.transfer._reading import Features, as_labeled


def knn(
    features: Features,
    y: ArrayLike,
    *,
    k: int = 5,
    metric: str = "euclidean",
    n_threads: int | None = None,
) -> float:
    """Leave-one-out accuracy of the `k` nearest neighbours.

    Each sample gets the class of most of its `k` nearest others. Where several classes have the
    most votes, the one with the nearest voter wins; equally near samples come in their order.

    Parameters
    ----------
    features : array_like, shape (n, d)
        One row per sample, such as the activations before the last layer.
    y : array_like, shape (n,)
        Labels of the target task, of two classes or more.
    k : int, default 5
        Neighbours that vote, below n.
    metric : str, default "euclidean"
        As in :func:`topolens.spaces.neighbor_graph`.
    n_threads : int, optional
        Threads to use; all by default.

    Returns
    -------
    float
        Share of samples whose class is found, from 0 to 1. Higher is better.

    Raises
    ------
    ValueError
        If the features are not finite or all the same, or `y` has the wrong length or one class.

    See Also
    --------
    transfer_scores : All scores at once.

    References
    ----------
    C. Renggli, A. S. Pinto, L. Rimanic, J. Puigcerver, C. Riquelme, C. Zhang, M. Lucic, "Which
    model to transfer? Finding the needle in the growing haystack", CVPR (2022), which takes k = 1.

    Examples
    --------
    >>> import topolens as tl
    >>> tl.transfer.knn([[0.0], [0.1], [5.0], [5.1], [5.3]], [0, 0, 1, 1, 0], k=1)
    0.8
    """
    data = as_labeled(features, y)
    k = as_count(k, "k", least=1)
    if k >= len(data.X):
        raise ValueError(f"`k` must be below the number of samples, {len(data.X)}; found {k}")
    graph = neighbor_graph(data.X, k + 1, metric=metric, n_threads=n_threads)
    # A row of the graph has the k nearest and, beyond them, whoever counts this one as near.
    rows = np.repeat(np.arange(len(data.X)), np.diff(graph.indptr))
    order = np.lexsort((graph.indices, graph.data, rows))
    rows = rows[order]
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
    near = order[rank < k].reshape(len(data.X), k)
    voters = data.codes[graph.indices[near]]
    return float((_winners(voters) == data.codes).mean())


def _winners(voters: np.ndarray) -> np.ndarray:
    """Return the class of most voters, who are ordered by distance, for each row."""
    votes = (voters[:, :, None] == voters[:, None, :]).sum(axis=2)
    return voters[np.arange(len(voters)), votes.argmax(axis=1)]
