"""k-means as plain functions, with scikit-learn's signatures."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_array

from inkmeans import engine
from inkmeans.cluster.kmeans import KMeans
from inkmeans.cluster.parameters import check_weights, check_whole
from inkmeans.cluster.problem import Problem
from inkmeans.cluster.seeding import plusplus_rows
from inkmeans.errors import DataError, ParameterError

__all__ = ["k_means", "kmeans_plusplus"]


def k_means(
    X: Any,
    n_clusters: int,
    *,
    sample_weight: Any = None,
    return_n_iter: bool = False,
    **parameters: Any,
) -> tuple[Any, ...]:
    """Cluster rows and return what came of it, without an estimator.

    Parameters
    ----------
    X : {array-like, sparse matrix} of shape (n, d)
    n_clusters : int
    sample_weight : array-like of shape (n,), default=None
    return_n_iter : bool, default=False
    **parameters
        Further parameters of `KMeans`.

    Returns
    -------
    centroids : ndarray of shape (n_clusters, d)
    labels : ndarray of shape (n,), int32
    inertia : float
    n_iter : int
        If `return_n_iter`.

    Examples
    --------
    >>> from inkmeans.cluster import k_means
    >>> centroids, labels, inertia = k_means([[0.0], [2.0], [9.0]], 2, random_state=0)
    >>> sorted(centroids.tolist()), inertia
    ([[1.0], [9.0]], 2.0)
    """
    fitted = KMeans(n_clusters, **parameters).fit(X, sample_weight=sample_weight)
    result = (fitted.cluster_centers_, fitted.labels_, fitted.inertia_)
    return (*result, fitted.n_iter_) if return_n_iter else result


def kmeans_plusplus(
    X: Any,
    n_clusters: int,
    *,
    sample_weight: Any = None,
    x_squared_norms: Any = None,
    random_state: Any = None,
    n_local_trials: int | None = None,
) -> tuple[Any, NDArray[np.int64]]:
    """Choose rows that lie far apart, by greedy k-means++.

    Parameters
    ----------
    X : {array-like, sparse matrix} of shape (n, d)
        uint8, float32 and float64 are taken as they are.
    n_clusters : int
        How many.
    sample_weight : array-like of shape (n,), default=None
        How many rows each row stands for.
    x_squared_norms : array-like of shape (n,), default=None
        Not used; taken so that it can stand in for scikit-learn's function.
    random_state : int, RandomState or None, default=None
    n_local_trials : int or None, default=None
        Candidates of which the best is taken, each time. None: 2 + log(n_clusters).

    Returns
    -------
    centers : ndarray of shape (n_clusters, d)
    indices : ndarray of shape (n_clusters,), int64
        ``X[indices]`` are the centers.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.cluster import kmeans_plusplus
    >>> X = np.array([[0], [1], [250]], dtype=np.uint8)
    >>> centers, indices = kmeans_plusplus(X, 2, random_state=0)
    >>> int(centers.max())
    250
    """
    kinds = [np.float64, np.float32, *([] if sp.issparse(X) else [np.uint8])]
    rows = check_array(X, accept_sparse="csr", dtype=kinds, order="C")
    check_whole("n_clusters", n_clusters)
    check_whole("n_local_trials", n_local_trials, optional=True)
    n = rows.shape[0]
    if n < n_clusters:
        raise ParameterError(
            f"n_samples={n} should be >= n_clusters={n_clusters}.", hint="ask for fewer clusters"
        )
    if x_squared_norms is not None and len(x_squared_norms) != n:
        raise DataError(
            f"The length of x_squared_norms {len(x_squared_norms)} should be equal to the "
            f"length of n_samples {n}."
        )
    problem = Problem(rows, check_weights(sample_weight, n), n_threads=engine.effective_threads())
    indices = plusplus_rows(problem, n_clusters, check_random_state(random_state), n_local_trials)
    return engine.as_floats(rows[indices]).astype(rows.dtype), indices
