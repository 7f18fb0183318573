"""Mini-batch k-means, on the engine."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from math import ceil
from time import perf_counter
from typing import Any, ClassVar, Self

import numpy as np

from inkmeans import engine
from inkmeans.cluster.base import KMeansBase
from inkmeans.cluster.parameters import check_number, check_weights, check_whole
from inkmeans.cluster.problem import Problem, unit
from inkmeans.cluster.seeding import draw_rows
from inkmeans.engine import Floats
from inkmeans.progress import Callback, Event, Stop, silent

__all__ = ["MiniBatchKMeans"]


class MiniBatchKMeans(KMeansBase):
    """Mini-batch k-means with scikit-learn's interface, on the engine of inkmeans.

    Parameters
    ----------
    n_clusters : int, default=8
        Number of clusters and centroids.
    init : {"k-means++", "k-means||", "random"}, callable or array-like of shape \
            (n_clusters, n_features), default="k-means++"
        Where the centroids begin; rows are chosen from a sample of `init_size`.
    max_iter : int, default=100
        Most passes over as many rows as there are.
    batch_size : int, default=1024
        Rows drawn for one step.
    verbose : int, default=0
        Whether to print what happens. `fit` takes a callback for anything more.
    compute_labels : bool, default=True
        Whether to label all rows at the end.
    random_state : int, RandomState or None, default=None
        Pass an int for the same result every time, whatever the number of threads.
    tol : float, default=0.0
        Converged when the squared movement of the centroids in a step falls below this
        times the mean variance of the columns; 0 for never.
    max_no_improvement : int or None, default=10
        Converged when so many steps in a row have not lowered the smoothed inertia; None
        for never.
    init_size : int or None, default=None
        Rows drawn to begin with. None: 3 batches, or 3 rows a cluster if that is more.
    n_init : "auto" or int, default="auto"
        Number of starts that are compared on a sample; only the best is run. ``"auto"``: 3
        if `init` is ``"random"`` or a callable, else 1.
    reassignment_ratio : float, default=0.01
        Centroids whose weight is below this share of the largest move to random rows.
    metric : {"euclidean", "cosine"}, default="euclidean"
        With ``"cosine"`` rows count by their direction alone and centroids have length 1.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (n_clusters, n_features)
        The centroids; float32 for float32 rows, float64 otherwise.
    labels_ : ndarray of shape (n_samples,), int32
        The nearest centroid of each row, if `compute_labels`.
    inertia_ : float
        Of these labels; a smoothed estimate from the batches if not `compute_labels`.
    n_iter_ : int
        Passes over the rows, begun.
    n_steps_ : int
        Batches processed.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        If X had names of columns.

    References
    ----------
    D. Sculley, "Web-scale k-means clustering", WWW 2010.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans import MiniBatchKMeans
    >>> X = np.array([[0, 0], [0, 2], [250, 250], [250, 252]], dtype=np.uint8)
    >>> kmeans = MiniBatchKMeans(n_clusters=2, random_state=0).fit(X)
    >>> bool(kmeans.labels_[0] == kmeans.labels_[1] != kmeans.labels_[2])
    True
    """

    _inits_of_random: ClassVar[int] = 3

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Any = "k-means++",
        max_iter: int = 100,
        batch_size: int = 1024,
        verbose: int = 0,
        compute_labels: bool = True,
        random_state: Any = None,
        tol: float = 0.0,
        max_no_improvement: int | None = 10,
        init_size: int | None = None,
        n_init: Any = "auto",
        reassignment_ratio: float = 0.01,
        metric: str = "euclidean",
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.verbose = verbose
        self.compute_labels = compute_labels
        self.random_state = random_state
        self.tol = tol
        self.max_no_improvement = max_no_improvement
        self.init_size = init_size
        self.n_init = n_init
        self.reassignment_ratio = reassignment_ratio
        self.metric = metric

    def fit(
        self, X: Any, y: Any = None, sample_weight: Any = None, callback: Callback | None = None
    ) -> Self:
        """Find the clusters of the rows of X, from random batches of them.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, d)
            uint8, float32 and float64 are taken as they are, int8 as float32, anything else
            as float64; copied only if not C-contiguous.
        y : Ignored
        sample_weight : array-like of shape (n,), default=None
            How many rows each row stands for: how often it is drawn.
        callback : callable, default=None
            Called with an `inkmeans.progress.Event` after each batch; the inertia is that of
            the batch, scaled to all rows. If it raises `inkmeans.progress.Stop`, fitting
            ends with the centroids so far.

        Returns
        -------
        self

        Notes
        -----
        KeyboardInterrupt ends it within one batch: the attributes are set from the centroids
        so far, then the interrupt goes on.
        """
        rows = self._check_rows(X, reset=True)
        problem = self._problem(rows, check_weights(sample_weight, rows.shape[0]))
        self._check_parameters(problem.n)
        random_state = self._random_state_of_fit()
        batch_size = min(self.batch_size, problem.n)
        watch = _Convergence(
            tol=self.tol * problem.mean_variance() if self.tol else 0.0,
            patience=self.max_no_improvement,
            memory=min(1.0, batch_size * 2.0 / (problem.n + 1)),
            steps=(self.max_iter * problem.n) // batch_size,
            verbose=bool(self.verbose),
        )
        self._begin(self._best_start(problem, random_state), problem)
        ended_by = self._run(problem, batch_size, watch, random_state, callback or silent)
        self.n_iter_ = ceil(self.n_steps_ * batch_size / problem.n)
        if self.compute_labels:
            self._label(problem)
        else:
            self.inertia_ = watch.smooth * problem.total_weight
        if isinstance(ended_by, KeyboardInterrupt):
            raise ended_by
        return self

    def partial_fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Move the centroids by one batch; the first call chooses them from it.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, d)
        y : Ignored
        sample_weight : array-like of shape (n,), default=None

        Returns
        -------
        self
        """
        first = not hasattr(self, "cluster_centers_")
        rows = self._check_rows(X, reset=first)
        problem = self._problem(rows, check_weights(sample_weight, rows.shape[0]))
        if not hasattr(self, "_random_state"):
            self._random_state = self._random_state_of_fit()
        if first:
            self._check_parameters(problem.n)
            self._begin(self._start(problem, self._random_state), problem)
        self._step(problem, self._random_state)
        self.n_steps_ += 1
        if self.compute_labels:
            self._label(problem)
        return self

    def _begin(self, centroids: Floats, problem: Problem) -> None:
        self.cluster_centers_ = centroids.astype(problem.dtype)
        self._counts = np.zeros(self.n_clusters)
        self._since_reassignment = 0
        self.n_steps_ = 0

    def _start(self, problem: Problem, random_state: np.random.RandomState) -> Floats:
        if self._init_size < problem.n:
            uniforms = random_state.random_sample(self._init_size)
            problem = problem.sample(draw_rows(problem.n, problem.weights, uniforms))
        return self._first_centroids(problem, random_state, self.n_clusters)

    def _best_start(self, problem: Problem, random_state: np.random.RandomState) -> Floats:
        uniforms = random_state.random_sample(self._init_size)
        judges = problem.sample(draw_rows(problem.n, problem.weights, uniforms))
        best, best_inertia = None, np.inf
        for start in range(1, self._n_init + 1):
            centroids = self._start(problem, random_state)
            if self._n_init == 1:
                return centroids
            inertia = judges.inertia(judges.assign(centroids), centroids)
            if self.verbose:
                print(f"Inertia for init {start}/{self._n_init}: {inertia}")
            if best is None or inertia < best_inertia:
                best, best_inertia = centroids, inertia
        assert best is not None  # n_init is at least 1
        return best

    def _run(
        self,
        problem: Problem,
        batch_size: int,
        watch: _Convergence,
        random_state: np.random.RandomState,
        callback: Callback,
    ) -> BaseException | None:
        """Process batches until they no longer help; return what ended it before, if any."""
        began = perf_counter()
        scale = problem.total_weight / batch_size
        try:
            for step in range(1, watch.steps + 1):
                uniforms = random_state.random_sample(batch_size)
                batch = problem.sample(draw_rows(problem.n, problem.weights, uniforms))
                inertia, shift = self._step(batch, random_state)
                self.n_steps_ = step
                if callback is not silent:
                    callback(
                        Event(
                            "cluster",
                            step=step,
                            of=watch.steps,
                            inertia=inertia * scale,
                            seconds=perf_counter() - began,
                            centroids=self.cluster_centers_,
                        )
                    )
                if watch.converged(step, inertia / batch_size, shift):
                    break
        except (Stop, KeyboardInterrupt) as error:
            return error
        return None

    def _step(self, batch: Problem, random_state: np.random.RandomState) -> tuple[float, float]:
        """Move the centroids by one batch; return its inertia before, and how far they moved."""
        centroids = batch.place(self.cluster_centers_)
        labels = batch.assign(centroids)
        sums, _ = engine.cluster_sums(batch.rows, labels, len(centroids), weights=batch.sum_weights)
        counts = np.bincount(labels, weights=batch.weights, minlength=len(centroids))
        inertia = batch.inertia_from_sums(labels, centroids, sums, counts)
        before, self._counts = self._counts, self._counts + counts
        total = np.where(counts > 0, self._counts, 1)  # what no row came to stays where it is
        moved = centroids * np.where(counts > 0, before / total, 1)[:, None]
        sums /= total[:, None]
        moved += sums
        self._reassign(batch, moved, random_state)
        if batch.cosine:
            moved = unit(moved)
        # The precision of the first batch stays, whatever comes later.
        self.cluster_centers_ = moved.astype(self.cluster_centers_.dtype, copy=False)
        return inertia, float(np.sum((moved - centroids) ** 2)) if self.tol else 0.0

    def _reassign(
        self, batch: Problem, centroids: Floats, random_state: np.random.RandomState
    ) -> None:
        """Move centroids of very low weight to random rows of the batch, now and then."""
        self._since_reassignment += batch.n
        due = self._since_reassignment >= 10 * self.n_clusters or not self._counts.all()
        if not due or self.reassignment_ratio <= 0:
            return
        self._since_reassignment = 0
        light = self._counts < self.reassignment_ratio * self._counts.max()
        if light.sum() > batch.n // 2:  # at most half of the batch becomes centroids
            light[np.argsort(self._counts, kind="stable")[batch.n // 2 :]] = False
        if not light.any():
            return
        if self.verbose:
            print(f"[MiniBatchKMeans] Reassigning {light.sum()} cluster centers.")
        rows = random_state.choice(batch.n, replace=False, size=int(light.sum()))
        centroids[light] = batch.rows_as_float(rows)
        # Not so low again that they would move at once.
        self._counts[light] = self._counts[~light].min()

    def _label(self, problem: Problem) -> None:
        centroids = problem.place(self.cluster_centers_)
        self.labels_ = problem.assign(centroids)
        self.inertia_ = problem.inertia(self.labels_, centroids)

    def _check_parameters(self, n: int) -> None:
        super()._check_parameters(n)
        check_whole("batch_size", self.batch_size)
        check_whole("max_no_improvement", self.max_no_improvement, least=0, optional=True)
        check_whole("init_size", self.init_size, optional=True)
        check_number("reassignment_ratio", self.reassignment_ratio)
        size = self.init_size
        if size is None:
            size = 3 * min(self.batch_size, n)
            size = size if size >= self.n_clusters else 3 * self.n_clusters
        elif size < self.n_clusters:
            warnings.warn(
                f"init_size={size} should be larger than n_clusters={self.n_clusters}. "
                "Setting it to min(3*n_clusters, n_samples)",
                RuntimeWarning,
                stacklevel=3,
            )
            size = 3 * self.n_clusters
        self._init_size = min(size, n)


@dataclass
class _Convergence:
    """Decides from the batches when to stop: their inertia alone jumps about too much.

    `smooth` is its exponentially weighted average, of which a batch gets the share `memory`.
    """

    tol: float
    patience: int | None
    memory: float
    steps: int
    verbose: bool
    smooth: float = float("nan")
    lowest: float = float("inf")
    waited: int = 0

    def converged(self, step: int, inertia: float, shift: float) -> bool:
        """Take the mean inertia of a batch and say whether it was the last."""
        where = f"step {step}/{self.steps}"
        if step == 1:  # that of the start says nothing of progress
            self._say(f"Minibatch {where}: mean batch inertia: {inertia}")
            self.smooth = inertia
            return False
        self.smooth = inertia if step == 2 else self.smooth + (inertia - self.smooth) * self.memory
        self._say(f"Minibatch {where}: mean batch inertia: {inertia}, ewa inertia: {self.smooth}")
        if self.tol > 0 and shift <= self.tol:
            self._say(f"Converged (small centers change) at {where}")
            return True
        self.waited = 0 if self.smooth < self.lowest else self.waited + 1
        self.lowest = min(self.lowest, self.smooth)
        if self.patience is not None and self.waited >= self.patience:
            self._say(f"Converged (lack of improvement in inertia) at {where}")
            return True
        return False

    def _say(self, text: str) -> None:
        if self.verbose:
            print(text)
