"""What estimators are given: tables, stacks and lists."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from topolens._arrays import as_values
from topolens._calls import MOST_THREADS, as_count
from topolens.diagrams._reading import as_diagram, as_list_of_spaces
from topolens.spaces._spaces import MetricSpace


def threads(n_jobs: int | None) -> int:
    """Threads for `n_jobs`: None is 1 (or what joblib was told), -1 is all."""
    return as_count(effective_n_jobs(n_jobs), "n_jobs", least=1, most=MOST_THREADS)


def random_state(value: Any) -> np.random.RandomState:
    """Read a state as scikit-learn does; its message does not name it, nor what was found."""
    try:
        return check_random_state(value)
    except ValueError as error:
        raise ValueError(f"`random_state` must be a seed; found {value!r} ({error})") from None


class OfSpaces(TransformerMixin, BaseEstimator):
    """A transformer of spaces, one a sample: a row of a table, or an array of any shape.

    Nothing is learned from the spaces; `fit` checks them, and keeps the number of columns and
    their names where they come as a table.
    """

    # What a whole table may have been meant for, and what its rows are.
    _whole = "cloud"
    _row = "points on a line"

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
        sparse = hasattr(X, "tocoo")  # some are dictionaries too
        if (isinstance(X, (Iterator, Mapping)) and not sparse) or _is_space(X):
            found = type(X).__name__
            raise TypeError(f"`X` must be a list of samples, such as [X]; found one {found}")
        samples = _listed(X)
        if samples is not None:
            return samples
        precomputed = getattr(self, "metric", None) == "precomputed"
        if precomputed and _is_matrix_of_distances(X):
            raise ValueError(
                "`X` must be a list of spaces; found the distances of one, shape "
                f"{np.shape(X)}: put them into a list, [X]"
            )
        rows = list(validate_data(self, _as_table(X), dtype=np.float64, reset=reset))
        if not precomputed:
            warnings.warn(
                f"`X` is read as a table of {len(rows)} samples of {len(rows[0])} {self._row}; "
                f"pass [X] for one {self._whole}, or a list of arrays for these",
                stacklevel=4,
            )
        return rows

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


def _as_table(X: Any) -> Any:
    """Take a tensor off its device; what else there is, scikit-learn reads."""
    return as_values(X) if hasattr(X, "detach") else X


def _listed(X: Any) -> list[Any] | None:
    """List the samples of a stack or a list; None for a table, whose rows are the samples."""
    if isinstance(X, np.ndarray) and X.dtype == object and X.ndim != 2:
        X = X.tolist()
    if not isinstance(X, (list, tuple)):
        return list(X) if getattr(X, "ndim", 0) >= 3 and not hasattr(X, "iloc") else None
    if not len(X):
        raise ValueError("`X` must have at least one sample; found none")
    lengths = {len(row) for row in X if isinstance(row, (list, tuple))}
    if any(map(_is_sample, X)) or len(lengths) > 1:
        return [as_values(row, f"X[{i}]") if _is_row(row) else row for i, row in enumerate(X)]
    return None


def _is_sample(thing: Any) -> bool:
    """Tell an array or a space from a row of numbers in a table."""
    nested = isinstance(thing, (list, tuple)) and len(thing) > 0 and not _is_row(thing)
    return nested or getattr(thing, "ndim", 0) >= 1 or _is_space(thing)


def _is_row(thing: Any) -> bool:
    return isinstance(thing, (list, tuple)) and not any(np.ndim(number) for number in thing[:1])


def _is_space(thing: Any) -> bool:
    return isinstance(thing, MetricSpace) or hasattr(thing, "to_space")


def _is_matrix_of_distances(X: Any) -> bool:
    """Tell one matrix of distances from a table whose rows are the pairs of a space each."""
    if hasattr(X, "tocoo"):
        return True
    matrix = np.asarray(X)
    square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1]
    return square and not matrix.diagonal().any() and bool((matrix == matrix.T).all())
