"""One way to load: a name, a path, or arrays in memory."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from inkmeans.datasets.catalogue import DATASETS, Dataset, get_dataset
from inkmeans.datasets.convert import as_array, join_parts, to_digits
from inkmeans.datasets.digits import Arrays, Digits
from inkmeans.datasets.folder import read_folder
from inkmeans.datasets.idx import labels_beside, read_idx_files
from inkmeans.datasets.npz import read_npy, read_npz
from inkmeans.datasets.pictures import SUFFIXES, read_picture
from inkmeans.datasets.unpack import read_errors
from inkmeans.errors import DataError
from inkmeans.progress import Callback, Event, silent

__all__ = ["load"]

_LOG = logging.getLogger("inkmeans")


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
        is_name = not text or text in DATASETS or not Path(text).exists()
        if isinstance(source, str) and is_name:
            return _load_named(text, report)
        return _load_path(Path(text), report)
    return to_digits(_from_memory(source), "arrays")


def _load_named(name: str, report: Callback) -> Digits:
    if name not in DATASETS and (Path(name).suffix or "/" in name or os.sep in name):
        raise DataError(f"{name}: no such file or folder", hint="check the path")
    record = get_dataset(name)
    report(Event("load", name))
    if record.origin == "built in":
        return _of_record(record.read(()), record, sha256=record.sha256)
    if record.origin != "download":
        return _of_record(record.read(()), record)
    return _load_fetched(record, report)


def _load_fetched(record: Dataset, report: Callback) -> Digits:
    from inkmeans.datasets.fetching import cache_folder, fetch_files, folder_of

    cache, folder = cache_folder() / record.name, folder_of(record)
    if folder != cache:  # a distribution packs the files anew: the content is checked instead
        digits = _of_record(read_folder(folder, progress=report), record)
        if digits.source.sha256 == record.sha256:
            return digits
        _LOG.warning("%s does not hold the known %s: it is not used", folder, record.name)
    return _of_record(record.read(fetch_files(record, cache, progress=report)), record)


def _of_record(arrays: Arrays, record: Dataset, *, sha256: str = "") -> Digits:
    return to_digits(
        arrays,
        record.name,
        names=record.names,
        sha256=sha256,
        licence=record.licence,
        address=record.address,
    )


def _load_path(path: Path, report: Callback) -> Digits:
    report(Event("load", str(path)))
    arrays = read_folder(path, progress=report) if path.is_dir() else _read_file(path)
    digits = to_digits(arrays, path.name or str(path), where=str(path), address=str(path))
    known = {record.sha256: record for record in reversed(DATASETS.values())}
    if record := known.get(digits.source.sha256):
        source = replace(digits.source, licence=record.licence)
        return replace(digits, names=record.names, source=source)
    return digits


def _read_file(path: Path) -> Arrays:
    with read_errors(str(path)), path.open("rb") as stream:
        start = stream.read(8)
    if start.startswith(b"PK"):
        return read_npz(path)
    if start.startswith(b"\x93NUMPY"):
        return read_npy(path)
    if path.suffix.lower() in SUFFIXES:
        return Arrays(read_picture(path)[np.newaxis])
    if path.suffix.lower() in (".npz", ".npy"):
        raise DataError(
            f"{path}: not an {path.suffix} file, whatever its name says",
            hint="copy or download it again",
        )
    return read_idx_files(path, labels_beside(path))


def _from_memory(source: Any) -> Arrays:
    if not isinstance(source, tuple | list):
        return Arrays(as_array(source, "arrays"))
    if len(source) != 2:
        raise DataError(
            f"arrays: a {type(source).__name__} of {len(source)} things",
            hint="give (images, labels) or ((x_train, y_train), (x_test, y_test))",
        )
    first, second = source
    if _is_pair(first) and _is_pair(second):
        return join_parts(_from_memory(first), _from_memory(second), "arrays")
    labels = None if second is None else as_array(second, "arrays")
    return Arrays(as_array(first, "arrays"), labels)


def _is_pair(thing: Any) -> bool:
    return isinstance(thing, tuple | list) and len(thing) == 2 and getattr(thing[0], "ndim", 0) > 1
