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

    Examples
    --------
    >>> from inkmeans.datasets import DATASETS
    >>> DATASETS["usps"].files[0].name
    'usps.bz2'
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
        Fingerprint of the content (`inkmeans.datasets.digits.fingerprint`), where it is
        known. The built-in data set is not hashed again, as its file is. A file or
        folder with the same content is recognised: it gets these names and this licence.
    system_folder : str
        A folder that a Linux distribution installs the data set into.

    Examples
    --------
    >>> from inkmeans.datasets import DATASETS
    >>> DATASETS["fashion-mnist"].names[9], DATASETS["fashion-mnist"].size // 10**6
    ('Ankle boot', 30)
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


def _read_quartet(paths: tuple[Path, ...]) -> Arrays:
    from inkmeans.datasets.distributed import read_quartet

    return read_quartet(paths)


def _read_emnist_digits(paths: tuple[Path, ...]) -> Arrays:
    from inkmeans.datasets.distributed import read_emnist_digits

    return read_emnist_digits(paths)


def _read_usps(paths: tuple[Path, ...]) -> Arrays:
    from inkmeans.datasets.distributed import read_usps

    return read_usps(paths)


def _read_keras_mnist(paths: tuple[Path, ...]) -> Arrays:
    from inkmeans.datasets.keras_source import read_keras

    return read_keras("mnist")


def _read_keras_fashion(paths: tuple[Path, ...]) -> Arrays:
    from inkmeans.datasets.keras_source import read_keras

    return read_keras("fashion_mnist")


def _files(mirrors: tuple[str, ...], *files: tuple[str, str, int]) -> tuple[RemoteFile, ...]:
    return tuple(
        RemoteFile(name, f"md5:{md5}", size, tuple(mirror + name for mirror in mirrors))
        for name, md5, size in files
    )


_MNIST_LICENCE = "CC BY-SA 3.0"
_MNIST_PAGE = "http://yann.lecun.com/exdb/mnist/"
_MNIST_SHA256 = "a2be1f31df639a5cfec800d5741b86f8d2bfe47143180e6758dfc1d8578a5fa1"
_FASHION_PAGE = "https://github.com/zalandoresearch/fashion-mnist"
_FASHION_SHA256 = "cb55b3db10812726559afc291f28b71169eaf46b48a449c0610f001275f64af9"
_CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
_KANA = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
_ARCHIVE = "https://web.archive.org/web/2022id_/"  # the copy nearest to that year, as it was sent

_FASHION_FILES = _files(
    (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    ("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d", 26421880),
    ("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe", 29515),
    ("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79", 4422102),
    ("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310", 5148),
)
_KMNIST_FILES = _files(
    (
        "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        _ARCHIVE + "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    ),
    ("train-images-idx3-ubyte.gz", "bdb82020997e1d708af4cf47b453dcf7", 18165135),
    ("train-labels-idx1-ubyte.gz", "e144d726b3acfaa3e44228e80efcd344", 29497),
    ("t10k-images-idx3-ubyte.gz", "5c965bf0a639b31b8f53240b1b52f4d7", 3041136),
    ("t10k-labels-idx1-ubyte.gz", "7320c461ea6c1c855c0b718fb2a4b134", 5120),
)
_QMNIST_FILES = _files(
    (
        "https://raw.githubusercontent.com/facebookresearch/qmnist/master/",
        "https://github.com/facebookresearch/qmnist/raw/master/",
        _ARCHIVE + "https://raw.githubusercontent.com/facebookresearch/qmnist/master/",
    ),
    ("qmnist-train-images-idx3-ubyte.gz", "ed72d4157d28c017586c42bc6afe6370", 9704059),
    ("qmnist-train-labels-idx2-int.gz", "0058f8dd561b90ffdd0f734c6a30e5e4", 463024),
    ("qmnist-test-images-idx3-ubyte.gz", "1394631089c404de565df7b7aeaf9412", 9742279),
    ("qmnist-test-labels-idx2-int.gz", "5b5b05890a5e13444e108efe57b788aa", 526800),
)
_EMNIST_FILES = _files(
    (
        "https://biometrics.nist.gov/cs_links/EMNIST/",
        "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/",
        _ARCHIVE + "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/",
    ),
    ("gzip.zip", "58c8d27c78d21e728a6bc7b3cc06412e", 561753746),
)
_USPS_FILES = _files(
    (
        "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/",
        "http://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/",
        _ARCHIVE + "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/",
    ),
    ("usps.bz2", "ec16c51db3855ca6c91edd34d0e9b197", 6579383),
    ("usps.t.bz2", "8ea070ee2aca1ac39742fdd1ef5ed118", 1831726),
)

DATASETS: dict[str, Dataset] = {
    record.name: record
    for record in (
        Dataset(
            "mnist",
            "70,000 handwritten digits of 28 x 28; part of inkmeans.",
            _MNIST_LICENCE,
            _MNIST_PAGE,
            "built in",
            _read_mnist,
            sha256=_MNIST_SHA256,
        ),
        Dataset(
            "digits",
            "1,797 handwritten digits of 8 x 8, without a test part; part of scikit-learn.",
            "CC BY 4.0",
            "https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
            "scikit-learn",
            _read_sklearn_digits,
        ),
        Dataset(
            "fashion-mnist",
            "70,000 pictures of clothes of 28 x 28, a harder stand-in for MNIST.",
            "MIT",
            _FASHION_PAGE,
            "download",
            _read_quartet,
            _FASHION_FILES,
            _CLOTHES,
            _FASHION_SHA256,
            "/usr/share/datasets/fashion-mnist",
        ),
        Dataset(
            "kmnist",
            "70,000 cursive Japanese characters (kuzushiji) of 28 x 28 in ten classes.",
            "CC BY-SA 4.0",
            "https://codh.rois.ac.jp/kmnist/",
            "download",
            _read_quartet,
            _KMNIST_FILES,
            _KANA,
        ),
        Dataset(
            "qmnist",
            "120,000 digits of 28 x 28: MNIST made again from NIST, with the full test part.",
            "BSD-3-Clause",
            "https://github.com/facebookresearch/qmnist",
            "download",
            _read_quartet,
            _QMNIST_FILES,
        ),
        Dataset(
            "emnist-digits",
            "280,000 digits of 28 x 28 from NIST Special Database 19.",
            "not stated (NIST, US government)",
            "https://www.nist.gov/itl/products-and-services/emnist-dataset",
            "download",
            _read_emnist_digits,
            _EMNIST_FILES,
        ),
        Dataset(
            "usps",
            "9,298 digits of 16 x 16 from envelopes of the US Postal Service.",
            "not stated",
            "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass.html#usps",
            "download",
            _read_usps,
            _USPS_FILES,
        ),
        Dataset(
            "keras:mnist",
            "MNIST as Keras loads it, or as it has cached it.",
            _MNIST_LICENCE,
            _MNIST_PAGE,
            "keras",
            _read_keras_mnist,
            sha256=_MNIST_SHA256,
        ),
        Dataset(
            "keras:fashion_mnist",
            "Fashion-MNIST as Keras loads it, or as it has cached it.",
            "MIT",
            _FASHION_PAGE,
            "keras",
            _read_keras_fashion,
            names=_CLOTHES,
            sha256=_FASHION_SHA256,
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
