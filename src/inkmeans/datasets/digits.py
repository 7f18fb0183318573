"""The one container of images that inkmeans knows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from inkmeans.errors import DataError

__all__ = ["Arrays", "Digits", "Source", "fingerprint"]

_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Arrays:
    """What a reader found in a file, before anything is checked or converted.

    Attributes
    ----------
    images : ndarray
        Any numeric array that `inkmeans.datasets.convert.to_images` understands.
    labels : ndarray or None
        One label an image; numbers or strings.
    n_train : int or None
        How many of the first images are the training part; None means all.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.datasets.digits import Arrays
    >>> Arrays(np.zeros((2, 64))).labels is None
    True
    """

    images: NDArray[np.generic]
    labels: NDArray[np.generic] | None = None
    n_train: int | None = None


@dataclass(frozen=True, eq=False)
class Source:
    """Where images came from.

    Attributes
    ----------
    name : str
        Name of the data set, or of the file or folder.
    sha256 : str
        SHA-256 of the content as loaded, see `fingerprint`: the same images and
        labels have the same one, whatever file format they came in.
    licence : str
        Name of the licence, where it is known.
    address : str
        The page that describes the data set, or the path it was read from.

    Examples
    --------
    >>> from inkmeans.datasets import Source
    >>> Source("mine", sha256="").name
    'mine'
    """

    name: str
    sha256: str
    licence: str = ""
    address: str = ""


@dataclass(frozen=True, eq=False)
class Digits:
    """Images of equal size, with their labels where there are any.

    Attributes
    ----------
    images : ndarray of uint8, shape (n, height, width)
        C-contiguous and read-only; ink is 255 and paper is 0 in MNIST and its kin.
    labels : ndarray of int64, shape (n,), or None
        Class numbers, read-only; None where nobody has labelled the images.
    names : tuple of str
        Names of the classes, ``names[label]``; empty without labels.
    source : Source
        Where the images came from.
    n_train : int
        ``images[:n_train]`` are the training part and the rest is the test part;
        equal to ``len(images)`` when there is no test part.

    Raises
    ------
    DataError
        If the parts do not fit together.

    Notes
    -----
    The arrays are not copied where they have the right type already: only the
    views held here are read-only.

    Examples
    --------
    >>> import inkmeans
    >>> digits = inkmeans.load("mnist")
    >>> train, test = digits.split()
    >>> train.images.shape, test.images.shape, digits.n_classes
    ((60000, 28, 28), (10000, 28, 28), 10)
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64] | None
    names: tuple[str, ...]
    source: Source
    n_train: int

    def __post_init__(self) -> None:
        where = self.source.name
        images = np.asarray(self.images)
        if images.dtype != np.uint8 or images.ndim != 3:
            raise DataError(
                f"{where}: images of type {images.dtype} and shape {images.shape}",
                hint="give uint8 images of shape (n, height, width), or use inkmeans.load",
            )
        if images.size == 0:
            raise DataError(f"{where}: no images", hint="give at least one image")
        if not 1 <= self.n_train <= len(images):
            raise DataError(
                f"{where}: n_train is {self.n_train}, with {len(images)} images",
                hint="give a number from 1 to the number of images",
            )
        object.__setattr__(self, "images", _read_only(np.ascontiguousarray(images)))
        object.__setattr__(self, "names", tuple(self.names))
        if self.labels is None:
            if self.names:
                raise DataError(f"{where}: class names without labels", hint="give the labels too")
            return
        labels = _checked_labels(np.asarray(self.labels), len(images), len(self.names), where)
        object.__setattr__(self, "labels", _read_only(labels))

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        n, height, width = self.images.shape
        labelled = f"{self.n_classes} classes" if self.names else "no labels"
        parts = f" ({self.n_train} train + {n - self.n_train} test)" if n > self.n_train else ""
        return f"<Digits {self.source.name}: {n} images of {height} x {width}{parts}, {labelled}>"

    @property
    def n_classes(self) -> int:
        """Number of classes; 0 without labels."""
        return len(self.names)

    def split(self) -> tuple[Digits, Digits | None]:
        """Part into training and test images, without a copy.

        Returns
        -------
        train : Digits
        test : Digits or None
            None where there is no test part. Both keep the source of the whole.

        Examples
        --------
        >>> import inkmeans, numpy as np
        >>> train, test = inkmeans.load(np.zeros((3, 8, 8), np.uint8)).split()
        >>> len(train), test
        (3, None)
        """
        train = self._part(slice(None, self.n_train))
        if self.n_train == len(self):
            return train, None
        return train, self._part(slice(self.n_train, None))

    def _part(self, rows: slice) -> Digits:
        images = self.images[rows]
        labels = None if self.labels is None else self.labels[rows]
        return Digits(images, labels, self.names, self.source, len(images))


def fingerprint(images: NDArray[np.uint8], labels: NDArray[np.int64] | None, n_train: int) -> str:
    r"""Hash images, labels and split, independent of the file they came in.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
    labels : ndarray of int64, shape (n,), or None
    n_train : int

    Returns
    -------
    str
        SHA-256 in hexadecimal of: the text ``"n height width n_train labelled\n"``
        (labelled is 1 or 0), the bytes of the images, the labels as little-endian
        int64.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.datasets.digits import fingerprint
    >>> fingerprint(np.zeros((1, 2, 2), np.uint8), None, 1)[:8]
    'ded544f7'
    """
    shape = " ".join(str(length) for length in images.shape)
    digest = hashlib.sha256(f"{shape} {n_train} {int(labels is not None)}\n".encode())
    digest.update(np.ascontiguousarray(images).data)
    if labels is not None:
        digest.update(labels.astype("<i8").data)
    return digest.hexdigest()


def _checked_labels(
    labels: NDArray[np.generic], n: int, n_names: int, where: str
) -> NDArray[np.int64]:
    if labels.shape != (n,):
        raise DataError(
            f"{where}: {n} images but labels of shape {labels.shape}",
            hint="give one label for each image",
        )
    if labels.dtype.kind not in "iu":
        raise DataError(f"{where}: labels of type {labels.dtype}", hint="give whole numbers")
    lowest, highest = int(labels.min()), int(labels.max())
    if lowest < 0 or highest >= n_names:
        raise DataError(
            f"{where}: labels from {lowest} to {highest}, but {n_names} class names",
            hint="give labels from 0 and a name for each class",
        )
    return np.ascontiguousarray(labels, dtype=np.int64)


def _read_only(array: NDArray[_Scalar]) -> NDArray[_Scalar]:
    view = array.view()
    view.flags.writeable = False
    return view
