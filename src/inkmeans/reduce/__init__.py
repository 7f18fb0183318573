"""Dimensionality reduction: rows to shorter rows, each by its name in `REDUCERS`.

The transformers load scikit-learn, so they are loaded when they are first used; the registry alone
must not, so that a wrong name is told at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from inkmeans.reduce.registry import REDUCERS, Reducer, get_reducer, parse_reducer

if TYPE_CHECKING:
    from inkmeans.reduce.components import PrincipalComponents
    from inkmeans.reduce.digit_map import DigitMap
    from inkmeans.reduce.linear import LinearMap, linear_map

_HOME = {
    "DigitMap": "digit_map",
    "LinearMap": "linear",
    "PrincipalComponents": "components",
    "linear_map": "linear",
}

__all__ = [
    "REDUCERS",
    "DigitMap",
    "LinearMap",
    "PrincipalComponents",
    "Reducer",
    "get_reducer",
    "linear_map",
    "parse_reducer",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"inkmeans.reduce.{_HOME[name]}"), name)
    raise AttributeError(f"module 'inkmeans.reduce' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
