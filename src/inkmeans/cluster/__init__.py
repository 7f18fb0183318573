"""Clustering: k-means on the engine, and the registry of all algorithms by name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from inkmeans.cluster.registry import ALGORITHMS, Algorithm, get_algorithm

if TYPE_CHECKING:
    from inkmeans.cluster.kmeans import KMeans

# The estimators load scikit-learn; the registry alone must not.
_HOME = {
    "KMeans": "inkmeans.cluster.kmeans",
}

__all__ = ["ALGORITHMS", "Algorithm", "KMeans", "get_algorithm"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'inkmeans.cluster' has no attribute {name!r}")
