"""Lloyd's algorithm: assign every row, move every centroid, until nothing changes."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from inkmeans.cluster.problem import Problem, unit
from inkmeans.engine import Assigner, Floats, Labels
from inkmeans.progress import Callback, Event, Stop, silent

__all__ = ["Options", "Run", "lloyd"]


@dataclass(frozen=True)
class Options:
    """How far to go, and whom to tell.

    Attributes
    ----------
    max_iter : int
        Most iterations.
    tol : float
        Squared movement of all centroids below which they have converged.
    callback : Callback
        Called after each iteration.
    stage, message : str
        Stage and message of its events.
    verbose : bool
        Whether to print what happens, as scikit-learn does.
    """

    max_iter: int = 300
    tol: float = 0.0
    callback: Callback = silent
    stage: str = "cluster"
    message: str = ""
    verbose: bool = False


@dataclass(frozen=True)
class Run:
    """What a run ended with.

    Attributes
    ----------
    centroids : ndarray of shape (k, d), float64
    labels : ndarray of shape (n,), int32
        The nearest of these centroids for each row.
    inertia : float
        Of these labels and centroids.
    n_iter : int
        Iterations done.
    ended_by : Stop, KeyboardInterrupt or None
        What ended the run before its time.
    """

    centroids: Floats
    labels: Labels
    inertia: float
    n_iter: int
    ended_by: BaseException | None = None


def lloyd(problem: Problem, centroids: Floats, options: Options) -> Run:
    """Run Lloyd's algorithm from given centroids.

    Parameters
    ----------
    problem : Problem
    centroids : ndarray of shape (k, d), float64
        As `Problem.place` returns them.
    options : Options

    Returns
    -------
    Run

    Notes
    -----
    `Stop` from the callback, or KeyboardInterrupt, ends the iterations; the centroids
    reached so far are then given their labels, which takes one more assignment.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.cluster.lloyd import Options, lloyd
    >>> from inkmeans.cluster.problem import Problem
    >>> rows = np.array([[0], [2], [9]], dtype=np.uint8)
    >>> run = lloyd(Problem(rows), np.array([[0.0], [2.0]]), Options())
    >>> run.centroids.tolist(), run.labels.tolist(), run.inertia
    ([[1.0], [9.0]], [0, 0, 1], 2.0)
    """
    assigner = problem.assigner(len(centroids))
    began = perf_counter()
    listens = options.callback is not silent
    step, settled, ended_by = 0, False, None
    try:
        for step in range(1, options.max_iter + 1):
            changed = assigner.update(centroids)
            if listens or options.verbose:
                inertia = problem.assigner_inertia(assigner, centroids)
            if options.verbose:
                print(f"Iteration {step - 1}, inertia {inertia}.")
            settled = changed == 0  # then the centroids are the means of their rows already
            moved = centroids if settled else moved_centroids(problem, assigner, centroids)
            shift = 0.0 if settled else _squared_shift(centroids, moved)
            centroids = moved
            if listens:
                options.callback(
                    Event(
                        options.stage,
                        options.message,
                        step=step,
                        of=options.max_iter,
                        inertia=inertia,
                        changed=changed,
                        seconds=perf_counter() - began,
                        centroids=centroids,
                    )
                )
            if settled or shift <= options.tol:
                _say_converged(options, step, settled, shift)
                break
    except (Stop, KeyboardInterrupt) as error:
        ended_by, settled = error, False
    if not settled:
        assigner.update(centroids)
    inertia = problem.assigner_inertia(assigner, centroids)
    return Run(centroids, np.array(assigner.labels), inertia, step, ended_by)


def moved_centroids(problem: Problem, assigner: Assigner, centroids: Floats) -> Floats:
    """Return the mean of each cluster; an empty one moves to a row far from its centroid."""
    sums, counts = assigner.sums, assigner.counts
    if counts.all():
        means = np.asarray(sums / counts[:, None], dtype=np.float64)
    else:
        sums, counts = _relocate_empty(problem, assigner)
        means = sums / np.where(counts > 0, counts, 1)[:, None]
        if not problem.cosine:
            means[counts <= 0] = means[counts.argmax()]
    if problem.cosine:
        means = np.where(np.einsum("ij,ij->i", sums, sums)[:, None] > 0, unit(means), centroids)
    return problem.place(means) if problem.dtype == np.float32 else means


def _relocate_empty(problem: Problem, assigner: Assigner) -> tuple[Floats, Floats]:
    """Give each empty cluster one of the rows that are farthest from their centroid."""
    sums, counts = assigner.sums.copy(), assigner.counts.copy()
    distances = problem.assigner_distances(assigner)
    if problem.weights is not None:
        distances = np.where(problem.weights > 0, distances, 0)
    empty = list(np.flatnonzero(counts == 0))
    for row in np.argsort(-distances, kind="stable"):
        if not empty or distances[row] <= 0:
            break
        donor = assigner.labels[row]
        weight = 1.0 if problem.sum_weights is None else problem.sum_weights[row]
        if counts[donor] - weight <= 1e-9 * counts[donor]:
            continue  # its only row: that would move the gap, not close it
        receiver = empty.pop(0)
        value = np.asarray(problem.rows_as_float([row])[0]) * (
            weight * problem.norms[row] if problem.cosine else weight
        )
        sums[donor] -= value
        sums[receiver] = value
        counts[donor] -= weight
        counts[receiver] = weight
    return sums, counts


def _squared_shift(before: Floats, after: Floats) -> float:
    difference = after - before
    # Not by BLAS, which sums in an order that depends on its threads.
    return float(np.einsum("ij,ij->", difference, difference))


def _say_converged(options: Options, step: int, settled: bool, shift: float) -> None:
    if not options.verbose:
        return
    how = (
        "strict convergence" if settled else f"center shift {shift} within tolerance {options.tol}"
    )
    print(f"Converged at iteration {step - 1}: {how}.")
