"""Registries: dictionaries from a name to a small frozen record, and what they share."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Mapping
from difflib import get_close_matches
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any, TypeVar

from inkmeans.errors import MissingExtraError, ParameterError

__all__ = ["discover", "lookup", "require"]

Record = TypeVar("Record")


def lookup(registry: Mapping[str, Record], name: str, kind: str) -> Record:
    """Find a record by its name, or say which name was probably meant.

    Parameters
    ----------
    registry : mapping of str to record
        For example `inkmeans.cluster.ALGORITHMS`.
    name : str
        The name that was asked for.
    kind : str
        What the records are, for the error message: ``"algorithm"``.

    Returns
    -------
    record

    Raises
    ------
    ParameterError
        If there is no such name; its hint has the nearest one.

    Examples
    --------
    >>> from inkmeans.registry import lookup
    >>> lookup({"kmeans": 1}, "kmean", "algorithm")
    Traceback (most recent call last):
    ...
    inkmeans.errors.ParameterError: unknown algorithm 'kmean'; did you mean 'kmeans'?
    """
    if name in registry:
        return registry[name]
    near = get_close_matches(name, registry, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(registry))}"
    raise ParameterError(f"unknown {kind} {name!r}", hint=hint)


def discover(group: str, record_type: type[Record]) -> dict[str, Record]:
    """Collect the records that other packages offer under an entry-point group.

    Parameters
    ----------
    group : str
        ``"inkmeans.clusterers"``, ``"inkmeans.datasets"`` ...
    record_type : type
        What an entry point must load to; anything else is logged and left out.

    Returns
    -------
    dict of str to record
    """
    found: dict[str, Record] = {}
    for entry in entry_points(group=group):
        try:
            record = entry.load()
        except Exception as error:  # a broken plugin must not take the rest with it
            logging.getLogger("inkmeans").warning("plugin %s: %s", entry.name, error)
            continue
        if isinstance(record, record_type):
            found[entry.name] = record
        else:
            logging.getLogger("inkmeans").warning(
                "plugin %s is no %s", entry.name, record_type.__name__
            )
    return found


def require(module: str, extra: str, purpose: str) -> ModuleType | Any:
    """Import an optional library, or say which extra brings it.

    Parameters
    ----------
    module : str
        Import name, for example ``"keras"``.
    extra : str
        The extra of inkmeans that installs it.
    purpose : str
        What it is needed for, for the error message.

    Returns
    -------
    module

    Raises
    ------
    MissingExtraError
        If it cannot be imported.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"{purpose} needs {module}, which is not installed ({error})",
            hint=f"run: python -m pip install 'inkmeans[{extra}]'",
        ) from error
