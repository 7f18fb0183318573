"""k-means by Lloyd's algorithm, on the engine."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np

from inkmeans.cluster.base import KMeansBase
from inkmeans.cluster.lloyd import Options, Run, lloyd
from inkmeans.cluster.parameters import check_choice, check_number, check_weights
from inkmeans.cluster.problem import Problem
from inkmeans.cluster.refine import REFINEMENTS, Budget, refine
from inkmeans.errors import ParameterError
from inkmeans.progress import Callback, silent

__all__ = ["KMeans"]

_ALGORITHMS = ("lloyd", "elkan")


class KMeans(KMeansBase):
    """K-means clustering with scikit-learn's interface, on the engine of inkmeans.

    uint8 rows, such as images, are clustered as they are, without a copy in floats; the
    centroids are in their units.

    Parameters
    ----------
    n_clusters : int, default=8
        Number of clusters and centroids.
    init : {"k-means++", "k-means||", "random"}, callable or array-like of shape \
            (n_clusters, n_features), default="k-means++"
        Where the centroids begin. ``"k-means++"`` (greedy, with 2 + log(k) trials) gives the
        best start; ``"k-means||"`` is nearly as good and cheaper from hundreds of clusters
        on; ``"random"`` takes random rows. A callable gets ``X, n_clusters, random_state``.
        With the centroids of an earlier fit it goes on from there.
    n_init : "auto" or int, default="auto"
        Number of starts, of which the one of the lowest inertia is kept. ``"auto"``: 10 if
        `init` is ``"random"`` or a callable, else 1.
    max_iter : int, default=300
        Most iterations of one start.
    tol : float, default=1e-4
        Converged when the squared movement of the centroids falls below this times the mean
        variance of the columns; 0 runs until no label changes.
    verbose : int, default=0
        Whether to print what happens. `fit` takes a callback for anything more.
    random_state : int, RandomState or None, default=None
        Pass an int for the same result every time, whatever the number of threads.
    copy_x : bool, default=True
        Of no effect: X is neither copied nor changed.
    algorithm : {"lloyd", "elkan"}, default="lloyd"
        Of no effect: both mean the same exact engine, which prunes by itself.
    metric : {"euclidean", "cosine"}, default="euclidean"
        With ``"cosine"`` it is spherical k-means: rows count by their direction alone and
        centroids have length 1.
    refine : {None, "moves", "swaps"}, default=None
        What to do after convergence to lower the inertia further. ``"moves"``: move single
        rows wherever that pays, taking into account that the centroids follow (Hartigan);
        takes about as long as a few iterations. ``"swaps"``: also move whole centroids from
        where they are of little use to where the error is large (breathing k-means); takes
        as long as several fits, and is the better use of that time. Neither ever raises the
        inertia. Euclidean only.
    refine_seconds : float or None, default=None
        Time after which refinement stops. None: until it finds nothing more.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (n_clusters, n_features)
        The centroids; float32 for float32 rows, float64 otherwise.
    labels_ : ndarray of shape (n_samples,), int32
        The nearest centroid of each row.
    inertia_ : float
        Weighted sum of the squared distances of the rows to these centroids; for the cosine,
        of one minus the cosine.
    n_iter_ : int
        Iterations of the start that was kept, refinement included.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        If X had names of columns.

    Notes
    -----
    Labels are exact: those that float64 gives (see `inkmeans.engine.reference`). Time grows
    with n k d an iteration, memory (beyond X) with n + k d.

    References
    ----------
    S. Lloyd, "Least squares quantization in PCM", IEEE Trans. Information Theory, 1982.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans import KMeans
    >>> X = np.array([[0, 0], [0, 2], [250, 250], [250, 252]], dtype=np.uint8)
    >>> kmeans = KMeans(n_clusters=2, random_state=0).fit(X)
    >>> sorted(kmeans.cluster_centers_.tolist())
    [[0.0, 1.0], [250.0, 251.0]]
    >>> kmeans.inertia_
    4.0
    """

    _inits_of_random: ClassVar[int] = 10

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Any = "k-means++",
        n_init: Any = "auto",
        max_iter: int = 300,
        tol: float = 1e-4,
        verbose: int = 0,
        random_state: Any = None,
        copy_x: bool = True,
        algorithm: str = "lloyd",
        metric: str = "euclidean",
        refine: str | None = None,
        refine_seconds: float | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.verbose = verbose
        self.random_state = random_state
        self.copy_x = copy_x
        self.algorithm = algorithm
        self.metric = metric
        self.refine = refine
        self.refine_seconds = refine_seconds

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
            Called with an `inkmeans.progress.Event` after each iteration. If it raises
            `inkmeans.progress.Stop`, fitting ends with the best centroids so far.

        Returns
        -------
        self

        Notes
        -----
        KeyboardInterrupt ends it within one iteration too: the attributes are set from the
        best centroids so far, then the interrupt goes on, so that a surrounding search or
        script ends as well; catch it and the model is ready to use.
        """
        rows = self._check_rows(X, reset=True)
        problem = self._problem(rows, check_weights(sample_weight, rows.shape[0]))
        self._check_parameters(problem.n)
        random_state = self._random_state_of_fit()
        options = Options(
            max_iter=self.max_iter,
            tol=self.tol * problem.mean_variance() if self.tol else 0.0,
            callback=callback or silent,
            verbose=bool(self.verbose),
        )
        best = self._best_run(problem, options, random_state)
        if self.refine and best.ended_by is None:
            best = refine(
                problem,
                best,
                options,
                random_state,
                swaps=self.refine == "swaps",
                budget=Budget(self.refine_seconds),
            )
        self.cluster_centers_ = best.centroids.astype(problem.dtype)
        self.labels_ = best.labels
        self.inertia_ = best.inertia
        self.n_iter_ = best.n_iter
        if isinstance(best.ended_by, KeyboardInterrupt):
            raise best.ended_by
        self._warn_of_duplicates(self.labels_)
        return self

    def _best_run(
        self, problem: Problem, options: Options, random_state: np.random.RandomState
    ) -> Run:
        best: Run | None = None
        for start in range(1, self._n_init + 1):
            message = f"start {start} of {self._n_init}" if self._n_init > 1 else ""
            try:
                centroids = self._first_centroids(problem, random_state, self.n_clusters)
                if self.verbose:
                    print("Initialization complete")
                run = lloyd(problem, centroids, replace(options, message=message))
            except KeyboardInterrupt as error:
                if best is None:
                    raise
                run = replace(best, ended_by=error)
            # The same clusters in another order differ by rounding only: keep the first.
            if best is None or run.inertia < best.inertia * (1 - 1e-12):
                best = run
            if run.ended_by is not None:
                return replace(best, ended_by=run.ended_by)
        assert best is not None  # n_init is at least 1
        return best

    def _check_parameters(self, n: int) -> None:
        super()._check_parameters(n)
        check_choice("algorithm", self.algorithm, _ALGORITHMS)
        check_choice("refine", self.refine, REFINEMENTS)
        check_number("refine_seconds", self.refine_seconds, optional=True)
        if self.refine and self.metric != "euclidean":
            raise ParameterError(
                f"refine={self.refine!r} works on Euclidean distances only",
                hint='use refine=None with metric="cosine"',
            )
        if self.algorithm == "elkan" and self.n_clusters == 1:
            warnings.warn(
                "algorithm='elkan' doesn't make sense for a single cluster. Using 'lloyd' instead.",
                RuntimeWarning,
                stacklevel=3,
            )
