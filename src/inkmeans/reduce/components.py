"""Principal components from the covariance, in blocks: no copy of all rows."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from inkmeans.errors import ParameterError
from inkmeans.reduce.subspace import exact_directions, randomized_directions, total_variance

__all__ = ["PrincipalComponents"]

_BLOCK = 4096  # rows in float32 at a time, at most
_BLOCK_VALUES = 2**20  # numbers in these
_DTYPES = (np.float32, np.float64, np.uint8)
_SOLVERS = ("auto", "exact", "randomized")
_MOST_EXACT_COLUMNS = 1536
_LEAST_VARIANCE = 1e-6  # that whitening divides by, in parts of the largest


class PrincipalComponents(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The directions in which rows differ the most, and the rows along them.

    As scikit-learn's PCA, for many rows of at most some thousand columns: uint8 rows stay
    uint8 and only blocks of them become float32, which are summed in float64.

    Parameters
    ----------
    n_components : int, default=64
        Directions to keep; at most as many as there are columns, or rows.
    whiten : float, default=0
        How far to whiten: the rows along a direction of variance v are divided by
        v^(whiten / 2). 0 (or False) leaves them as they are; 1 (or True) gives every direction
        variance 1, so that the noise of the last counts as much as the strokes of the first;
        0.5 is half way, and better than both for clusters of images. No v counts as less than
        a millionth of the largest, so that directions in which nothing varies stay small.
    solver : {"auto", "exact", "randomized"}, default="auto"
        ``"exact"`` takes the eigenvectors of the covariance; ``"randomized"`` finds the same by
        subspace iteration, the last ones roughly. ``"auto"``: exact up to 1,536 columns, and
        where more than a fifth of them are asked for.
    random_state : int, RandomState or None, default=None
        Start of the randomised solver: None stands for 0, so that the result is always the same.

    Attributes
    ----------
    mean_ : ndarray of float32, shape (n_features,)
    components_ : ndarray of float32, shape (n_components, n_features)
        Orthonormal, the direction of the largest variance first; the entry of the largest
        size in each is positive.
    explained_variance_ : ndarray of float64, shape (n_components,)
        Before whitening.
    explained_variance_ratio_ : ndarray of float64, shape (n_components,)
        Shares of the variance of all columns; zeros where nothing varies.
    scale_ : ndarray of float32, shape (n_components,)
        What whitening divides by; ones without it.
    n_features_in_ : int

    Notes
    -----
    Exact: O(n d^2) time for the covariance, on the processor's matrix units, and O(d^3) for
    its leading eigenvectors: 0.4 s for 60,000 x 784 on two cores. Randomised: O(n d
    n_components), about 5 s of processor time for 300 components of 60,000 x 3,472.

    References
    ----------
    N. Halko, P. G. Martinsson, J. A. Tropp, "Finding structure with randomness", SIAM Review
    53(2), 2011.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.reduce import PrincipalComponents
    >>> rows = np.array([[0, 1], [4, 1], [8, 1]], dtype=np.uint8)
    >>> PrincipalComponents(1).fit_transform(rows).ravel()
    array([-4.,  0.,  4.], dtype=float32)
    >>> PrincipalComponents(1, whiten=1).fit_transform(rows).ravel()
    array([-1.,  0.,  1.], dtype=float32)
    """

    def __init__(
        self,
        n_components: int = 64,
        *,
        whiten: float = 0,
        solver: Literal["auto", "exact", "randomized"] = "auto",
        random_state: Any = None,
    ) -> None:
        self.n_components = n_components
        self.whiten = whiten
        self.solver = solver
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Find the directions.

        Parameters
        ----------
        X : array-like of shape (n, d)
        y : None
            Not used.

        Returns
        -------
        transformer
            Itself.

        Raises
        ------
        ParameterError
            If there are fewer rows or columns than `n_components`.
        """
        rows = validate_data(self, X, dtype=_DTYPES, ensure_min_samples=2)
        n, d = rows.shape
        if not 1 <= self.n_components <= min(n, d):
            raise ParameterError(
                f"n_components is {self.n_components} for {n} rows of {d} columns",
                hint=f"give a number from 1 to {min(n, d)}",
            )
        if not isinstance(self.whiten, (int, float, np.number)) or not 0 <= self.whiten <= 1:
            raise ParameterError(
                f"whiten is {self.whiten!r}", hint="give a number from 0 (not at all) to 1"
            )
        if self.solver not in _SOLVERS:
            raise ParameterError(
                f"solver is {self.solver!r}", hint=f"give one of {', '.join(_SOLVERS)}"
            )
        mean = rows.mean(axis=0, dtype=np.float64)
        if self.solver == "exact" or (
            self.solver == "auto" and (d <= _MOST_EXACT_COLUMNS or 5 * self.n_components > d)
        ):
            vectors, variances = exact_directions(rows, mean, self.n_components)
        else:
            rng = check_random_state(0 if self.random_state is None else self.random_state)
            vectors, variances = randomized_directions(rows, mean, self.n_components, rng)
        largest = np.abs(vectors).argmax(axis=1)
        signs = np.sign(vectors[np.arange(self.n_components), largest])
        self.mean_ = mean.astype(np.float32)
        self.components_ = (vectors * signs[:, None]).astype(np.float32)
        self.explained_variance_ = variances
        self.explained_variance_ratio_ = variances / (total_variance(rows, mean) or 1.0)
        known_variance = np.maximum(variances, _LEAST_VARIANCE * variances[0])
        known_variance[known_variance == 0] = 1.0
        self.scale_ = (known_variance ** (float(self.whiten) / 2)).astype(np.float32)
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return rows along the directions, whitened if that was asked for.

        Parameters
        ----------
        X : array-like of shape (n, d)

        Returns
        -------
        float32 ndarray of shape (n, n_components)
        """
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=_DTYPES, reset=False)
        reduced = np.empty((len(rows), len(self.components_)), dtype=np.float32)
        directions = self.components_.T / self.scale_
        size = max(1, min(_BLOCK, _BLOCK_VALUES // rows.shape[1]))
        for start in range(0, len(rows), size):
            block = rows[start : start + size] - self.mean_
            np.matmul(block, directions, out=reduced[start : start + size], casting="same_kind")
        return reduced

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags

    @property
    def _n_features_out(self) -> int:
        return len(self.components_)
