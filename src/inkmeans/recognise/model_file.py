"""The model file: the arrays of a `ClusterModel` and a JSON header, with a check sum.

It is a safetensors file. Its metadata has one entry, ``inkmeans``: a JSON object with

- ``format``: always ``"inkmeans-model"``; ``schema``: the version of this layout, 1;
- ``sha256``: of the model's description and of all arrays, so that damage is noticed;
- ``model``: image_shape, features, classes, info.

Its tensors are ``centroids`` (float64), ``mapping`` (int64; only if the clusters have names),
``reducer.mean`` and ``reducer.components`` (float32; only if there is a reducer), and
``learnt.*`` (float32 and float64; only if the features learn from images). Nothing in it is
executed when it is read.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from inkmeans.errors import InkmeansError, ModelFileError
from inkmeans.features import get_feature
from inkmeans.recognise.cluster_model import ClusterModel
from inkmeans.recognise.safe_file import (
    HINT,
    Arrays,
    one_line,
    pack,
    read_file,
    refuse,
    unpack,
    write_file,
)
from inkmeans.reduce import LinearMap

__all__ = ["FORMAT", "SCHEMA", "load_model", "save_model"]

FORMAT = "inkmeans-model"
SCHEMA = 1

MAX_SIDE = 4096  # of the images that a model takes

DTYPES: dict[str, type] = {
    "centroids": np.float64,
    "mapping": np.int64,
    "reducer.mean": np.float32,
    "reducer.components": np.float32,
}

_LEARNT = "learnt."


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
    write_file(path, _to_bytes(model))


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
    data = read_file(path)
    model, arrays = unpack(data, path, FORMAT, SCHEMA)
    _check_arrays(arrays, path)
    return _build(model, arrays, path)


def _to_bytes(model: ClusterModel) -> bytes:
    arrays: Arrays = {"centroids": model.centroids}
    if model.mapping is not None:
        arrays["mapping"] = model.mapping
    if model.reducer is not None:
        arrays["reducer.mean"] = model.reducer.mean
        arrays["reducer.components"] = model.reducer.components
    arrays |= {_LEARNT + name: array for name, array in model.learnt.items()}
    described = {
        "image_shape": list(model.image_shape),
        "features": model.features,
        "classes": list(model.classes),
        "info": dict(model.info),
    }
    return pack(FORMAT, SCHEMA, described, arrays)


def _check_arrays(arrays: Arrays, path: Path) -> None:
    for name, array in arrays.items():
        if name.startswith(_LEARNT):
            known = array.dtype in (np.float32, np.float64)
        else:
            known = name in DTYPES and array.dtype == DTYPES[name]
        if not known:
            refuse(path, f"has the strange array {name[:40]!r} of {array.dtype}")
    if "centroids" not in arrays or ("reducer.mean" in arrays) != ("reducer.components" in arrays):
        refuse(path, "has arrays missing")


def _build(described: dict[str, Any], arrays: Arrays, path: Path) -> ClusterModel:
    reducer = None
    if "reducer.mean" in arrays:
        reducer = LinearMap(arrays["reducer.mean"], arrays["reducer.components"])
    learnt = {
        name.removeprefix(_LEARNT): array
        for name, array in arrays.items()
        if name.startswith(_LEARNT)
    }
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
            refuse(path, "describes no model")
        model = ClusterModel(
            image_shape=(shape[0], shape[1]),
            features=features,
            centroids=arrays["centroids"],
            reducer=reducer,
            learnt=learnt,
            classes=tuple(classes),
            mapping=arrays.get("mapping"),
            info=info,
        )
        if learnt or get_feature(features).learns:
            model.transformer()  # raises where this is not what they learn
    except KeyError as error:
        raise ModelFileError(f"{path} does not say its {error}", hint=HINT) from error
    except ModelFileError:
        raise
    except InkmeansError as error:
        raise ModelFileError(f"{path}: {one_line(error)}", hint=HINT) from error
    return model
