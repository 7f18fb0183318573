"""Whether the native engine sketches rows, and along which directions."""

from __future__ import annotations

from inkmeans.engine import _native
from inkmeans.engine.contract import Floats, Rows

__all__ = ["choose_directions"]

_FEWEST_ROWS = 1024
_FEWEST_COLUMNS_A_DIRECTION = 2


def choose_directions(rows: Rows, n_directions: int) -> tuple[Floats, Floats] | None:
    """Choose the widest directions of the rows, roughly.

    Any directions give right bounds; the widest give tight ones. They come from subspace
    iteration [1]_ on a sample of 512 rows.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
    n_directions : int

    Returns
    -------
    tuple of (basis, center), or None
        Orthonormal directions of shape (n_directions, d), the widest about first, and the
        mean of the sample. None where sketches would not pay: for few or short rows.

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
    >>> basis.shape, bool(np.allclose(basis @ basis.T, np.eye(31), atol=1e-4))
    ((31, 300), True)
    """
    n, d = rows.shape
    if d < _FEWEST_COLUMNS_A_DIRECTION * n_directions or n < _FEWEST_ROWS:
        return None
    chosen: tuple[Floats, Floats] = _native.choose_directions(rows, n_directions)
    return chosen
