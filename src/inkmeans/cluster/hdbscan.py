"""HDBSCAN: clusters as what stays together when the density asked for rises."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from inkmeans.cluster.parameters import check_whole
from inkmeans.cluster.rows import RowsClusterer, pair_distances
from inkmeans.errors import ParameterError

__all__ = ["HDBSCAN"]

_LEAST = 5  # rows of a cluster: scikit-learn's default


class HDBSCAN(RowsClusterer):
    """scikit-learn's HDBSCAN, with parameters that follow the number of rows.

    It finds the number of clusters itself, and leaves rows in sparse regions out as noise.

    Parameters
    ----------
    min_cluster_size : int or "auto", default="auto"
        Fewer rows are no cluster. ``"auto"``: the logarithm of the number of rows [2]_, at least
        5, scikit-learn's default.
    min_samples : int or None, default=None
        The density at a row is measured by the distance to its so many nearest, itself included.
        None: as many as make a cluster, so that there is one parameter only [1]_.
    cluster_selection_method : {"eom", "leaf"}, default="eom"
        Clusters that last longest, or the smallest ones.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,), int32
        -1 for noise.
    probabilities_ : ndarray of shape (n_samples,), float64
        How firmly each row belongs to its cluster; 0 for noise.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        If X had names of columns.

    Notes
    -----
    All distances are computed at once, by the engine: time grows with n^2 d, memory with n^2
    (200 MB for 5,000 rows). Distances of many dimensions differ little: reduce first.

    References
    ----------
    .. [1] R. Campello, D. Moulavi, J. Sander, "Density-based clustering based on hierarchical
       density estimates", PAKDD 2013.
    .. [2] D. Birant, A. Kut, "ST-DBSCAN: an algorithm for clustering spatial-temporal data", Data
       & Knowledge Engineering 60, 2007: a number of neighbours for DBSCAN.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.cluster import HDBSCAN
    >>> rng = np.random.default_rng(0)
    >>> X = np.concatenate([rng.normal(size=(100, 2)), rng.normal(size=(100, 2)) + 20, [[90, 9]]])
    >>> labels = HDBSCAN().fit_predict(X)
    >>> sorted(set(labels.tolist())), labels[-1]
    ([-1, 0, 1], np.int32(-1))
    """

    def __init__(
        self,
        *,
        min_cluster_size: Any = "auto",
        min_samples: int | None = None,
        cluster_selection_method: str = "eom",
    ) -> None:
        self.min_cluster_size = min_cluster_size
        self.min_samples = min_samples
        self.cluster_selection_method = cluster_selection_method

    def _cluster(self, rows: NDArray[Any]) -> Any:
        from sklearn import cluster

        n = len(rows)
        check_whole("min_samples", self.min_samples, optional=True)
        size = self.min_cluster_size
        if size == "auto":
            size = max(_LEAST, round(math.log(n)))
        check_whole("min_cluster_size", size, least=2)
        if n < 2:
            raise ParameterError(
                f"n_samples={n} is too few for a density", hint="give at least 2 rows"
            )
        found = cluster.HDBSCAN(
            min_cluster_size=min(size, n),
            min_samples=min(self.min_samples or size, n),
            cluster_selection_method=self.cluster_selection_method,
            metric="precomputed",
            copy=False,
        ).fit(pair_distances(rows))
        self.probabilities_ = found.probabilities_
        return found.labels_
