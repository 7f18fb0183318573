"""Where the centroids begin: greedy k-means++, k-means||, random rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inkmeans import engine
from inkmeans.cluster.problem import Problem
from inkmeans.engine import Floats

__all__ = ["SEEDINGS", "parallel_rows", "plusplus_rows", "random_rows", "seed"]

SEEDINGS = ("k-means++", "k-means||", "random")

_SPHERICAL_SAMPLE = 20_000
_ROUNDS = 5


def seed(
    problem: Problem, n_clusters: int, method: str, random_state: np.random.RandomState
) -> Floats:
    """Choose rows as the first centroids.

    Parameters
    ----------
    problem : Problem
    n_clusters : int
    method : {"k-means++", "k-means||", "random"}
    random_state : RandomState

    Returns
    -------
    ndarray of shape (n_clusters, d), float64

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.cluster.problem import Problem
    >>> from inkmeans.cluster.seeding import seed
    >>> rows = np.array([[0], [1], [9]], dtype=np.uint8)
    >>> float(np.ptp(seed(Problem(rows), 2, "k-means++", np.random.RandomState(0)))) >= 8
    True
    """
    choose = {"k-means++": plusplus_rows, "k-means||": parallel_rows, "random": random_rows}[method]
    return problem.place(problem.rows_as_float(choose(problem, n_clusters, random_state)))


def random_rows(
    problem: Problem, n_clusters: int, random_state: np.random.RandomState
) -> NDArray[np.int64]:
    """Choose different rows at random, in proportion to their weights."""
    # Exponential races: the first k of them are a weighted sample without replacement [1].
    # [1] P. Efraimidis, P. Spirakis, "Weighted random sampling with a reservoir", IPL 2006.
    arrivals = random_state.exponential(size=problem.n)
    if problem.weights is not None:
        with np.errstate(divide="ignore"):
            arrivals = arrivals / problem.weights
    return np.argsort(arrivals, kind="stable")[:n_clusters]


def plusplus_rows(
    problem: Problem,
    n_clusters: int,
    random_state: np.random.RandomState,
    trials: int | None = None,
) -> NDArray[np.int64]:
    """Choose rows by greedy k-means++, with 2 + log(k) trials a row as in scikit-learn.

    Under the cosine they come from a sample of at most 20,000 rows (or 20 a cluster), which
    is what is held at unit length.
    """
    if not problem.cosine:
        return _plusplus(problem, n_clusters, random_state, trials)
    size = max(_SPHERICAL_SAMPLE, 20 * n_clusters)
    sample = (
        np.arange(problem.n)
        if problem.n <= size
        else np.sort(random_rows(problem, size, random_state))
    )
    weights = None if problem.weights is None else problem.weights[sample]
    flat = Problem(problem.rows_as_float(sample), weights, n_threads=problem.n_threads)
    return np.asarray(sample[_plusplus(flat, n_clusters, random_state, trials)], dtype=np.int64)


def _plusplus(
    problem: Problem,
    n_clusters: int,
    random_state: np.random.RandomState,
    trials: int | None = None,
) -> NDArray[np.int64]:
    first = draw_rows(problem.n, problem.weights, random_state.random_sample(1))[0]
    trials = trials or 2 + int(np.log(n_clusters))
    return engine.kmeans_plusplus(
        problem.rows,
        n_clusters,
        weights=problem.weights,
        first=int(first),
        draws=random_state.random_sample((n_clusters - 1, trials)),
        n_threads=problem.n_threads,
    )


def parallel_rows(
    problem: Problem, n_clusters: int, random_state: np.random.RandomState
) -> NDArray[np.int64]:
    """Choose rows by k-means|| [1]_: a few passes, each drawing about 2k rows at once.

    The rows drawn are weighted by the rows nearest to them and thinned out to k by greedy
    k-means++. Cheaper than k-means++ from some hundred clusters on.

    References
    ----------
    .. [1] B. Bahmani et al., "Scalable k-means++", VLDB 2012, algorithm 2.
    """
    weights = np.ones(problem.n) if problem.weights is None else problem.weights
    drawn = draw_rows(problem.n, problem.weights, random_state.random_sample(1))
    closest = np.full(problem.n, np.inf)
    latest = drawn
    for _ in range(_ROUNDS):
        placed = problem.place(problem.rows_as_float(latest))
        labels = problem.assign(placed)
        closest = np.minimum(closest, problem.distances(labels, placed))
        costs = weights * closest
        total = costs.sum()
        if total <= 0:
            break
        latest = np.flatnonzero(
            random_state.random_sample(problem.n) * total < 2 * n_clusters * costs
        )
        drawn = np.union1d(drawn, latest)
        if not len(latest):
            break
    if len(drawn) < n_clusters:  # hardly any different rows: any others will do
        others = random_rows(problem, problem.n, random_state)
        others = others[~np.isin(others, drawn)]
        return np.concatenate([drawn, others[: n_clusters - len(drawn)]])
    labels = problem.assign(problem.place(problem.rows_as_float(drawn)))
    served = np.bincount(labels, weights=weights, minlength=len(drawn)).astype(np.float64)
    rows = problem.rows_as_float(drawn) if problem.cosine else problem.rows[drawn]
    candidates = Problem(rows, served, n_threads=problem.n_threads)
    return np.asarray(drawn[_plusplus(candidates, n_clusters, random_state)], dtype=np.int64)


def draw_rows(n: int, weights: Floats | None, uniforms: Floats) -> NDArray[np.int64]:
    """Turn uniform numbers into rows, in proportion to their weights.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.cluster.seeding import draw_rows
    >>> draw_rows(4, None, np.array([0.0, 0.6])).tolist()
    [0, 2]
    >>> draw_rows(4, np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 0.6])).tolist()
    [1, 3]
    """
    if weights is None:
        return np.minimum((uniforms * n).astype(np.int64), n - 1)
    reached = np.cumsum(weights)
    found = np.searchsorted(reached, uniforms * reached[-1], side="right")
    return np.asarray(np.minimum(found, np.flatnonzero(weights)[-1]), dtype=np.int64)
