"""Exact nearest neighbours by comparing every query with every row, on the engine."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans import engine
from inkmeans.engine import Floats, Labels, Rows
from inkmeans.errors import DataError, ParameterError
from inkmeans.progress import Callback, Event, silent

__all__ = ["METRICS", "nearest_neighbors"]

METRICS = ("euclidean", "cosine")

_BLOCK = 4096  # queries at once, at least
_BLOCKS = 16  # parts that many queries are cut into: each begins with a look at all rows


def nearest_neighbors(
    rows: Any,
    n_neighbors: int,
    queries: Any = None,
    *,
    metric: str = "euclidean",
    exclude_self: bool = False,
    n_threads: int | None = None,
    callback: Callback | None = None,
) -> tuple[Labels, Floats]:
    """Find the nearest rows of each query.

    Parameters
    ----------
    rows : array-like of shape (n, d)
        uint8, float32 and float64 are taken as they are; images of uint8 are the fastest.
    n_neighbors : int
    queries : array-like of shape (m, d) or None, default=None
        None: the rows themselves.
    metric : {"euclidean", "cosine"}, default="euclidean"
    exclude_self : bool, default=False
        Whether to leave each row out of its own neighbours; only without `queries`. Other
        rows that equal it stay.
    n_threads : int or None, default=None
        None: as many as `inkmeans.engine.effective_threads` says.
    callback : callable, default=None
        Called with an `inkmeans.progress.Event` of the stage ``"neighbors"`` after each block
        of queries. If it raises, `inkmeans.progress.Stop` too, there is no result.

    Returns
    -------
    indices : ndarray of shape (m, n_neighbors), int32
        Nearest first; of equally near rows the first.
    distances : ndarray of shape (m, n_neighbors), float64
        Euclidean distances, or one minus the cosine (1 where a row is all zeros).

    Raises
    ------
    ParameterError, DataError
        If there are fewer rows than neighbours asked for, or shapes do not match.

    Notes
    -----
    Time grows with m n d, memory (beyond the result) with m + n; the cosine needs a copy of
    both in float64.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.neighbors import nearest_neighbors
    >>> rows = np.array([[0, 0], [3, 4], [9, 9]], dtype=np.uint8)
    >>> indices, distances = nearest_neighbors(rows, 1, exclude_self=True)
    >>> indices.tolist(), distances[:, 0].round(2).tolist()
    ([[1], [0], [1]], [5.0, 5.0, 7.81])
    """
    targets = _check(rows, "rows")
    asked = targets if queries is None else _check(queries, "queries")
    wanted = _check_request(targets, asked, n_neighbors, metric, exclude_self and queries is None)
    if exclude_self and queries is not None:
        raise ParameterError(
            "exclude_self goes with neighbours among the rows themselves",
            hint="leave queries out, or exclude_self",
        )
    if metric == "cosine":
        asked, targets = _unit_pair(asked, targets)
    indices, squared = _search(asked, targets, wanted, n_threads, callback or silent)
    if exclude_self:
        indices, squared = _without_self(indices, squared)
    return indices, squared / 2 if metric == "cosine" else np.sqrt(squared)


def _search(
    asked: Rows, targets: Rows, wanted: int, n_threads: int | None, callback: Callback
) -> tuple[Labels, Floats]:
    """Search block by block and tell how far it is."""
    m = asked.shape[0]
    indices = np.empty((m, wanted), dtype=np.int32)
    squared = np.empty((m, wanted))
    began = perf_counter()
    size = max(_BLOCK, -(-m // _BLOCKS))
    for start in range(0, m, size):
        part = slice(start, min(start + size, m))
        indices[part], squared[part] = engine.nearest_neighbors(
            asked[part], targets, wanted, n_threads=engine.effective_threads(n_threads)
        )
        callback(Event("neighbors", step=part.stop, of=m, seconds=perf_counter() - began))
    return indices, squared


def _check(rows: Any, name: str) -> NDArray[Any]:
    from sklearn.utils.validation import check_array

    checked: NDArray[Any] = check_array(
        rows, dtype=[np.float64, np.float32, np.uint8], order="C", input_name=name
    )
    return checked


def _check_request(
    targets: Rows, asked: Rows, n_neighbors: int, metric: str, leave_self: bool
) -> int:
    """Return how many neighbours to look for."""
    if metric not in METRICS:
        raise ParameterError(f"metric is {metric!r}", hint="choose 'euclidean' or 'cosine'")
    if targets.shape[1] != asked.shape[1]:
        raise DataError(
            f"rows have {targets.shape[1]} columns, queries {asked.shape[1]}",
            hint="both should come from the same features",
        )
    available = targets.shape[0] - leave_self
    if not 1 <= n_neighbors <= available:
        raise ParameterError(
            f"n_neighbors is {n_neighbors}", hint=f"give a number from 1 to {available}"
        )
    return int(n_neighbors) + leave_self


def _unit_pair(asked: Rows, targets: Rows) -> tuple[Floats, Floats]:
    """Scale both to length 1, so that half the squared distance is one minus the cosine.

    Rows of zeros get a direction of their own, at a right angle to all else: their cosine
    with anything, each other included, is 0.
    """
    units = [_unit(asked), _unit(targets)]
    if all(unit.any(axis=1).all() for unit in units):
        return units[0], units[1]
    wider = []
    for own, unit in enumerate(units):
        extra = np.zeros((len(unit), 2))
        extra[:, own] = ~unit.any(axis=1)
        wider.append(np.hstack([unit, extra]))
    return wider[0], wider[1]


def _unit(rows: Rows) -> Floats:
    norms = np.sqrt(engine.squared_norms(rows))[:, None]
    return np.asarray(rows / np.where(norms == 0, 1, norms), dtype=np.float64)


def _without_self(indices: Labels, squared: Floats) -> tuple[Labels, Floats]:
    """Leave each row out of its own neighbours, or the last where equal rows came first."""
    own = indices == np.arange(len(indices))[:, None]
    own[~own.any(axis=1), -1] = True
    shape = (len(indices), indices.shape[1] - 1)
    return indices[~own].reshape(shape), squared[~own].reshape(shape)
