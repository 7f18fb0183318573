"""Non-negative matrix factorisation: each image as a sum of parts."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits

from inkmeans.errors import DataError, ParameterError

__all__ = ["NonNegativeFactors"]

_DTYPES = (np.float32, np.float64, np.uint8)
_SAMPLE = 5000  # rows that the parts are found from
_BLOCK = 4096  # rows that are taken apart at once
_SWEEPS = 30  # over the parts of a row: more change the third digit


class NonNegativeFactors(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """How much of each of some non-negative parts adds up to a row.

    As scikit-learn's NMF, for many rows: the parts are found from 5,000 of them.

    Parameters
    ----------
    n_components : int, default=16
        Parts; at most as many as there are rows or columns.
    max_iter : int, default=100
        Rounds in which the parts are found.
    random_state : int, RandomState or None, default=None
        Draws the sample, and decides where the search begins.

    Attributes
    ----------
    components_ : ndarray of float32, shape (n_components, n_features)
        The parts.
    n_iter_ : int
        Rounds in which they were found.
    n_features_in_ : int

    Notes
    -----
    What a row consists of does not depend on the rows beside it. 64 parts of 60,000 MNIST
    images take 10 s of processor time.

    References
    ----------
    D. D. Lee, H. S. Seung, "Learning the parts of objects by non-negative matrix
    factorization", Nature 401, 1999.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.reduce.factorization import NonNegativeFactors
    >>> rows = np.array([[4, 4, 0, 0], [0, 0, 2, 2], [4, 4, 2, 2]], dtype=np.uint8)
    >>> factors = NonNegativeFactors(2, random_state=0)
    >>> amounts = factors.fit_transform(rows)
    >>> bool(np.allclose(amounts @ factors.components_, rows, atol=0.1))
    True
    """

    def __init__(
        self, n_components: int = 16, *, max_iter: int = 100, random_state: Any = None
    ) -> None:
        self.n_components = n_components
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Find the parts.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Without negative numbers.
        y : None
            Not used.

        Returns
        -------
        self

        Raises
        ------
        DataError
            If a number is negative.
        ParameterError
            If there are fewer rows or columns than `n_components`.
        """
        from sklearn.decomposition import NMF

        rows = self._check(X, reset=True)
        most = min(rows.shape)
        if not 1 <= self.n_components <= most:
            raise ParameterError(
                f"n_components is {self.n_components} for {rows.shape[0]} rows of "
                f"{rows.shape[1]} columns",
                hint=f"give a number from 1 to {most}",
            )
        random = check_random_state(self.random_state)
        drawn = np.sort(random.permutation(len(rows))[:_SAMPLE])
        sample = rows[drawn].astype(np.float32)
        # The tolerances of scikit-learn are meant for numbers of about 1.
        scale = np.float32(sample.max() or 1.0)
        nmf = NMF(
            self.n_components,
            init="nndsvda" if sample.any() else "random",
            max_iter=self.max_iter,
            tol=1e-4,
            random_state=random,
        )
        with warnings.catch_warnings(), threadpool_limits(1, user_api="blas"):
            warnings.simplefilter("ignore")  # that it could go on
            nmf.fit(sample / scale)
        self.components_ = nmf.components_ * scale
        self.n_iter_ = nmf.n_iter_
        return self

    def fit_transform(self, X: ArrayLike, y: Any = None) -> NDArray[np.float32]:
        """Find the parts, and how much of each is in the rows: `fit`, then `transform`.

        Parameters
        ----------
        X : array-like of shape (n, d)
        y : None
            Not used.

        Returns
        -------
        float32 ndarray of shape (n, n_components)
        """
        return self.fit(X).transform(X)

    def transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return how much of each part is in the rows.

        Parameters
        ----------
        X : array-like of shape (n, d)

        Returns
        -------
        float32 ndarray of shape (n, n_components)
        """
        from sklearn.decomposition import non_negative_factorization

        check_is_fitted(self)
        rows = self._check(X, reset=False)
        amounts = np.zeros((len(rows), len(self.components_)), dtype=np.float32)
        if not self.components_.any():
            return amounts  # all rows fitted on were zeros
        # On the scale of 1, where scikit-learn's solver does not lose small numbers.
        scale = self.components_.max()
        parts = np.ascontiguousarray(self.components_ / scale)
        with warnings.catch_warnings(), threadpool_limits(1, user_api="blas"):
            warnings.simplefilter("ignore")
            for start in range(0, len(rows), _BLOCK):
                block = rows[start : start + _BLOCK].astype(np.float32)
                amounts[start : start + _BLOCK], _, _ = non_negative_factorization(
                    block / scale,
                    H=parts,
                    n_components=len(parts),
                    update_H=False,
                    tol=0,
                    max_iter=_SWEEPS,
                )
        return amounts

    def _check(self, X: ArrayLike, *, reset: bool) -> NDArray[Any]:
        rows: NDArray[Any] = validate_data(self, X, dtype=_DTYPES, reset=reset)
        if rows.dtype != np.uint8 and rows.min() < 0:
            raise DataError(
                "Negative values in data passed to NMF",
                hint="take pixels, or another reducer for these features",
            )
        return rows

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        tags.input_tags.positive_only = True
        return tags

    @property
    def _n_features_out(self) -> int:
        return len(self.components_)
