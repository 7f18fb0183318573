"""What a cluster is like: its size, its spread, its digits and its telling members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError
from inkmeans.evaluate.checks import as_assignments, as_labels, as_matrix
from inkmeans.evaluate.mapping import contingency_table

__all__ = ["ClusterCharacteristics", "characterize", "mean_images"]


@dataclass(frozen=True, eq=False)
class ClusterCharacteristics:
    """One cluster in numbers and in the places of its most telling images.

    Attributes
    ----------
    cluster : int
        Its number.
    size : int
        Images in it.
    mean_distance : float or None
        Mean Euclidean distance of its images to its centroid, in the units of the rows;
        None where it is empty.
    counts : ndarray of int64, shape (n_classes,), or None
        Its images of each class; None without labels.
    typical : ndarray of int64
        Its images nearest to the centroid, nearest first.
    borderline : ndarray of int64
        Its images that another centroid lies nearly as close to, most doubtful first.
    worst : ndarray of int64
        Its images farthest from the centroid, farthest first.
    """

    cluster: int
    size: int
    mean_distance: float | None
    counts: NDArray[np.int64] | None
    typical: NDArray[np.int64]
    borderline: NDArray[np.int64]
    worst: NDArray[np.int64]

    @property
    def shares(self) -> NDArray[np.float64] | None:
        """Share of each class in the cluster, zeros where it is empty; None without labels."""
        return None if self.counts is None else self.counts / max(self.size, 1)

    @property
    def main_class(self) -> int | None:
        """Its most frequent class, the smaller one in a tie; None if empty or without labels."""
        if self.counts is None or self.size == 0:
            return None
        return int(self.counts.argmax())

    @property
    def main_share(self) -> float | None:
        """Share of its most frequent class; None if empty or without labels."""
        if self.counts is None or self.size == 0:
            return None
        return float(self.counts.max() / self.size)


def characterize(
    rows: ArrayLike,
    centroids: ArrayLike,
    assignments: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    n_classes: int | None = None,
    n_members: int = 12,
    distances: ArrayLike | None = None,
    block_size: int = 4096,
) -> tuple[ClusterCharacteristics, ...]:
    """Describe every cluster of a run.

    Parameters
    ----------
    rows : array-like of shape (n_images, n_features)
        Features of the images, uint8 or floating point.
    centroids : array-like of shape (n_clusters, n_features)
    assignments : array-like of int, shape (n_images,)
        The cluster of each image.
    labels : array-like of int, shape (n_images,), or None, default=None
        The class of each image.
    n_classes : int or None, default=None
        How many classes there are; None counts up to the largest label.
    n_members : int, default=12
        The most typical, borderline and worst images to name of each cluster.
    distances : array-like of shape (n_images,), or None, default=None
        From each row to its centroid, where they are known; None computes them.
    block_size : int, default=4096
        Rows in work at a time.

    Returns
    -------
    tuple of ClusterCharacteristics
        One for each centroid, empty clusters included.

    Raises
    ------
    DataError
        If the arrays do not belong together.

    Notes
    -----
    O(n k d) time in float32, O(n) with known distances and no members; memory for two blocks
    of rows and two numbers an image (below 100 MB for 60,000 images of 784 pixels).

    Examples
    --------
    >>> from inkmeans.evaluate import characterize
    >>> first, second = characterize([[0.0], [1.0], [4.0], [9.0]], [[1.0], [9.0]], [0, 0, 0, 1])
    >>> first.size, first.typical.tolist(), first.borderline[0], first.worst[0]
    (3, [1, 0, 2], np.int64(2), np.int64(2))
    """
    means = as_matrix(centroids, "centroids").astype(np.float32)
    matrix = as_matrix(rows, "rows", means.shape[1])
    clusters = as_assignments(assignments, len(means))
    if len(clusters) != len(matrix):
        raise DataError(
            f"{len(clusters)} assignments for {len(matrix)} images",
            hint="give one cluster for each image",
        )
    table = None
    if labels is not None:
        classes = as_labels(labels, len(clusters), n_classes)
        table = contingency_table(
            clusters, classes, len(means), n_classes or int(classes.max()) + 1
        )
    if distances is None or n_members:
        own, gap = _distances(matrix, means, clusters, block_size)
    else:
        own, gap = _as_distances(distances, len(clusters)), np.zeros(0, np.float32)
    order = np.argsort(clusters, kind="stable")
    ends = np.cumsum(np.bincount(clusters, minlength=len(means)))
    return tuple(
        _describe(c, members, own, gap, None if table is None else table[c], n_members=n_members)
        for c, members in enumerate(np.split(order, ends[:-1]))
    )


def mean_images(images: ArrayLike, assignments: ArrayLike, n_clusters: int) -> NDArray[np.float32]:
    """Average the images of each cluster: how its centroid looks, whatever the features.

    Parameters
    ----------
    images : array-like of uint8, shape (n_images, height, width)
    assignments : array-like of int, shape (n_images,)
        The cluster of each image.
    n_clusters : int

    Returns
    -------
    ndarray of float32, shape (n_clusters, height, width)
        Zeros for an empty cluster.

    Raises
    ------
    DataError
        If the arrays do not belong together.

    Examples
    --------
    >>> from inkmeans.evaluate import mean_images
    >>> mean_images([[[0]], [[20]], [[7]]], [0, 0, 1], n_clusters=2).ravel()
    array([10.,  7.], dtype=float32)
    """
    from scipy.sparse import csr_array

    pictures = np.asarray(images)
    clusters = as_assignments(assignments, n_clusters)
    if pictures.ndim != 3 or len(pictures) != len(clusters):
        raise DataError(
            f"images of the shape {pictures.shape} for {len(clusters)} assignments",
            hint="give images of the shape (n_images, height, width), one for each assignment",
        )
    n = len(clusters)
    weights = np.ones(n, np.float32)
    belongs = csr_array((weights, (clusters, np.arange(n))), shape=(n_clusters, n))
    sums = belongs @ pictures.reshape(n, -1)
    sizes = np.bincount(clusters, minlength=n_clusters)
    means: NDArray[np.float32] = np.asarray(sums).astype(np.float32)
    means /= np.maximum(sizes, 1).astype(np.float32)[:, None]
    return means.reshape(n_clusters, *pictures.shape[1:])


def _describe(
    cluster: int,
    members: NDArray[np.int64],
    own: NDArray[np.float32],
    gap: NDArray[np.float32],
    counts: NDArray[np.int64] | None,
    *,
    n_members: int,
) -> ClusterCharacteristics:
    distance = own[members]
    nearest = np.argsort(distance, kind="stable")
    doubtful = np.argsort(gap[members], kind="stable") if n_members else nearest
    return ClusterCharacteristics(
        cluster=cluster,
        size=len(members),
        mean_distance=float(distance.mean(dtype=np.float64)) if len(members) else None,
        counts=counts,
        typical=members[nearest[:n_members]],
        borderline=members[doubtful[:n_members]],
        worst=members[nearest[::-1][:n_members]],
    )


def _distances(
    rows: NDArray[Any],
    centroids: NDArray[np.float32],
    clusters: NDArray[np.int64],
    block_size: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return each row's distance to its own centroid, and how much farther the next one is."""
    own = np.empty(len(rows), np.float32)
    gap = np.full(len(rows), np.inf, np.float32)
    # Distances do not change when everything moves; small numbers keep float32 exact enough.
    origin = centroids.mean(axis=0)
    centred = centroids - origin
    squares = np.einsum("ij,ij->i", centred, centred)
    for start in range(0, len(rows), block_size):
        part = slice(start, start + block_size)
        block = rows[part].astype(np.float32) - origin
        chosen = clusters[part]
        to_others = block @ centred.T
        to_others *= -2
        to_others += squares
        to_others += np.einsum("ij,ij->i", block, block)[:, None]
        to_others[np.arange(len(block)), chosen] = np.inf
        block -= centred[chosen]
        own[part] = np.sqrt(np.einsum("ij,ij->i", block, block))
        gap[part] = np.sqrt(np.maximum(to_others.min(axis=1), 0)) - own[part]
    return own, gap


def _as_distances(distances: ArrayLike, n: int) -> NDArray[np.float32]:
    own = np.asarray(distances, dtype=np.float32)
    if own.shape != (n,):
        raise DataError(
            f"distances of the shape {own.shape} for {n} images",
            hint="give one distance for each image",
        )
    return own
