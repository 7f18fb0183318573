"""Readers for the data sets that are fetched, each as its authors distribute it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkmeans.datasets.convert import join_parts
from inkmeans.datasets.digits import Arrays
from inkmeans.datasets.idx import pair, parse_idx, read_idx_files
from inkmeans.datasets.unpack import open_member, open_packed
from inkmeans.errors import DataError

__all__ = ["read_emnist_digits", "read_libsvm_digits", "read_quartet", "read_usps"]

_MAX_TEXT = 256 * 2**20


def read_quartet(paths: tuple[Path, ...]) -> Arrays:
    """Read four IDX files: Fashion-MNIST, KMNIST, QMNIST.

    Parameters
    ----------
    paths : tuple of Path
        Training images, training labels, test images, test labels.

    Returns
    -------
    Arrays

    Raises
    ------
    DataError
        If one of them is not what it should be.
    """
    train_images, train_labels, test_images, test_labels = paths
    train = read_idx_files(train_images, train_labels)
    test = read_idx_files(test_images, test_labels)
    return join_parts(train, test, str(train_images.parent))


def read_emnist_digits(paths: tuple[Path, ...]) -> Arrays:
    """Read EMNIST's digits out of its gzip.zip, and turn the images upright.

    Parameters
    ----------
    paths : tuple of Path
        One path, of the zip archive of gzip-compressed IDX files. Its images are
        stored column by column.

    Returns
    -------
    Arrays

    Raises
    ------
    DataError
        If the archive is damaged or holds no EMNIST digits.
    """
    (path,) = paths
    return join_parts(_emnist_part(path, "train"), _emnist_part(path, "test"), str(path))


def _emnist_part(path: Path, part: str) -> Arrays:
    members = [
        f"gzip/emnist-digits-{part}-{kind}-ubyte.gz" for kind in ("images-idx3", "labels-idx1")
    ]
    arrays = []
    for member in members:
        with open_member(path, member) as (stream, room):
            arrays.append(parse_idx(stream, f"{path}: {member}", room, packed=True))
    found = pair(arrays[0], arrays[1], *(f"{path}: {member}" for member in members))
    return Arrays(found.images.transpose(0, 2, 1), found.labels)


def read_usps(paths: tuple[Path, ...]) -> Arrays:
    """Read USPS as the LIBSVM project distributes it.

    Parameters
    ----------
    paths : tuple of Path
        The training and the test file.

    Returns
    -------
    Arrays

    Raises
    ------
    DataError
        If one of them is not what it should be.
    """
    train, test = (read_libsvm_digits(path, side=16) for path in paths)
    return join_parts(train, test, str(paths[0].parent))


def read_libsvm_digits(path: Path, side: int) -> Arrays:
    r"""Read square images from a LIBSVM text file, plain or compressed.

    Parameters
    ----------
    path : Path
        Each line has a label from 1 to 10, for the digits 0 to 9, and pairs
        ``index:value`` with indices from 1 and values from -1 (paper) to 1 (ink).
    side : int
        Width and height of the images.

    Returns
    -------
    Arrays
        Images are uint8, 0 for -1 and 255 for 1.

    Raises
    ------
    DataError
        If it is not such a file.

    Examples
    --------
    >>> from inkmeans.datasets.distributed import read_libsvm_digits
    >>> file = getfixture("tmp_path") / "two.txt"
    >>> _ = file.write_text("8 1:-1 2:1 3:-1 4:1\n10 1:1 2:1 3:1 4:-0.5\n")
    >>> read_libsvm_digits(file, side=2).images.tolist()
    [[[0, 255], [0, 255]], [[255, 255], [255, 64]]]
    """
    from sklearn.datasets import load_svmlight_file

    with open_packed(path) as (stream, _):
        text = stream.read(_MAX_TEXT + 1)
    if len(text) > _MAX_TEXT:
        raise DataError(f"{path}: more than {_MAX_TEXT} bytes of text", hint="it is another file")
    try:
        sparse, labels = load_svmlight_file(
            io.BytesIO(text), n_features=side * side, zero_based=False
        )
    except (ValueError, OverflowError) as error:
        raise DataError(
            f"{path}: not a LIBSVM file of {side} x {side} images ({error})",
            hint="copy or download it again",
        ) from None
    values: NDArray[np.float64] = sparse.toarray()
    if not len(values):
        raise DataError(f"{path}: no images", hint="copy or download it again")
    if not np.isin(labels, range(1, 11)).all() or not (np.abs(values) <= 1).all():
        raise DataError(
            f"{path}: labels outside 1..10, or values outside -1..1",
            hint="copy or download it again",
        )
    images = np.rint((values + 1) * 127.5).astype(np.uint8)
    return Arrays(images.reshape(-1, side, side), labels.astype(np.int64) - 1)
