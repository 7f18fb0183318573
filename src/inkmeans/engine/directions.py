"""The directions in which the native engine sketches rows."""

from __future__ import annotations

import numpy as np

from inkmeans.engine.contract import Floats, Rows

__all__ = ["choose_directions"]

_SAMPLE = 768
_FEWEST_ROWS = 1024
_FEWEST_COLUMNS_A_DIRECTION = 2


def choose_directions(rows: Rows, n_directions: int) -> tuple[Floats, Floats] | None:
    """Choose the widest directions of the rows, roughly.

    Any directions give right bounds; the widest give tight ones. They come from subspace
    iteration on a sample of the rows.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
    n_directions : int

    Returns
    -------
    tuple of (basis, center), or None
        Orthonormal directions of shape (n_directions, d), the widest first, and the mean of
        the sample. None where sketches would not pay: for few or short rows.

    References
    ----------
    .. [1] N. Halko, P. G. Martinsson, J. A. Tropp, "Finding structure with randomness",
       SIAM Review 53(2), 2011, algorithm 4.4.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.directions import choose_directions
    >>> rows = np.random.default_rng(0).integers(0, 256, (2000, 300), dtype=np.uint8)
    >>> basis, center = choose_directions(rows, 31)
    >>> basis.shape, bool(np.allclose(basis @ basis.T, np.eye(31)))
    ((31, 300), True)
    """
    n, d = rows.shape
    if d < _FEWEST_COLUMNS_A_DIRECTION * n_directions or n < _FEWEST_ROWS:
        return None
    sample = rows[:: max(1, n // _SAMPLE)].astype(np.float64)
    center = sample.mean(axis=0)
    sample -= center
    if not np.isfinite(sample).all() or not sample.any():
        return None
    sample = sample.astype(np.float32) if np.abs(sample).max() < 1e15 else sample
    basis = np.random.default_rng(0).standard_normal((d, n_directions)).astype(sample.dtype)
    for _ in range(2):
        basis = np.linalg.qr(sample.T @ (sample @ basis))[0]
    # Turned so that the widest come first.
    order = np.linalg.svd(sample @ basis, full_matrices=False)[2]
    turned = np.linalg.qr((basis @ order.T).astype(np.float64))[0]
    return np.ascontiguousarray(turned.T), center
