"""What every backend of the engine provides; the NumPy reference is its specification."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Assigner", "Backend", "Floats", "Labels", "Report", "Rows"]

Rows = Any
"""A C-contiguous uint8, float32 or float64 array (n, d), or a CSR matrix of floats."""

Floats = NDArray[np.float64]
Labels = NDArray[np.int32]

Report = Callable[[int], None]
"""Told how many are done of what is worked on; what it raises ends the work."""


class Assigner(Protocol):
    """Keeps rows assigned to the nearest centroid while the centroids move."""

    def update(self, centroids: Floats) -> int:
        """Assign every row to its nearest centroid; return how many labels changed."""
        ...

    @property
    def labels(self) -> Labels:
        """Label of each row, of the last update."""
        ...

    @property
    def sums(self) -> Floats:
        """Weighted sum of the rows of each cluster."""
        ...

    @property
    def counts(self) -> Floats:
        """Weight of each cluster."""
        ...

    def distances(self) -> Floats:
        """Squared distance of each row to its centroid of the last update."""
        ...

    def inertia(self) -> float:
        """Weighted sum of those squared distances."""
        ...


class Backend(Protocol):
    """A module that computes: `inkmeans.engine.reference`, or the native one."""

    def Assigner(  # noqa: N802 - a class in every backend
        self, rows: Rows, n_clusters: int, *, weights: Floats | None = None, n_threads: int = 1
    ) -> Assigner:
        """Return an `Assigner` over the rows."""
        ...

    def assign(self, rows: Rows, centroids: Floats, *, n_threads: int = 1) -> Labels:
        """Return the nearest centroid of each row."""
        ...

    def assigned_distances(
        self, rows: Rows, labels: Labels, centroids: Floats, *, n_threads: int = 1
    ) -> Floats:
        """Return the squared distance of each row to the centroid of its label."""
        ...

    def cluster_sums(
        self,
        rows: Rows,
        labels: Labels,
        n_clusters: int,
        *,
        weights: Floats | None = None,
        n_threads: int = 1,
    ) -> tuple[Floats, Floats]:
        """Return the weighted sum of the rows of each cluster, and its weight."""
        ...

    def kmeans_plusplus(
        self,
        rows: Rows,
        n_clusters: int,
        *,
        weights: Floats | None,
        first: int,
        draws: Floats,
        n_threads: int = 1,
    ) -> NDArray[np.int64]:
        """Return the rows that greedy k-means++ chooses."""
        ...

    def nearest_neighbors(
        self,
        queries: Rows,
        rows: Rows,
        n_neighbors: int,
        *,
        metric: str = "euclidean",
        n_threads: int = 1,
        report: Report | None = None,
    ) -> tuple[Labels, Floats]:
        """Return the nearest rows of each query and their (squared) distances."""
        ...

    def available_levels(self) -> tuple[str, ...]:
        """Return the instruction sets that can run here."""
        ...

    def level(self) -> str:
        """Return the instruction set in use."""
        ...
