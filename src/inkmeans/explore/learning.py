"""What the Learn page works on: a small sample, a plane to draw it in, and ways to begin badly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.errors import ParameterError
from inkmeans.explore.opened import OpenData

__all__ = ["assign_step", "draw_sample", "find_plane", "list_starts", "update_step"]


def draw_sample(data: OpenData, n: int, seed: int) -> NDArray[np.int64]:
    """Draw training images at random, ascending."""
    n_train = data.digits.n_train
    drawn = np.random.default_rng(seed).permutation(n_train)[: min(n, n_train)]
    sample: NDArray[np.int64] = np.sort(drawn)
    return sample


def _rows(data: OpenData, n: int, seed: int) -> NDArray[np.float32]:
    images = data.images[draw_sample(data, n, seed)]
    return images.reshape(len(images), -1).astype(np.float32)


def find_plane(data: OpenData, n: int, seed: int) -> NDArray[np.float32]:
    """Find mean and two axes of a sample: three rows of pixels."""
    rows = _rows(data, n, seed)
    mean = rows.mean(axis=0)
    axes = np.linalg.svd(rows - mean, full_matrices=False)[2][:2]
    plane = np.zeros((3, rows.shape[1]), np.float32)
    plane[0], plane[1 : 1 + len(axes)] = mean, axes
    return plane


def list_starts(data: OpenData, n: int, seed: int, k: int) -> list[dict[str, Any]]:
    """Name ways to begin, good and bad, as positions in the sample.

    Parameters
    ----------
    data : OpenData
    n, seed : int
        Of the sample.
    k : int
        Centroids.

    Returns
    -------
    list of dict
        With name, title and places.
    """
    rows = _rows(data, n, seed)
    if k > len(rows):
        raise ParameterError(f"{k} centroids of {len(rows)} images", hint="ask for fewer")
    generator = np.random.default_rng([seed, k])
    plane = find_plane(data, n, seed)
    along = (rows - plane[0]) @ plane[1]
    from_mean = np.square(rows - plane[0]).sum(axis=1)
    starts = {
        "random": ("Random images", generator.permutation(len(rows))[:k]),
        "k-means++": ("Images far from each other (k-means++)", _spread_out(rows, k, generator)),
        "one-corner": ("All in one corner of the map", np.argsort(along)[:k]),
        "outliers": ("The strangest images", np.argsort(-from_mean)[:k]),
    }
    if data.digits.labels is not None:
        truth = data.digits.labels[draw_sample(data, n, seed)]
        same = np.flatnonzero(truth == np.bincount(truth).argmax())
        if len(same) >= k:
            name = data.digits.names[int(truth[same[0]])]
            starts["one-class"] = (f"All of them images of '{name}'", same[:k])
    return [
        {"name": name, "title": title, "places": np.asarray(places).tolist()}
        for name, (title, places) in starts.items()
    ]


def _spread_out(
    rows: NDArray[np.float32], k: int, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Choose rows one after the other, those far from all before with a greater chance."""
    chosen = [int(generator.integers(len(rows)))]
    nearest = np.square(rows - rows[chosen[0]]).sum(axis=1, dtype=np.float64)
    while len(chosen) < k:
        total = nearest.sum()
        odds = nearest / total if total > 0 else None
        chosen.append(int(generator.choice(len(rows), p=odds)))
        away = np.square(rows - rows[chosen[-1]]).sum(axis=1, dtype=np.float64)
        nearest = np.minimum(nearest, away)
    return np.array(chosen)


def assign_step(
    data: OpenData, n: int, seed: int, centroids: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """Find the nearest centroid of each image of the sample; the first of equally near ones."""
    rows = _rows(data, n, seed).astype(np.float64)
    centers = centroids.astype(np.float64)
    squared = np.square(centers).sum(axis=1) - 2 * rows @ centers.T
    nearest: NDArray[np.uint8] = squared.argmin(axis=1).astype(np.uint8)
    return nearest


def update_step(
    data: OpenData,
    n: int,
    seed: int,
    centroids: NDArray[np.float32],
    assigned: NDArray[np.uint8],
) -> NDArray[np.float32]:
    """Move each centroid to the mean of its images; one without images stays."""
    rows = _rows(data, n, seed)
    if len(assigned) != len(rows) or int(assigned.max(initial=0)) >= len(centroids):
        raise ParameterError("clusters that do not fit the sample", hint="send one byte an image")
    moved = centroids.copy()
    for cluster in np.unique(assigned):
        moved[cluster] = rows[assigned == cluster].mean(axis=0, dtype=np.float64)
    return moved
