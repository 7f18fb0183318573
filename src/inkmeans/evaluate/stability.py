"""How much two runs that differ in nothing but the seed agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError, ParameterError

__all__ = ["Stability", "stability"]


@dataclass(frozen=True)
class Stability:
    """Agreement of the clusterings of several seeds; no labels used.

    Attributes
    ----------
    n_runs : int
        Runs that were compared.
    mean, lowest, highest : float
        Adjusted Rand index of the pairs of runs: 1 for the same clusters, about 0 for chance.
    """

    n_runs: int
    mean: float
    lowest: float
    highest: float


def stability(runs: Sequence[ArrayLike]) -> Stability:
    """Compare each pair of clusterings of the same images by the adjusted Rand index.

    Parameters
    ----------
    runs : sequence of array-like of int, shape (n_images,)
        The cluster of each image, once for each seed; at least two.

    Returns
    -------
    Stability

    Raises
    ------
    ParameterError
        If there are fewer than two runs.
    DataError
        If the runs are of different lengths.

    Examples
    --------
    >>> from inkmeans.evaluate import stability
    >>> stability([[0, 0, 1, 1], [1, 1, 0, 0]]).mean
    1.0
    """
    from sklearn.metrics import adjusted_rand_score

    assignments: list[NDArray[np.int64]] = [np.asarray(run) for run in runs]
    if len(assignments) < 2:
        raise ParameterError(
            f"stability of {len(assignments)} run", hint="compare runs of at least two seeds"
        )
    shapes = {a.shape for a in assignments}
    if len(shapes) > 1 or any(len(shape) != 1 or shape[0] == 0 for shape in shapes):
        raise DataError(
            f"the runs to compare have the shapes {sorted(shapes)}",
            hint="give the clusters of the same images for every seed",
        )
    pairs = [float(adjusted_rand_score(a, b)) for a, b in combinations(assignments, 2)]
    return Stability(len(assignments), float(np.mean(pairs)), min(pairs), max(pairs))
