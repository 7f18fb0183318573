"""Where a falling curve bends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from inkmeans.errors import DataError

__all__ = ["find_knee"]


def find_knee(places: Sequence[int], values: ArrayLike) -> int | None:
    """Find the knee of a falling curve: its point farthest below the chord between its ends.

    Parameters
    ----------
    places : sequence of int
        Numbers of clusters, ascending.
    values : array-like of float
        Inertia of each.

    Returns
    -------
    int or None
        The place of the knee; None for fewer than three points, a curve that does not fall, or
        one that lies nowhere below the chord.

    Raises
    ------
    DataError
        If there are not as many values as places, or the places do not ascend.

    Notes
    -----
    The knee of Satopaa, Albrecht, Irwin and Raghavan, "Finding a Kneedle in a Haystack" (2011),
    section 3, for a whole curve: both axes are stretched to [0, 1] first. So it depends on the
    range of places; a curve that falls as smoothly as inertia mostly does has a knee for every
    range.

    Examples
    --------
    >>> from inkmeans.evaluate import find_knee
    >>> find_knee([1, 2, 3, 4, 5], [100, 60, 20, 18, 16])
    3
    """
    x, y = np.asarray(places, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1 or (np.diff(x) <= 0).any():
        raise DataError(
            f"a curve of {len(x)} places and values of the shape {y.shape}",
            hint="give one value for each place, the places in ascending order",
        )
    if len(x) < 3 or not y[-1] < y[0]:
        return None
    across = (x - x[0]) / (x[-1] - x[0])
    down = (y[0] - y) / (y[0] - y[-1])
    below = down - across
    best = int(below.argmax())
    return int(x[best]) if below[best] > 1e-9 else None
