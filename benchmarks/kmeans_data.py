"""The arrays that benchmarks/kmeans.py works on, written once for all its processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from kmeans_rows import Row

__all__ = ["prepare"]

PCA_SCORES = 128
SEEDED_ROWS = 10_000


def prepare(folder: Path, rows: list[Row], memory_rows: int) -> None:
    """Write what the rows need: NAME.npy, and NAME-K.npy, the centroids to begin with."""
    import inkmeans

    digits = inkmeans.load("mnist")
    train, _ = digits.split()
    images = np.ascontiguousarray(train.images.reshape(len(train.images), -1))
    arrays = {
        "mnist": lambda: images,
        "mnist70k": lambda: digits.images.reshape(len(digits.images), -1),
        "pca": lambda: pca_scores(images),
    }
    for name in {row.data for row in rows}:
        array = arrays[name]()
        np.save(folder / f"{name}.npy", array)
        for k in sorted({row.k for row in rows if row.data == name and row.k}):
            np.save(folder / f"{name}-{k}.npy", array[spread_rows(array, k)])
    if any(row.task == "memory" for row in rows):
        np.save(folder / f"images-{memory_rows}.npy", shifted(train.images, memory_rows))


def pca_scores(images: Any) -> Any:
    """Scores of the pixels in [0, 1] on their first principal components, in float32."""
    centred = images / 255.0
    centred -= centred.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return np.ascontiguousarray(centred @ vectors[:, ::-1][:, :PCA_SCORES], dtype=np.float32)


def spread_rows(array: Any, k: int) -> Any:
    """Choose rows by k-means++ without trials, among 10,000: of no library, and quick."""
    random = np.random.default_rng(k)
    some = np.sort(random.choice(len(array), SEEDED_ROWS, replace=False))
    rows = array[some].astype(np.float32)
    norms = np.einsum("ij,ij->i", rows, rows)
    chosen = [int(random.integers(SEEDED_ROWS))]
    nearest = np.full(SEEDED_ROWS, np.inf)
    for _ in range(k - 1):
        last = chosen[-1]
        squared = norms + norms[last] - 2 * (rows @ rows[last])
        nearest = np.minimum(nearest, np.maximum(squared, 0))
        nearest[last] = 0
        chosen.append(int(random.choice(SEEDED_ROWS, p=nearest / nearest.sum())))
    return some[chosen]


def shifted(images: Any, n: int) -> Any:
    """Repeat the images, moved by a pixel or two each time: `n` rows of uint8."""
    moves = [(y, x) for y in (0, 1, -1, 2, -2) for x in (0, 1, -1, 2, -2)]
    rows = np.empty((n, images[0].size), dtype=np.uint8)
    for i, begin in enumerate(range(0, n, len(images))):
        part = rows[begin : begin + len(images)]
        moved = np.roll(images[: len(part)], moves[i % len(moves)], axis=(1, 2))
        part[:] = moved.reshape(len(part), -1)
    return rows
