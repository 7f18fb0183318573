"""Safetensors files with a JSON header and a check sum: what our model files have in common.

The metadata of such a file has one entry, ``inkmeans``: a JSON object with

- ``format``: what the file is; ``schema``: the version of its layout, from 1;
- ``sha256``: of the description and of all arrays, so that damage is noticed;
- ``model``: the description.

Nothing in it is executed when it is read, and its size is limited.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from inkmeans.errors import DataError, InkmeansError, ModelFileError, OutputError

__all__ = [
    "HINT",
    "MAX_FILE_BYTES",
    "Arrays",
    "check_sum",
    "one_line",
    "pack",
    "read_file",
    "read_format",
    "refuse",
    "unpack",
    "write_file",
]

MAX_FILE_BYTES = 512 * 2**20
MAX_HEADER_BYTES = 2**20
HINT = "give a model.safetensors from a run's folder, copied whole"

Arrays = dict[str, NDArray[Any]]


def write_file(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file, whole or not at all: beside its final name, then renamed.

    Parameters
    ----------
    path : path
    data : bytes

    Raises
    ------
    OutputError
        If it cannot be written.

    Examples
    --------
    >>> from inkmeans.recognise.safe_file import write_file
    >>> file = getfixture("tmp_path") / "a"
    >>> write_file(file, b"all of it")
    >>> file.read_bytes()
    b'all of it'
    """
    path = Path(path)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        try:
            with partial.open("xb") as file:
                file.write(data)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}",
            hint="check the folder, its permissions and the space on the disk",
        ) from error


def read_file(path: str | os.PathLike[str]) -> bytes:
    """Read a file of at most `MAX_FILE_BYTES`.

    Parameters
    ----------
    path : path

    Returns
    -------
    bytes

    Raises
    ------
    ModelFileError
        If it is larger.
    DataError
        If there is no such file, or it cannot be read.

    Examples
    --------
    >>> from inkmeans.recognise.safe_file import read_file
    >>> read_file("none")
    Traceback (most recent call last):
    ...
    inkmeans.errors.DataError: none does not exist; check the path
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            refuse(path, f"has {size / 2**20:.0f} MiB, which is too much for a model file")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist", hint="check the path") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error


def pack(form: str, schema: int, described: dict[str, Any], arrays: Arrays) -> bytes:
    """Make the bytes of a file; the same description and arrays give the same bytes.

    Parameters
    ----------
    form : str
        What the file is.
    schema : int
    described : dict
        Plain JSON values.
    arrays : dict of str to ndarray

    Returns
    -------
    bytes

    Examples
    --------
    >>> import numpy as np
    >>> from pathlib import Path
    >>> from inkmeans.recognise.safe_file import pack, unpack
    >>> data = pack("example", 1, {"a": 1}, {"b": np.zeros(2)})
    >>> unpack(data, Path("file"), "example", 1)
    ({'a': 1}, {'b': array([0., 0.])})
    """
    from safetensors.numpy import save

    header = {
        "format": form,
        "schema": schema,
        "sha256": check_sum(described, arrays),
        "model": described,
    }
    # One entry, because the order of several is not fixed and the bytes should be.
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    return bytes(save(contiguous, metadata={"inkmeans": json.dumps(header, sort_keys=True)}))


def unpack(data: bytes, path: Path, form: str, schema: int) -> tuple[dict[str, Any], Arrays]:
    """Take apart what `pack` made.

    Parameters
    ----------
    data : bytes
    path : path
        Where they are from, for messages.
    form : str
        What the file must be.
    schema : int
        The newest version that is understood.

    Returns
    -------
    described : dict
    arrays : dict of str to ndarray

    Raises
    ------
    ModelFileError
        If it is something else, damaged, or newer.
    """
    from safetensors.numpy import load

    description = _read_header(data, path)
    if description["format"] != form:
        refuse(path, "is no model file of inkmeans, or a damaged one")
    if description["schema"] > schema:
        raise ModelFileError(
            f"{path} comes from a newer version of inkmeans (schema {description['schema']}; "
            f"this one reads {schema})",
            hint="upgrade inkmeans",
        )
    try:
        arrays: Arrays = load(data)
    except Exception as error:  # SafetensorError, and what NumPy makes of strange shapes and types
        raise ModelFileError(f"{path} is damaged: {one_line(error)}", hint=HINT) from error
    model = description.get("model")
    if not isinstance(model, dict) or description.get("sha256") != check_sum(model, arrays):
        refuse(path, "is damaged: its check sum is wrong")
    return model, arrays


def read_format(data: bytes, path: Path) -> str:
    """Say what a file is, by its header alone.

    Parameters
    ----------
    data : bytes
        The file's, or its beginning up to the end of the header.
    path : path
        For messages.

    Returns
    -------
    str

    Raises
    ------
    ModelFileError
        If it is no file of ours.

    Examples
    --------
    >>> from pathlib import Path
    >>> from inkmeans.recognise.safe_file import pack, read_format
    >>> read_format(pack("example", 1, {}, {}), Path("file"))
    'example'
    """
    return str(_read_header(data, path)["format"])


def check_sum(model: dict[str, Any], arrays: Arrays) -> str:
    """Digest a description and arrays.

    Parameters
    ----------
    model : dict
    arrays : dict of str to ndarray

    Returns
    -------
    str
        SHA-256, hexadecimal; the same on machines of either byte order.

    Examples
    --------
    >>> from inkmeans.recognise.safe_file import check_sum
    >>> check_sum({}, {})[:8]
    '44136fa3'
    """
    digest = hashlib.sha256(json.dumps(model, sort_keys=True).encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"\n{name} {array.dtype.name} {array.shape}\n".encode())
        digest.update(array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes())
    return digest.hexdigest()


def refuse(path: Path, what: str) -> NoReturn:
    """Raise a `ModelFileError` about a file.

    Parameters
    ----------
    path : path
    what : str
        The sentence that begins with the path.
    """
    raise ModelFileError(f"{path} {what}", hint=HINT)


def one_line(error: Exception) -> str:
    r"""Make one short line of an error.

    Examples
    --------
    >>> from inkmeans.recognise.safe_file import one_line
    >>> one_line(ValueError("much\n  space"))
    'much space'
    """
    text = error.message if isinstance(error, InkmeansError) else str(error)
    return " ".join(text.split())[:200]


def _read_header(data: bytes, path: Path) -> dict[str, Any]:
    """Check who wrote the file before anything else is believed."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or data[8:9] != b"{" or length > MAX_HEADER_BYTES:
        refuse(path, "is no model file of inkmeans")
    if len(data) < 8 + length:
        refuse(path, "is cut off")
    try:
        header = json.loads(data[8 : 8 + length])
        text = header["__metadata__"]["inkmeans"]
        description = json.loads(text)
        form, schema = description["format"], description["schema"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelFileError(
            f"{path} is no model file of inkmeans, or a damaged one", hint=HINT
        ) from error
    if not isinstance(form, str) or type(schema) is not int or schema < 1:
        refuse(path, "is no model file of inkmeans, or a damaged one")
    found: dict[str, Any] = description
    return found
