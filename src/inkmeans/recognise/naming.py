"""Names of clusters, from names that are given or from a few labelled images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError, ParameterError

__all__ = ["match_names", "name_by_votes"]


def name_by_votes(
    labels: ArrayLike,
    n_clusters: int,
    given: Mapping[int, Any] | tuple[ArrayLike, ArrayLike],
    weights: ArrayLike | None = None,
) -> list[Any]:
    """Name clusters.

    Parameters
    ----------
    labels : int array-like of shape (n,)
        Cluster of each image, from 0.
    n_clusters : int
    given : mapping of cluster to name, or a pair of image indices and their labels
        With labels, a cluster takes the most frequent label among its images; of equally
        frequent ones the first in order. Names are integers, or strings, never both.
    weights : array-like or None, default=None
        Of each label, at least 0, where some count more: see `inkmeans.recognise.suggest.reach`.

    Returns
    -------
    list of length n_clusters
        Name of each cluster, an int or a str; None where nothing says it.

    Raises
    ------
    ParameterError
        If a cluster or an image does not exist, or a name is neither an integer nor a string.
    DataError
        If the arrays do not fit together, or mix integers and strings.

    Examples
    --------
    >>> from inkmeans.recognise.naming import name_by_votes
    >>> name_by_votes([0, 0, 1, 2], 3, {0: "seven", 2: "one"})
    ['seven', None, 'one']
    >>> name_by_votes([0, 0, 1, 2], 3, ([0, 1, 2], [7, 4, 4]))
    [4, 4, None]
    """
    clusters = np.asarray(labels)
    if clusters.ndim != 1 or (clusters.size and clusters.dtype.kind not in "iu"):
        raise DataError(
            f"clusters are {clusters.dtype} of shape {clusters.shape}",
            hint="give one integer for each image",
        )
    if clusters.size and not 0 <= clusters.min() <= clusters.max() < n_clusters:
        raise DataError(
            f"clusters go from {clusters.min()} to {clusters.max()}",
            hint=f"with {n_clusters} clusters they are 0 to {n_clusters - 1}",
        )
    named = (
        _by_mapping(n_clusters, given)
        if isinstance(given, Mapping)
        else _by_votes(clusters, n_clusters, given, weights)
    )
    if len({type(name) for name in named if name is not None}) > 1:
        raise DataError("names mix integers and strings", hint="give all of them as strings")
    return named


def _by_mapping(n_clusters: int, given: Mapping[int, Any]) -> list[Any]:
    named: list[Any] = [None] * n_clusters
    for cluster, name in given.items():
        whole = isinstance(cluster, Integral) and not isinstance(cluster, bool)
        if not whole or not 0 <= cluster < n_clusters:
            raise ParameterError(
                f"there is no cluster {cluster!r}", hint=f"clusters are 0 to {n_clusters - 1}"
            )
        named[int(cluster)] = _name(name)
    return named


def _by_votes(
    clusters: NDArray[np.integer], n_clusters: int, given: Any, weights: ArrayLike | None
) -> list[Any]:
    places, names = _pair(given)
    worth = np.ones(len(places)) if weights is None else np.asarray(weights, dtype=np.float64)
    if worth.shape != places.shape or not (worth >= 0).all():
        raise DataError(
            f"weights of {places.size} labels have the shape {worth.shape}",
            hint="give each a weight of at least 0",
        )
    if places.shape != names.shape:
        raise DataError(
            f"{places.size} images are labelled with {names.size} labels",
            hint="give one label for each image",
        )
    if places.size and places.dtype.kind not in "iu":
        raise DataError(
            f"indices of images are {places.dtype}", hint="give whole numbers, counted from 0"
        )
    if places.size and not 0 <= places.min() <= places.max() < len(clusters):
        wrong = places.min() if places.min() < 0 else places.max()
        raise ParameterError(
            f"there is no image {wrong}", hint=f"images are 0 to {len(clusters) - 1}"
        )
    votes: list[dict[Any, float]] = [{} for _ in range(n_clusters)]
    label_of: dict[int, Any] = {}
    for place, label, much in zip(places.tolist(), names.tolist(), worth.tolist(), strict=True):
        name = _name(label)
        if label_of.setdefault(place, name) != name:
            raise DataError(
                f"image {place} has the labels {label_of[place]!r} and {name!r}",
                hint="give one label for each image",
            )
        count = votes[clusters[place]]
        count[name] = count.get(name, 0) + much
    if len({type(name) for name in label_of.values()}) > 1:
        raise DataError("labels mix integers and strings", hint="give all of them as strings")
    return [_most_frequent(count) for count in votes]


def _most_frequent(votes: dict[Any, float]) -> Any:
    """Return the most frequent name, the first in order of several; None if there is none."""
    return min(votes, key=lambda name: (-votes[name], name)) if votes else None


def _pair(given: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    try:
        indices, labels = given
    except (TypeError, ValueError):
        raise ParameterError(
            "names come neither as a mapping nor as a pair of indices and labels",
            hint="give {cluster: name}, or indices of images and their labels",
        ) from None
    names = np.asarray(labels)
    if names.dtype.kind not in "iuUO" and names.size:
        raise DataError(f"labels are {names.dtype}", hint="give integers or strings")
    mixed = isinstance(labels, (list, tuple)) and names.dtype.kind == "U"
    if mixed:  # NumPy would have made strings of integers
        names = np.array([*labels, None], dtype=object)[:-1]
    return np.asarray(indices).reshape(-1), names.reshape(-1)


def _name(name: Any) -> int | str:
    plain = name.item() if isinstance(name, np.generic) else name
    if isinstance(plain, bool) or not isinstance(plain, (int, str)):
        raise ParameterError(f"the name {name!r} is of no use", hint="give an integer or a string")
    return plain


def match_names(names: Sequence[Any], classes: ArrayLike) -> NDArray[np.float32]:
    """Say which clusters have which name.

    Parameters
    ----------
    names : sequence of length n_clusters
        None where a cluster has none.
    classes : array-like of shape (n_classes,)
        The names, ascending.

    Returns
    -------
    float32 ndarray of shape (n_clusters, n_classes)
        Ones and zeros: scores of clusters times this are those of names.

    Examples
    --------
    >>> from inkmeans.recognise.naming import match_names
    >>> match_names([7, None, 4], [4, 7])
    array([[0., 1.],
           [0., 0.],
           [1., 0.]], dtype=float32)
    """
    known = np.asarray(classes)
    member = np.zeros((len(names), len(known)), dtype=np.float32)
    for cluster, name in enumerate(names):
        if name is not None:
            member[cluster, np.searchsorted(known, name)] = 1
    return member
