"""Clustering a sample of the rows, and all others after it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils import check_random_state

from inkmeans.cluster.minibatch import MiniBatchKMeans
from inkmeans.cluster.parameters import check_choice, check_whole
from inkmeans.cluster.rows import PredictingClusterer
from inkmeans.engine import Labels
from inkmeans.neighbors import nearest_neighbors

__all__ = ["LandmarkClusterer"]

_CHOICES = ("random", "k-means")


class LandmarkClusterer(PredictingClusterer):
    """Lets an algorithm that cannot take many rows cluster some, and assigns all others.

    Up to `n_landmarks` rows are clustered as they are. Of more, so many landmarks are; any other
    row then follows the landmarks nearest to it. Either way new rows can be predicted, whatever
    the algorithm.

    Parameters
    ----------
    clusterer : estimator
        A clusterer in the style of scikit-learn; it is cloned.
    n_landmarks : int, default=5000
        The most rows that the clusterer gets.
    landmarks : {"random", "k-means"}, default="random"
        Rows drawn at random, which lie as densely as all rows do; or centroids of k-means, which
        are spread more evenly and average out some of the noise.
    n_neighbors : int, default=5
        The landmarks that vote on a row, the nearer the more; noise is one of the answers. Where
        the clusterer itself predicts, it is asked instead.
    random_state : int, RandomState or None, default=None
        Draws the landmarks. Pass an int for the same result every time.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,), int32
        The cluster of each row, by the nearest landmarks or the clusterer itself; -1 for noise.
    n_landmarks_ : int
        How many rows were clustered themselves.
    landmarks_ : ndarray of shape (n_landmarks_, n_features)
    landmark_labels_ : ndarray of shape (n_landmarks_,), int32
    clusterer_ : estimator
        Fitted to the landmarks.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        If X had names of columns.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.cluster import AgglomerativeClustering
    >>> from inkmeans.cluster import LandmarkClusterer
    >>> centers = np.repeat([[0], [9], [30]], 300, axis=0)
    >>> X = centers + np.random.default_rng(0).normal(size=(900, 2))
    >>> clusterer = LandmarkClusterer(AgglomerativeClustering(3), n_landmarks=60, random_state=0)
    >>> labels = clusterer.fit_predict(X)
    >>> clusterer.n_landmarks_, np.bincount(labels).tolist()
    (60, [300, 300, 300])
    >>> clusterer.predict([[9.5, 8.5]])[0] == labels[300]
    np.True_
    """

    def __init__(
        self,
        clusterer: Any,
        *,
        n_landmarks: int = 5000,
        landmarks: str = "random",
        n_neighbors: int = 5,
        random_state: Any = None,
    ) -> None:
        self.clusterer = clusterer
        self.n_landmarks = n_landmarks
        self.landmarks = landmarks
        self.n_neighbors = n_neighbors
        self.random_state = random_state

    @property
    def cluster_centers_(self) -> Any:
        """Those of the clusterer, if it has any."""
        return self.clusterer_.cluster_centers_

    def _cluster(self, rows: NDArray[Any]) -> Any:
        check_whole("n_landmarks", self.n_landmarks)
        check_whole("n_neighbors", self.n_neighbors)
        check_choice("landmarks", self.landmarks, _CHOICES)
        everything = len(rows) <= self.n_landmarks
        self.landmarks_ = rows if everything else self._choose(rows)
        self.clusterer_ = clone(self.clusterer).fit(self.landmarks_)
        self.landmark_labels_ = np.asarray(self.clusterer_.labels_, dtype=np.int32)
        self.n_landmarks_ = len(self.landmarks_)
        return self.landmark_labels_ if everything else self._assign(rows)

    def _choose(self, rows: NDArray[Any]) -> NDArray[Any]:
        random_state = check_random_state(self.random_state)
        if self.landmarks == "k-means":
            kmeans = MiniBatchKMeans(self.n_landmarks, random_state=random_state)
            centers: NDArray[Any] = kmeans.fit(rows).cluster_centers_
            return centers
        chosen = random_state.permutation(len(rows))[: self.n_landmarks]
        return np.asarray(rows[np.sort(chosen)])

    def _assign(self, rows: NDArray[Any]) -> Labels:
        if hasattr(self.clusterer_, "predict"):
            return np.asarray(self.clusterer_.predict(rows), dtype=np.int32)
        voters = min(self.n_neighbors, self.n_landmarks_)
        indices, distances = nearest_neighbors(self.landmarks_, voters, rows)
        return _vote(self.landmark_labels_[indices], distances)


def _vote(labels: Labels, distances: NDArray[np.float64]) -> Labels:
    """Choose the label of the most weight in each line; a landmark's own where it is met."""
    with np.errstate(divide="ignore"):
        weights = 1 / distances
    agree = labels[:, :, None] == labels[:, None, :]
    votes = np.where(agree, weights[:, None, :], 0.0).sum(axis=2)
    best = votes.argmax(axis=1)
    chosen: Labels = np.take_along_axis(labels, best[:, None], axis=1)[:, 0]
    return chosen
