"""Keras as a source: its loaders where it is installed, its cached files where not."""

from __future__ import annotations

import importlib
import logging
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from inkmeans.datasets.convert import join_parts
from inkmeans.datasets.digits import Arrays
from inkmeans.datasets.distributed import read_quartet
from inkmeans.datasets.npz import read_npz
from inkmeans.errors import DownloadError, MissingExtraError

__all__ = ["keras_cache", "read_keras"]

_QUARTET = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def keras_cache(name: str) -> Path:
    """Tell where Keras keeps a data set that it has fetched.

    Parameters
    ----------
    name : {"mnist", "fashion_mnist"}

    Returns
    -------
    Path
        A file for ``mnist``, a folder of four files for ``fashion_mnist``; inside
        the folder that the environment variable ``KERAS_HOME`` names, or ``~/.keras``.

    Examples
    --------
    >>> from inkmeans.datasets.keras_source import keras_cache
    >>> keras_cache("mnist").parts[-2:]
    ('datasets', 'mnist.npz')
    """
    home = os.environ.get("KERAS_HOME")
    folder = (Path(home).expanduser() if home else Path.home() / ".keras") / "datasets"
    return folder / ("mnist.npz" if name == "mnist" else "fashion-mnist")


def read_keras(name: str) -> Arrays:
    """Read a data set by ``keras.datasets``, or from the files that Keras has cached.

    Parameters
    ----------
    name : {"mnist", "fashion_mnist"}

    Returns
    -------
    Arrays

    Raises
    ------
    MissingExtraError
        If Keras cannot be imported and has cached nothing.
    DownloadError
        If Keras could not load the data set and has cached nothing.
    DataError
        If a cached file is damaged.
    """
    try:
        keras = importlib.import_module("keras")
    except Exception as error:  # a Keras without its backend raises all sorts of things
        if _is_cached(name):
            return _read_cached(name)
        raise MissingExtraError(
            f"keras:{name} needs Keras, which cannot be imported ({error}), "
            f"or the copy that it caches, {keras_cache(name)}",
            hint="run: python -m pip install 'inkmeans[keras]' and a backend such as jax",
        ) from error
    try:
        with redirect_stdout(sys.stderr):  # it prints a progress bar
            (x_train, y_train), (x_test, y_test) = _loader(keras, name)()
    except Exception as error:  # Keras raises a bare Exception when a download fails
        if _is_cached(name):
            logging.getLogger("inkmeans").warning(
                "keras:%s: Keras failed (%s); its cached copy is read instead", name, error
            )
            return _read_cached(name)
        raise DownloadError(
            f"keras:{name}: Keras could not load it ({error})",
            hint=f"put its copy at {keras_cache(name)}, "
            f"or use {'mnist, which needs no Keras' if name == 'mnist' else 'fashion-mnist'}",
        ) from error
    return join_parts(Arrays(x_train, y_train), Arrays(x_test, y_test), f"keras:{name}")


def _loader(keras: Any, name: str) -> Any:
    return getattr(keras.datasets, name).load_data


def _is_cached(name: str) -> bool:
    cached = keras_cache(name)
    if name == "mnist":
        return cached.is_file()
    return all((cached / file).is_file() for file in _QUARTET)


def _read_cached(name: str) -> Arrays:
    cached = keras_cache(name)
    return (
        read_npz(cached) if name == "mnist" else read_quartet(tuple(cached / f for f in _QUARTET))
    )
