"""How classes and shares are put into words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError

__all__ = ["as_counts", "class_name", "main_class", "noun", "number", "percent"]


def class_name(index: int | None, names: Sequence[str] = (), longest: int = 12) -> str:
    """Return the name of a class, cut to a length; its number where it has none.

    Parameters
    ----------
    index : int or None
    names : sequence of str, default=()
    longest : int, default=12
        Characters, at the most.

    Returns
    -------
    str
        A dash for no class.

    Examples
    --------
    >>> from inkmeans.figures.labels import class_name
    >>> class_name(1, ("Trouser", "T-shirt or top"), longest=8), class_name(7), class_name(None)
    ('T-shirt…', '7', '–')
    """
    if index is None or index < 0:
        return "–"
    name = str(names[index]) if index < len(names) else str(index)
    return name if len(name) <= longest else name[: longest - 1] + "…"


def noun(names: Sequence[str]) -> str:
    """Return what one class is called in a sentence.

    Parameters
    ----------
    names : sequence of str
        Names of the classes; empty where they are numbers.

    Returns
    -------
    str

    Examples
    --------
    >>> from inkmeans.figures.labels import noun
    >>> noun(("0", "1")), noun(("Coat", "Shirt"))
    ('digit', 'class')
    """
    return "digit" if all(str(name).isdigit() for name in names) else "class"


def percent(share: float | None) -> str:
    """Return a share in whole percent; never 100 % for less than all, or 0 % for some.

    Parameters
    ----------
    share : float or None
        From 0 to 1.

    Returns
    -------
    str

    Examples
    --------
    >>> from inkmeans.figures.labels import percent
    >>> percent(0.934), percent(0.9999), percent(0.0001), percent(None)
    ('93 %', '>99 %', '<1 %', '–')
    """
    if share is None:
        return "–"
    if 0.995 <= share < 1:
        return ">99 %"
    if 0 < share < 0.005:
        return "<1 %"
    return f"{100 * share:.0f} %"


def number(value: float | None) -> str:
    """Return a number with as many digits as a reader needs.

    Parameters
    ----------
    value : float or None

    Returns
    -------
    str

    Examples
    --------
    >>> from inkmeans.figures.labels import number
    >>> number(1234.5), number(6.9219), number(0.00123), number(None)
    ('1,234', '6.92', '0.00123', '–')
    """
    if value is None or not np.isfinite(value):
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def main_class(counts: NDArray[np.int64] | None) -> tuple[int | None, float | None]:
    """Return the most frequent class of a cluster and its share; None twice for no images.

    Parameters
    ----------
    counts : ndarray of int, shape (n_classes,), or None

    Returns
    -------
    int or None, float or None

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.figures.labels import main_class
    >>> main_class(np.array([1, 3])), main_class(None)
    ((1, 0.75), (None, None))
    """
    if counts is None or not counts.sum():
        return None, None
    return int(counts.argmax()), float(counts.max() / counts.sum())


def as_counts(counts: ArrayLike | None, n_clusters: int) -> NDArray[np.int64] | None:
    """Return the images of each class in each cluster, or say what is wrong with them.

    Parameters
    ----------
    counts : array-like of int, shape (n_clusters, n_classes), or None
    n_clusters : int

    Returns
    -------
    ndarray of int64, shape (n_clusters, n_classes), or None

    Raises
    ------
    DataError
        If there are more or fewer rows than clusters.
    """
    if counts is None:
        return None
    table = np.asarray(counts)
    if table.ndim != 2 or len(table) != n_clusters:
        raise DataError(
            f"counts of the shape {table.shape} for {n_clusters} clusters",
            hint="give one row for each cluster and one column for each class",
        )
    return table.astype(np.int64)
