"""What estimators are given: tables, stacks and lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from topolens.diagrams._reading import as_diagram, as_list_of_spaces


def threads(n_jobs: int | None) -> int:
    """Threads for `n_jobs`: None is 1 (or what joblib was told), -1 is all."""
    return effective_n_jobs(n_jobs)


class OfSpaces(TransformerMixin, BaseEstimator):
    """A transformer of spaces, one a sample: a row of a table, or an array of any shape.

    Nothing is learned from the spaces; `fit` checks them, and keeps the number of columns and
    their names where they come as a table.
    """

    def fit(self, X: Any, y: Any = None) -> OfSpaces:
        """Check the input; nothing is learned.

        Parameters
        ----------
        X : array_like or list
            As in `transform`.
        y : None
            Not used.

        Returns
        -------
        self
        """
        self.n_samples_fit_ = len(self._samples(X, reset=True))
        return self

    def _samples(self, X: Any, *, reset: bool) -> list[Any]:
        """List the spaces: the rows of a table, or what is in a list or a stack."""
        if not reset:
            check_is_fitted(self)
        if _is_list_of_arrays(X):
            return list(X)
        return list(validate_data(self, X, dtype=np.float64, reset=reset))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags


class ToDiagrams(OfSpaces):
    """A transformer of spaces into results, which are no table."""

    def set_output(self, *, transform: str | None = None) -> ToDiagrams:
        """Do nothing, so that a pipeline can pass on what its last step is to return.

        Parameters
        ----------
        transform : str, optional
            Not used: results are returned as a list.

        Returns
        -------
        self
        """
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        # Rows of tables are taken too, but what comes out is not for checks of tables.
        tags.input_tags.two_d_array = False
        tags.transformer_tags.preserves_dtype = []
        return tags


class OfDiagrams(TransformerMixin, BaseEstimator):
    """A transformer of persistence diagrams, one (or one of several degrees) a sample."""

    degree: int | None

    def _diagrams(self, X: Any) -> list[np.ndarray]:
        """Read the diagrams of all samples."""
        return [
            as_diagram(sample, f"X[{i}]", degree=self.degree)
            for i, sample in enumerate(self._spaces(X))
        ]

    def _spaces(self, X: Any) -> list[Any]:
        """List what is given for each sample."""
        if isinstance(X, Iterator):  # `fit` would leave nothing for `transform`
            raise TypeError(f"`X` must be a list of diagrams; found {type(X).__name__}")
        samples = as_list_of_spaces(X, "X")
        if not samples:
            raise ValueError("`X` must have at least one sample; found none")
        return samples

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Name the columns of the output.

        Parameters
        ----------
        input_features : None
            Not used: samples are diagrams, without columns.

        Returns
        -------
        ndarray of str
        """
        check_is_fitted(self)
        return np.asarray(self._names(), dtype=object)

    def _names(self) -> list[str]:
        raise NotImplementedError

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        return tags


def _is_list_of_arrays(X: Any) -> bool:
    """Tell a stack or a list of arrays of two or more axes from a table."""
    if hasattr(X, "iloc") or hasattr(X, "tocoo"):
        return False
    if isinstance(X, (list, tuple)) or (isinstance(X, np.ndarray) and X.dtype == object):
        if not len(X):
            return False
        first = X[0]
        axes = getattr(first, "ndim", None)
        if axes is None and isinstance(first, (list, tuple)) and len(first):
            axes = 1 + getattr(first[0], "ndim", int(isinstance(first[0], (list, tuple))))
        return axes is not None and axes >= 2
    return getattr(X, "ndim", 0) >= 3
