"""Lower the inertia beyond where Lloyd's algorithm stops: single moves and centroid swaps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from inkmeans import engine
from inkmeans.cluster.lloyd import Options, Run, lloyd
from inkmeans.cluster.problem import Problem
from inkmeans.cluster.seeding import draw_rows
from inkmeans.engine import Floats
from inkmeans.progress import Event, Stop, silent

__all__ = ["REFINEMENTS", "Budget", "refine"]

REFINEMENTS = (None, "moves", "swaps")

_ENOUGH = 1e-9  # a gain below this share of the inertia is rounding
_BLOCK = 4096  # rows whose distances to all centroids are held at once
_SETTLE = 10  # iterations that added centroids get to find their place


class _TimeIsUp(Stop):
    """The budget is spent: ends a run as a user's `Stop` does, but is no wish of the user."""


class Budget:
    """Time that a refinement may take, watched from inside the callback.

    Parameters
    ----------
    seconds : float or None
        None: as long as it pays.

    Examples
    --------
    >>> from inkmeans.cluster.refine import Budget
    >>> Budget(None).spent, Budget(0).spent
    (False, True)
    """

    def __init__(self, seconds: float | None) -> None:
        self._until = np.inf if seconds is None else perf_counter() + seconds

    @property
    def spent(self) -> bool:
        """Whether the time is up."""
        return perf_counter() >= self._until

    def watch(self, options: Options, message: str, *, tell: bool = True) -> Options:
        """Return options whose callback ends the work when the time is up."""

        def callback(event: Event) -> None:
            if tell:
                options.callback(event)
            if self.spent:
                raise _TimeIsUp

        quiet = np.isinf(self._until) and (not tell or options.callback is silent)
        return replace(
            options, callback=silent if quiet else callback, stage="refine", message=message
        )


def refine(
    problem: Problem,
    run: Run,
    options: Options,
    random_state: np.random.RandomState,
    *,
    swaps: bool,
    budget: Budget,
) -> Run:
    """Lower the inertia of a converged run.

    Parameters
    ----------
    problem : Problem
        Euclidean.
    run : Run
        What Lloyd's algorithm converged to.
    options : Options
    random_state : RandomState
        Draws the rows that centroids are moved to.
    swaps : bool
        Whether to move centroids as well as single rows.
    budget : Budget

    Returns
    -------
    Run
        With inertia no higher than before, and the nearest centroids as labels.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.cluster.lloyd import Options, lloyd
    >>> from inkmeans.cluster.problem import Problem
    >>> from inkmeans.cluster.refine import Budget, refine
    >>> problem = Problem(np.array([[0.0], [1], [2], [3], [50], [60]]))
    >>> stuck = lloyd(problem, np.array([[0.0], [3.0], [50.0]]), Options())
    >>> random_state = np.random.RandomState(0)
    >>> refined = refine(problem, stuck, Options(), random_state, swaps=True, budget=Budget(None))
    >>> stuck.inertia, refined.inertia
    (51.0, 5.0)
    """
    best = run
    if swaps:
        best = _swap(problem, best, options, random_state, budget)
    if best.ended_by is None:
        best = _move(problem, best, options, budget)
    return replace(best, ended_by=None) if isinstance(best.ended_by, _TimeIsUp) else best


def _better(best: Run, tried: Run) -> Run:
    """Keep the better of two runs, with the iterations of both and the end of the latter."""
    gained = tried.inertia < best.inertia * (1 - _ENOUGH)
    kept = tried if gained else best
    return replace(kept, n_iter=best.n_iter + tried.n_iter, ended_by=tried.ended_by)


def _move(problem: Problem, best: Run, options: Options, budget: Budget) -> Run:
    """Move single rows to other clusters wherever that pays, until it never does.

    Unlike Lloyd's algorithm this reckons with the centroids of both clusters following the
    row (Hartigan, "Clustering Algorithms", 1975), and so leaves many of its local optima.
    """
    while not budget.spent:
        centroids = _move_rows(problem, best)
        if centroids is None:
            break
        before = best.inertia
        tried = lloyd(problem, problem.place(centroids), budget.watch(options, "moves"))
        best = _better(best, tried)
        if best.ended_by is not None or best.inertia == before:
            break
    return best


def _move_rows(problem: Problem, run: Run) -> Floats | None:
    """Return the centroids after all moves that pay, or None if none does."""
    k = len(run.centroids)
    labels = run.labels.copy()
    sums, counts = engine.cluster_sums(
        problem.rows, labels, k, weights=problem.weights, n_threads=problem.n_threads
    )
    weights = np.ones(problem.n) if problem.weights is None else problem.weights
    moved = False
    for row, target in _worthwhile(problem, run, weights, counts):
        source, weight = labels[row], weights[row]
        if source == target or counts[source] <= weight:
            continue
        value = problem.rows_as_float([row])[0]
        away = value - sums[source] / counts[source]
        toward = value - sums[target] / counts[target]
        saved = counts[source] / (counts[source] - weight) * float(away @ away)
        spent = counts[target] / (counts[target] + weight) * float(toward @ toward)
        if spent >= saved * (1 - _ENOUGH):
            continue  # an earlier move has taken the gain away
        sums[source] -= weight * value
        sums[target] += weight * value
        counts[source] -= weight
        counts[target] += weight
        labels[row] = target
        moved = True
    if not moved:
        return None
    filled = np.where(counts > 0, counts, 1)[:, None]
    return np.where(counts[:, None] > 0, sums / filled, run.centroids)


def _worthwhile(
    problem: Problem, run: Run, weights: Floats, counts: Floats
) -> Iterator[tuple[int, int]]:
    """Yield (row, cluster) of the moves that pay as things stand, the largest gain first."""
    rows, targets, gains = [], [], []
    for part, distances in _rough_distances(problem, run.centroids):
        each, own = weights[part], run.labels[part][:, None]
        source = counts[own[:, 0]]
        rest = source - each
        movable = (rest > 0) & (each > 0) & (source > 0)
        share = np.where(movable, source / np.where(movable, rest, 1), 0)
        saved = np.take_along_axis(distances, own, axis=1)[:, 0] * share
        if problem.weights is None:
            spent = distances * (counts / (counts + 1)).astype(np.float32)
        else:
            spent = distances * (counts / (counts + each[:, None] + (counts == 0)))
        spent[:, counts == 0] = np.inf
        np.put_along_axis(spent, own, np.inf, axis=1)
        target = spent.argmin(axis=1)
        gain = saved - np.take_along_axis(spent, target[:, None], axis=1)[:, 0]
        pays = np.flatnonzero(gain > 0)  # never where nothing is movable: then saved is 0
        rows.append(pays + part.start)
        targets.append(target[pays])
        gains.append(gain[pays] * each[pays])
    order = np.argsort(-np.concatenate(gains), kind="stable")
    found = np.concatenate(rows)[order], np.concatenate(targets)[order]
    yield from zip(found[0].tolist(), found[1].tolist(), strict=True)


def _rough_distances(
    problem: Problem, centroids: Floats
) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """Yield blocks of squared distances in float32: enough to see which moves may pay."""
    origin = centroids.mean(axis=0)
    moved = (centroids - origin).astype(np.float32)
    norms = np.einsum("ij,ij->i", moved, moved)
    for start in range(0, problem.n, _BLOCK):
        part = slice(start, min(start + _BLOCK, problem.n))
        block = problem.rows[part]
        if sp.issparse(block):
            yield part, engine.squared_distances(block, centroids).astype(np.float32)
            continue
        shifted = np.subtract(block, origin, dtype=np.float32, casting="same_kind")
        distances = shifted @ (-2 * moved.T)
        distances += norms
        distances += np.einsum("ij,ij->i", shifted, shifted)[:, None]
        yield part, distances


def _swap(
    problem: Problem,
    best: Run,
    options: Options,
    random_state: np.random.RandomState,
    budget: Budget,
) -> Run:
    """Add centroids where the error is large, settle, take the least useful away, settle.

    A round that gains is kept and repeated; after one that does not, half as many centroids
    are tried, down to one (after B. Fritzke, "Breathing k-means", 2020).
    """
    k = len(best.centroids)
    swaps = min(k, max(5, k // 10), problem.n - k)
    while swaps > 0 and not budget.spent:
        added = _where_error_is(problem, best, swaps, random_state)
        wide = lloyd(
            problem,
            np.concatenate([best.centroids, added]),
            replace(budget.watch(options, "swaps", tell=False), max_iter=_SETTLE),
        )
        if wide.ended_by is not None:
            return replace(best, ended_by=wide.ended_by)
        useful = np.delete(
            wide.centroids, _least_useful(problem, wide, swaps, random_state), axis=0
        )
        before = best.inertia
        best = _better(best, lloyd(problem, useful, budget.watch(options, "swaps")))
        if best.ended_by is not None:
            return best
        if best.inertia == before:
            swaps //= 2
    return best


def _where_error_is(
    problem: Problem, run: Run, count: int, random_state: np.random.RandomState
) -> Floats:
    """Draw a row from each of the clusters of the largest error, in proportion to its error."""
    errors = problem.distances(run.labels, run.centroids)
    if problem.weights is not None:
        errors = errors * problem.weights
    totals = np.bincount(run.labels, weights=errors, minlength=len(run.centroids))
    drawn = []
    for cluster in np.argsort(-totals, kind="stable")[:count]:
        members = np.flatnonzero(run.labels == cluster)
        if totals[cluster] > 0:
            chosen = draw_rows(len(members), errors[members], random_state.random_sample(1))
            drawn.append(members[chosen[0]])
    if not drawn:  # no error anywhere: any row is as good
        drawn.append(0)
    return problem.place(problem.rows_as_float(drawn))


def _least_useful(
    problem: Problem, run: Run, count: int, random_state: np.random.RandomState
) -> NDArray[np.intp]:
    """Choose centroids whose removal costs little, no two of them nearest to each other."""
    k = len(run.centroids)
    size = min(problem.n, max(5000, 20 * k))
    sample = random_state.choice(problem.n, size, replace=False)
    weights = np.ones(size) if problem.weights is None else problem.weights[sample]
    use = np.zeros(k)
    for start in range(0, size, _BLOCK):
        some = sample[start : start + _BLOCK]
        nearest = np.partition(
            engine.squared_distances(problem.rows[some], run.centroids), min(1, k - 1), axis=1
        )
        extra = (nearest[:, min(1, k - 1)] - nearest[:, 0]) * weights[start : start + _BLOCK]
        use += np.bincount(run.labels[some], weights=extra, minlength=k)
    between = engine.squared_distances(run.centroids, run.centroids)
    np.fill_diagonal(between, np.inf)
    neighbor = between.argmin(axis=1)
    removed: list[int] = []
    order = np.argsort(use, kind="stable").tolist()
    for cluster in order:
        alone = neighbor[cluster] not in removed and cluster not in neighbor[removed]
        if alone and len(removed) < count:
            removed.append(cluster)
    left = [cluster for cluster in order if cluster not in removed]
    return np.array(removed + left[: count - len(removed)], dtype=np.intp)
