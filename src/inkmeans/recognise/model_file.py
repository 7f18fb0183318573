"""The model file: the arrays of a `ClusterModel` and a JSON header, with a check sum.

It is a safetensors file. Its metadata has one entry, ``inkmeans``: a JSON object with

- ``format``: always ``"inkmeans-model"``; ``schema``: the version of this layout, 1;
- ``sha256``: of the model's description and of all arrays, so that damage is noticed;
- ``model``: image_shape, features, classes, info.

Its tensors are ``centroids`` (float64), ``mapping`` (int64; only if the clusters have names),
``reducer.mean`` and ``reducer.components`` (float32; only if there is a reducer). Nothing in it
is executed when it is read.
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
from inkmeans.recognise.cluster_model import ClusterModel
from inkmeans.reduce import LinearMap

__all__ = ["FORMAT", "SCHEMA", "load_model", "save_model"]

FORMAT = "inkmeans-model"
SCHEMA = 1

MAX_FILE_BYTES = 512 * 2**20
MAX_HEADER_BYTES = 2**20
MAX_SIDE = 4096  # of the images that a model takes

DTYPES: dict[str, type] = {
    "centroids": np.float64,
    "mapping": np.int64,
    "reducer.mean": np.float32,
    "reducer.components": np.float32,
}

Arrays = dict[str, NDArray[Any]]


def save_model(model: ClusterModel, path: str | os.PathLike[str]) -> None:
    """Write a model to a file, whole or not at all.

    The same model gives the same bytes. The file is written beside its final name and renamed,
    so a file of that name is only replaced by a complete one.

    Parameters
    ----------
    model : ClusterModel
        What to keep.
    path : path
        By custom it ends in ``.safetensors``.

    Raises
    ------
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> from inkmeans.recognise import ClusterModel, load_model, save_model
    >>> folder = getfixture("tmp_path")
    >>> model = ClusterModel(image_shape=(1, 2), features="pixels", centroids=[[0, 1]])
    >>> save_model(model, folder / "model.safetensors")
    >>> load_model(folder / "model.safetensors").centroids
    array([[0., 1.]])
    """
    path = Path(path)
    data = _to_bytes(model)
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


def load_model(path: str | os.PathLike[str]) -> ClusterModel:
    """Read a model from a file.

    Parameters
    ----------
    path : path
        What `save_model` wrote, of at most 512 MiB.

    Returns
    -------
    ClusterModel

    Raises
    ------
    ModelFileError
        If it is something else, damaged, or from a newer version of inkmeans.
    DataError
        If there is no such file, or it cannot be read.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            _refuse(path, f"has {size / 2**20:.0f} MiB, which is too much for a model file")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist", hint="check the path") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error
    description = _read_description(data, path)
    arrays = _read_arrays(data, path)
    model = description.get("model")
    if not isinstance(model, dict) or description.get("sha256") != _digest(model, arrays):
        _refuse(path, "is damaged: its check sum is wrong")
    return _build(model, arrays, path)


def _to_bytes(model: ClusterModel) -> bytes:
    from safetensors.numpy import save

    arrays: Arrays = {"centroids": model.centroids}
    if model.mapping is not None:
        arrays["mapping"] = model.mapping
    if model.reducer is not None:
        arrays["reducer.mean"] = model.reducer.mean
        arrays["reducer.components"] = model.reducer.components
    described = {
        "image_shape": list(model.image_shape),
        "features": model.features,
        "classes": list(model.classes),
        "info": dict(model.info),
    }
    header = {
        "format": FORMAT,
        "schema": SCHEMA,
        "sha256": _digest(described, arrays),
        "model": described,
    }
    # One entry, because the order of several is not fixed and the bytes should be.
    return bytes(save(arrays, metadata={"inkmeans": json.dumps(header, sort_keys=True)}))


def _digest(model: dict[str, Any], arrays: Arrays) -> str:
    digest = hashlib.sha256(json.dumps(model, sort_keys=True).encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"\n{name} {array.dtype.name} {array.shape}\n".encode())
        digest.update(array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes())
    return digest.hexdigest()


def _read_description(data: bytes, path: Path) -> dict[str, Any]:
    """Check who wrote the file before anything else is believed."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or data[8:9] != b"{" or length > MAX_HEADER_BYTES:
        _refuse(path, "is no model file of inkmeans")
    if len(data) < 8 + length:
        _refuse(path, "is cut off")
    try:
        header = json.loads(data[8 : 8 + length])
        text = header["__metadata__"]["inkmeans"]
        description = json.loads(text)
        form, schema = description["format"], description["schema"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelFileError(
            f"{path} is no model file of inkmeans, or a damaged one", hint=_HINT
        ) from error
    if form != FORMAT or type(schema) is not int or schema < 1:
        _refuse(path, "is no model file of inkmeans, or a damaged one")
    if schema > SCHEMA:
        raise ModelFileError(
            f"{path} comes from a newer version of inkmeans (schema {schema}; "
            f"this one reads {SCHEMA})",
            hint="upgrade inkmeans",
        )
    found: dict[str, Any] = description
    return found


def _read_arrays(data: bytes, path: Path) -> Arrays:
    from safetensors.numpy import load

    try:
        arrays: Arrays = load(data)
    except Exception as error:  # SafetensorError, and what NumPy makes of strange shapes and types
        raise ModelFileError(f"{path} is damaged: {_one_line(error)}", hint=_HINT) from error
    for name, array in arrays.items():
        if name not in DTYPES or array.dtype != DTYPES[name]:
            _refuse(path, f"has the strange array {name[:40]!r} of {array.dtype}")
    if "centroids" not in arrays or ("reducer.mean" in arrays) != ("reducer.components" in arrays):
        _refuse(path, "has arrays missing")
    return arrays


def _build(described: dict[str, Any], arrays: Arrays, path: Path) -> ClusterModel:
    reducer = None
    if "reducer.mean" in arrays:
        reducer = LinearMap(arrays["reducer.mean"], arrays["reducer.components"])
    try:
        shape, features = described["image_shape"], described["features"]
        classes, info = described["classes"], described["info"]
        sound = (
            isinstance(features, str)
            and isinstance(info, dict)
            and isinstance(classes, list)
            and all(isinstance(name, str) for name in classes)
            and isinstance(shape, list)
            and len(shape) == 2
            and all(type(side) is int and 1 <= side <= MAX_SIDE for side in shape)
        )
        if not sound:
            _refuse(path, "describes no model")
        return ClusterModel(
            image_shape=(shape[0], shape[1]),
            features=features,
            centroids=arrays["centroids"],
            reducer=reducer,
            classes=tuple(classes),
            mapping=arrays.get("mapping"),
            info=info,
        )
    except KeyError as error:
        raise ModelFileError(f"{path} does not say its {error}", hint=_HINT) from error
    except ModelFileError:
        raise
    except InkmeansError as error:
        raise ModelFileError(f"{path}: {_one_line(error)}", hint=_HINT) from error


_HINT = "give a model.safetensors from a run's folder, copied whole"


def _refuse(path: Path, what: str) -> NoReturn:
    raise ModelFileError(f"{path} {what}", hint=_HINT)


def _one_line(error: Exception) -> str:
    text = error.message if isinstance(error, InkmeansError) else str(error)
    return " ".join(text.split())[:200]
