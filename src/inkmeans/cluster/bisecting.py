"""Bisecting k-means, on the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from inkmeans.cluster.base import KMeansBase
from inkmeans.cluster.lloyd import Options, Run, lloyd
from inkmeans.cluster.parameters import check_choice, check_weights
from inkmeans.cluster.problem import Problem
from inkmeans.engine import Floats, Labels
from inkmeans.errors import ParameterError
from inkmeans.progress import Callback, Event, Stop, silent

__all__ = ["BisectingKMeans"]

_STRATEGIES = ("biggest_inertia", "largest_cluster")


class BisectingKMeans(KMeansBase):
    """Bisecting k-means with scikit-learn's interface, on the engine of inkmeans.

    Splits all rows in two, then the worst cluster in two, and so on; a row is predicted by
    walking down these splits.

    Parameters
    ----------
    n_clusters : int, default=8
        Number of clusters and centroids.
    init : {"k-means++", "k-means||", "random"} or callable, default="random"
        Where the two centroids of a split begin.
    n_init : int, default=1
        Number of starts of each split, of which the best is kept.
    random_state : int, RandomState or None, default=None
        Pass an int for the same result every time, whatever the number of threads.
    max_iter : int, default=300
        Most iterations of a split.
    verbose : int, default=0
        Whether to print what happens. `fit` takes a callback for anything more.
    tol : float, default=1e-4
        A split has converged when the squared movement of its centroids falls below this
        times the mean variance of the columns.
    copy_x : bool, default=True
        Of no effect: X is never changed.
    algorithm : {"lloyd", "elkan"}, default="lloyd"
        Of no effect: both mean the same exact engine.
    bisecting_strategy : {"biggest_inertia", "largest_cluster"}, default="biggest_inertia"
        Which cluster to split next.
    metric : {"euclidean", "cosine"}, default="euclidean"
        With ``"cosine"`` rows count by their direction alone and centroids have length 1.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (n_clusters, n_features)
        The centroids; float32 for float32 rows, float64 otherwise.
    labels_ : ndarray of shape (n_samples,), int32
        The cluster of each row, which is not always that of the nearest centroid.
    inertia_ : float
        Of these labels.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        If X had names of columns.

    References
    ----------
    M. Steinbach, G. Karypis, V. Kumar, "A comparison of document clustering techniques",
    KDD workshop on text mining, 2000.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans import BisectingKMeans
    >>> X = np.array([[1, 1], [2, 1], [10, 1], [10, 2], [10, 9], [10, 8]], dtype=np.uint8)
    >>> kmeans = BisectingKMeans(n_clusters=3, random_state=0).fit(X)
    >>> sorted(kmeans.cluster_centers_.tolist())
    [[1.5, 1.0], [10.0, 1.5], [10.0, 8.5]]
    """

    _inits_of_random: ClassVar[int] = 1

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Any = "random",
        n_init: int = 1,
        random_state: Any = None,
        max_iter: int = 300,
        verbose: int = 0,
        tol: float = 1e-4,
        copy_x: bool = True,
        algorithm: str = "lloyd",
        bisecting_strategy: str = "biggest_inertia",
        metric: str = "euclidean",
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.random_state = random_state
        self.max_iter = max_iter
        self.verbose = verbose
        self.tol = tol
        self.copy_x = copy_x
        self.algorithm = algorithm
        self.bisecting_strategy = bisecting_strategy
        self.metric = metric

    def fit(
        self, X: Any, y: Any = None, sample_weight: Any = None, callback: Callback | None = None
    ) -> Self:
        """Find the clusters of the rows of X.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, d)
            uint8, float32 and float64 are taken as they are, int8 as float32, anything else
            as float64; copied only if not C-contiguous.
        y : Ignored
        sample_weight : array-like of shape (n,), default=None
            How many rows each row stands for.
        callback : callable, default=None
            Called with an `inkmeans.progress.Event` after each split. If it raises
            `inkmeans.progress.Stop`, fitting ends with the clusters so far, which are fewer.

        Returns
        -------
        self

        Notes
        -----
        KeyboardInterrupt ends it too: the attributes are set from the clusters so far, then
        the interrupt goes on.
        """
        rows = self._check_rows(X, reset=True)
        problem = self._problem(rows, check_weights(sample_weight, rows.shape[0]))
        self._check_parameters(problem.n)
        options = Options(
            max_iter=self.max_iter,
            tol=self.tol * problem.mean_variance() if self.tol else 0.0,
            verbose=bool(self.verbose),
        )
        tree = _Tree([_mean(problem)], {0: np.arange(problem.n)})
        ended_by = self._grow(tree, problem, options, callback or silent)
        leaves = tree.number_leaves()
        self.cluster_centers_ = np.array([tree.centroids[leaf] for leaf in leaves], problem.dtype)
        self.labels_ = np.empty(problem.n, dtype=np.int32)
        for label, leaf in enumerate(leaves):
            self.labels_[tree.members.pop(leaf)] = label
        self._tree = tree
        self.inertia_ = problem.inertia(self.labels_, problem.place(self.cluster_centers_))
        if isinstance(ended_by, KeyboardInterrupt):
            raise ended_by
        return self

    def predict(self, X: Any) -> Labels:
        """Return the cluster of each row, found by walking down the splits.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, d)

        Returns
        -------
        ndarray of shape (n,), int32
        """
        check_is_fitted(self)
        problem = self._problem(self._check_rows(X, reset=False))
        tree = self._tree
        labels = np.empty(problem.n, dtype=np.int32)
        waiting = [(0, np.arange(problem.n))]
        while waiting:
            node, members = waiting.pop()
            if node in tree.labels:
                labels[members] = tree.labels[node]
            elif len(members):
                sides = tree.children[node]
                centroids = problem.place(np.array([tree.centroids[side] for side in sides]))
                right = problem.subset(members).assign(centroids) == 1
                waiting += [(sides[0], members[~right]), (sides[1], members[right])]
        return labels

    def _grow(
        self, tree: _Tree, problem: Problem, options: Options, callback: Callback
    ) -> BaseException | None:
        """Split until there are enough leaves; return what ended it before that, if any."""
        random_state = self._random_state_of_fit()
        began = perf_counter()
        try:
            for step in range(1, self.n_clusters):
                node = tree.worst_leaf()
                part = problem.subset(tree.members[node])
                run = self._bisect(part, options, random_state)
                tree.split(node, run, self._scores(part, run))
                if run.ended_by is not None:
                    return run.ended_by
                if callback is not silent:
                    centroids = np.array([tree.centroids[leaf] for leaf in tree.scores])
                    callback(
                        Event(
                            "cluster",
                            step=step,
                            of=self.n_clusters - 1,
                            seconds=perf_counter() - began,
                            centroids=centroids,
                        )
                    )
        except (Stop, KeyboardInterrupt) as error:
            return error
        return None

    def _bisect(self, part: Problem, options: Options, random_state: np.random.RandomState) -> Run:
        best: Run | None = None
        for _ in range(self._n_init):
            run = lloyd(part, self._first_centroids(part, random_state, 2), options)
            if best is None or run.inertia < best.inertia * (1 - 1e-12):
                best = run
            if run.ended_by is not None:
                break
        assert best is not None  # n_init is at least 1
        if self.verbose:
            print(f"New centroids from bisection: {best.centroids}")
        return best

    def _scores(self, part: Problem, run: Run) -> Floats:
        if self.bisecting_strategy == "largest_cluster":
            return np.bincount(run.labels, minlength=2).astype(np.float64)
        errors = part.distances(run.labels, run.centroids)
        if part.weights is not None:
            errors = errors * part.weights
        return np.asarray(np.bincount(run.labels, weights=errors, minlength=2), dtype=np.float64)

    def _check_parameters(self, n: int) -> None:
        super()._check_parameters(n)
        check_choice("algorithm", self.algorithm, ("lloyd", "elkan"))
        check_choice("bisecting_strategy", self.bisecting_strategy, _STRATEGIES)
        if not isinstance(self.init, str) and not callable(self.init):
            raise ParameterError(
                "init is an array, but each split begins with two centroids of its own",
                hint='give "k-means++", "random" or a callable',
            )


@dataclass
class _Tree:
    """Splits, as lists over the nodes: flat, so that a deep tree pickles like any other."""

    centroids: list[Floats]
    members: dict[int, NDArray[np.intp]]  # of the leaves, while it grows
    scores: dict[int, float] = field(default_factory=lambda: {0: 0.0})  # of the leaves
    children: dict[int, tuple[int, int]] = field(default_factory=dict)
    labels: dict[int, int] = field(default_factory=dict)

    def worst_leaf(self) -> int:
        """Return the leaf to split next: the first of the highest score that can be split."""
        return max(self.scores, key=lambda leaf: (len(self.members[leaf]) > 1, self.scores[leaf]))

    def split(self, node: int, run: Run, scores: Floats) -> None:
        """Replace a leaf by two."""
        members = self.members.pop(node)
        del self.scores[node]
        sides = (len(self.centroids), len(self.centroids) + 1)
        self.children[node] = sides
        for side, leaf in enumerate(sides):
            self.centroids.append(run.centroids[side])
            self.members[leaf] = members[run.labels == side]
            self.scores[leaf] = float(scores[side])

    def number_leaves(self) -> list[int]:
        """Give the leaves their labels, from left to right, and return them in that order."""
        leaves, waiting = [], [0]
        while waiting:
            node = waiting.pop()
            if node in self.children:
                waiting += reversed(self.children[node])
            else:
                leaves.append(node)
        self.labels = {leaf: label for label, leaf in enumerate(leaves)}
        return leaves


def _mean(problem: Problem) -> Floats:
    start = problem.place(problem.rows_as_float([0]))
    mean: Floats = lloyd(problem, start, Options(max_iter=1)).centroids[0]
    return mean
