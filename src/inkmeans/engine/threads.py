"""How many threads the engine may use."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

__all__ = ["effective_threads"]


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


@cache
def _openmp() -> Any:
    # Looking through the loaded libraries takes milliseconds, so it is done once; scikit-learn
    # is loaded first so that its OpenMP, which everyone else limits, is among them.
    import sklearn.cluster  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="openmp")


@cache
def _processors() -> int:
    from joblib import cpu_count  # knows of affinity masks and container quotas

    return int(cpu_count())
