"""What a suggestion was asked for, checked in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inkmeans.errors import ParameterError
from inkmeans.experiment.options import check_seed, parse_number
from inkmeans.features.registry import get_feature
from inkmeans.reduce.registry import parse_reducer

__all__ = ["DEFAULT_REDUCER", "SuggestOptions", "parse_range"]

DEFAULT_REDUCER = "pca:32"
_MOST = 1000  # numbers of clusters in one range


@dataclass(frozen=True)
class SuggestOptions:
    """What to try, and where to keep the results.

    Parameters
    ----------
    dataset : str, path, ndarray or pair of pairs, default="mnist"
        Whatever `inkmeans.load` takes.
    clusters : tuple of int, default=(2, 3, ..., 30)
        Numbers of clusters to try, at least three.
    features : str, default="deskewed"
        A name in `inkmeans.features.FEATURES`.
    reduce : str or None, default="pca:32"
        ``NAME:D``, with fewer components where the images are small or few; None for no
        reduction.
    sample : int, default=4000
        Training images that are looked at, drawn at random; all where there are fewer. Every
        criterion is a mean over images or pairs of them, which a few thousand tell well enough.
    n_references : int, default=10
        Data sets without clusters that the gap statistic compares with.
    n_repeats : int, default=5
        Clusterings of different images and seeds that stability compares.
    seed : int, default=0
        Decides everything that is random.
    out : Path, default=Path("suggest-k")
        The folder that gets suggest-k.json and the picture.

    Raises
    ------
    ParameterError
        If a value makes no sense, whatever the data are.

    Examples
    --------
    >>> from inkmeans.experiment import SuggestOptions
    >>> SuggestOptions(clusters=(10,))
    Traceback (most recent call last):
    ...
    inkmeans.errors.ParameterError: 1 number of clusters to try; give at least 3, for example 2-30
    """

    dataset: Any = field(default="mnist", compare=False)
    clusters: tuple[int, ...] = tuple(range(2, 31))
    features: str = "deskewed"
    reduce: str | None = DEFAULT_REDUCER
    sample: int = 4000
    n_references: int = 10
    n_repeats: int = 5
    seed: int = 0
    out: Path = Path("suggest-k")

    def __post_init__(self) -> None:
        object.__setattr__(self, "clusters", tuple(sorted(set(self.clusters))))
        n = len(self.clusters)
        if n < 3:
            raise ParameterError(
                f"{n} {'number' if n == 1 else 'numbers'} of clusters to try",
                hint="give at least 3, for example 2-30",
            )
        if self.clusters[0] < 1:
            raise ParameterError(
                f"n_clusters is {self.clusters[0]}", hint="give numbers of at least 1"
            )
        get_feature(self.features)
        if self.reduce is not None:
            parse_reducer(self.reduce)
        for value, what, least in (
            (self.sample, "sample", self.clusters[-1] + 1),
            (self.n_references, "n_references", 2),
            (self.n_repeats, "n_repeats", 2),
        ):
            if value < least:
                raise ParameterError(f"{what} is {value}", hint=f"give at least {least}")
        check_seed(self.seed)


def parse_range(text: str, option: str) -> tuple[int, ...]:
    """Read numbers of clusters: a range, a list, or a list of ranges.

    Parameters
    ----------
    text : str
        For example ``"2-30"`` or ``"2-10,16,36,64"``.
    option : str
        Name of the option, for the error message.

    Returns
    -------
    tuple of int
        Ascending.

    Raises
    ------
    ParameterError
        If something in it is no whole number or no range.

    Examples
    --------
    >>> from inkmeans.experiment.suggestion.options import parse_range
    >>> parse_range("2-5, 10", "--clusters")
    (2, 3, 4, 5, 10)
    """
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first or not dash:  # one number; a minus sign is no range
            found.add(parse_number(part, option))
            continue
        low, high = parse_number(first, option), parse_number(last, option)
        if not low <= high < low + _MOST:
            raise ParameterError(
                f"{option}: {part.strip()} is no range of up to {_MOST:,} numbers",
                hint=f"for example {option} 2-30",
            )
        found.update(range(low, high + 1))
    return tuple(sorted(found))
