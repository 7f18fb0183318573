"""Clusters around rows of the data themselves: k-medoids and affinity propagation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from inkmeans import engine
from inkmeans.cluster.parameters import check_number, check_whole
from inkmeans.cluster.rows import PredictingClusterer, check_enough, pair_distances
from inkmeans.engine import Floats, Labels

__all__ = ["AffinityPropagation", "KMedoids"]

_TRIES = 8  # preferences that affinity propagation tries for the number of clusters
_MOST_ROUNDS = 400  # of messages
_NO_COST = 1e-6  # of the median preference


class KMedoids(PredictingClusterer):
    """k-medoids: the k rows from which all others are least far away, by FasterPAM.

    Distances count as they are, not squared as in k-means, so that odd rows matter less; and each
    cluster has a real image in its middle.

    Parameters
    ----------
    n_clusters : int, default=8
        Number of clusters and medoids.
    max_iter : int, default=100
        Most passes over all rows.
    random_state : int, RandomState or None, default=None
        Draws the first medoids. Pass an int for the same result every time.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (n_clusters, n_features)
        The medoids.
    medoid_indices_ : ndarray of shape (n_clusters,)
        Which rows they are.
    labels_ : ndarray of shape (n_samples,), int32
        The nearest medoid of each row.
    inertia_ : float
        Sum of the distances to them.
    n_iter_ : int
        Passes over all rows.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        If X had names of columns.

    Notes
    -----
    Any swap of a medoid for another row that lowers the sum is done at once; a pass that finds
    none is the last. A pass takes time that grows with n^2, and all distances are held: 200 MB
    for 5,000 rows.

    References
    ----------
    E. Schubert, P. Rousseeuw, "Fast and eager k-medoids clustering", Information Systems 101,
    2021.

    Examples
    --------
    >>> from inkmeans.cluster import KMedoids
    >>> X = [[0.0], [1.0], [2.0], [10.0], [11.0], [12.0]]
    >>> KMedoids(2, random_state=0).fit(X).cluster_centers_.tolist()
    [[1.0], [11.0]]
    """

    def __init__(
        self, n_clusters: int = 8, *, max_iter: int = 100, random_state: Any = None
    ) -> None:
        self.n_clusters = n_clusters
        self.max_iter = max_iter
        self.random_state = random_state

    def _cluster(self, rows: NDArray[Any]) -> Any:
        check_whole("n_clusters", self.n_clusters)
        check_whole("max_iter", self.max_iter)
        check_enough(len(rows), self.n_clusters)
        random_state = check_random_state(self.random_state)
        start = random_state.permutation(len(rows))[: self.n_clusters]
        distances = pair_distances(rows)
        medoids, self.n_iter_ = _faster_pam(distances, start, self.max_iter)
        self.medoid_indices_ = np.sort(medoids)
        self.cluster_centers_ = rows[self.medoid_indices_]
        labels = self._assign(rows)
        self.inertia_ = float(distances[np.arange(len(rows)), self.medoid_indices_[labels]].sum())
        return labels

    def _assign(self, rows: NDArray[Any]) -> Labels:
        return engine.assign(rows, np.asarray(self.cluster_centers_, dtype=np.float64))


def _faster_pam(
    distances: Floats, start: NDArray[np.int64], max_iter: int
) -> tuple[NDArray[np.int64], int]:
    """Swap medoids for other rows, each as soon as it pays; algorithm 3 of the reference."""
    medoids, n = start.copy(), len(distances)
    near = _Nearest.of(distances, medoids)
    last, passes = -1, 0
    while passes < max_iter:
        passes += 1
        for candidate in range(n):
            if candidate == last:  # round once without a swap
                return medoids, passes
            if candidate in medoids:
                continue
            to_candidate = distances[candidate]
            # Rows that come to the candidate gain whichever medoid goes; of the others, those
            # that lose their medoid go to the candidate or to their second.
            gain = np.minimum(to_candidate - near.first, 0.0)
            loss = np.minimum(to_candidate, near.second) - near.first - gain
            change = gain.sum() + np.bincount(near.label, weights=loss, minlength=len(medoids))
            worst = int(change.argmin())
            if change[worst] < -1e-12 * near.first.sum():
                medoids[worst] = candidate
                near = _Nearest.of(distances, medoids)
                last = candidate
        if last < 0:
            break
    return medoids, passes


class _Nearest:
    """The nearest medoid of each row, and the distances to the first and the second."""

    def __init__(self, label: NDArray[np.int64], first: Floats, second: Floats) -> None:
        self.label, self.first, self.second = label, first, second

    @classmethod
    def of(cls, distances: Floats, medoids: NDArray[np.int64]) -> _Nearest:
        to_medoids = distances[medoids]
        label = to_medoids.argmin(axis=0)
        everyone = np.arange(len(label))
        first = to_medoids[label, everyone]
        if len(medoids) == 1:
            return cls(label, first, np.full(len(label), np.inf))
        to_medoids[label, everyone] = np.inf
        return cls(label, first, to_medoids.min(axis=0))


class AffinityPropagation(PredictingClusterer):
    """scikit-learn's affinity propagation, with a preference from the data.

    Rows tell each other how well one would stand for the other, until some stand for all. How
    many depends on the preference, a cost of each that stands for others.

    Parameters
    ----------
    n_clusters : int or None, default=None
        A hint: preferences are tried until one gives so many clusters, and the one is kept that
        comes nearest, as by ``apclusterK`` of [2]_. None: as many as the preference gives.
    preference : float or "auto", default="auto"
        Below 0: minus the squared distance that another cluster must save. ``"auto"``: the median
        of minus the squared distances between two rows, as the authors of [1]_ propose, unless
        there is a hint.
    damping : float, default=0.9
        From 0.5 to below 1: how slowly the rows change their mind. The default is that of [2]_.
    random_state : int, RandomState or None, default=None
        Breaks ties. Pass an int for the same result every time.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (n_found, n_features)
        The rows that stand for the others.
    labels_ : ndarray of shape (n_samples,), int32
        The nearest of these rows; -1 everywhere if the rows came to no agreement.
    preference_ : float
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        If X had names of columns.

    Notes
    -----
    Each iteration takes time that grows with n^2, as does memory: 2 s for 2,000 rows and each
    preference.

    References
    ----------
    .. [1] B. Frey, D. Dueck, "Clustering by passing messages between data points", Science 315,
       2007.
    .. [2] U. Bodenhofer, A. Kothmeier, S. Hochreiter, "APCluster: an R package for affinity
       propagation clustering", Bioinformatics 27, 2011.

    Examples
    --------
    >>> from inkmeans.cluster import AffinityPropagation
    >>> X = [[0.0], [1.0], [2.0], [10.0], [11.0], [12.0]]
    >>> AffinityPropagation(2, random_state=0).fit(X).cluster_centers_.tolist()
    [[1.0], [11.0]]
    """

    def __init__(
        self,
        n_clusters: int | None = None,
        *,
        preference: Any = "auto",
        damping: float = 0.9,
        random_state: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.preference = preference
        self.damping = damping
        self.random_state = random_state

    def _cluster(self, rows: NDArray[Any]) -> Any:
        check_whole("n_clusters", self.n_clusters, optional=True)
        check_number("damping", self.damping)
        likeness = -np.square(pair_distances(rows))
        if self.preference != "auto":
            best = self._propagate(likeness, float(self.preference))
        else:
            best = self._nearest_to_hint(likeness)
        self.preference_ = float(best.preference)
        self.cluster_centers_ = rows[np.asarray(best.cluster_centers_indices_, dtype=np.int64)]
        return best.labels_

    def _assign(self, rows: NDArray[Any]) -> Labels:
        if not len(self.cluster_centers_):
            return np.full(len(rows), -1, dtype=np.int32)
        return engine.assign(rows, np.asarray(self.cluster_centers_, dtype=np.float64))

    def _nearest_to_hint(self, likeness: Floats) -> Any:
        """Halve the range of preferences, in their logarithm, until one gives so many clusters."""
        others = likeness[np.triu_indices(len(likeness), 1)]
        median = float(np.median(others)) if others.size else 0.0
        tried = [self._propagate(likeness, median)]
        if self.n_clusters is None or not median:
            return tried[0]
        wanted = self.n_clusters
        # At the one end a single row stands for all, at the other each stands for itself.
        low, high = float(likeness.sum(axis=0).max()), min(float(others.max()), _NO_COST * median)
        while len(tried) < _TRIES and _count(tried[-1]) != wanted:
            if _count(tried[-1]) > wanted:
                high = tried[-1].preference
            else:
                low = tried[-1].preference
            tried.append(self._propagate(likeness, -float(np.sqrt(low * high))))
        return min(tried, key=lambda found: abs(_count(found) - wanted))

    def _propagate(self, likeness: Floats, preference: float) -> Any:
        from sklearn import cluster

        return cluster.AffinityPropagation(
            damping=self.damping,
            max_iter=_MOST_ROUNDS,
            preference=preference,
            affinity="precomputed",
            random_state=self.random_state,
        ).fit(likeness)


def _count(found: Any) -> int:
    return len(found.cluster_centers_indices_)
