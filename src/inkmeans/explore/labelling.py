"""What label actions do to the labels: one immutable state, one function a kind of action.

The state follows from the log of actions alone, so that it is the same after a restart.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.errors import DataError
from inkmeans.explore.protocol import EXCLUDED, NO_LABEL, from_bitset

__all__ = [
    "BY_CLUSTER",
    "BY_HAND",
    "NOBODY",
    "UNCHANGED",
    "Action",
    "Example",
    "Labelling",
    "RunState",
    "apply",
    "pack",
    "unpack",
]

NOBODY, BY_CLUSTER, BY_HAND = 0, 1, 2
"""Who labelled an image."""

UNCHANGED = 253
"""In an imported column: leave this image as it is."""

_MAX_EXAMPLE = 2**24  # bytes

Assigned = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Action:
    """One entry of the log.

    Attributes
    ----------
    kind : str
        ``label``, ``name``, ``exclude``, ``merge``, ``split``, ``audit``, ``example``, ``import``.
    details : dict
        Small things: numbers of runs, clusters and labels.
    data : bytes
        Large things: a selection, the parts of a split.
    text : str
        The action in words.
    """

    kind: str
    details: dict[str, Any]
    data: bytes = b""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """An image from outside that a person labelled, as the model sees it."""

    image: bytes
    label: int


@dataclass(frozen=True, eq=False, slots=True)
class RunState:
    """The clusters of a run as merged, split and named so far.

    Attributes
    ----------
    assigned : uint16 ndarray of shape (n,)
    names : mapping of int to int
        The label of each named cluster.
    heirs : mapping of int to frozenset of int
        Which clusters now hold what a cluster held when the run was fitted.
    next_cluster : int
        The number that the next part of a split gets.
    """

    assigned: Assigned
    names: Mapping[int, int]
    heirs: Mapping[int, frozenset[int]]
    next_cluster: int

    @classmethod
    def fitted(cls, assigned: Assigned, n_clusters: int) -> RunState:
        """Begin with the clusters as they were fitted."""
        heirs = {cluster: frozenset((cluster,)) for cluster in range(n_clusters)}
        return cls(assigned, {}, heirs, n_clusters)


@dataclass(frozen=True, eq=False, slots=True)
class Labelling:
    """All labels of a data set at one moment.

    Attributes
    ----------
    labels : uint8 ndarray of shape (n,)
        `NO_LABEL` where there is none.
    sources : uint8 ndarray of shape (n,)
        `NOBODY`, `BY_CLUSTER` or `BY_HAND`.
    excluded : bool ndarray of shape (n,)
    runs : mapping of int to RunState
    audit : mapping of int to int
        What a person said of images of the audit sample.
    examples : tuple of Example
    """

    labels: NDArray[np.uint8]
    sources: NDArray[np.uint8]
    excluded: NDArray[np.bool_]
    runs: Mapping[int, RunState] = field(default_factory=dict)
    audit: Mapping[int, int] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()

    @classmethod
    def empty(cls, n: int) -> Labelling:
        """Begin without any label.

        Examples
        --------
        >>> from inkmeans.explore.labelling import Labelling
        >>> Labelling.empty(2).labels
        array([255, 255], dtype=uint8)
        """
        return cls(np.full(n, NO_LABEL, np.uint8), np.zeros(n, np.uint8), np.zeros(n, np.bool_))

    def __len__(self) -> int:
        return len(self.labels)

    def shown(self) -> NDArray[np.uint8]:
        """Return the labels as pages see them: `EXCLUDED` where an image was taken out."""
        return np.where(self.excluded, np.uint8(EXCLUDED), self.labels)


def apply(state: Labelling, action: Action) -> Labelling:
    """Do one action.

    Parameters
    ----------
    state : Labelling
        Is not changed. A run that the action names must be among its runs.
    action : Action

    Returns
    -------
    Labelling

    Raises
    ------
    DataError
        If the log holds something that makes no sense here.

    Examples
    --------
    >>> from inkmeans.explore.labelling import Action, Labelling, apply
    >>> apply(Labelling.empty(3), Action("label", {"label": 7}, bytes([0b101]))).labels
    array([  7, 255,   7], dtype=uint8)
    """
    handler = _HANDLERS.get(action.kind)
    if handler is None:
        raise DataError(f"an action of the unknown kind {action.kind!r}")
    try:
        return handler(state, action.details, action.data)
    except (KeyError, IndexError, TypeError, zlib.error) as error:
        raise DataError(f"a damaged action {action.kind!r} ({error})") from error


def pack(values: NDArray[Any]) -> bytes:
    """Compress an array for the log."""
    return zlib.compress(np.ascontiguousarray(values).tobytes(), 6)


def unpack(data: bytes, dtype: str, count: int) -> NDArray[Any]:
    """Undo `pack`, within the size that is expected."""
    size = np.dtype(dtype).itemsize * count
    raw = zlib.decompressobj().decompress(data, size + 1)
    if len(raw) != size:
        raise DataError(f"{len(raw)} bytes in the log where {size} are needed")
    return np.frombuffer(raw, dtype)


def _label(state: Labelling, details: dict[str, Any], data: bytes) -> Labelling:
    chosen = _chosen(state, details, data)
    label = int(details["label"])
    return replace(
        state,
        labels=_where(chosen, label, state.labels),
        sources=_where(chosen, NOBODY if label == NO_LABEL else BY_HAND, state.sources),
    )


def _name(state: Labelling, details: dict[str, Any], data: bytes) -> Labelling:
    run, cluster, label = (int(details[key]) for key in ("run", "cluster", "label"))
    was = state.runs[run]
    names = {**was.names, cluster: label}
    if label == NO_LABEL:
        del names[cluster]
    named = replace(state, runs={**state.runs, run: replace(was, names=names)})
    return _pass_on(named, was.assigned == cluster, label)


def _pass_on(state: Labelling, members: NDArray[np.bool_], label: int) -> Labelling:
    """Give the label of a cluster to its images, those labelled by hand excepted."""
    chosen = members & (state.sources != BY_HAND)
    return replace(
        state,
        labels=_where(chosen, label, state.labels),
        sources=_where(chosen, NOBODY if label == NO_LABEL else BY_CLUSTER, state.sources),
    )


def _exclude(state: Labelling, details: dict[str, Any], data: bytes) -> Labelling:
    if "cluster" in details:
        chosen = state.runs[int(details["run"])].assigned == int(details["cluster"])
    else:
        chosen = _chosen(state, details, data)
    return replace(state, excluded=_where(chosen, bool(details["value"]), state.excluded))


def _merge(state: Labelling, details: dict[str, Any], data: bytes) -> Labelling:
    run, source, target = (int(details[key]) for key in ("run", "source", "target"))
    was = state.runs[run]
    moved = was.assigned == source
    names = dict(was.names)
    lost = names.pop(source, None)
    label = names.get(target, lost)
    if label is not None:
        names[target] = label
    heirs = {
        key: (held - {source}) | {target} if source in held else held
        for key, held in was.heirs.items()
    }
    assigned = _where(moved, target, was.assigned)
    now = replace(was, assigned=assigned, names=names, heirs=heirs)
    merged = replace(state, runs={**state.runs, run: now})
    return merged if label is None else _pass_on(merged, assigned == target, label)


def _split(state: Labelling, details: dict[str, Any], data: bytes) -> Labelling:
    run, cluster = int(details["run"]), int(details["cluster"])
    was = state.runs[run]
    members = was.assigned == cluster
    parts = unpack(data, "<u2", int(np.count_nonzero(members)))
    assigned = was.assigned.copy()
    assigned[members] = parts
    numbers = frozenset(int(part) for part in np.unique(parts))
    heirs = {
        key: (held - {cluster}) | numbers if cluster in held else held
        for key, held in was.heirs.items()
    }
    names = {key: label for key, label in was.names.items() if key != cluster}
    now = RunState(assigned, names, heirs, max(was.next_cluster, max(numbers, default=0) + 1))
    split = replace(state, runs={**state.runs, run: now})
    return _pass_on(split, members, NO_LABEL) if cluster in was.names else split


def _audit(state: Labelling, details: dict[str, Any], data: bytes) -> Labelling:
    return replace(state, audit={**state.audit, int(details["image"]): int(details["label"])})


def _example(state: Labelling, details: dict[str, Any], data: bytes) -> Labelling:
    example = Example(_inflate(data), int(details["label"]))
    return replace(state, examples=(*state.examples, example))


def _inflate(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, _MAX_EXAMPLE)


def _import(state: Labelling, details: dict[str, Any], data: bytes) -> Labelling:
    column = unpack(data, "u1", len(state))
    chosen = (column != UNCHANGED) & (column != EXCLUDED)
    return replace(
        state,
        labels=np.where(chosen, column, state.labels),
        sources=_where(chosen, BY_HAND, state.sources),
        excluded=state.excluded | (column == EXCLUDED),
    )


_HANDLERS: dict[str, Callable[[Labelling, dict[str, Any], bytes], Labelling]] = {
    "audit": _audit,
    "example": _example,
    "exclude": _exclude,
    "import": _import,
    "label": _label,
    "merge": _merge,
    "name": _name,
    "split": _split,
}


def _chosen(state: Labelling, details: dict[str, Any], data: bytes) -> NDArray[np.bool_]:
    if "image" in details:
        chosen = np.zeros(len(state), np.bool_)
        chosen[int(details["image"])] = True
        return chosen
    if details.get("packed"):
        size = (len(state) + 7) // 8
        data = unpack(data, "u1", size).tobytes()
    return from_bitset(data, len(state))


def _where(chosen: NDArray[np.bool_], value: int, otherwise: NDArray[Any]) -> NDArray[Any]:
    return np.where(chosen, otherwise.dtype.type(value), otherwise)
