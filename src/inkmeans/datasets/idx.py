"""IDX, the file format of MNIST: a magic number, the shape, the values."""

from __future__ import annotations

import math
import re
import struct
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.datasets.digits import Arrays
from inkmeans.datasets.unpack import check_size, expect_end, open_packed, read_exactly
from inkmeans.errors import DataError

__all__ = ["labels_beside", "pair", "parse_idx", "read_idx", "read_idx_files"]

_TYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype("u1"),
    0x09: np.dtype("i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}


def read_idx(path: str | Path) -> NDArray[Any]:
    """Read an IDX file, plain or compressed by gzip, bzip2 or xz.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    ndarray
        Of the shape and the type that the file declares, in native byte order.

    Raises
    ------
    DataError
        If the file is missing, no IDX file, truncated, damaged, or declares more
        data than it can hold.

    Examples
    --------
    >>> from pathlib import Path
    >>> from inkmeans.datasets.idx import read_idx
    >>> file = getfixture("tmp_path") / "labels-idx1-ubyte"
    >>> _ = file.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4]))
    >>> read_idx(file)
    array([5, 0, 4], dtype=uint8)
    """
    path = Path(path)
    with open_packed(path) as (stream, packed):
        return parse_idx(stream, str(path), path.stat().st_size, packed=packed)


def parse_idx(stream: IO[bytes], where: str, room: int, *, packed: bool) -> NDArray[Any]:
    """Read an IDX file that is open already.

    Parameters
    ----------
    stream : binary file
        At its beginning.
    where : str
        The file, for error messages.
    room : int
        Bytes of the file, compressed if it is.
    packed : bool
        Whether it is compressed.

    Returns
    -------
    ndarray

    Raises
    ------
    DataError
        As `read_idx`.
    """
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _TYPES or not magic[3]:
        found = f"starts with the bytes {magic.hex(' ')}" if magic else "is empty"
        raise DataError(
            f"{where}: not an IDX file: it {found}",
            hint="an IDX file starts with 00 00, a type (08 for uint8), number of dimensions",
        )
    dtype, n_dims = _TYPES[magic[2]], magic[3]
    if n_dims > 8:
        raise DataError(f"{where}: an IDX file of {n_dims} dimensions", hint="8 at most")
    shape = struct.unpack(f">{n_dims}I", read_exactly(stream, 4 * n_dims, where))
    n_bytes = math.prod(shape) * dtype.itemsize
    check_size(where, n_bytes, room if packed else room - 4 - 4 * n_dims, packed=packed)
    data = read_exactly(stream, n_bytes, where)
    expect_end(stream, where)
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def read_idx_files(images: Path, labels: Path | None) -> Arrays:
    """Read an images file and its labels file.

    Parameters
    ----------
    images : Path
    labels : Path or None

    Returns
    -------
    Arrays

    Raises
    ------
    DataError
        If one of them is not what it should be, or their lengths differ.
    """
    pixels = read_idx(images)
    if pixels.ndim != 3:
        raise DataError(
            f"{images}: {pixels.ndim} dimensions, images have 3",
            hint="give the images file; the labels file beside it is found by its name",
        )
    if labels is None:
        return Arrays(pixels)
    return pair(pixels, read_idx(labels), str(images), str(labels))


def pair(pixels: NDArray[Any], numbers: NDArray[Any], images: str, labels: str) -> Arrays:
    """Check that labels belong to images.

    Parameters
    ----------
    pixels : ndarray of shape (n, height, width)
    numbers : ndarray of shape (n,), or (n, 8) as QMNIST has them
        Of the eight columns the first is the class.
    images, labels : str
        The files, for error messages.

    Returns
    -------
    Arrays

    Raises
    ------
    DataError
        If the lengths differ.
    """
    if numbers.ndim == 2 and numbers.shape[1:] == (8,):
        numbers = numbers[:, 0]  # QMNIST: the class, then seven columns on the writer
    if numbers.ndim != 1:
        raise DataError(
            f"{labels}: {numbers.ndim} dimensions, labels have 1", hint="check the file"
        )
    if len(numbers) != len(pixels):
        raise DataError(
            f"{images} has {len(pixels)} images but {labels} has {len(numbers)} labels",
            hint="they do not belong together, or one is incomplete",
        )
    return Arrays(pixels, numbers)


def labels_beside(images: Path) -> Path | None:
    """Find the labels file that belongs to an images file, by the usual names.

    Parameters
    ----------
    images : Path
        For example ``train-images-idx3-ubyte.gz``.

    Returns
    -------
    Path or None
        For example ``train-labels-idx1-ubyte`` in the same folder, with or without
        ``.gz``; None where there is none.

    Examples
    --------
    >>> from inkmeans.datasets.idx import labels_beside
    >>> folder = getfixture("tmp_path")
    >>> (folder / "train-labels-idx1-ubyte").touch()
    >>> labels_beside(folder / "train-images-idx3-ubyte.gz").name
    'train-labels-idx1-ubyte'
    """
    if "images" not in images.name:
        return None
    stem = re.sub(r"\.(gz|bz2|xz)$", "", images.name).replace("images", "labels")
    stems = [stem.replace("idx3", "idx1"), stem.replace("idx3-ubyte", "idx2-int"), stem]
    for candidate in dict.fromkeys(stems):
        for suffix in ("", ".gz", ".xz", ".bz2"):
            path = images.with_name(candidate + suffix)
            if path != images and path.is_file():
                return path
    return None
