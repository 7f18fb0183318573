"""The images that are open, with their runs, maps and labels: what pages ask about."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.datasets import Digits
from inkmeans.errors import ParameterError
from inkmeans.explore.files import ProjectFiles, RunArrays
from inkmeans.explore.history import Timeline
from inkmeans.explore.labelling import Labelling, RunState, unpack
from inkmeans.explore.protocol import NO_LABEL, DatasetInfo, LabelCounts
from inkmeans.explore.settings import MapSettings
from inkmeans.explore.sources import dataset_id
from inkmeans.explore.store import MapRow, RunRow, Store
from inkmeans.explore.straighten import straighten

__all__ = ["Geometry", "OpenData"]

DIGITS = tuple("0123456789")
MOST_CLASSES = 250  # labels are bytes, and the last ones mean something else
_BLOCK = 4096
_GEOMETRIES = 4  # that are kept: one a run and state


@dataclass(frozen=True, eq=False, slots=True)
class Geometry:
    """How images lie among the clusters of a run as merged and split so far.

    Attributes
    ----------
    numbers : int64 ndarray
        The clusters that have images, ascending.
    sizes, medoids : int64 ndarrays, as long
    means : float32 ndarray of shape (len(numbers), height * width)
        Of the straightened images, in grey levels.
    pictures : uint8 ndarray of shape (len(numbers), height, width)
    second : uint16 ndarray of shape (n,)
    distance, confidence : float32 ndarrays of shape (n,)
    """

    numbers: NDArray[np.int64]
    sizes: NDArray[np.int64]
    medoids: NDArray[np.int64]
    means: NDArray[np.float32]
    pictures: NDArray[np.uint8]
    second: NDArray[np.uint16]
    distance: NDArray[np.float32]
    confidence: NDArray[np.float32]


class OpenData:
    """The open images and all that the project knows of them.

    Parameters
    ----------
    digits : Digits
    source : str
        What opens them again.
    store : Store
    files : ProjectFiles
    """

    def __init__(self, digits: Digits, source: str, store: Store, files: ProjectFiles) -> None:
        if len(digits.names) > MOST_CLASSES:
            raise ParameterError(
                f"{digits.source.name} has {len(digits.names)} classes",
                hint=f"the explorer takes up to {MOST_CLASSES}",
            )
        self.digits, self.source, self.store, self.files = digits, source, store, files
        self.id = dataset_id(digits)
        self.images = digits.images
        self.n = len(digits)
        self.classes = digits.names or DIGITS
        self.runs: dict[int, RunRow] = {run.id: run for run in store.runs(self.id)}
        self.maps: dict[int, MapRow] = {row.id: row for row in store.maps(self.id)}
        self._first_map = max(
            self.maps, default=None
        )  # the last one drawn, until another is chosen
        self._fresh: dict[int, RunState] = {}
        self.timeline = Timeline(self.n, self._fitted)
        self.timeline.replay(store.entries(self.id))
        self._lock = threading.RLock()
        self._base: dict[int, RunArrays] = {}
        self._geometries: OrderedDict[tuple[int, int], tuple[RunState, Geometry]] = OrderedDict()
        self._points: dict[int, NDArray[np.float32]] = {}

    @property
    def info(self) -> DatasetInfo:
        """The images in short."""
        digits = self.digits
        _, height, width = digits.images.shape
        source = digits.source
        return DatasetInfo(
            self.id,
            source.name,
            self.n,
            digits.n_train,
            height,
            width,
            digits.names,
            source.licence,
        )

    @property
    def state(self) -> Labelling:
        """The labels as they are now."""
        return self.timeline.state

    @property
    def truth(self) -> NDArray[np.uint8]:
        """The true class of each image; `NO_LABEL` where it is not known."""
        if self.digits.labels is None:
            return np.full(self.n, NO_LABEL, np.uint8)
        return self.digits.labels.astype(np.uint8)

    @cached_property
    def rows(self) -> NDArray[np.uint8]:
        """The images straightened; computed when they are first needed."""
        return straighten(self.images)

    def straightened(self) -> NDArray[np.uint8]:
        """Return `rows`, computed by one thread only."""
        with self._lock:
            return self.rows

    @cached_property
    def _norms(self) -> NDArray[np.float32]:
        """Squared lengths of the rows."""
        return np.concatenate([np.square(block).sum(axis=1) for block in _blocks(self.rows)])

    def distances_to(self, row: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Measure the squared distance of each image to a straightened one.

        In float32, right to some millionths: for one query that takes a third of the time of an
        exact search, which is made for many.
        """
        self.straightened()
        with self._lock:
            norms = self._norms
        query = row.astype(np.float32)
        products = np.concatenate([block @ query for block in _blocks(self.rows)])
        distances: NDArray[np.float32] = norms - 2 * products + np.square(query).sum()
        return np.maximum(distances, 0)

    def run(self, number: int | None) -> RunRow:
        """Find a run; None stands for the current one."""
        number = self.current_run() if number is None else number
        if number is None or number not in self.runs:
            raise LookupError(f"no such run: {number}")
        return self.runs[number]

    def current_run(self) -> int | None:
        """Return the number of the run that all tabs look at."""
        return self._current("run", self.runs)

    def current_map(self) -> int | None:
        """Return the number of the map that all tabs draw."""
        return self._current("map", self.maps, self._first_map)

    def _current(self, what: str, known: dict[int, Any], first: int | None = None) -> int | None:
        chosen = self.store.chosen(self.id, what)
        if chosen is None or chosen not in known:
            chosen = first if first in known else next(iter(known), None)
        return chosen

    def base(self, number: int) -> RunArrays:
        """Return what was measured when a run was fitted; measured again if its file is lost."""
        with self._lock:
            if number not in self._base:
                run = self.run(number)
                found = self.files.load_run(run.key)
                if found is None or len(found.assigned) != self.n:
                    found = self._measure_again(run)
                self._base[number] = found
            return self._base[number]

    def _measure_again(self, run: RunRow) -> RunArrays:
        from inkmeans.explore.measuring import describe

        assigned = unpack(run.assigned, "<u2", self.n)
        found = describe(self.images, self.straightened(), assigned, run.n_clusters)
        self.files.save_run(run.key, found)
        return found

    def run_state(self, number: int) -> RunState:
        """Return the clusters of a run as merged, split and named so far."""
        self.run(number)
        return self.timeline.run(number)

    def _fitted(self, number: int) -> RunState:
        known = self._fresh.get(number)
        if known is None:
            run = self.run(number)
            known = RunState.fitted(unpack(run.assigned, "<u2", self.n), run.n_clusters)
            self._fresh[number] = known
        return known

    def geometry(self, number: int) -> Geometry:
        """Return how images lie among the clusters of a run; measured when these have changed."""
        state = self.run_state(number)
        with self._lock:
            key = (number, id(state.assigned))
            known = self._geometries.get(key)
            if known is not None and known[0].assigned is state.assigned:
                self._geometries.move_to_end(key)
                return known[1]
            found = self._measure(number, state)
            self._geometries[key] = (state, found)
            while len(self._geometries) > _GEOMETRIES:
                self._geometries.popitem(last=False)
            return found

    def _measure(self, number: int, state: RunState) -> Geometry:
        now, assigned = self.base(number), state.assigned
        if not np.array_equal(assigned, now.assigned):
            from inkmeans.explore.measuring import describe_again

            rows = self.straightened()
            now = describe_again(self.images, rows, now, assigned, state.next_cluster)
        counts = np.bincount(assigned, minlength=state.next_cluster)[: state.next_cluster]
        numbers = np.flatnonzero(counts)
        return Geometry(
            numbers,
            counts[numbers],
            _nearest_members(assigned, numbers, now.distance),
            now.means[numbers],
            now.pictures[numbers],
            now.second,
            now.distance,
            now.confidence,
        )

    def points(self, number: int) -> NDArray[np.float32]:
        """Return the points of a map; drawn again, as principal components, if its file is lost."""
        with self._lock:
            if number not in self.maps:
                raise LookupError(f"no such map: {number}")
            if number not in self._points:
                row = self.maps[number]
                found = self.files.load_map(row.key)
                if found is None or found.shape != (self.n, 2):
                    from inkmeans.explore.pipeline import make_map

                    found = make_map(self.straightened(), MapSettings(row.method))
                    self.files.save_map(row.key, found)
                self._points[number] = found
            return self._points[number]

    def counts(self) -> LabelCounts:
        """Count labels."""
        state = self.state
        counted = state.labels[~state.excluded]
        labelled = counted[counted != NO_LABEL]
        excluded = int(np.count_nonzero(state.excluded))
        return LabelCounts(
            labelled=len(labelled),
            by_hand=int(np.count_nonzero((state.sources == 2) & ~state.excluded)),
            excluded=excluded,
            coverage=(len(labelled) + excluded) / self.n,
            actions=sum(e.action.kind not in ("audit", "import") for e in self.timeline.done),
            per_class=tuple(
                np.bincount(labelled, minlength=len(self.classes))[: len(self.classes)].tolist()
            ),
        )


def _blocks(rows: NDArray[np.uint8]) -> Iterator[NDArray[np.float32]]:
    for start in range(0, len(rows), _BLOCK):
        yield rows[start : start + _BLOCK].astype(np.float32)


def _nearest_members(
    assigned: NDArray[np.uint16], numbers: NDArray[np.int64], distance: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Return the image of each cluster that is the nearest to its mean."""
    order = np.lexsort((distance, assigned))
    starts = np.searchsorted(assigned[order], numbers)
    nearest: NDArray[np.int64] = order[starts]
    return nearest
