"""What the three k-means estimators share: input checks, prediction, scikit-learn's face."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar, Self

import numpy as np
import scipy.sparse as sp
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    ClusterMixin,
    TransformerMixin,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from inkmeans import engine
from inkmeans.cluster.parameters import (
    check_choice,
    check_number,
    check_weights,
    check_whole,
)
from inkmeans.cluster.problem import Problem, cosine_from_squared
from inkmeans.cluster.seeding import SEEDINGS, seed
from inkmeans.engine import Floats, Labels, Rows
from inkmeans.errors import ParameterError
from inkmeans.progress import Callback

__all__ = ["METRICS", "KMeansBase"]

METRICS = ("euclidean", "cosine")


class KMeansBase(
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]
    TransformerMixin,  # type: ignore[misc]
    ClusterMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """Base of `KMeans`, `MiniBatchKMeans` and `BisectingKMeans`; not for use by itself."""

    _inits_of_random: ClassVar[int]  # what n_init="auto" means where init draws at random

    n_clusters: int
    init: Any
    n_init: Any
    max_iter: int
    tol: float
    verbose: int
    random_state: Any
    metric: str
    cluster_centers_: Any
    labels_: Any

    def fit(
        self, X: Any, y: Any = None, sample_weight: Any = None, callback: Callback | None = None
    ) -> Self:
        """Find the clusters of the rows of X."""
        raise NotImplementedError

    def fit_predict(
        self, X: Any, y: Any = None, sample_weight: Any = None, callback: Callback | None = None
    ) -> Labels:
        """Find the clusters of the rows of X and return the label of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, d)
        y : Ignored
        sample_weight : array-like of shape (n,), default=None
        callback : callable, default=None
            See `fit`.

        Returns
        -------
        ndarray of shape (n,), int32
        """
        labels: Labels = self.fit(X, sample_weight=sample_weight, callback=callback).labels_
        return labels

    def fit_transform(
        self, X: Any, y: Any = None, sample_weight: Any = None, callback: Callback | None = None
    ) -> Any:
        """Find the clusters of the rows of X and return the distance of each row to each.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, d)
        y : Ignored
        sample_weight : array-like of shape (n,), default=None
        callback : callable, default=None
            See `fit`.

        Returns
        -------
        ndarray of shape (n, n_clusters)
        """
        return self.fit(X, sample_weight=sample_weight, callback=callback).transform(X)

    def predict(self, X: Any) -> Labels:
        """Return the nearest centroid of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, d)
            In the units of the rows that the centroids were found on.

        Returns
        -------
        ndarray of shape (n,), int32
        """
        check_is_fitted(self)
        problem = self._problem(self._check_rows(X, reset=False))
        return problem.assign(problem.place(self.cluster_centers_))

    def transform(self, X: Any) -> Any:
        """Return the distance of each row to each centroid.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, d)

        Returns
        -------
        ndarray of shape (n, n_clusters)
            Euclidean, or one minus the cosine if ``metric="cosine"``; float32 for float32
            rows, float64 otherwise.
        """
        check_is_fitted(self)
        problem = self._problem(self._check_rows(X, reset=False))
        squared = engine.squared_distances(problem.rows, problem.place(self.cluster_centers_))
        if self.metric == "cosine":
            return cosine_from_squared(squared, problem.norms[:, None]).astype(problem.dtype)
        return np.sqrt(squared, out=squared).astype(problem.dtype, copy=False)

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return minus the inertia of the rows with the centroids found.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, d)
        y : Ignored
        sample_weight : array-like of shape (n,), default=None

        Returns
        -------
        float
        """
        check_is_fitted(self)
        rows = self._check_rows(X, reset=False)
        problem = self._problem(rows, check_weights(sample_weight, rows.shape[0]))
        centroids = problem.place(self.cluster_centers_)
        return -problem.inertia(problem.assign(centroids), centroids)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    @property
    def _n_features_out(self) -> int:
        return int(self.cluster_centers_.shape[0])

    def _check_rows(self, X: Any, *, reset: bool) -> Rows:
        """Return X as the engine takes it: float64, float32 and uint8 stay what they are."""
        dtypes: list[Any] = [np.float64, np.float32]
        if getattr(X, "dtype", None) == np.int8:
            dtypes = [np.float32]
        elif not sp.issparse(X):
            dtypes.append(np.uint8)
        return validate_data(
            self,
            X,
            accept_sparse="csr",
            dtype=dtypes,
            order="C",
            accept_large_sparse=False,
            reset=reset,
        )

    def _problem(self, rows: Rows, weights: Floats | None = None) -> Problem:
        return Problem(
            rows,
            weights,
            cosine=self.metric == "cosine",
            n_threads=engine.effective_threads(),
        )

    def _check_parameters(self, n: int) -> None:
        """Raise if a parameter makes no sense, by itself or for n rows."""
        check_whole("n_clusters", self.n_clusters)
        check_whole("max_iter", self.max_iter)
        check_number("tol", self.tol)
        check_choice("metric", self.metric, METRICS)
        if isinstance(self.init, str):
            check_choice("init", str(self.init), SEEDINGS)
        if not isinstance(self.n_init, str):
            check_whole("n_init", self.n_init)
        else:
            check_choice("n_init", str(self.n_init), ["auto"])
        if n < self.n_clusters:
            raise ParameterError(
                f"n_samples={n} should be >= n_clusters={self.n_clusters}.",
                hint="ask for fewer clusters, or give more rows",
            )
        self._n_init = self._count_inits()

    def _count_inits(self) -> int:
        given = not isinstance(self.init, str) and not callable(self.init)
        if self.n_init == "auto":
            drawn = not given and self.init not in ("k-means++", "k-means||")
            return self._inits_of_random if drawn else 1
        if given and self.n_init != 1:
            warnings.warn(
                "Explicit initial center position passed: performing only one init in "
                f"{type(self).__name__} instead of n_init={self.n_init}.",
                RuntimeWarning,
                stacklevel=4,
            )
            return 1
        return int(self.n_init)

    def _first_centroids(
        self, problem: Problem, random_state: np.random.RandomState, n_clusters: int
    ) -> Floats:
        """Return the centroids to begin with, as `init` says."""
        if isinstance(self.init, str):
            return seed(problem, n_clusters, str(self.init), random_state)
        given = (
            self.init(problem.rows, n_clusters, random_state=random_state)
            if callable(self.init)
            else self.init
        )
        dense = engine.as_floats(given) if sp.issparse(given) else given
        centroids = check_array(dense, dtype=[np.float64, np.float32], input_name="init")
        expected = (n_clusters, problem.rows.shape[1])
        for size, wanted, what in zip(
            centroids.shape,
            expected,
            ("the number of clusters", "the number of features of the data"),
            strict=True,
        ):
            if size != wanted:
                raise ParameterError(
                    f"The shape of the initial centers {centroids.shape} does not match "
                    f"{what} {wanted}",
                    hint=f"init should have the shape {expected}",
                )
        return problem.place(centroids)

    def _random_state_of_fit(self) -> np.random.RandomState:
        state: np.random.RandomState = check_random_state(self.random_state)
        return state

    def _warn_of_duplicates(self, labels: Labels) -> None:
        distinct = len(np.unique(labels))
        if distinct < self.n_clusters:
            warnings.warn(
                f"Number of distinct clusters ({distinct}) found smaller than n_clusters "
                f"({self.n_clusters}). Possibly due to duplicate points in X.",
                ConvergenceWarning,
                stacklevel=3,
            )
