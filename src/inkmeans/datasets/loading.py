"""One way to load: a name, a path, or arrays in memory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from inkmeans.datasets.catalogue import DATASETS, Dataset, get_dataset
from inkmeans.datasets.convert import to_digits
from inkmeans.datasets.digits import Arrays, Digits
from inkmeans.datasets.idx import join_parts, labels_beside, read_idx_files
from inkmeans.datasets.npz import read_npy, read_npz
from inkmeans.errors import DataError
from inkmeans.progress import Callback, Event, silent

__all__ = ["load"]


def load(source: Any, *, progress: Callback | None = None) -> Digits:
    """Load images, from wherever they are.

    Parameters
    ----------
    source : str, Path, Digits, ndarray or tuple
        One of

        - a name: ``"mnist"``, ``"digits"``, ``"fashion-mnist"`` ..., see
          `inkmeans.datasets.DATASETS`; what is not on this machine is fetched once;
        - a path of an IDX file (plain or compressed), an .npz or .npy file, an image
          file, a folder of IDX files or a folder of image files; ``"./mnist"`` is a path
          even if ``"mnist"`` is a name;
        - ``((x_train, y_train), (x_test, y_test))``, as Keras returns them;
        - ``(images, labels)``, or an array of images alone;
        - `Digits`, which come back as they are.

        `inkmeans.datasets.convert.to_images` says which arrays are images.
    progress : callable, optional
        Told about every file that is fetched or read.

    Returns
    -------
    Digits

    Raises
    ------
    DataError
        If a file or an array is not what it should be.
    DownloadError
        If the data set cannot be fetched.
    ParameterError
        If there is no data set of that name.
    MissingExtraError
        If the source needs a library that is not installed.

    Examples
    --------
    >>> import inkmeans
    >>> inkmeans.load("mnist")
    <Digits mnist: 70000 images of 28 x 28 (60000 train + 10000 test), 10 classes>
    """
    if isinstance(source, Digits):
        return source
    report = progress or silent
    if isinstance(source, str | os.PathLike):
        text = os.fspath(source)
        if isinstance(source, str) and (text in DATASETS or not Path(text).exists()):
            return _load_named(text, report)
        return _load_path(Path(text), report)
    return to_digits(_from_memory(source), "arrays")


def _load_named(name: str, report: Callback) -> Digits:
    if name not in DATASETS and (Path(name).suffix or "/" in name or os.sep in name):
        raise DataError(f"{name}: no such file or folder", hint="check the path")
    record = get_dataset(name)
    report(Event("load", name))
    return _digits_of(record, record.read(()))


def _digits_of(record: Dataset, arrays: Arrays) -> Digits:
    trusted = record.sha256 if record.origin == "built in" else ""
    return to_digits(
        arrays,
        record.name,
        names=record.names,
        sha256=trusted,
        licence=record.licence,
        address=record.address,
    )


def _load_path(path: Path, report: Callback) -> Digits:
    report(Event("load", str(path)))
    return to_digits(_read_path(path), path.name, where=str(path), address=str(path))


def _read_path(path: Path) -> Arrays:
    if path.suffix == ".npz":
        return read_npz(path)
    if path.suffix == ".npy":
        return read_npy(path)
    return read_idx_files(path, labels_beside(path))


def _from_memory(source: Any) -> Arrays:
    if not isinstance(source, tuple | list):
        return Arrays(np.asarray(source))
    if len(source) != 2:
        raise DataError(
            f"{len(source)} things in a {type(source).__name__}",
            hint="give (images, labels) or ((x_train, y_train), (x_test, y_test))",
        )
    first, second = source
    if isinstance(first, tuple | list) and isinstance(second, tuple | list) and len(second) == 2:
        return join_parts(_from_memory(first), _from_memory(second), "arrays")
    return Arrays(np.asarray(first), None if second is None else np.asarray(second))
