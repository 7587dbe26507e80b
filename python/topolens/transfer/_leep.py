"""LEEP, from what a network says of its own classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from topolens._arrays import as_classes
from topolens.transfer._reading import as_probabilities


def leep(source_probs: ArrayLike, y: ArrayLike) -> float:
    """Mean log-likelihood of the labels, predicted from the network's own classes.

    Parameters
    ----------
    source_probs : array_like, shape (n, n_source_classes)
        Probabilities that the network gives to the classes it was trained on, for samples of
        the target task.
    y : array_like, shape (n,)
        Labels of the target task, of two classes or more.

    Returns
    -------
    float
        At most 0. Higher is better.

    Raises
    ------
    ValueError
        If rows are not probabilities, or `y` has the wrong length or one class.

    See Also
    --------
    transfer_scores : All scores at once.

    Notes
    -----
    With θ(x)_z the probability of source class z, the joint distribution of labels and source
    classes is P(y, z) = (1/n) Σ θ(x_i)_z over the samples of label y, and the score is
    (1/n) Σ log Σ_z P(y_i | z) θ(x_i)_z [1]_.

    References
    ----------
    .. [1] C. V. Nguyen, T. Hassner, M. Seeger, C. Archambeau, "LEEP: a new measure to evaluate
       transferability of learned representations", ICML (2020), equations 1 and 2.

    Examples
    --------
    >>> import topolens as tl
    >>> tl.transfer.leep([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], [0, 0, 1, 1])
    0.0
    """
    probs = as_probabilities(source_probs)
    classes, codes = as_classes(y, len(probs), "y")
    joint = np.zeros((len(classes), probs.shape[1]))
    np.add.at(joint, codes, probs)
    mass = joint.sum(axis=0)
    given = joint / np.where(mass > 0, mass, 1)  # a class that never occurs has no weight below
    likelihood = (given[codes] * probs).sum(axis=1)
    return float(np.log(likelihood).mean()) + 0.0
