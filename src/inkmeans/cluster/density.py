"""Clusters where rows lie densely: DBSCAN, OPTICS and mean shift, by scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.cluster.kmeans import KMeans
from inkmeans.cluster.parameters import check_number, check_whole
from inkmeans.cluster.rows import RowsClusterer, pair_distances
from inkmeans.engine import Floats, Labels

__all__ = ["DBSCAN", "OPTICS", "MeanShift"]

_SHARES = np.arange(0.9, 0.0, -0.1)  # of the rows, that a radius to be tried makes dense
_SMALLEST = 50  # a cluster of OPTICS has at least the fiftieth part of the rows
_STARTS = 50  # of mean shift


class DBSCAN(RowsClusterer):
    """scikit-learn's DBSCAN, with a radius from the data.

    Parameters
    ----------
    n_clusters : int or None, default=None
        A hint: of a few radii, take the largest one that gives at least so many clusters, or the
        one that gives most. None: the radius is the knee of the sorted distances to the nearest
        `min_samples`.
    eps : float or "auto", default="auto"
        The radius, in the units of the rows; ``"auto"`` chooses it as said above.
    min_samples : int, default=5
        A row with so many others within the radius is dense.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,), int32
        -1 for noise.
    eps_ : float
        The radius that was taken.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        If X had names of columns.

    Notes
    -----
    All distances are computed once: time grows with n^2 d, memory with n^2 (200 MB for 5,000).

    References
    ----------
    E. Schubert, J. Sander, M. Ester, H.-P. Kriegel, X. Xu, "DBSCAN revisited, revisited", ACM
    Transactions on Database Systems 42, 2017, section 4.1.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.cluster import DBSCAN
    >>> rng = np.random.default_rng(0)
    >>> X = np.concatenate([rng.normal(size=(100, 2)), rng.normal(size=(100, 2)) + 20, [[10, 0]]])
    >>> labels = DBSCAN(eps=3.0).fit_predict(X)
    >>> labels.max(), labels[-1]
    (np.int32(1), np.int32(-1))
    """

    def __init__(
        self, n_clusters: int | None = None, *, eps: Any = "auto", min_samples: int = 5
    ) -> None:
        self.n_clusters = n_clusters
        self.eps = eps
        self.min_samples = min_samples

    def _cluster(self, rows: NDArray[Any]) -> Any:
        check_whole("n_clusters", self.n_clusters, optional=True)
        check_whole("min_samples", self.min_samples)
        if not isinstance(self.eps, str):
            check_number("eps", self.eps)
        distances = pair_distances(rows)
        if self.eps != "auto":
            return self._of_radius(distances, float(self.eps))
        place = min(self.min_samples, len(rows)) - 1
        reach = np.sort(np.partition(distances, place, axis=1)[:, place])
        if self.n_clusters is None:
            return self._of_radius(distances, _knee(reach))
        best = (-1, 0.0)
        for eps in np.unique(np.quantile(reach, _SHARES))[::-1]:
            found = int(self._of_radius(distances, eps).max()) + 1
            best = max(best, (found, float(eps)))
            if found >= self.n_clusters:
                break
        return self._of_radius(distances, best[1])

    def _of_radius(self, distances: Floats, eps: float) -> Labels:
        from sklearn import cluster

        # Equal rows have a distance of 0, and scikit-learn wants a radius above it.
        self.eps_ = max(float(eps), float(np.finfo(np.float64).tiny))
        found = cluster.DBSCAN(
            eps=self.eps_, min_samples=self.min_samples, metric="precomputed"
        ).fit(distances)
        return np.asarray(found.labels_, dtype=np.int32)


def _knee(ascending: Floats) -> float:
    """Return the value farthest below the line from the first to the last."""
    line = np.linspace(ascending[0], ascending[-1], len(ascending))
    return float(ascending[np.argmax(line - ascending)])


class OPTICS(RowsClusterer):
    """scikit-learn's OPTICS, with parameters that follow the number of rows.

    It orders the rows by density and cuts the order where it is steep. It finds the number of
    clusters itself, and leaves much out as noise.

    Parameters
    ----------
    min_cluster_size : int or "auto", default="auto"
        Fewer rows are no cluster. ``"auto"``: a fiftieth of the rows, at least 5.
    min_samples : int, default=5
        The density at a row is measured by the distance to its so many nearest, itself included.
    xi : float, default=0.02
        How steep is steep: the relative change of the distance from one row to the next.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,), int32
        -1 for noise.
    ordering_ : ndarray of shape (n_samples,)
        The rows in the order in which they were reached.
    reachability_ : ndarray of shape (n_samples,)
        The distance at which each was reached.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        If X had names of columns.

    Notes
    -----
    Time and memory grow with n^2: 5 s for 2,000 rows.

    References
    ----------
    M. Ankerst, M. Breunig, H.-P. Kriegel, J. Sander, "OPTICS: ordering points to identify the
    clustering structure", SIGMOD 1999.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.cluster import OPTICS
    >>> rng = np.random.default_rng(0)
    >>> X = np.concatenate([rng.normal(size=(40, 2)), rng.normal(size=(40, 2)) + 20])
    >>> labels = OPTICS(min_cluster_size=20).fit_predict(X)
    >>> bool(set(labels[:40]) & set(labels[40:]) - {-1})
    False
    """

    def __init__(
        self, *, min_cluster_size: Any = "auto", min_samples: int = 5, xi: float = 0.02
    ) -> None:
        self.min_cluster_size = min_cluster_size
        self.min_samples = min_samples
        self.xi = xi

    def _cluster(self, rows: NDArray[Any]) -> Any:
        from sklearn import cluster

        n = len(rows)
        check_whole("min_samples", self.min_samples, least=2)
        size = self.min_cluster_size
        if size == "auto":
            size = max(5, n // _SMALLEST)
        check_whole("min_cluster_size", size, least=2)
        check_number("xi", self.xi)
        if n < 2:  # nothing to order
            self.ordering_, self.reachability_ = np.zeros(n, dtype=np.int64), np.full(n, np.inf)
            return np.full(n, -1)
        with np.errstate(divide="ignore", invalid="ignore"):  # equal rows are infinitely dense
            found = cluster.OPTICS(
                min_samples=min(self.min_samples, n),
                min_cluster_size=min(size, n),
                xi=self.xi,
                metric="precomputed",
            ).fit(pair_distances(rows))
        self.ordering_, self.reachability_ = found.ordering_, found.reachability_
        return found.labels_


class MeanShift(RowsClusterer):
    """scikit-learn's mean shift, on a few principal components and from a few starts.

    Every start moves to the mean of the rows around it until it stands still, where rows are
    densest; starts that meet are one cluster. It finds the number of clusters itself.

    Parameters
    ----------
    bandwidth : float or "auto", default="auto"
        The radius of what is around, in the units of the rows. ``"auto"``: the mean distance to
        the nearest fiftieth of the rows.
    n_dimensions : int or None, default=8
        Principal components to work in, fewer where there are not so many; None takes the rows as
        they are. In many dimensions no row is much nearer than the others, and there is one peak.
    random_state : int, RandomState or None, default=None
        Draws the starts, 50 centroids of k-means.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,), int32
        The nearest peak of each row.
    bandwidth_ : float
    peaks_ : ndarray of shape (n_found, n_dimensions)
        Where the starts ended, in the components that were worked in.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        If X had names of columns.

    Notes
    -----
    Finding the bandwidth takes time and memory that grow with n^2.

    References
    ----------
    D. Comaniciu, P. Meer, "Mean shift: a robust approach toward feature space analysis", PAMI 24,
    2002.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.cluster import MeanShift
    >>> rng = np.random.default_rng(0)
    >>> X = np.concatenate([rng.normal(size=(100, 2)), rng.normal(size=(100, 2)) + 20])
    >>> shift = MeanShift(bandwidth=5.0, random_state=0).fit(X)
    >>> len(shift.peaks_), shift.predict([[1, 1]])[0] == shift.labels_[0]
    (2, np.True_)
    """

    def __init__(
        self, *, bandwidth: Any = "auto", n_dimensions: int | None = 8, random_state: Any = None
    ) -> None:
        self.bandwidth = bandwidth
        self.n_dimensions = n_dimensions
        self.random_state = random_state

    def predict(self, X: Any) -> Labels:
        """Return the nearest peak of each row.

        Parameters
        ----------
        X : array-like of shape (n, d)

        Returns
        -------
        ndarray of shape (n,), int32
        """
        reduced = self._reduced(self._check_rows(X, reset=False))
        return np.asarray(self._shift.predict(reduced), dtype=np.int32)

    def _cluster(self, rows: NDArray[Any]) -> Any:
        from sklearn import cluster
        from sklearn.decomposition import PCA

        check_whole("n_dimensions", self.n_dimensions, optional=True)
        if not isinstance(self.bandwidth, str):
            check_number("bandwidth", self.bandwidth)
        self._pca = None
        if self.n_dimensions is not None and self.n_dimensions < min(rows.shape):
            self._pca = PCA(self.n_dimensions, random_state=self.random_state).fit(rows)
        reduced = self._reduced(rows)
        starts = KMeans(min(_STARTS, len(rows)), random_state=self.random_state).fit(reduced)
        self.bandwidth_ = _reach(reduced) if self.bandwidth == "auto" else float(self.bandwidth)
        self._shift = cluster.MeanShift(
            bandwidth=self.bandwidth_, seeds=starts.cluster_centers_
        ).fit(reduced)
        self.peaks_ = self._shift.cluster_centers_
        return self._shift.labels_

    def _reduced(self, rows: NDArray[Any]) -> Floats:
        reduced = rows if self._pca is None else self._pca.transform(rows)
        return np.asarray(reduced, dtype=np.float64)


def _reach(rows: Floats) -> float:
    """Return the mean distance to the nearest fiftieth of the rows; above 0."""
    place = min(len(rows) - 1, max(5, len(rows) // _SMALLEST))
    distances = np.partition(pair_distances(rows), place, axis=1)[:, place]
    return float(distances.mean()) or 1.0
