"""Clusters where rows lie densely: DBSCAN, OPTICS and mean shift, by scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans import engine
from inkmeans.cluster.kmeans import KMeans
from inkmeans.cluster.parameters import check_number, check_whole
from inkmeans.cluster.rows import PredictingClusterer, RowsClusterer, pair_distances
from inkmeans.engine import Floats

__all__ = ["DBSCAN", "OPTICS", "MeanShift"]

_STARTS = 50  # of mean shift
_NEAR = 0.3  # of the rows are near to one, for mean shift


class DBSCAN(RowsClusterer):
    """scikit-learn's DBSCAN, with a radius from the data.

    It finds the number of clusters itself, and leaves rows in sparse regions out as noise.

    Parameters
    ----------
    eps : float or "auto", default="auto"
        The radius, in the units of the rows. ``"auto"``: the knee of the sorted distances to the
        nearest `min_samples`, section 4.2 of [1]_, found as in [2]_: the point farthest below the
        line from the first to the last.
    min_samples : int, default=5
        A row with so many within the radius, itself included, is dense. The default is that of
        scikit-learn, and the 4 others of [1]_.

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
    .. [1] M. Ester, H.-P. Kriegel, J. Sander, X. Xu, "A density-based algorithm for discovering
       clusters in large spatial databases with noise", KDD 1996.
    .. [2] V. Satopaa, J. Albrecht, D. Irwin, B. Raghavan, "Finding a kneedle in a haystack:
       detecting knee points in system behavior", ICDCS workshops 2011.

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

    def __init__(self, *, eps: Any = "auto", min_samples: int = 5) -> None:
        self.eps = eps
        self.min_samples = min_samples

    def _cluster(self, rows: NDArray[Any]) -> Any:
        from sklearn import cluster

        check_whole("min_samples", self.min_samples)
        if not isinstance(self.eps, str):
            check_number("eps", self.eps)
        distances = pair_distances(rows)
        eps = self.eps
        if eps == "auto":
            place = min(self.min_samples, len(rows)) - 1
            eps = _knee(np.sort(np.partition(distances, place, axis=1)[:, place]))
        # Equal rows have a distance of 0, and scikit-learn wants a radius above it.
        self.eps_ = max(float(eps), float(np.finfo(np.float64).tiny))
        found = cluster.DBSCAN(
            eps=self.eps_, min_samples=self.min_samples, metric="precomputed"
        ).fit(distances)
        return found.labels_


def _knee(ascending: Floats) -> float:
    """Return the value farthest below the line from the first to the last."""
    line = np.linspace(ascending[0], ascending[-1], len(ascending))
    return float(ascending[np.argmax(line - ascending)])


class OPTICS(RowsClusterer):
    """scikit-learn's OPTICS, with its defaults, on distances that the engine computes.

    It orders the rows by density and cuts the order where it is steep. It finds the number of
    clusters itself, and leaves much out as noise.

    Parameters
    ----------
    min_cluster_size : int or None, default=None
        Fewer rows are no cluster. None: `min_samples`.
    min_samples : int, default=5
        The density at a row is measured by the distance to its so many nearest, itself included.
    xi : float, default=0.05
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
        self, *, min_cluster_size: int | None = None, min_samples: int = 5, xi: float = 0.05
    ) -> None:
        self.min_cluster_size = min_cluster_size
        self.min_samples = min_samples
        self.xi = xi

    def _cluster(self, rows: NDArray[Any]) -> Any:
        from sklearn import cluster

        n = len(rows)
        check_whole("min_samples", self.min_samples, least=2)
        check_whole("min_cluster_size", self.min_cluster_size, least=2, optional=True)
        check_number("xi", self.xi)
        if n < 2:  # nothing to order
            self.ordering_, self.reachability_ = np.zeros(n, dtype=np.int64), np.full(n, np.inf)
            return np.full(n, -1)
        with np.errstate(divide="ignore", invalid="ignore"):  # equal rows are infinitely dense
            found = cluster.OPTICS(
                min_samples=min(self.min_samples, n),
                min_cluster_size=min(self.min_cluster_size or self.min_samples, n),
                xi=self.xi,
                metric="precomputed",
            ).fit(pair_distances(rows))
        self.ordering_, self.reachability_ = found.ordering_, found.reachability_
        return found.labels_


class MeanShift(PredictingClusterer):
    """scikit-learn's mean shift, with its bandwidth, from a few starts.

    Every start moves to the mean of the rows around it until it stands still, where rows are
    densest; starts that meet are one cluster. It finds the number of clusters itself.

    Parameters
    ----------
    bandwidth : float or "auto", default="auto"
        The radius of what is around, in the units of the rows. ``"auto"``: the mean distance
        within which the nearest three tenths of the rows are, as by scikit-learn's
        ``estimate_bandwidth``. In many dimensions no row is much nearer than the others, and
        there is one peak: reduce first.
    random_state : int, RandomState or None, default=None
        Draws the starts, 50 centroids of k-means.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,), int32
        The nearest peak of each row.
    bandwidth_ : float
    cluster_centers_ : ndarray of shape (n_found, n_features)
        The peaks, where the starts ended.
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
    >>> len(shift.cluster_centers_), shift.predict([[1, 1]])[0] == shift.labels_[0]
    (2, np.True_)
    """

    def __init__(self, *, bandwidth: Any = "auto", random_state: Any = None) -> None:
        self.bandwidth = bandwidth
        self.random_state = random_state

    def _cluster(self, rows: NDArray[Any]) -> Any:
        from sklearn import cluster

        if not isinstance(self.bandwidth, str):
            check_number("bandwidth", self.bandwidth)
        exact = np.asarray(rows, dtype=np.float64)
        starts = KMeans(min(_STARTS, len(rows)), random_state=self.random_state).fit(exact)
        self.bandwidth_ = _reach(exact) if self.bandwidth == "auto" else float(self.bandwidth)
        shift = cluster.MeanShift(bandwidth=self.bandwidth_, seeds=starts.cluster_centers_).fit(
            exact
        )
        self.cluster_centers_ = shift.cluster_centers_
        return self._assign(exact)

    def _assign(self, rows: NDArray[Any]) -> Any:
        return engine.assign(rows, self.cluster_centers_)


def _reach(rows: Floats) -> float:
    """Return the mean distance to the farthest of the nearest rows; above 0."""
    place = max(1, int(_NEAR * len(rows))) - 1
    distances = np.partition(pair_distances(rows), place, axis=1)[:, place]
    return float(distances.mean()) or 1.0
