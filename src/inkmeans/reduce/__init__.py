"""Dimensionality reduction: rows to shorter rows, each by its name in `REDUCERS`."""

from inkmeans.reduce.components import PrincipalComponents
from inkmeans.reduce.digit_map import DigitMap
from inkmeans.reduce.linear import LinearMap, linear_map
from inkmeans.reduce.registry import REDUCERS, Reducer, get_reducer, parse_reducer

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
