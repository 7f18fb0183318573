"""The gap statistic: how much tighter clusters are than those of data without any."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError, ParameterError
from inkmeans.evaluate.checks import as_matrix

__all__ = ["GapStatistic", "gap_statistic"]

Measure = Callable[[NDArray[np.float32], int, int], float]
"""Cluster rows into so many clusters with a seed, and return the inertia."""


@dataclass(frozen=True)
class GapStatistic:
    """The gap of each number of clusters; no labels used.

    Attributes
    ----------
    n_clusters : tuple of int
        Ascending.
    gaps : tuple of float
        Mean log inertia of the reference data, less that of the data.
    errors : tuple of float
        Standard error of each gap, s in the paper.
    """

    n_clusters: tuple[int, ...]
    gaps: tuple[float, ...]
    errors: tuple[float, ...]

    @property
    def suggestion(self) -> int | None:
        """The smallest k with gap(k) >= gap(next k) - s(next k); None where there is none."""
        for place in range(len(self.gaps) - 1):
            if self.gaps[place] >= self.gaps[place + 1] - self.errors[place + 1]:
                return self.n_clusters[place]
        return None


def gap_statistic(
    rows: ArrayLike,
    inertias: Sequence[float],
    n_clusters: Sequence[int],
    measure: Measure,
    *,
    n_references: int = 10,
    random_state: int = 0,
) -> GapStatistic:
    """Compare the inertia of each number of clusters with that of data without clusters.

    Parameters
    ----------
    rows : array-like of shape (n, d)
        What was clustered.
    inertias : sequence of float
        Inertia of the rows for each number of clusters.
    n_clusters : sequence of int
        Ascending.
    measure : callable
        ``measure(rows, k, seed)`` clusters rows as the data were clustered and returns their
        inertia.
    n_references : int, default=10
        Reference data sets, B in the paper; the error falls as their root.
    random_state : int, default=0

    Returns
    -------
    GapStatistic

    Raises
    ------
    ParameterError
        If there are fewer than two references.
    DataError
        If the arrays do not belong together.

    Notes
    -----
    Tibshirani, Walther and Hastie, "Estimating the number of clusters in a data set via the gap
    statistic" (2001), section 3, with the reference of choice (b): uniform over a box along the
    principal components of the rows. Distances do not change when rows are turned, so references
    are drawn and clustered in these components.

    n_references * len(n_clusters) clusterings of n rows.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.cluster import KMeans
    >>> from inkmeans.evaluate import gap_statistic
    >>> rng = np.random.default_rng(0)
    >>> centers = [(0, 0), (5, 0), (0, 5)]
    >>> rows = np.concatenate([rng.normal(c, 0.5, (50, 2)) for c in centers])
    >>> def measure(rows, k, seed):
    ...     return KMeans(k, n_init=3, random_state=seed).fit(rows).inertia_
    >>> found = [measure(rows, k, 0) for k in (1, 2, 3, 4)]
    >>> gap_statistic(rows, found, (1, 2, 3, 4), measure).suggestion
    3
    """
    if n_references < 2:
        raise ParameterError(
            f"the gap statistic of {n_references} references", hint="give a number of at least 2"
        )
    matrix = as_matrix(rows, "rows").astype(np.float64)
    if len(inertias) != len(n_clusters):
        raise DataError(
            f"{len(inertias)} inertias for {len(n_clusters)} numbers of clusters",
            hint="give one inertia for each",
        )
    if np.ptp(matrix, axis=0).max() == 0:
        raise DataError(
            "all rows are the same: there are no clusters", hint="give rows that differ"
        )
    low, high = _box(matrix)
    logs = np.empty((n_references, len(n_clusters)))
    rng = np.random.default_rng(random_state)
    for reference in range(n_references):
        drawn = rng.uniform(low, high, (len(matrix), len(low))).astype(np.float32)
        for place, k in enumerate(n_clusters):
            logs[reference, place] = _log(measure(drawn, k, random_state + reference))
    own = np.array([_log(inertia) for inertia in inertias])
    errors = logs.std(axis=0) * np.sqrt(1 + 1 / n_references)
    gaps = logs.mean(axis=0) - own
    return GapStatistic(
        tuple(int(k) for k in n_clusters), tuple(gaps.tolist()), tuple(errors.tolist())
    )


def _box(rows: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the least and greatest value of the rows along each principal component."""
    centred = rows - rows.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    turned = centred @ axes
    return turned.min(axis=0), turned.max(axis=0)


def _log(inertia: float) -> float:
    # As many clusters as rows leave no inertia; its logarithm must stay a number.
    return float(np.log(max(inertia, np.finfo(np.float64).tiny)))
