"""Handwritten digit recognition by k-means clustering.

The public names below are loaded when they are first used, so that
``import inkmeans`` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inkmeans.cluster import BisectingKMeans, KMeans, MiniBatchKMeans
    from inkmeans.datasets import Digits, load
    from inkmeans.recognise import Recognizer

try:
    __version__ = version("inkmeans")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0.1.0"

_HOME = {
    "BisectingKMeans": "inkmeans.cluster",
    "Digits": "inkmeans.datasets",
    "KMeans": "inkmeans.cluster",
    "MiniBatchKMeans": "inkmeans.cluster",
    "Recognizer": "inkmeans.recognise",
    "load": "inkmeans.datasets",
}

__all__ = [
    "BisectingKMeans",
    "Digits",
    "KMeans",
    "MiniBatchKMeans",
    "Recognizer",
    "__version__",
    "load",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'inkmeans' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
