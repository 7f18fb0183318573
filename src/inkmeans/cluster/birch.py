"""BIRCH: a tree of small balls of rows, and Ward's clustering of the balls."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.cluster.parameters import check_number, check_whole
from inkmeans.cluster.rows import PredictingClusterer, check_enough
from inkmeans.cluster.ward import Ward
from inkmeans.engine import Labels
from inkmeans.neighbors import nearest_neighbors

__all__ = ["Birch"]

_SAMPLE = 1000  # rows whose nearest is looked for
_SMALLEST = 1e-6  # of that distance: smaller balls hold equal rows only


class Birch(PredictingClusterer):
    """scikit-learn's BIRCH, with the size of its balls from the data.

    The rows are read once into a tree whose leaves are small balls; Ward's clustering then joins
    the centers of the balls.

    Parameters
    ----------
    n_clusters : int, default=8
        Number of clusters; fewer are found where there are not so many balls.
    threshold : float or "auto", default="auto"
        The largest radius of a ball, in the units of the rows. ``"auto"``: the mean distance from
        a row to its nearest, of a thousand rows, as the authors too let the distance of the
        closest entries decide (section 5.1.3); halved while there are fewer balls than clusters.
    branching_factor : int, default=50
        Most children of a node of the tree.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,), int32
        The cluster of the ball nearest to each row.
    threshold_ : float
    balls_ : ndarray of shape (n_balls, n_features)
        Centers of the balls.
    ball_labels_ : ndarray of shape (n_balls,), int32
        Their clusters.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        If X had names of columns.

    Notes
    -----
    The tree takes time that grows with about n d log(n), Ward's clustering what it takes for as
    many rows as there are balls.

    References
    ----------
    T. Zhang, R. Ramakrishnan, M. Livny, "BIRCH: an efficient data clustering method for very
    large databases", SIGMOD 1996.

    Examples
    --------
    >>> from inkmeans.cluster import Birch
    >>> birch = Birch(2).fit([[0.0], [1.0], [9.0], [9.5]])
    >>> birch.labels_.tolist() == birch.predict([[1.0], [0.0], [8.0], [10.0]]).tolist()
    True
    """

    def __init__(
        self, n_clusters: int = 8, *, threshold: Any = "auto", branching_factor: int = 50
    ) -> None:
        self.n_clusters = n_clusters
        self.threshold = threshold
        self.branching_factor = branching_factor

    def _cluster(self, rows: NDArray[Any]) -> Any:
        check_whole("n_clusters", self.n_clusters)
        check_whole("branching_factor", self.branching_factor, least=2)
        if not isinstance(self.threshold, str):
            check_number("threshold", self.threshold)
        check_enough(len(rows), self.n_clusters)
        self.threshold_ = _near(rows) if self.threshold == "auto" else float(self.threshold)
        self.balls_ = self._gather(rows)
        if self.threshold == "auto":
            least = _SMALLEST * self.threshold_
            while len(self.balls_) < self.n_clusters and self.threshold_ > least:
                self.threshold_ /= 2
                self.balls_ = self._gather(rows)
        self.ball_labels_ = Ward(min(self.n_clusters, len(self.balls_))).fit_predict(self.balls_)
        return self._assign(rows)

    def _gather(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Return the centers of the balls."""
        from sklearn import cluster

        tree = cluster.Birch(
            n_clusters=None,
            threshold=max(self.threshold_, float(np.finfo(np.float32).tiny)),
            branching_factor=self.branching_factor,
            compute_labels=False,
        ).fit(rows)
        return np.ascontiguousarray(tree.subcluster_centers_)

    def _assign(self, rows: NDArray[Any]) -> Labels:
        nearest, _ = nearest_neighbors(self.balls_, 1, rows)
        labels: Labels = self.ball_labels_[nearest[:, 0]]
        return labels


def _near(rows: NDArray[Any]) -> float:
    """Return the mean distance from a row to its nearest, of some of the rows."""
    if len(rows) < 2:
        return 0.0
    some = np.ascontiguousarray(rows[:: -(-len(rows) // _SAMPLE)])
    _, distances = nearest_neighbors(rows, 2, some)
    return float(distances[:, 1].mean())
