"""How many threads the engine may use, and work that is shared out among them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

__all__ = ["effective_threads", "in_blocks"]

_Result = TypeVar("_Result")


def effective_threads(n_threads: int | None = None) -> int:
    """Work out how many threads to use, under the same limits as scikit-learn.

    The engine has threads of its own, but obeys whatever limits OpenMP: the variable
    ``OMP_NUM_THREADS``, ``threadpoolctl.threadpool_limits`` and joblib's workers (which use
    both); and without the variable, the processors that this process may use.

    Parameters
    ----------
    n_threads : int or None, default=None
        None for all that are allowed; a negative number leaves that many less one free.

    Returns
    -------
    int

    Examples
    --------
    >>> from inkmeans.engine import effective_threads
    >>> effective_threads(2)
    2
    >>> effective_threads() >= 1
    True
    """
    if n_threads is not None and n_threads > 0:
        return n_threads
    limits: list[int] = [library["num_threads"] for library in _openmp().info()]
    named = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    if named.isdigit() and int(named) > 0:
        allowed = min([int(named), *limits])
    else:
        allowed = min([_processors(), *limits])
    return max(1, allowed + 1 + n_threads) if n_threads else max(1, allowed)


def in_blocks(work: Callable[[slice], _Result], n: int, size: int) -> list[_Result]:
    """Do the same with one block of rows after the other, several at a time.

    Matrix products of one block take one thread each meanwhile: BLAS threads that wait for each
    other, or spin while other work is done, cost half of what they bring. Blocks are the same
    for any number of threads, and so is the result.

    Parameters
    ----------
    work : callable
        Takes a slice of rows. It may call anything of the engine.
    n : int
        Rows in all.
    size : int
        Rows of a block.

    Returns
    -------
    list
        What `work` returned, in the order of the rows.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine import in_blocks
    >>> rows = np.arange(10)
    >>> [int(total) for total in in_blocks(lambda part: rows[part].sum(), 10, 4)]
    [6, 22, 17]
    """
    parts = [slice(start, min(start + size, n)) for start in range(0, n, size)]
    threads = min(effective_threads(), len(parts))
    if threads <= 1:
        return [work(part) for part in parts]
    with _one_blas_thread, ThreadPoolExecutor(threads, initializer=_be_one) as pool:
        return list(pool.map(work, parts))


def _be_one() -> None:
    """Let nothing that this thread calls start threads of its own."""
    _openmp().limit(limits=1)


class _OneBlasThread:
    """Limits BLAS, which has one limit for the process: the first sets it, the last resets it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._limit: Any = None

    def __enter__(self) -> None:
        with self._lock:
            if self._users == 0:
                self._limit = _blas().limit(limits=1)
            self._users += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._limit.restore_original_limits()


_one_blas_thread = _OneBlasThread()

# Looking through the loaded libraries takes milliseconds, so it is done once; what is looked for
# is loaded first.


@cache
def _openmp() -> Any:
    import sklearn  # noqa: F401  # its OpenMP is the one that everyone else limits
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="openmp")


@cache
def _blas() -> Any:
    import scipy.linalg  # noqa: F401  # SciPy's BLAS is another one than NumPy's
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")


@cache
def _processors() -> int:
    from joblib import cpu_count  # knows of affinity masks and container quotas

    return int(cpu_count())
