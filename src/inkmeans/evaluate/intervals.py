"""What repeated measurements tell: mean, deviation, and an interval for the mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from inkmeans.errors import ParameterError

__all__ = ["Spread", "TimedScore", "spread"]


@dataclass(frozen=True)
class Spread:
    """How a score varies over repetitions that differ in their seed alone.

    Attributes
    ----------
    n : int
        Repetitions that have the score.
    mean : float or None
        None where there is none.
    deviation : float or None
        Standard deviation of a single repetition, with n - 1; None for fewer than two.
    low, high : float or None
        Interval for the mean; None for fewer than two.
    """

    n: int
    mean: float | None = None
    deviation: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def half_width(self) -> float | None:
        """Half the width of the interval."""
        return None if self.low is None or self.mean is None else self.mean - self.low


@dataclass(frozen=True)
class TimedScore:
    """How good one way to cluster is, and how long it takes, over several seeds.

    Attributes
    ----------
    algorithm : str
    space : str
        What was clustered: ``"deskewed, pca:64"``.
    n_clusters : int
    seconds, score : Spread
    """

    algorithm: str
    space: str
    n_clusters: int
    seconds: Spread
    score: Spread


def spread(values: Iterable[float | None], confidence: float = 0.95) -> Spread:
    """Summarise repetitions by mean, deviation and Student's interval for the mean.

    Parameters
    ----------
    values : iterable of float or None
        One for each repetition; None, and what is not finite, is left out.
    confidence : float, default=0.95
        Of the interval.

    Returns
    -------
    Spread

    Raises
    ------
    ParameterError
        If `confidence` is not between 0 and 1.

    Notes
    -----
    mean +- t deviation / sqrt(n), t with n - 1 degrees of freedom: it takes the repetitions for
    independent draws from a normal distribution. It tells how far the mean depends on the seeds;
    not how far it depends on the images, which are the same in all of them. Near the end of a
    score's range it can reach beyond it.

    Examples
    --------
    >>> from inkmeans.evaluate import spread
    >>> found = spread([0.90, 0.92, 0.94])
    >>> [round(value, 3) for value in (found.mean, found.deviation, found.low, found.high)]
    [0.92, 0.02, 0.87, 0.97]
    """
    from scipy.special import stdtrit

    if not 0 < confidence < 1:
        raise ParameterError(f"confidence is {confidence}", hint="give a number between 0 and 1")
    numbers = np.array([value for value in values if value is not None], dtype=np.float64)
    numbers = numbers[np.isfinite(numbers)]
    n = len(numbers)
    if n == 0:
        return Spread(0)
    mean = float(numbers.mean())
    if n == 1:
        return Spread(1, mean)
    deviation = float(numbers.std(ddof=1))
    half = float(stdtrit(n - 1, (1 + confidence) / 2)) * deviation / n**0.5
    return Spread(n, mean, deviation, mean - half, mean + half)
