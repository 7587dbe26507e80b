"""Features with their labels, and what several scores need of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from topolens._arrays import as_classes, as_points, rounding

STEPS, ROUNDING = 4, 1e-3  # of a sum of probabilities: in steps of their type, and at least


class SVD(NamedTuple):
    """Thin singular value decomposition without the part that is rounding."""

    U: np.ndarray
    s: np.ndarray
    Vt: np.ndarray


@dataclass(frozen=True)
class LabeledFeatures:
    """One row of features and one class for each sample.

    Attributes
    ----------
    X : ndarray of shape (n, d), float64
    classes : ndarray of shape (n_classes,)
        The distinct labels.
    codes : ndarray of shape (n,), int64
        The class of each sample, as a position in `classes`.
    """

    X: np.ndarray
    classes: np.ndarray
    codes: np.ndarray

    @cached_property
    def counts(self) -> np.ndarray:
        """Samples of each class."""
        return np.bincount(self.codes)

    @cached_property
    def centered(self) -> np.ndarray:
        """The features less their mean."""
        return self.X - self.X.mean(axis=0)

    @cached_property
    def svd(self) -> SVD:
        """Decomposition of the centred features."""
        return thin_svd(self.centered)

    def of_class(self, code: int) -> np.ndarray:
        """Centred features of one class."""
        return self.centered[self.codes == code]

    def require(self, least: int, score: str) -> None:
        """Refuse classes with fewer samples than a score can do with."""
        if self.counts.min() < least:
            code = int(self.counts.argmin())
            raise ValueError(
                f"`y` must have at least {least} samples of every class for {score}; found "
                f"{self.counts[code]} of class {self.classes[code]!s}"
            )


# What `as_labeled` reads.
Features = ArrayLike | LabeledFeatures


def as_labeled(features: Features, y: ArrayLike) -> LabeledFeatures:
    """Read features and labels, or take what was read before."""
    if isinstance(features, LabeledFeatures):
        return features
    X = as_points(features, "features")
    if X.shape[1] == 0:
        raise ValueError(f"`features` must have at least one column; found shape {X.shape}")
    classes, codes = as_classes(y, len(X), "y")
    if not np.ptp(X, axis=0).any():
        raise ValueError("`features` must not be the same for all samples")
    return LabeledFeatures(X, classes, codes)


def as_probabilities(source_probs: ArrayLike) -> np.ndarray:
    """Read what a network says of the classes that it was trained on, one row a sample."""
    probs = as_points(source_probs, "source_probs")
    if probs.size == 0:
        raise ValueError(f"`source_probs` must not be empty; found shape {probs.shape}")
    if probs.min() < 0:
        row, column = np.argwhere(probs < 0)[0]
        raise ValueError(
            f"`source_probs` must be non-negative; found {probs[row, column]:g} at "
            f"[{row}, {column}]. Pass logits through a softmax first"
        )
    sums = probs.sum(axis=1, keepdims=True)
    far = np.abs(sums[:, 0] - 1)
    if far.max() > max(ROUNDING, STEPS * rounding(source_probs)):
        row = int(far.argmax())
        raise ValueError(f"`source_probs` must sum to 1; found {sums[row, 0]:g} in row {row}")
    return probs / sums


def thin_svd(A: np.ndarray) -> SVD:
    """Decompose a matrix, and leave out singular values that are zero up to rounding."""
    from scipy import linalg

    U, s, Vt = linalg.svd(A, full_matrices=False)
    rank = int((s > s[0] * max(A.shape) * np.finfo(float).eps).sum())
    return SVD(U[:, :rank], s[:rank], Vt[:rank])
