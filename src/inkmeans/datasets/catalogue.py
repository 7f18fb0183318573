"""The data sets that can be asked for by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from inkmeans.registry import discover, lookup

if TYPE_CHECKING:
    from inkmeans.datasets.digits import Arrays

__all__ = ["DATASETS", "Dataset", "RemoteFile", "get_dataset"]


@dataclass(frozen=True)
class RemoteFile:
    """A file that is fetched over the network.

    Attributes
    ----------
    name : str
        Its name in the cache folder.
    hash : str
        ``"md5:..."`` or ``"sha256:..."``; anything else that arrives is refused.
    size : int
        Bytes, about: for the progress bar, and to stop a mirror that sends no end.
    mirrors : tuple of str
        Addresses that it can be fetched from; they are tried in this order.
    """

    name: str
    hash: str
    size: int
    mirrors: tuple[str, ...]


@dataclass(frozen=True)
class Dataset:
    """What is known of a data set before it is read.

    Attributes
    ----------
    name, summary : str
        The name to ask for it by, and one plain sentence.
    licence, address : str
        Name of the licence, and the page that describes it.
    origin : {"built in", "download", "scikit-learn", "keras"}
        Where it comes from.
    read : callable
        Makes arrays of the paths of `files`, in their order.
    files : tuple of RemoteFile
        What must be fetched first.
    names : tuple of str
        Names of the classes, for labels 0, 1, 2 ...
    sha256 : str
        Fingerprint of the content, where it is known. It is trusted for the built-in
        data set, whose file is checked by itself; a folder that has the same one is
        recognised as this data set.
    system_folder : str
        A folder that a Linux distribution installs the data set into.
    """

    name: str
    summary: str
    licence: str
    address: str
    origin: Literal["built in", "download", "scikit-learn", "keras"]
    read: Callable[[tuple[Path, ...]], Arrays]
    files: tuple[RemoteFile, ...] = ()
    names: tuple[str, ...] = tuple("0123456789")
    sha256: str = ""
    system_folder: str = ""

    @property
    def size(self) -> int:
        """Bytes to fetch, about; 0 where nothing is fetched."""
        return sum(file.size for file in self.files)


def _read_mnist(paths: tuple[Path, ...]) -> Arrays:
    from inkmeans.datasets.builtin import read_mnist

    return read_mnist()


def _read_sklearn_digits(paths: tuple[Path, ...]) -> Arrays:
    from inkmeans.datasets.builtin import read_sklearn_digits

    return read_sklearn_digits()


DATASETS: dict[str, Dataset] = {
    record.name: record
    for record in (
        Dataset(
            "mnist",
            "70,000 handwritten digits of 28 x 28; part of inkmeans.",
            "CC BY-SA 3.0",
            "http://yann.lecun.com/exdb/mnist/",
            "built in",
            _read_mnist,
            sha256="a2be1f31df639a5cfec800d5741b86f8d2bfe47143180e6758dfc1d8578a5fa1",
        ),
        Dataset(
            "digits",
            "1,797 handwritten digits of 8 x 8; part of scikit-learn. No test part.",
            "CC BY 4.0",
            "https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
            "scikit-learn",
            _read_sklearn_digits,
        ),
    )
}


def get_dataset(name: str) -> Dataset:
    """Find a data set by its name, those of installed plugins included.

    Parameters
    ----------
    name : str
        One of `DATASETS`, or an entry point of the group ``inkmeans.datasets``.

    Returns
    -------
    Dataset

    Raises
    ------
    ParameterError
        If there is none of that name; the hint has the nearest one.

    Examples
    --------
    >>> from inkmeans.datasets import get_dataset
    >>> get_dataset("mnist").origin
    'built in'
    """
    if name in DATASETS:
        return DATASETS[name]
    return lookup(DATASETS | discover("inkmeans.datasets", Dataset), name, "data set")
