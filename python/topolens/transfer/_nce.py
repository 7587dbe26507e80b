"""NCE, the negative conditional entropy of labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from topolens._arrays import as_classes
from topolens.transfer._reading import as_probabilities


def nce(source_probs: ArrayLike, y: ArrayLike) -> float:
    """Negative entropy of the labels, given the network's most probable class.

    Parameters
    ----------
    source_probs : array_like, shape (n, n_source_classes)
        Probabilities that the network gives to the classes it was trained on; of equal ones the
        first counts.
    y : array_like, shape (n,)
        Labels of the target task, of two classes or more.

    Returns
    -------
    float
        At most 0, in nats. Higher is better.

    Raises
    ------
    ValueError
        If rows are not probabilities, or `y` has the wrong length or one class.

    See Also
    --------
    transfer_scores : All scores at once.

    Notes
    -----
    With z the source class of each sample, the score is Σ P(y, z) log P(y | z) over the shares
    of samples [1]_, where z is the label of a source task in the paper, and the network's
    prediction where there is none, as in the comparison of LEEP [2]_.

    References
    ----------
    .. [1] A. T. Tran, C. V. Nguyen, T. Hassner, "Transferability and hardness of supervised
       classification tasks", ICCV (2019), equation 8.
    .. [2] C. V. Nguyen, T. Hassner, M. Seeger, C. Archambeau, "LEEP: a new measure to evaluate
       transferability of learned representations", ICML (2020), section 5.

    Examples
    --------
    >>> import topolens as tl
    >>> round(tl.transfer.nce([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.2, 0.8]], [0, 0, 1, 1]), 4)
    -0.4774
    """
    probs = as_probabilities(source_probs)
    classes, codes = as_classes(y, len(probs), "y")
    joint = np.zeros((len(classes), probs.shape[1]))
    np.add.at(joint, (codes, probs.argmax(axis=1)), 1 / len(probs))
    seen = joint > 0
    given = (joint / np.where(seen.any(axis=0), joint.sum(axis=0), 1))[seen]
    return float((joint[seen] * np.log(given)).sum()) + 0.0
