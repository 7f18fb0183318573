"""Images of handwritten digits: from a name, a path or memory to one type, `Digits`.

The public names are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inkmeans.datasets.catalogue import DATASETS, Dataset, get_dataset
    from inkmeans.datasets.digits import Digits, Source
    from inkmeans.datasets.fetching import cache_folder, fetch, is_here, where
    from inkmeans.datasets.loading import load

_HOME = {
    "DATASETS": "catalogue",
    "Dataset": "catalogue",
    "Digits": "digits",
    "Source": "digits",
    "cache_folder": "fetching",
    "fetch": "fetching",
    "get_dataset": "catalogue",
    "is_here": "fetching",
    "load": "loading",
    "where": "fetching",
}

__all__ = [
    "DATASETS",
    "Dataset",
    "Digits",
    "Source",
    "cache_folder",
    "fetch",
    "get_dataset",
    "is_here",
    "load",
    "where",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"inkmeans.datasets.{_HOME[name]}"), name)
    raise AttributeError(f"module 'inkmeans.datasets' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
