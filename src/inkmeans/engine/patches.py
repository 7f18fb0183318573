"""Patch features of images: the kernel's face, and the same in NumPy for reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from inkmeans import engine

__all__ = ["PatchLayer", "encode_patches", "reference_patches"]

_BLOCK = 32  # images of the reference at a time


@dataclass(frozen=True, slots=True)
class PatchLayer:
    """What a layer compares patches with, and how it adds up what it finds.

    A patch x of variance v, its mean taken off, answers to atom a of threshold t by
    ``max(0, x . a / sqrt(v + epsilon) - t)``.

    Attributes
    ----------
    patch_size : int
        Side of the square patches.
    pool : int
        Cells of the grid, down and across: the answers of the patches in each are added up.
    epsilon : float
        In squared units of what the patches are of: for images squared grey levels.
    atoms : float32 ndarray of shape (patch_size * patch_size * channels, n_atoms)
        C-contiguous; the values of a patch by row, column and channel. Each atom adds up to 0.
    thresholds : float32 ndarray of shape (n_atoms,)

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.patches import PatchLayer
    >>> edge = np.array([[-1], [1], [-1], [1]], dtype=np.float32)
    >>> PatchLayer(2, 1, 1.0, edge, np.zeros(1, dtype=np.float32)).n_features
    1
    """

    patch_size: int
    pool: int
    epsilon: float
    atoms: NDArray[np.float32]
    thresholds: NDArray[np.float32]

    @property
    def n_features(self) -> int:
        """Numbers that it makes of an image: by cell (row by row), in it by atom."""
        return self.pool**2 * len(self.thresholds)


def encode_patches(
    images: NDArray[np.uint8], chains: Sequence[Sequence[PatchLayer]], *, n_threads: int = 1
) -> NDArray[np.float32]:
    """Encode every patch of each image, and add the answers up over the cells of a grid.

    Parameters
    ----------
    images : C-contiguous uint8 array of shape (n, height, width)
    chains : sequence of sequences of PatchLayer
        Each chain gives some columns. In a chain the first layer sees the image; the answers
        of each layer, a map of (pool, pool, n_atoms), are the image that the next one sees.
    n_threads : int, default=1

    Returns
    -------
    float32 ndarray of shape (n, d)
        Square roots of the sums of the last layer of each chain, the chains side by side.

    Raises
    ------
    ValueError
        If layers do not fit the images or each other.

    Notes
    -----
    The native kernel holds no patches in memory, and gives the same bits for every number of
    threads; instruction sets differ by rounding.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.patches import PatchLayer, encode_patches
    >>> edge = np.array([[-1], [1], [-1], [1]], dtype=np.float32) / 4
    >>> layer = PatchLayer(2, 1, 1e-9, edge, np.zeros(1, dtype=np.float32))
    >>> images = np.array([[[0, 9, 9]] * 3, [[9, 0, 0]] * 3], dtype=np.uint8)
    >>> encode_patches(images, [[layer]]).round(3)
    array([[1.414],
           [0.   ]], dtype=float32)
    """
    compiled: Any = engine.native_part()
    if compiled is None:
        return reference_patches(images, chains)
    plain = [
        [
            (layer.patch_size, layer.pool, layer.epsilon, layer.atoms, layer.thresholds)
            for layer in chain
        ]
        for chain in chains
    ]
    rows: NDArray[np.float32] = compiled.encode_patches(images, plain, n_threads)
    return rows


def reference_patches(
    images: NDArray[np.uint8], chains: Sequence[Sequence[PatchLayer]]
) -> NDArray[np.float32]:
    """Compute `encode_patches` in float64: the specification.

    Parameters
    ----------
    images : uint8 array of shape (n, height, width)
    chains : sequence of sequences of PatchLayer

    Returns
    -------
    float32 ndarray of shape (n, d)

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.engine.patches import PatchLayer, reference_patches
    >>> layer = PatchLayer(2, 1, 1.0, np.zeros((4, 1), "f4"), np.full(1, -1.0, "f4"))
    >>> reference_patches(np.zeros((1, 3, 3), np.uint8), [[layer]])
    array([[2.]], dtype=float32)
    """
    rows = [_encode(images, chain) for chain in chains]
    return np.concatenate(rows, axis=1).astype(np.float32)


def _encode(images: NDArray[np.uint8], chain: Sequence[PatchLayer]) -> NDArray[np.float64]:
    rows = np.empty((len(images), chain[-1].n_features))
    for start in range(0, len(images), _BLOCK):
        maps = images[start : start + _BLOCK, :, :, None].astype(np.float64)
        for layer in chain:
            maps = _encode_maps(maps, layer)
        rows[start : start + _BLOCK] = maps.reshape(len(maps), -1)
    return rows


def _encode_maps(maps: NDArray[np.float64], layer: PatchLayer) -> NDArray[np.float64]:
    size, pool = layer.patch_size, layer.pool
    windows = sliding_window_view(
        maps, (size, size), axis=(1, 2)
    )  # (n, y, x, channel, row, column)
    n, places_y, places_x = windows.shape[:3]
    patches = windows.transpose(0, 1, 2, 4, 5, 3).reshape(n, places_y, places_x, -1)
    centered = patches - patches.mean(axis=-1, keepdims=True)
    deviation = np.sqrt(np.square(centered).mean(axis=-1, keepdims=True) + layer.epsilon)
    answers = np.maximum(0, centered / deviation @ layer.atoms - layer.thresholds)
    down, across = (
        np.arange(places) * pool // places == np.arange(pool)[:, None]
        for places in (places_y, places_x)
    )
    sums = np.einsum("ay,nyxk,bx->nabk", down * 1.0, answers, across * 1.0, optimize=True)
    return np.asarray(np.sqrt(sums))
