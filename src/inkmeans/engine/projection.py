"""The directions that the native engine sketches uint8 rows in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inkmeans.engine.contract import Floats, Rows

__all__ = ["choose_projection"]

_LENGTH = 128
_SAMPLE = 1024
_LARGEST_WEIGHT = 64  # what every instruction set multiplies exactly


def choose_projection(rows: Rows) -> tuple[NDArray[np.int8], Floats, float] | None:
    """Choose a small integer matrix along the widest directions of the rows.

    Any matrix gives right bounds; this one gives tight ones. The directions come from two
    rounds of subspace iteration on a sample of the rows.

    Parameters
    ----------
    rows : ndarray of shape (n, d)

    Returns
    -------
    tuple of (weights, center, sigma), or None
        int8 weights of shape (128, d), the mean of the sample, and a number that is not less
        than the largest singular value of the weights. None where a sketch would not pay:
        for rows that are not uint8, short, or few.

    References
    ----------
    .. [1] N. Halko, P. G. Martinsson, J. A. Tropp, "Finding structure with randomness",
       SIAM Review 53(2), 2011, algorithm 4.4.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.projection import choose_projection
    >>> rows = np.random.default_rng(0).integers(0, 256, (600, 300), dtype=np.uint8)
    >>> weights, center, sigma = choose_projection(rows)
    >>> weights.shape, bool(np.linalg.norm(weights, 2) <= sigma)
    ((128, 300), True)
    """
    n, d = rows.shape
    if rows.dtype != np.uint8 or d < 2 * _LENGTH or n < 512:
        return None
    sample = rows[:: max(1, n // _SAMPLE)].astype(np.float64)
    center = sample.mean(axis=0)
    sample -= center
    basis = np.random.default_rng(0).standard_normal((d, _LENGTH))
    for _ in range(3):
        basis, _ = np.linalg.qr(sample.T @ (sample @ basis))
    largest = np.abs(basis).max(axis=0)
    weights = np.rint(basis * (_LARGEST_WEIGHT / largest)).T.astype(np.int8)
    # One length for all directions: the longest row sets the scale of the bound.
    lengths = np.linalg.norm(weights.astype(np.float64), axis=1)
    shrink = lengths.min() / lengths
    weights = np.rint(basis * (_LARGEST_WEIGHT / largest * shrink)).T.astype(np.int8)
    sigma = float(np.linalg.norm(weights.astype(np.float64), 2)) * (1 + 1e-9)
    return np.ascontiguousarray(weights), center, sigma
