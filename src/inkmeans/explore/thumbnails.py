"""The atlas of thumbnails, band by band, and what is odd about the images."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from inkmeans.explore.protocol import Atlas

__all__ = ["band", "find_blanks", "find_duplicates", "shrink"]


def band(images: NDArray[np.uint8], atlas: Atlas, number: int) -> bytes:
    """Lay one band of the atlas out.

    Parameters
    ----------
    images : uint8 ndarray of shape (n, height, width)
    atlas : Atlas
    number : int
        From 0; from top to bottom.

    Returns
    -------
    bytes

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.explore.protocol import plan_atlas
    >>> from inkmeans.explore.thumbnails import band
    >>> images = np.arange(8, dtype=np.uint8).reshape(2, 2, 2)
    >>> list(band(images, plan_atlas(2, 2, 2), 0))
    [0, 1, 4, 5, 2, 3, 6, 7]
    """
    rows = min(atlas.band_rows, atlas.rows - number * atlas.band_rows)
    start = number * atlas.band_rows * atlas.columns
    part = shrink(images[start : start + rows * atlas.columns], atlas.height, atlas.width)
    whole = np.zeros((rows * atlas.columns, atlas.height, atlas.width), np.uint8)
    whole[: len(part)] = part
    grid = whole.reshape(rows, atlas.columns, atlas.height, atlas.width)
    return grid.transpose(0, 2, 1, 3).tobytes()


def shrink(images: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Make images smaller: each pixel is the mean of those that it covers.

    Parameters
    ----------
    images : uint8 ndarray of shape (n, at least height, at least width)
    height, width : int

    Returns
    -------
    uint8 ndarray of shape (n, height, width)
    """
    if images.shape[1:] == (height, width):
        return images
    down, across = _cover(images.shape[1], height), _cover(images.shape[2], width)
    shrunk = np.empty((len(images), height, width), np.uint8)
    block = max(1, 2**22 // images[0].size) if len(images) else 1
    for start in range(0, len(images), block):
        part = down @ images[start : start + block].astype(np.float32) @ across.T
        shrunk[start : start + block] = np.rint(part)
    return shrunk


def _cover(many: int, few: int) -> NDArray[np.float32]:
    """Return how much each of few pixels takes of each of many; rows sum to 1."""
    edges = np.arange(few + 1) * (many / few)
    left, right = np.maximum.outer(edges[:-1], np.arange(many)), None
    right = np.minimum.outer(edges[1:], np.arange(1, many + 1))
    shares: NDArray[np.float32] = (np.clip(right - left, 0, None) * (few / many)).astype(np.float32)
    return shares


def find_blanks(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """List the images whose pixels are all the same."""
    flat = images.reshape(len(images), -1)
    blanks: NDArray[np.int64] = np.flatnonzero((flat == flat[:, :1]).all(axis=1))
    return blanks


def find_duplicates(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """List the images that equal an earlier one."""
    seen: set[bytes] = set()
    found = []
    for index, image in enumerate(images):
        digest = hashlib.blake2b(image.tobytes(), digest_size=16).digest()
        if digest in seen:
            found.append(index)
        seen.add(digest)
    return np.array(found, dtype=np.int64)
