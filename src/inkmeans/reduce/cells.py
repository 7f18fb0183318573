"""Prototypes of many rows, and neighbours that are looked for in the nearest cells only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from inkmeans import engine
from inkmeans.engine import Labels
from inkmeans.reduce.layout import Floats32, in_blocks

__all__ = ["CellIndex", "find_prototypes"]

_ROUNDS = 5  # of k-means: prototypes need not be the best
_ROWS_EACH = 20  # that a prototype is found from
_MOST_CANDIDATES = 8192  # that a row is compared with
_MOST_DISTANCES = 2**20  # at once: 4 MB


def find_prototypes(rows: Floats32, n_prototypes: int, rng: np.random.Generator) -> Floats32:
    """Find prototypes by a few rounds of k-means on a sample, begun at random rows.

    Parameters
    ----------
    rows : float32 ndarray of shape (n, d)
    n_prototypes : int
        At most n.
    rng : Generator

    Returns
    -------
    float32 ndarray of shape (n_prototypes, d)

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.reduce.cells import find_prototypes
    >>> rows = np.arange(100, dtype=np.float32)[:, None]
    >>> bool(np.ptp(find_prototypes(rows, 10, np.random.default_rng(0))) > 50)
    True
    """
    drawn = rng.permutation(len(rows))[: _ROWS_EACH * n_prototypes]
    sample = np.ascontiguousarray(rows[np.sort(drawn)])
    prototypes = rows[drawn[:n_prototypes]].astype(np.float64)
    assigner = engine.assigner(sample, n_prototypes, n_threads=engine.effective_threads())
    for _ in range(_ROUNDS):
        assigner.update(prototypes)
        counts = np.asarray(assigner.counts)[:, None]
        means = np.asarray(assigner.sums) / np.maximum(counts, 1)
        prototypes = np.where(counts > 0, means, prototypes)
    return prototypes.astype(np.float32)


@dataclass(frozen=True, eq=False)
class CellIndex:
    """Rows in the order of their nearest prototypes, so that neighbours are found quickly.

    Attributes
    ----------
    prototypes : float32 ndarray of shape (m, d)
    rows : float32 ndarray of shape (n, d)
        Cell after cell.
    starts : ndarray of int64, shape (m + 1,)
        ``rows[starts[c] : starts[c + 1]]`` are nearest to prototype c.
    order : ndarray of int64, shape (n,)
        The place of each of `rows` among those that the index was made of.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.reduce.cells import CellIndex
    >>> rows = np.array([[9], [0], [8], [1]], dtype=np.float32)
    >>> index = CellIndex.of(rows, rows[:2])
    >>> index.order.tolist()
    [0, 2, 1, 3]
    >>> index.order[index.nearest(np.array([[7]], dtype=np.float32), 1, n_cells=1)[0]].tolist()
    [[2]]
    """

    prototypes: Floats32
    rows: Floats32
    starts: NDArray[np.int64]
    order: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Floats32, prototypes: Floats32, cells: Labels | None = None) -> Self:
        """Sort rows into the cells of prototypes.

        Parameters
        ----------
        rows : float32 ndarray of shape (n, d)
        prototypes : float32 ndarray of shape (m, d)
        cells : ndarray of int, shape (n,), or None, default=None
            The nearest prototype of each row, where that is known.

        Returns
        -------
        CellIndex
        """
        if cells is None:
            cells = _cells_of(rows, prototypes)
        order = np.argsort(cells, kind="stable")
        counts = np.bincount(cells, minlength=len(prototypes))
        return cls(prototypes, rows[order], np.concatenate([[0], counts.cumsum()]), order)

    def nearest(
        self,
        queries: Floats32,
        n_neighbors: int,
        *,
        n_cells: int = 8,
        exclude_self: bool = False,
    ) -> tuple[NDArray[np.int32], Floats32]:
        """Find the nearest rows in the cells that are nearest to that of each query.

        Parameters
        ----------
        queries : float32 ndarray of shape (q, d)
        n_neighbors : int
            At most as many as there are rows, less one if each is to be left out of its own.
        n_cells : int, default=8
            Cells to look in; more where these have too few rows.
        exclude_self : bool, default=False
            The queries are `rows`, and none is to be its own neighbour.

        Returns
        -------
        neighbors : int32 ndarray of shape (q, n_neighbors)
            Places in `rows`, in no order.
        squared : float32 ndarray of shape (q, n_neighbors)
            Squared distances.

        Notes
        -----
        On 70,000 images with 1,000 cells 3 of 4 of the 10 nearest are found in 8 cells.
        """
        own = self._own_cells() if exclude_self else _cells_of(queries, self.prototypes)
        by_cell = np.argsort(own, kind="stable")
        bounds = np.searchsorted(own[by_cell], np.arange(len(self.prototypes) + 1))
        squares = np.einsum("ij,ij->i", self.rows, self.rows)
        near = np.empty((len(queries), n_neighbors), dtype=np.int32)
        squared = np.empty((len(queries), n_neighbors), dtype=np.float32)
        occupied = np.flatnonzero(np.diff(bounds))
        lookups = self._cells_to_look_in(occupied, n_cells, n_neighbors + exclude_self)

        def work(part: slice) -> None:
            for cell, candidates in zip(occupied[part], lookups[part], strict=True):
                columns = -2 * self.rows[candidates].T
                size = max(1, _MOST_DISTANCES // len(candidates))
                for start in range(bounds[cell], bounds[cell + 1], size):
                    asked = by_cell[start : min(start + size, bounds[cell + 1])]
                    asking = queries[asked]
                    found = asking @ columns
                    found += squares[candidates]
                    if exclude_self:
                        found[candidates == asked[:, None]] = np.inf
                    last = min(n_neighbors, found.shape[1] - 1)
                    chosen = np.argpartition(found, last, axis=1)[:, :n_neighbors]
                    near[asked] = candidates[chosen]
                    best = np.take_along_axis(found, chosen, axis=1)
                    best += np.einsum("ij,ij->i", asking, asking)[:, None]
                    squared[asked] = np.maximum(best, 0)

        with in_blocks(rows_each=16) as blocks:
            blocks(work, len(occupied))
        return near, squared

    def _own_cells(self) -> NDArray[np.int64]:
        return np.repeat(np.arange(len(self.prototypes)), np.diff(self.starts))

    def _cells_to_look_in(
        self, cells: NDArray[np.int64], n_cells: int, n_rows: int
    ) -> list[NDArray[np.int32]]:
        """Return for each cell the places of the rows in the nearest cells, at least `n_rows`."""
        sizes = np.diff(self.starts)
        around = _ranked(self.prototypes[cells], self.prototypes, n_cells)
        if (sizes[around].sum(axis=1) < n_rows).any():
            around = _ranked(self.prototypes[cells], self.prototypes, len(self.prototypes))
        places = []
        for ranking in around:
            enough = int(np.searchsorted(sizes[ranking].cumsum(), n_rows)) + 1
            looked = ranking[: max(n_cells, enough)]
            runs = [np.arange(self.starts[c], self.starts[c + 1], dtype=np.int32) for c in looked]
            # A cell of thousands of equal rows is represented by some of them.
            found = np.concatenate(runs)
            places.append(found[:: -(-len(found) // _MOST_CANDIDATES)])
        return places


def _cells_of(rows: Floats32, prototypes: Floats32) -> Labels:
    return engine.assign(rows, prototypes.astype(np.float64), n_threads=engine.effective_threads())


def _ranked(queries: Any, prototypes: Floats32, n: int) -> NDArray[np.int32]:
    near, _ = engine.nearest_neighbors(
        np.ascontiguousarray(queries),
        prototypes,
        min(n, len(prototypes)),
        n_threads=engine.effective_threads(),
    )
    return near
