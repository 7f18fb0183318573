"""The engine: assignment, sums, seeding and neighbours of rows, at the speed of the machine.

Everything above calls the functions of this module. They run in the native extension where
it was compiled, in its best instruction set that this processor has; otherwise, with a
warning, in NumPy (`inkmeans.engine.reference`, which is also the specification). The
environment variable ``INKMEANS_ENGINE`` forces one of `available_levels`. Sparse rows
always run in NumPy and SciPy, and so do uint8 rows of more than 66,000 columns.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, cast

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from inkmeans.engine import reference
from inkmeans.engine.contract import Assigner, Backend, Floats, Labels, Report, Rows
from inkmeans.engine.reference import as_floats, squared_distances, squared_norms
from inkmeans.engine.threads import effective_threads, in_blocks
from inkmeans.errors import ParameterError

_MOST_BYTE_COLUMNS = 66_000  # sums of their products fit 32 bits

_FORCED = os.environ.get("INKMEANS_ENGINE") or None

_compiled: Any = None
_missing = ""
if _FORCED != "reference":  # then not even a broken native part can do harm
    try:
        import_module("inkmeans.engine._native")
    except ModuleNotFoundError:
        _missing = "was not compiled when it was installed"
    except ImportError as error:
        _missing = f"cannot be loaded ({error})"
    else:
        _compiled = import_module("inkmeans.engine.native")

__all__ = [
    "Assigner",
    "Floats",
    "Labels",
    "Rows",
    "as_floats",
    "assign",
    "assigned_distances",
    "assigner",
    "available_levels",
    "cluster_sums",
    "effective_threads",
    "in_blocks",
    "kmeans_plusplus",
    "level",
    "native_part",
    "nearest_neighbors",
    "squared_distances",
    "squared_norms",
    "using",
]


def available_levels() -> tuple[str, ...]:
    """Return what can compute here, NumPy last.

    Returns
    -------
    tuple of str
        Instruction sets of the native extension (if there is one) and ``"reference"``.

    Examples
    --------
    >>> from inkmeans import engine
    >>> engine.available_levels()[-1]
    'reference'
    """
    native: tuple[str, ...] = () if _compiled is None else tuple(_compiled.available_levels())
    return (*native, "reference")


def level() -> str:
    """Return what computes now: one of `available_levels`.

    Examples
    --------
    >>> from inkmeans import engine
    >>> engine.level() in engine.available_levels()
    True
    """
    return _backend.level()


def native_part() -> Any:
    """Return the compiled kernels, or None where NumPy computes.

    For the modules of this package that hold a kernel of their own beside its NumPy reference.

    Examples
    --------
    >>> from inkmeans import engine
    >>> with engine.using("reference"):
    ...     engine.native_part() is None
    True
    """
    return None if _backend is reference else import_module("inkmeans.engine._native")


def _select(name: str | None) -> Backend:
    if name is None and _compiled is None:
        warnings.warn(
            "inkmeans runs on its NumPy engine, which is many times slower: its native part "
            f"{_missing} (INKMEANS_ENGINE=reference silences this)",
            RuntimeWarning,
            stacklevel=2,
        )
        return reference
    if name is None:
        return cast("Backend", _compiled)
    if name not in available_levels():
        raise ParameterError(
            f"there is no engine {name!r} here",
            hint=f"available (INKMEANS_ENGINE): {', '.join(available_levels())}",
        )
    if name == "reference":
        return reference
    _compiled.force_level(name)
    return cast("Backend", _compiled)


_backend: Backend = _select(_FORCED)


@contextmanager
def using(name: str) -> Iterator[None]:
    """Compute with another engine for a while: for tests and benchmarks, in one thread.

    Parameters
    ----------
    name : str
        One of `available_levels`.

    Raises
    ------
    ParameterError
        If it is not available.

    Examples
    --------
    >>> from inkmeans import engine
    >>> with engine.using("reference"):
    ...     engine.level()
    'reference'
    """
    global _backend  # noqa: PLW0603 - the one place that may change it
    before, before_level = _backend, level()
    _backend = _select(name)
    try:
        yield
    finally:
        if before is not reference:
            _compiled.force_level(before_level)
        _backend = before


def _for(rows: Rows) -> Backend:
    wide = rows.dtype == np.uint8 and rows.shape[1] > _MOST_BYTE_COLUMNS
    return reference if wide or sp.issparse(rows) else _backend


def assigner(
    rows: Rows, n_clusters: int, *, weights: Floats | None = None, n_threads: int = 1
) -> Assigner:
    """Make what keeps rows assigned to the nearest centroid while the centroids move.

    Parameters
    ----------
    rows : C-contiguous array of shape (n, d), uint8, float32 or float64; or CSR matrix
        Not copied.
    n_clusters : int
    weights : ndarray of shape (n,), float64, or None for a weight of 1 each
    n_threads : int, default=1

    Returns
    -------
    Assigner

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans import engine
    >>> rows = np.array([[0, 0], [0, 2], [9, 9]], dtype=np.uint8)
    >>> assigner = engine.assigner(rows, 2)
    >>> assigner.update(np.array([[0.0, 0.0], [9.0, 9.0]]))
    3
    >>> assigner.sums.tolist(), assigner.counts.tolist(), assigner.inertia()
    ([[0.0, 2.0], [9.0, 9.0]], [2.0, 1.0], 4.0)
    """
    return _for(rows).Assigner(rows, n_clusters, weights=weights, n_threads=n_threads)


def assign(rows: Rows, centroids: Floats, *, n_threads: int = 1) -> Labels:
    """Find the nearest centroid of each row; see `inkmeans.engine.reference.assign`."""
    return _for(rows).assign(rows, centroids, n_threads=n_threads)


def assigned_distances(
    rows: Rows, labels: Labels, centroids: Floats, *, n_threads: int = 1
) -> Floats:
    """Compute the squared distance of each row to the centroid of its label."""
    return _for(rows).assigned_distances(rows, labels, centroids, n_threads=n_threads)


def cluster_sums(
    rows: Rows,
    labels: Labels,
    n_clusters: int,
    *,
    weights: Floats | None = None,
    n_threads: int = 1,
) -> tuple[Floats, Floats]:
    """Sum the rows of each cluster; see `inkmeans.engine.reference.cluster_sums`."""
    return _for(rows).cluster_sums(rows, labels, n_clusters, weights=weights, n_threads=n_threads)


def kmeans_plusplus(
    rows: Rows,
    n_clusters: int,
    *,
    weights: Floats | None = None,
    first: int,
    draws: Floats,
    n_threads: int = 1,
) -> NDArray[np.int64]:
    """Choose rows far apart; see `inkmeans.engine.reference.kmeans_plusplus`."""
    return _for(rows).kmeans_plusplus(
        rows, n_clusters, weights=weights, first=first, draws=draws, n_threads=n_threads
    )


def nearest_neighbors(
    queries: Rows,
    rows: Rows,
    n_neighbors: int,
    *,
    metric: str = "euclidean",
    n_threads: int = 1,
    report: Report | None = None,
) -> tuple[Labels, Floats]:
    """Find the nearest rows; see `inkmeans.engine.reference.nearest_neighbors`."""
    return _for(rows).nearest_neighbors(
        queries, rows, n_neighbors, metric=metric, n_threads=n_threads, report=report
    )
