"""NumPy's files: .npy, and .npz in the layout that Keras made standard."""

from __future__ import annotations

import io
import math
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from inkmeans.datasets.convert import join_parts
from inkmeans.datasets.digits import Arrays, Digits
from inkmeans.datasets.unpack import check_size, read_errors
from inkmeans.errors import DataError, OutputError

__all__ = ["arrays_of", "read_npy", "read_npz", "save_npz", "unpack_npz"]

_IMAGES = ("images", "X", "x", "data", "arr_0")
_LABELS = ("labels", "y", "Y", "target", "arr_1")


def read_npz(path: str | Path) -> Arrays:
    """Read images and labels from an .npz file.

    Parameters
    ----------
    path : str or Path
        Holds ``x_train, y_train`` and where there is a test part ``x_test, y_test``;
        or images (named images, X, x, data or arr_0) and where there are labels these
        (labels, y, Y, target or arr_1).

    Returns
    -------
    Arrays

    Raises
    ------
    DataError
        If it is missing, damaged, too large, holds Python objects, or has none of
        these names.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.datasets.npz import read_npz
    >>> file = getfixture("tmp_path") / "two.npz"
    >>> np.savez(file, X=np.zeros((2, 8, 8), np.uint8), y=[3, 7])
    >>> read_npz(file).labels
    array([3, 7])
    """
    path = Path(path)
    return arrays_of(unpack_npz(_read_bytes(path), str(path)), str(path))


def arrays_of(members: Mapping[str, NDArray[Any]], name: str) -> Arrays:
    """Tell by their names which arrays are images and which are labels.

    Parameters
    ----------
    members : mapping of str to ndarray
        What an .npz file held.
    name : str
        Name of the source, for error messages.

    Returns
    -------
    Arrays

    Raises
    ------
    DataError
        If no array has a name that images have.
    """
    if "x_train" in members:
        train = Arrays(members["x_train"], members.get("y_train"))
        test = None
        if "x_test" in members:
            test = Arrays(members["x_test"], members.get("y_test"))
        return join_parts(train, test, name)
    images = next((members[key] for key in _IMAGES if key in members), None)
    if images is None:
        raise DataError(
            f"{name}: no images under a known name; it holds {', '.join(members) or 'nothing'}",
            hint="name the arrays x_train, y_train, x_test, y_test, or images and labels",
        )
    return Arrays(images, next((members[key] for key in _LABELS if key in members), None))


def unpack_npz(content: bytes, name: str) -> dict[str, NDArray[Any]]:
    """Read all arrays of an .npz file that is in memory.

    Parameters
    ----------
    content : bytes
    name : str
        Name of the file, for error messages.

    Returns
    -------
    dict of str to ndarray
        Read-only arrays.

    Raises
    ------
    DataError
        If it is damaged, too large or holds Python objects.
    """
    with read_errors(name), zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = [entry for entry in archive.infolist() if entry.filename.endswith(".npy")]
        total = sum(entry.file_size for entry in entries)
        check_size(name, total, len(content), packed=True)
        return {
            entry.filename.removesuffix(".npy"): _unpack_npy(
                archive.read(entry), f"{name}: {entry.filename}"
            )
            for entry in entries
        }


def read_npy(path: str | Path) -> Arrays:
    """Read images from an .npy file.

    Parameters
    ----------
    path : str or Path
        Images (n, height, width) or rows (n, side * side).

    Returns
    -------
    Arrays
        Without labels.

    Raises
    ------
    DataError
        If it is missing, truncated or holds Python objects.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.datasets.npz import read_npy
    >>> file = getfixture("tmp_path") / "two.npy"
    >>> np.save(file, np.zeros((2, 64), np.uint8))
    >>> read_npy(file).images.shape
    (2, 64)
    """
    path = Path(path)
    return Arrays(_unpack_npy(_read_bytes(path), str(path)))


def save_npz(digits: Digits, path: str | Path) -> None:
    """Write images and labels in the layout of Keras's mnist.npz.

    The same images and labels make the same bytes (on the same zlib), so that a hash
    of the file means something. No half-written file is left behind.

    Parameters
    ----------
    digits : Digits
    path : str or Path

    Raises
    ------
    OutputError
        If it cannot be written.

    Examples
    --------
    >>> import inkmeans
    >>> from inkmeans.datasets.npz import save_npz
    >>> file = getfixture("tmp_path") / "digits.npz"
    >>> save_npz(inkmeans.load("digits"), file)
    >>> inkmeans.load(file)
    <Digits digits.npz: 1797 images of 8 x 8, 10 classes>
    """
    path = Path(path)
    members: dict[str, NDArray[Any]] = {}
    for suffix, part in zip(("train", "test"), digits.split(), strict=True):
        if part is not None:
            members[f"x_{suffix}"] = part.images
            if part.labels is not None:
                members[f"y_{suffix}"] = _saved_labels(part.labels, part.names)
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        try:
            with zipfile.ZipFile(partial, "w") as archive:
                for name, array in members.items():
                    _write_member(archive, name, array)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be written ({error.strerror or error})",
            hint="check the folder and the free space",
        ) from None


def _saved_labels(labels: NDArray[np.int64], names: tuple[str, ...]) -> NDArray[Any]:
    if all(name.isdecimal() and str(int(name)) == name for name in names):
        numbers = np.array([int(name) for name in names])[labels]
        return numbers.astype(np.uint8) if numbers.max() < 256 else numbers
    return np.array(names)[labels]


def _write_member(archive: zipfile.ZipFile, name: str, array: NDArray[Any]) -> None:
    buffer = io.BytesIO()
    npy.write_array(buffer, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
    entry = zipfile.ZipInfo(f"{name}.npy")  # dated 1980, and not by the clock
    entry.create_system = 3  # one byte that would tell Windows from the rest
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, buffer.getbuffer(), zipfile.ZIP_DEFLATED, 9)


def _read_bytes(path: Path) -> bytes:
    with read_errors(str(path)):
        return path.read_bytes()


def _unpack_npy(content: bytes, where: str) -> NDArray[Any]:
    stream: IO[bytes] = io.BytesIO(content)
    try:
        version = npy.read_magic(stream)
        if version == (1, 0):
            shape, fortran, dtype = npy.read_array_header_1_0(stream)
        elif version == (2, 0):
            shape, fortran, dtype = npy.read_array_header_2_0(stream)
        else:
            raise ValueError(f"version {version}")  # noqa: TRY301 - told below
    except Exception as error:  # NumPy tokenizes and evaluates the header: anything may come
        raise DataError(f"{where}: no .npy file ({error})", hint="save it by numpy.save") from None
    if dtype.hasobject:
        raise DataError(
            f"{where}: holds Python objects, which are never unpickled",
            hint="save numbers, not objects",
        )
    if min(shape, default=0) < 0 or not dtype.itemsize:
        raise DataError(
            f"{where}: declares the shape {shape} and the type {dtype}",
            hint="save it by numpy.save",
        )
    n_bytes = math.prod(shape) * dtype.itemsize
    check_size(where, n_bytes, len(content) - stream.tell(), packed=False)
    values = np.frombuffer(content, dtype, count=math.prod(shape), offset=stream.tell())
    return values.reshape(shape, order="F" if fortran else "C")
