"""The widest directions of many long rows, without their covariance matrix."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Directions", "exact_directions", "randomized_directions", "total_variance"]

Floats = NDArray[np.float64]

_BLOCK = 2048  # rows at a time
_SAMPLE = 4096  # rows that the start is found on
_ROUNDS = 3  # of subspace iteration on these


class Directions(NamedTuple):
    """Orthonormal directions and the variance of rows along them, the largest first.

    Attributes
    ----------
    vectors : ndarray of float64, shape (n_components, d)
    variances : ndarray of float64, shape (n_components,)
    """

    vectors: Floats
    variances: Floats


def exact_directions(rows: NDArray[Any], mean: Floats, n_components: int) -> Directions:
    """Find directions as eigenvectors of the covariance matrix.

    Parameters
    ----------
    rows : uint8, float32 or float64 array of shape (n, d)
    mean : ndarray of float64, shape (d,)
        Of the rows.
    n_components : int

    Returns
    -------
    Directions

    Notes
    -----
    O(n d^2) time for the covariance, O(d^3) for its eigenvectors.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.reduce.subspace import exact_directions
    >>> rows = np.array([[0.0, 1.0], [4.0, 1.0], [8.0, 1.0]])
    >>> np.abs(exact_directions(rows, rows.mean(axis=0), 1).vectors)
    array([[1., 0.]])
    """
    from scipy.linalg import eigh

    n, d = rows.shape
    covariance, center = np.zeros((d, d)), mean.astype(np.float32)
    for start in range(0, n, _BLOCK):
        block = rows[start : start + _BLOCK] - center
        covariance += block.T @ block
    covariance /= n - 1
    variances, vectors = eigh(covariance, subset_by_index=(d - n_components, d - 1))
    return Directions(vectors.T[::-1], np.maximum(variances[::-1], 0))


def randomized_directions(
    rows: NDArray[Any], mean: Floats, n_components: int, rng: np.random.RandomState
) -> Directions:
    """Find directions by subspace iteration from a random start.

    Three rounds on a sample of 4,096 rows turn random directions towards the wide ones, one
    round on all rows makes them those of all rows, and the eigenvectors of the covariance are
    read off it as Nyström's method has it. Rows are multiplied in float32, added in float64.

    Parameters
    ----------
    rows : uint8, float32 or float64 array of shape (n, d)
    mean : ndarray of float64, shape (d,)
        Of the rows.
    n_components : int
    rng : RandomState

    Returns
    -------
    Directions
        The variances are underestimates, by a few per cent at the narrow end.

    Notes
    -----
    O(n d l) time for l = 7/6 n_components + 32 directions, and memory for a few times d l.

    References
    ----------
    N. Halko, P. G. Martinsson, J. A. Tropp, "Finding structure with randomness", SIAM Review
    53(2), 2011, algorithms 4.4 and 5.5.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.reduce.subspace import randomized_directions
    >>> rows = np.outer(np.arange(5.0), [3.0, 0.0, 4.0])
    >>> found = randomized_directions(rows, rows.mean(axis=0), 1, np.random.RandomState(0))
    >>> np.abs(found.vectors).round(3), found.variances.round(3)
    (array([[0.6, 0. , 0.8]]), array([62.5]))
    """
    n, d = rows.shape
    n_directions = min(d, n_components + n_components // 6 + 32)
    basis = np.linalg.qr(rng.standard_normal((d, n_directions)))[0]
    sample = rows if n <= _SAMPLE else rows[np.sort(rng.choice(n, _SAMPLE, replace=False))]
    for _ in range(_ROUNDS):
        basis = np.linalg.qr(_covariance_times(sample, mean, basis))[0]
    product = _covariance_times(rows, mean, basis)
    # What float32 may have got wrong in a variance.
    size = float(np.vdot(basis, product)) + float(mean @ mean)
    noise = 4 * float(np.finfo(np.float32).eps) * size
    return _nystrom(basis, product, n_components, noise)


def total_variance(rows: NDArray[Any], mean: Floats) -> float:
    """Add up the variances of all columns.

    Parameters
    ----------
    rows : uint8, float32 or float64 array of shape (n, d)
    mean : ndarray of float64, shape (d,)

    Returns
    -------
    float

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.reduce.subspace import total_variance
    >>> rows = np.array([[0.0, 1.0], [4.0, 1.0], [8.0, 1.0]])
    >>> total_variance(rows, rows.mean(axis=0))
    16.0
    """
    total, center = 0.0, mean.astype(np.float32)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK] - center
        total += float(np.einsum("ij,ij->i", block, block).sum(dtype=np.float64))
    return total / (len(rows) - 1)


def _covariance_times(rows: NDArray[Any], mean: Floats, basis: Floats) -> Floats:
    """Multiply the covariance of rows and a few directions, without a centred copy of the rows."""
    factors = basis.astype(np.float32)
    offset = mean.astype(np.float32) @ factors
    product, sums = np.zeros(basis.shape), np.zeros(basis.shape[1])
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK].astype(np.float32, copy=False)
        along = block @ factors
        along -= offset
        product += block.T @ along
        sums += along.sum(axis=0, dtype=np.float64)
    # `along` adds up to nothing, but for rounding and where the mean is not that of these rows.
    product -= np.outer(mean, sums)
    return product / (len(rows) - 1)


def _nystrom(basis: Floats, product: Floats, n_components: int, noise: float) -> Directions:
    """Find eigenvectors of A from orthonormal Q and A Q, for positive semidefinite A."""
    core = basis.T @ product
    values, axes = np.linalg.eigh((core + core.T) / 2)
    kept = values > noise
    half = product @ axes[:, kept] / np.sqrt(values[kept])
    vectors, lengths, _ = np.linalg.svd(half, full_matrices=False)
    variances = np.zeros(n_components)
    variances[: len(lengths)] = np.square(lengths)[:n_components]
    if len(lengths) < n_components:  # nothing varies along the others: any will do
        vectors = np.linalg.qr(np.hstack([vectors, basis]))[0]
    return Directions(vectors.T[:n_components], variances)
