"""A linear reduction as what it is: a mean and a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import ParameterError

__all__ = ["LinearMap", "linear_map"]


@dataclass(frozen=True, eq=False)
class LinearMap:
    """Rows to shorter rows: ``(rows - mean) @ components.T``.

    Attributes
    ----------
    mean : float32 ndarray of shape (n_features,)
        Taken off each row.
    components : float32 ndarray of shape (n_components, n_features)
        One new axis a row.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.reduce import LinearMap
    >>> first = LinearMap(np.ones(3, np.float32), np.eye(1, 3, dtype=np.float32))
    >>> first.transform([[5, 6, 7]])
    array([[4.]], dtype=float32)
    """

    mean: NDArray[np.float32]
    components: NDArray[np.float32]

    def transform(self, rows: ArrayLike) -> NDArray[np.float32]:
        """Reduce rows.

        Parameters
        ----------
        rows : array of shape (n, n_features)
            On the scale that the map was fitted on.

        Returns
        -------
        float32 ndarray of shape (n, n_components)
        """
        reduced = np.asarray(rows, dtype=np.float32) @ self.components.T
        return reduced - self.components @ self.mean

    def inverse_transform(self, rows: ArrayLike) -> NDArray[np.float32]:
        """Bring reduced rows, for example centroids, back among the features.

        Parameters
        ----------
        rows : array of shape (n, n_components)
            Reduced rows.

        Returns
        -------
        float32 ndarray of shape (n, n_features)
            The shortest rows, seen from the mean, that reduce to these: exact for what the
            components span, and the least-squares answer otherwise.
        """
        back = np.linalg.pinv(self.components).T
        return np.asarray(rows, dtype=np.float32) @ back + self.mean


def linear_map(fitted: Any) -> LinearMap:
    """Take mean and components out of a fitted reducer.

    Parameters
    ----------
    fitted : scikit-learn transformer or pipeline
        What `Reducer.make` made, after `fit`.

    Returns
    -------
    LinearMap
        float32 copies.

    Raises
    ------
    ParameterError
        If this reducer is not linear, so cannot be kept in a model file.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.reduce import get_reducer, linear_map
    >>> rows = np.random.default_rng(0).random((20, 5), dtype=np.float32)
    >>> fitted = get_reducer("pca").make(2, 0).fit(rows)
    >>> bool(np.allclose(linear_map(fitted).transform(rows), fitted.transform(rows), atol=1e-6))
    True
    """
    from sklearn.decomposition import PCA, TruncatedSVD
    from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

    from inkmeans.reduce.components import PrincipalComponents

    last = fitted[-1] if hasattr(fitted, "steps") else fitted
    # Having components is not enough: those of NMF are not what its rows are multiplied by.
    known = (
        PrincipalComponents,
        PCA,
        TruncatedSVD,
        GaussianRandomProjection,
        SparseRandomProjection,
    )
    components = getattr(last, "components_", None)
    if not isinstance(last, known) or components is None or getattr(last, "whiten", None) is True:
        raise ParameterError(
            f"{type(last).__name__} is no fitted linear reducer",
            hint="a model file can hold pca, truncated-svd and random-projection only",
        )
    if hasattr(components, "toarray"):  # sparse random projection
        components = components.toarray()
    components = np.array(components, dtype=np.float32)
    if hasattr(last, "scale_"):  # of whitened principal components
        components /= last.scale_[:, None]
    mean = getattr(last, "mean_", None)
    if mean is None:
        mean = np.zeros(components.shape[1])
    return LinearMap(np.array(mean, dtype=np.float32), components)
