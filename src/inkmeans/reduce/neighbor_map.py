"""A map of many rows in seconds: prototypes are embedded, rows settle among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from inkmeans import engine
from inkmeans.errors import DataError
from inkmeans.reduce.cells import CellIndex, find_prototypes
from inkmeans.reduce.components import PrincipalComponents
from inkmeans.reduce.layout import Descent, Floats32, in_blocks, settle

__all__ = ["NeighborMap", "Projection"]

Tell = Callable[[str, int], None]
"""Told in words what is being done, and how many steps the rows have settled."""

_COMPONENTS = 50  # that distances are measured along
_SAMPLE = 5000  # rows that they are found from
_PROTOTYPES = 1000
_OWN_PROTOTYPES = 2000  # so many rows, and fewer, are their own prototypes
_MOST_SETTLED = 100_000  # rows; the others are placed among them
_AROUND = 15  # neighbours of a prototype
_BETWEEN = 4  # prototypes that a row begins between
_BLUR = 0.1  # how much farther a prototype may be and count, as a share of the squared distance
_NEAR = 10  # neighbours of a row
_UNTANGLE = Descent(50, exaggeration=12, rate=2, momentum=0.5)
_UNFOLD = tuple(Descent(100, exaggeration=e, rate=2, momentum=0.8) for e in (2, 1, 0.5))
_SMALLEST = 0.5  # standard deviation of the places of prototypes
_JITTER = 1e-3  # of the beginning: rows in a line can leave it


@dataclass(frozen=True, eq=False)
class Projection:
    """Rows along their principal components; only centred and scaled where they are short.

    Attributes
    ----------
    mean : ndarray of shape (d,)
    scale : float
        What centred rows are multiplied by, so that squares of numbers fit float32.
    components : float32 ndarray of shape (n_components, d), or None
    """

    mean: NDArray[Any]
    scale: float
    components: Floats32 | None

    @classmethod
    def of(cls, rows: NDArray[Any], rng: np.random.Generator) -> Self:
        """Find the components of a sample.

        Parameters
        ----------
        rows : ndarray of shape (n, d)
        rng : Generator

        Returns
        -------
        Projection
        """
        sample = rows[np.sort(rng.permutation(len(rows))[:_SAMPLE])]
        kind = np.float64 if rows.dtype == np.float64 else np.float32
        mean = sample.mean(axis=0, dtype=np.float64).astype(kind)
        largest = float(np.abs(sample - mean).max())
        scale = 1 / largest if largest > 0 else 1.0
        if rows.shape[1] <= _COMPONENTS or len(rows) < 2:
            return cls(mean, scale, None)
        centered = ((sample - mean) * kind(scale)).astype(np.float32)
        found = PrincipalComponents(min(_COMPONENTS, len(sample))).fit(centered)
        return cls(mean, scale, found.components_)

    def apply(self, rows: NDArray[Any]) -> Floats32:
        """Project rows, in blocks, on several threads.

        Parameters
        ----------
        rows : ndarray of shape (n, d)

        Returns
        -------
        float32 ndarray of shape (n, n_components)

        Raises
        ------
        DataError
            If squared distances from the rows fitted on are beyond float32.
        """
        width = rows.shape[1] if self.components is None else len(self.components)
        projected = np.empty((len(rows), width), dtype=np.float32)
        scale = self.mean.dtype.type(self.scale)

        def work(part: slice) -> None:
            with np.errstate(over="ignore", invalid="ignore"):
                block = rows[part] - self.mean
                block *= scale
                block = block.astype(np.float32, copy=False)
                projected[part] = block if self.components is None else block @ self.components.T

        with in_blocks() as blocks:
            blocks(work, len(rows))
        _check_size(projected)
        return projected


@dataclass(frozen=True, eq=False)
class NeighborMap:
    """Places of rows in a plane, and what new rows are placed by.

    Attributes
    ----------
    projection : Projection
    index : CellIndex
        Of the projected rows that settled.
    places : float32 ndarray of shape (m, 2)
        Of the rows of the index, in its order.

    Examples
    --------
    >>> import numpy as np
    >>> from inkmeans.reduce.neighbor_map import NeighborMap
    >>> rows = np.repeat(np.eye(3, dtype=np.float32), 30, axis=0)
    >>> found, places = NeighborMap.of(rows, 15, seed=0)
    >>> bool(np.allclose(found.place(rows[:1]), places[:30].mean(axis=0), atol=0.5))
    True
    """

    projection: Projection
    index: CellIndex
    places: Floats32

    @classmethod
    def of(
        cls, rows: NDArray[Any], n_iter: int, seed: int, tell: Tell | None = None
    ) -> tuple[Self, Floats32]:
        """Map rows.

        Parameters
        ----------
        rows : ndarray of shape (n, d), uint8 or float
        n_iter : int
            Steps in which rows settle among their neighbours.
        seed : int
        tell : callable, optional

        Returns
        -------
        map : NeighborMap
        embedding : float32 ndarray of shape (n, 2)
            The places of the rows.

        Raises
        ------
        DataError
            If squared distances between the rows are beyond float32.
        """
        tell = tell or _say_nothing
        rng = np.random.default_rng(seed)
        tell("principal components", 0)
        projection = Projection.of(rows, rng)
        projected = projection.apply(rows)
        if len(projected) <= _MOST_SETTLED:
            index, places = _map_all(projected, n_iter, rng, tell)
            embedding = np.empty_like(places)
            embedding[index.order] = places
            return cls(projection, index, places), embedding
        chosen = rng.permutation(len(projected))[:_MOST_SETTLED]
        index, places = _map_all(projected[np.sort(chosen)], n_iter, rng, tell)
        found = cls(projection, index, places)
        tell("rows that are left", n_iter)
        return found, found.place_projected(projected)

    def place(self, rows: NDArray[Any]) -> Floats32:
        """Place new rows.

        Parameters
        ----------
        rows : ndarray of shape (n, d)

        Returns
        -------
        float32 ndarray of shape (n, 2)
        """
        return self.place_projected(self.projection.apply(rows))

    def place_projected(self, projected: Floats32) -> Floats32:
        """Place new rows, already projected, where their nearest rows crowd.

        Parameters
        ----------
        projected : float32 ndarray of shape (n, n_components)

        Returns
        -------
        float32 ndarray of shape (n, 2)
        """
        n_neighbors = min(_NEAR, len(self.places))
        near, squared = self.index.nearest(projected, n_neighbors)
        around = self.places[near]
        # A row that is on the map already outweighs its neighbours.
        weight = 1 / (squared + np.float32(1e-6 * self._spread))
        weight /= weight.sum(axis=1, keepdims=True)
        first = squared.argmin(axis=1)
        place = np.take_along_axis(around, first[:, None, None], axis=1)[:, 0]
        # From the nearest row to the nearby mode: neighbours that lie elsewhere hardly count.
        for _ in range(10):
            away = ((around - place[:, None]) ** 2).sum(axis=2)
            share = weight / (1 + away)
            place = np.einsum("nk,nkc->nc", share, around) / share.sum(axis=1, keepdims=True)
        return np.asarray(place, dtype=np.float32)

    @property
    def _spread(self) -> float:
        """The variance of the rows, for a scale."""
        return float(self.index.prototypes.var(axis=0).sum()) or 1.0


def _map_all(
    projected: Floats32, n_iter: int, rng: np.random.Generator, tell: Tell
) -> tuple[CellIndex, Floats32]:
    """Return the rows as an index, and the places of its rows, in its order."""
    n = len(projected)
    tell("prototypes", 0)
    own = n <= _OWN_PROTOTYPES
    prototypes = projected if own else find_prototypes(projected, _PROTOTYPES, rng)
    middles, exaggeration = _embed(prototypes, rng)
    if own:
        index, start = CellIndex.of(projected, prototypes, np.arange(n, dtype=np.int32)), middles
    else:
        tell("rows among prototypes", 0)
        cells, between = _between(projected, prototypes, middles)
        index = CellIndex.of(projected, prototypes, cells)
        start = between[index.order]
    if n_iter == 0 or n < 3:
        return index, start
    tell("neighbours", 0)
    near, _ = index.nearest(index.rows, _few(_NEAR, n), exclude_self=True)
    # Prototypes are drawn to fewer others than rows are: 2 for them is 4 for rows.
    descent = Descent(n_iter, exaggeration=exaggeration**2)
    return index, settle(start, near, descent, tell=lambda step: tell("rows settle", step))


def _embed(prototypes: Floats32, rng: np.random.Generator) -> tuple[Floats32, float]:
    """Lay prototypes out, from their two main directions on; say with which exaggeration."""
    m = len(prototypes)
    start = np.zeros((m, 2), dtype=np.float32)
    if m < 2 or not np.ptp(prototypes, axis=0).any():
        return start, 1.0  # nothing tells them apart
    main = prototypes[:, :2]
    start[:, : main.shape[1]] = (main - main.mean(axis=0)) * (0.1 / (main.std() or 1.0))
    start += rng.normal(scale=_JITTER, size=start.shape).astype(np.float32)
    near, _ = engine.nearest_neighbors(
        prototypes, prototypes, _few(_AROUND, m) + 1, n_threads=engine.effective_threads()
    )
    # Among more equal prototypes than that, one may not be its own nearest: no force then.
    near = near[:, 1:]
    untangled = settle(start, near, _UNTANGLE)
    for descent in _UNFOLD:
        places = settle(untangled, near, descent)
        # Rows without clusters are so well connected that strong attraction makes them a dot.
        if places.std() > _SMALLEST:
            break
    return places, descent.exaggeration


def _few(n_neighbors: int, n: int) -> int:
    """Return how many neighbours to take: of few rows a few, or they would all be neighbours."""
    return max(1, min(n_neighbors, (n - 1) // 3))


def _between(
    rows: Floats32, prototypes: Floats32, middles: Floats32
) -> tuple[NDArray[np.int32], Floats32]:
    """Return the nearest prototype of each row, and a place close to that of it."""
    near, squared = engine.nearest_neighbors(
        rows, prototypes, min(_BETWEEN, len(prototypes)), n_threads=engine.effective_threads()
    )
    closest = squared[:, :1]
    scale = _BLUR * (closest + 1e-3 * closest.mean() + np.finfo(np.float32).tiny)
    weights = np.exp((closest - squared) / scale)
    weights /= weights.sum(axis=1, keepdims=True)
    places = np.einsum("nk,nkc->nc", weights.astype(np.float32), middles[near])
    return near[:, 0], places


def _check_size(projected: Floats32) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        largest = np.einsum("ij,ij->i", projected, projected).max() * np.float32(4)
    if not np.isfinite(largest):
        raise DataError(
            "rows: numbers are too large for distances between them",
            hint="divide the rows by their largest number",
        )


def _say_nothing(message: str, step: int) -> None:
    pass
