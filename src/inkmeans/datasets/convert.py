"""From arrays as people have them to uint8 images and numbered classes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.datasets.digits import Arrays, Digits, Source, fingerprint
from inkmeans.errors import DataError

__all__ = [
    "as_array",
    "join_parts",
    "natural_key",
    "to_digits",
    "to_images",
    "to_labels",
    "whole_numbers",
]

DIGITS = tuple("0123456789")


def to_digits(
    arrays: Arrays,
    name: str,
    *,
    where: str = "",
    names: tuple[str, ...] = (),
    sha256: str = "",
    licence: str = "",
    address: str = "",
) -> Digits:
    """Convert and check what a reader found.

    Parameters
    ----------
    arrays : Arrays
    name : str
        Name of the source.
    where : str
        What error messages name: the path, for example; the name where it is empty.
    names : tuple of str
        Class names, where labels are known to be numbers of these.
    sha256 : str
        Fingerprint of the arrays, where it is known; computed where it is empty.
    licence, address : str
        Kept in the source.

    Returns
    -------
    Digits

    Raises
    ------
    DataError
        If the arrays are no images, or do not fit together.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.datasets.convert import to_digits
    >>> from inkmeans.datasets.digits import Arrays
    >>> to_digits(Arrays(np.zeros((2, 64))), "blank")
    <Digits blank: 2 images of 8 x 8, no labels>
    """
    where = where or name
    images = to_images(arrays.images, where)
    labels: NDArray[np.int64] | None = None
    if arrays.labels is None:
        names = ()
    elif names:
        labels = whole_numbers(arrays.labels, where)
    else:
        labels, names = to_labels(arrays.labels, where)
    _check_lengths(images, labels, where)
    n_train = len(images) if arrays.n_train is None else arrays.n_train
    sha256 = sha256 or fingerprint(images, labels, n_train)
    source = Source(name, sha256, licence, address)
    return Digits(images, labels, names, source, n_train)


def join_parts(train: Arrays, test: Arrays | None, where: str) -> Arrays:
    """Put the training and the test part into one.

    Parameters
    ----------
    train : Arrays
    test : Arrays or None
        None and no images mean the same: there is no test part.
    where : str
        Name of the source, for error messages.

    Returns
    -------
    Arrays
        Its images are uint8 of shape (n, height, width).

    Raises
    ------
    DataError
        If the images differ in size, only one of the parts has labels, or a part does
        not have a label for each image.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.datasets.convert import join_parts
    >>> from inkmeans.datasets.digits import Arrays
    >>> part = Arrays(np.zeros((2, 8, 8), np.uint8), np.array([3, 7]))
    >>> join_parts(part, part, "mine").labels
    array([3, 7, 3, 7])
    """
    parts = [train] if test is None or np.shape(test.images)[:1] == (0,) else [train, test]
    images = [to_images(part.images, where) for part in parts]
    for pixels, part in zip(images, parts, strict=True):
        _check_lengths(pixels, part.labels, where)
    if len(parts) == 1:
        return Arrays(images[0], train.labels)
    if images[0].shape[1:] != images[1].shape[1:]:
        raise DataError(
            f"{where}: training images of {_size(images[0])}, test images of {_size(images[1])}",
            hint="give both the same size",
        )
    labels = [part.labels for part in parts if part.labels is not None]
    if len(labels) == 1:
        raise DataError(
            f"{where}: only one of the training and the test part has labels",
            hint="give labels for both or for neither",
        )
    return Arrays(
        np.concatenate(images), np.concatenate(labels) if labels else None, len(images[0])
    )


def as_array(thing: Any, where: str) -> NDArray[Any]:
    """Make an array of a list, a tensor, a data frame ...

    Parameters
    ----------
    thing : array-like
    where : str
        Name of the source, for error messages.

    Returns
    -------
    ndarray

    Raises
    ------
    DataError
        If NumPy cannot.

    Examples
    --------
    >>> from inkmeans.datasets.convert import as_array
    >>> as_array([3, 7], "mine")
    array([3, 7])
    """
    try:
        return np.asarray(thing)
    except (TypeError, ValueError, RuntimeError) as error:  # ragged lists, tensors on a device
        raise DataError(f"{where}: not an array ({error})", hint=_HINT_SHAPE) from None


def to_images(array: Any, name: str) -> NDArray[np.uint8]:
    """Make uint8 images of an array.

    Parameters
    ----------
    array : array-like of shape (n, height, width), (n, height, width, 1), \
(n, 1, height, width) or (n, side * side)
        uint8 values stay as they are, and so do other whole numbers from 0 to 255, of
        an integer or a floating-point type. Truth values and floating-point numbers
        from 0 to 1 are multiplied by 255 and rounded. Anything else is refused.
    name : str
        Name of the source, for error messages.

    Returns
    -------
    ndarray of uint8, shape (n, height, width)

    Raises
    ------
    DataError
        If the shape or the values are none of the above.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.datasets.convert import to_images
    >>> to_images(np.array([[0.0, 0.5, 0.75, 1.0]]), "mine").tolist()
    [[[0, 128], [191, 255]]]
    """
    values = as_array(array, name)
    if values.dtype.kind not in "buif":
        raise DataError(f"{name}: images of type {values.dtype}", hint="give numbers")
    return np.ascontiguousarray(_to_uint8(_to_stack(values, name), name))


def to_labels(labels: Any, name: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Give every class a number.

    Parameters
    ----------
    labels : array-like of shape (n,)
        Whole numbers or strings. Where all of them are digits they stay as they are, and
        the classes are "0" to "9". Other labels are numbered in their natural order.
    name : str
        Name of the source, for error messages.

    Returns
    -------
    labels : ndarray of int64, shape (n,)
    names : tuple of str
        ``names[labels[i]]`` is the label of image i as it was given.

    Raises
    ------
    DataError
        If labels are no whole numbers and no strings.

    Examples
    --------
    >>> from inkmeans.datasets.convert import to_labels
    >>> to_labels(["coat", "bag", "coat"], "mine")
    (array([1, 0, 1]), ('bag', 'coat'))
    """
    values = as_array(labels, name)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise DataError(
            f"{name}: labels of shape {values.shape}", hint="give one label for each image"
        )
    if values.dtype.kind == "f" and np.isfinite(values).all() and (values == values.round()).all():
        values = values.astype(np.int64)
    if values.dtype.kind == "O" and all(isinstance(label, str) for label in values.tolist()):
        values = values.astype(np.str_)
    if values.dtype.kind not in "iuU":
        raise DataError(
            f"{name}: labels of type {values.dtype}", hint="give whole numbers or strings"
        )
    distinct, numbers = np.unique(values, return_inverse=True)
    try:
        texts = [str(value) for value in distinct.tolist()]
    except ValueError as error:  # bytes that are no characters
        raise DataError(f"{name}: damaged labels ({error})", hint="save them again") from None
    if set(texts) <= set(DIGITS):
        order, texts = [int(text) for text in texts], list(DIGITS)
    elif values.dtype.kind == "U":
        ranked = sorted(texts, key=natural_key)
        order, texts = [ranked.index(text) for text in texts], ranked
    else:
        order = list(range(len(texts)))
    return np.array(order, dtype=np.int64)[numbers], tuple(texts)


def natural_key(text: str) -> tuple[Sequence[tuple[int, int, str]], str]:
    """Sort key under which "img2" comes before "img10".

    Parameters
    ----------
    text : str

    Returns
    -------
    tuple

    Examples
    --------
    >>> from inkmeans.datasets.convert import natural_key
    >>> sorted(["img10", "img2"], key=natural_key)
    ['img2', 'img10']
    """
    key = []
    for piece in re.findall(r"[0-9]+|[^0-9]+", text.casefold()):
        number = piece.lstrip("0")  # longer numbers are larger, however long they are
        key.append((0, len(number), number) if piece[0] in "0123456789" else (1, 0, piece))
    return key, text


_HINT_SHAPE = "give images of shape (n, height, width), or rows of side * side values"


def whole_numbers(labels: Any, where: str) -> NDArray[np.int64]:
    """Take labels that are class numbers already.

    Parameters
    ----------
    labels : array-like of int
    where : str
        Name of the source, for error messages.

    Returns
    -------
    ndarray of int64

    Raises
    ------
    DataError
        If they are no whole numbers.

    Examples
    --------
    >>> from inkmeans.datasets.convert import whole_numbers
    >>> whole_numbers([3, 7], "mine")
    array([3, 7])
    """
    values = as_array(labels, where)
    if values.dtype.kind not in "iu":
        raise DataError(f"{where}: labels of type {values.dtype}", hint="give whole numbers")
    return values.astype(np.int64)


def _check_lengths(images: NDArray[Any], labels: NDArray[Any] | None, where: str) -> None:
    if labels is not None and np.shape(labels)[:1] != (len(images),):
        n_labels = np.size(labels)
        raise DataError(
            f"{where}: {len(images)} images but {n_labels} labels",
            hint="give one label for each image",
        )


def _size(images: NDArray[Any]) -> str:
    return f"{images.shape[1]} x {images.shape[2]}"


def _to_stack(values: NDArray[Any], name: str) -> NDArray[Any]:
    if values.ndim == 4 and 1 in (values.shape[1], values.shape[3]):
        values = values[:, 0] if values.shape[1] == 1 else values[..., 0]
    if values.ndim == 2 and values.shape[1]:
        side = math.isqrt(values.shape[1])
        if side * side != values.shape[1]:
            raise DataError(
                f"{name}: rows of {values.shape[1]} values, which is no square",
                hint=_HINT_SHAPE,
            )
        values = values.reshape(len(values), side, side)
    if values.ndim != 3:
        raise DataError(f"{name}: an array of shape {values.shape}", hint=_HINT_SHAPE)
    if values.size == 0:
        raise DataError(f"{name}: no images (shape {values.shape})", hint="give at least one image")
    return values


def _to_uint8(values: NDArray[Any], name: str) -> NDArray[np.uint8]:
    if values.dtype == np.uint8:
        return values
    if values.dtype.kind == "b":
        return values.astype(np.uint8) * np.uint8(255)
    lowest, highest = values.min(), values.max()
    if not np.isfinite(lowest) or not np.isfinite(highest):
        raise DataError(f"{name}: images hold NaN or infinite values", hint="replace them first")
    if lowest < 0 or highest > 255:
        raise DataError(
            f"{name}: pixel values from {lowest} to {highest}",
            hint="scale them to 0..255 (uint8) or 0..1 (float)",
        )
    if values.dtype.kind == "f":
        if highest <= 1:
            scaled: NDArray[np.uint8] = np.rint(values * values.dtype.type(255)).astype(np.uint8)
            return scaled
        if not (values == np.rint(values)).all():
            raise DataError(
                f"{name}: pixel values from {lowest} to {highest} that are no whole numbers",
                hint="round them, or scale them to 0..1",
            )
    return values.astype(np.uint8)
