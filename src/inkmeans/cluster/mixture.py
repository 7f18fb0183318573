"""A mixture of Gaussians as a clusterer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.cluster.parameters import check_choice, check_whole
from inkmeans.cluster.rows import PredictingClusterer, check_enough
from inkmeans.engine import Floats
from inkmeans.errors import ParameterError

__all__ = ["GaussianMixture"]

_COVARIANCES = ("full", "tied", "diag", "spherical")
_MOST_DIMENSIONS = 50
_ROWS_A_DIMENSION = 10  # of each cluster, that a full covariance is estimated from
_FLOOR = 1e-3  # of the mean variance: added to every variance


class GaussianMixture(PredictingClusterer):
    """Clusters as Gaussians of their own size and shape, found by scikit-learn's EM.

    Images have more pixels than a covariance can be estimated for, and some that never change.
    So the rows are first reduced to their principal components: as many as the number of rows a
    cluster allows.

    Parameters
    ----------
    n_clusters : int, default=8
        Number of Gaussians.
    n_dimensions : int, None or "auto", default="auto"
        Principal components to work in; None takes the rows as they are. ``"auto"`` takes one for
        each ten rows a cluster, at most 50.
    covariance_type : {"full", "tied", "diag", "spherical"}, default="full"
    n_init : int, default=1
        Number of starts, each from k-means, of which the likeliest is kept.
    max_iter : int, default=100
        Most iterations of a start.
    tol : float, default=1e-3
        A start has converged when the mean log-likelihood gains less than this.
    random_state : int, RandomState or None, default=None
        Pass an int for the same result every time.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,), int32
        The likeliest Gaussian of each row.
    mixture_ : sklearn.mixture.GaussianMixture
        Fitted to the reduced rows.
    reduction_ : sklearn.decomposition.PCA or None
        What reduced them.
    n_iter_ : int
        Iterations of the start that was kept.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        If X had names of columns.

    Notes
    -----
    Time grows with n k p^2 for each iteration in p dimensions, memory with n k + n p. A
    thousandth of the mean variance is added to every variance, so that equal rows do no harm.

    References
    ----------
    A. P. Dempster, N. M. Laird, D. B. Rubin, "Maximum likelihood from incomplete data via the EM
    algorithm", Journal of the Royal Statistical Society B 39, 1977.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.cluster import GaussianMixture
    >>> rng = np.random.default_rng(0)
    >>> small, wide = rng.normal(size=(100, 2)) / 9, rng.normal(size=(100, 2)) * 3 + [9, 0]
    >>> labels = GaussianMixture(2, random_state=0).fit_predict(np.concatenate([small, wide]))
    >>> len(set(labels[:100])), labels[0] == labels[-1]
    (1, np.False_)
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        n_dimensions: Any = "auto",
        covariance_type: str = "full",
        n_init: int = 1,
        max_iter: int = 100,
        tol: float = 1e-3,
        random_state: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.n_dimensions = n_dimensions
        self.covariance_type = covariance_type
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def predict_proba(self, X: Any) -> Floats:
        """Return the probability of each Gaussian for each row.

        Parameters
        ----------
        X : array-like of shape (n, d)

        Returns
        -------
        ndarray of shape (n, n_clusters)
            Rows add up to 1.
        """
        rows = self._reduced(self._check_rows(X, reset=False))
        return np.asarray(self.mixture_.predict_proba(rows), dtype=np.float64)

    def _cluster(self, rows: NDArray[Any]) -> Any:
        from sklearn.mixture import GaussianMixture as Mixture

        self._check_parameters(len(rows))
        self.reduction_ = self._fit_reduction(rows)
        reduced = self._reduced(rows)
        self.mixture_ = Mixture(
            self.n_clusters,
            covariance_type=self.covariance_type,
            n_init=self.n_init,
            max_iter=self.max_iter,
            tol=self.tol,
            reg_covar=max(1e-6, _FLOOR * float(reduced.var(axis=0).mean())),
            random_state=self.random_state,
        )
        labels = self.mixture_.fit_predict(reduced)
        self.n_iter_ = self.mixture_.n_iter_
        return labels

    def _assign(self, rows: NDArray[Any]) -> Any:
        return self.mixture_.predict(self._reduced(rows))

    def _fit_reduction(self, rows: NDArray[Any]) -> Any:
        from sklearn.decomposition import PCA

        n, d = rows.shape
        wanted = self.n_dimensions
        if wanted == "auto":
            wanted = min(_MOST_DIMENSIONS, max(2, n // (_ROWS_A_DIMENSION * self.n_clusters)))
        if wanted is None or wanted >= min(n, d):
            return None
        return PCA(int(wanted), random_state=self.random_state).fit(rows)

    def _reduced(self, rows: NDArray[Any]) -> Floats:
        reduced = rows if self.reduction_ is None else self.reduction_.transform(rows)
        return np.asarray(reduced, dtype=np.float64)

    def _check_parameters(self, n: int) -> None:
        check_whole("n_clusters", self.n_clusters)
        check_choice("covariance_type", self.covariance_type, _COVARIANCES)
        if self.n_dimensions != "auto":
            check_whole("n_dimensions", self.n_dimensions, optional=True)
        check_enough(n, self.n_clusters)
        if n < 2:
            raise ParameterError(f"n_samples={n} has no variance", hint="give at least 2 rows")
