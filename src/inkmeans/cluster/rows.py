"""What the clusterers that are not k-means share: checked rows, and a label for each."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from inkmeans import engine
from inkmeans.engine import Labels
from inkmeans.errors import ParameterError

__all__ = ["NOISE", "PredictingClusterer", "RowsClusterer", "check_enough", "pair_distances"]

NOISE = -1
"""The label of a row that belongs to no cluster."""


class RowsClusterer(
    ClusterMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """Base of clusterers that label the rows they are fitted on; not for use by itself."""

    labels_: Labels

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the clusters of the rows of X.

        Parameters
        ----------
        X : array-like of shape (n, d)
            float32 and float64 are taken as they are, bytes as float32.
        y : Ignored

        Returns
        -------
        self
        """
        rows = self._check_rows(X, reset=True)
        self.labels_ = np.asarray(self._cluster(rows), dtype=np.int32)
        return self

    def _cluster(self, rows: NDArray[Any]) -> Any:
        """Return the label of each row; rows are float32 or float64."""
        raise NotImplementedError

    def _check_rows(self, X: Any, *, reset: bool) -> NDArray[Any]:
        as_bytes = getattr(X, "dtype", None) in (np.uint8, np.int8)
        dtypes: Any = np.float32 if as_bytes else [np.float64, np.float32]
        if not reset:
            check_is_fitted(self)
        rows: NDArray[Any] = validate_data(self, X, dtype=dtypes, order="C", reset=reset)
        return rows


class PredictingClusterer(RowsClusterer):
    """Base of those that also say where new rows belong; not for use by itself."""

    def predict(self, X: Any) -> Labels:
        """Return the cluster of each row, as said of `labels_`.

        Parameters
        ----------
        X : array-like of shape (n, d)

        Returns
        -------
        ndarray of shape (n,), int32
        """
        return np.asarray(self._assign(self._check_rows(X, reset=False)), dtype=np.int32)

    def _assign(self, rows: NDArray[Any]) -> Any:
        """Return the cluster of each row; rows are float32 or float64."""
        raise NotImplementedError


def check_enough(n: int, n_clusters: int) -> None:
    """Raise if there are fewer rows than clusters.

    Examples
    --------
    >>> from inkmeans.cluster.rows import check_enough
    >>> check_enough(3, 8)
    Traceback (most recent call last):
    ...
    inkmeans.errors.ParameterError: n_samples=3 should be >= n_clusters=8; ask for fewer clusters
    """
    if n < n_clusters:
        raise ParameterError(
            f"n_samples={n} should be >= n_clusters={n_clusters}", hint="ask for fewer clusters"
        )


def pair_distances(rows: NDArray[Any]) -> NDArray[np.float64]:
    """Return the distances between all rows: symmetric, zeros on the diagonal.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.cluster.rows import pair_distances
    >>> pair_distances(np.array([[0.0, 0.0], [3.0, 4.0]])).tolist()
    [[0.0, 5.0], [5.0, 0.0]]
    """
    squared = engine.squared_distances(rows, np.asarray(rows, dtype=np.float64))
    squared = np.minimum(squared, squared.T)  # the same for both, whatever was rounded
    np.fill_diagonal(squared, 0.0)
    distances: NDArray[np.float64] = np.sqrt(np.maximum(squared, 0.0, out=squared), out=squared)
    return distances
