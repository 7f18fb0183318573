"""What benchmarks/kmeans.py measures and what is to be reached: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["CURVE", "EXACT", "ITERATIONS", "ROWS", "Row"]

ITERATIONS = 20
CURVE = (1, 2, 5, 10, 20, 50)  # iterations at which the curve of inertia against time is taken

# Libraries whose iterations assign every row to its nearest centroid. The others sample the
# rows, or prune by a test that may be wrong: an advantage in speed that they have to state.
EXACT = ("sklearn", "sklearn-elkan", "sklearnex", "faiss", "superkmeans-gemm")


@dataclass(frozen=True)
class Row:
    """One line of the table of figures to reach.

    Attributes
    ----------
    task : str
        What is timed; a method of every library in kmeans_libraries.py.
    data : {"mnist", "mnist70k", "pca"}
        60,000 (or all 70,000) x 784 uint8 pixels, or the 128 PCA scores of the 60,000 in
        float32.
    k : int or None
    times : mapping of a name to a number
        How many times faster than that library to be; ``"exact"`` stands for the fastest
        of `EXACT`. Of those, only libraries that reach `inertia` count.
    inertia : float or None
        The inertia that a fit has to reach, pixels in [0, 1].
    lower_than : str or None
        The library whose inertia is to be undercut, in less time than it takes.
    memory : float or None
        Most GB that the work may add to the process.
    """

    task: str
    data: str
    k: int | None = None
    times: Mapping[str, float] = field(default_factory=dict)
    inertia: float | None = None
    lower_than: str | None = None
    memory: float | None = None

    @property
    def title(self) -> str:
        """The row in words."""
        return f"{self.task} {self.data}" + (f" k={self.k}" if self.k else "")


ROWS = (
    Row("lloyd", "mnist", 10, {"exact": 5}),
    Row("lloyd", "mnist", 64, {"exact": 8}),
    Row("lloyd", "mnist", 256, {"exact": 10}),
    Row("lloyd", "mnist", 1024, {"exact": 20, "superkmeans": 8}),
    Row("seeding", "mnist", 256, {"sklearn": 30}),
    Row("seeding", "mnist", 1024, {"sklearn": 30}),
    Row("full", "mnist", 256, {"sklearn": 30, "superkmeans": 7}, inertia=1.478e6),
    Row("full", "mnist", 1024, {"sklearn": 30}, inertia=1.207e6),
    Row("minibatch", "mnist", 10, lower_than="sklearn"),
    Row("minibatch", "mnist", 64, lower_than="sklearn"),
    Row("minibatch", "mnist", 256, lower_than="sklearn"),
    Row("predict", "mnist", 256, {"exact": 8}),
    Row("memory", "mnist", 256, memory=0.2),
    Row("neighbors", "mnist70k", times={"exact": 5}),
    Row("lloyd", "pca", 64, {"exact": 1, "superkmeans": 1}),
    Row("lloyd", "pca", 256, {"exact": 1, "superkmeans": 1}),
    Row("lloyd", "pca", 1024, {"exact": 1, "superkmeans": 1}),
    Row("seeding", "pca", 256, {"sklearn": 1}),
    Row("full", "pca", 256, {"exact": 1, "superkmeans": 1}, inertia=1.281e6),
    Row("curve", "mnist", 64),
    Row("curve", "mnist", 256),
)
