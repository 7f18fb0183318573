"""One measurement of benchmarks/kmeans.py, in a process of its own.

Run by kmeans.py, as: python kmeans_worker.py JSON. It pins itself, loads the prepared arrays,
warms up on a few rows, does the work and prints one line of JSON. Inertia is recomputed here
in float64, outside the clock, for every library alike.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    SPEC = json.loads(sys.argv[1])
    if hasattr(os, "sched_setaffinity"):  # before any library counts the cores
        os.sched_setaffinity(0, SPEC["cores"])

import numpy as np
from kmeans_libraries import LIBRARIES, Library
from kmeans_rows import CURVE, ITERATIONS

WARM_ROWS = 3000  # enough for every library to start its threads and buffers
MEMORY_ITERATIONS = 3
NEIGHBORS = 10


def main(spec: dict[str, Any]) -> None:
    library = LIBRARIES[spec["library"]](spec["threads"])
    task = memory if spec["task"] == "memory" else timed
    print(json.dumps(task(spec, library)))


def timed(spec: dict[str, Any], library: Library) -> list[dict[str, Any]]:
    """Time the task (a curve: at several numbers of iterations) and judge what it returns."""
    stored = np.load(Path(spec["folder"]) / f"{spec['data']}.npy")
    scale = 255.0 if stored.dtype == np.uint8 else 1.0
    unit = scale if library.takes_uint8 else 1.0  # of the centroids that the library sees
    X = stored if library.takes_uint8 else (stored / np.float32(scale)).astype(np.float32)
    points = []
    for iterations in CURVE if spec["task"] == "curve" else (ITERATIONS,):
        prepare(spec, library, X[:WARM_ROWS], unit, iterations, warm=True)()
        work = prepare(spec, library, X, unit, iterations)
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        point = {"seconds": wall, "cpu_seconds": cpu}
        if spec["task"] == "curve":
            point["iterations"] = iterations
        if spec["judge"]:
            point |= judge(spec, stored, scale, unit, np.asarray(result))
        points.append(point)
    return points


def prepare(
    spec: dict[str, Any], library: Any, X: Any, unit: float, iterations: int, warm: bool = False
) -> Any:
    """Return the work of a task on these rows; `warm` makes it small."""
    task, k = spec["task"], spec["k"]
    if task == "neighbors":
        return library.neighbors(X, X[:100] if warm else X[: spec["queries"]], NEIGHBORS)
    if task in ("full", "seeding", "minibatch"):
        return getattr(library, task)(X, 8 if warm else k, spec["seed"])
    start = starting_centroids(spec, unit)[: 8 if warm else None]
    if task == "predict":
        return library.predict(X, start)
    return library.lloyd(X, start, 1 if warm else iterations)


def starting_centroids(spec: dict[str, Any], unit: float) -> Any:
    """Load what every library begins with, in the units that it is given rows in."""
    start = np.load(Path(spec["folder"]) / f"{spec['data']}-{spec['k']}.npy")
    if start.dtype == np.uint8:
        return start.astype(np.float64) if unit == 255 else start / np.float32(255)
    return start


def judge(
    spec: dict[str, Any], stored: Any, scale: float, unit: float, result: Any
) -> dict[str, float]:
    """Inertia of centroids, share of right labels, or the largest error of distances."""
    if spec["task"] == "neighbors":
        return {"error": neighbor_error(stored, result * (scale / unit) ** 2)}
    if spec["task"] == "predict":
        _, labels = nearest(stored, starting_centroids(spec, scale).astype(np.float64))
        return {"right": float(np.mean(labels == result))}
    squared, _ = nearest(stored, result.astype(np.float64) * (scale / unit))
    return {"inertia": float(squared.sum()) / scale**2}


def nearest(stored: Any, centroids: Any) -> tuple[Any, Any]:
    """Squared distance to, and index of, the nearest centroid, in float64."""
    squared, labels = np.empty(len(stored)), np.empty(len(stored), dtype=np.int64)
    norms = np.einsum("ij,ij->i", centroids, centroids)
    for begin in range(0, len(stored), 4096):
        rows = stored[begin : begin + 4096].astype(np.float64)
        products = rows @ (-2 * centroids.T) + norms
        labels[begin : begin + 4096] = products.argmin(axis=1)
        least = products.min(axis=1) + np.einsum("ij,ij->i", rows, rows)
        squared[begin : begin + 4096] = np.maximum(least, 0)
    return squared, labels


def neighbor_error(stored: Any, found: Any) -> float:
    """Largest relative error of the squared distances of 64 queries."""
    rows = stored.astype(np.float64)
    norms = np.einsum("ij,ij->i", rows, rows)
    some = np.linspace(0, len(found) - 1, 64).astype(int)
    true = norms[some, None] + norms - 2 * rows[some] @ rows.T
    true = np.sort(np.partition(true, NEIGHBORS, axis=1)[:, :NEIGHBORS], axis=1)
    wrong = np.abs(np.sort(found[some], axis=1) - true)[:, 1:]  # the nearest is the row itself
    return float((wrong / np.maximum(true[:, 1:], 1e-9)).max())


def memory(spec: dict[str, Any], library: Any) -> list[dict[str, Any]]:
    """Measure what a fit adds at its peak to the process with the uint8 rows loaded.

    Peers need float32 rows, so making them is part of it.
    """
    X = np.load(Path(spec["folder"]) / f"images-{spec['rows']}.npy")
    start = starting_centroids(spec, 255 if library.takes_uint8 else 1)

    def fit(rows: Any, centroids: Any) -> None:
        if library.takes_uint8:
            library.lloyd(rows, centroids, MEMORY_ITERATIONS)()
        else:
            floats = np.multiply(rows, np.float32(1 / 255), dtype=np.float32)
            library.lloyd(floats, centroids, MEMORY_ITERATIONS)()

    fit(X[:WARM_ROWS], start[:8])
    forget_peak()
    before = resident("VmRSS")
    began = time.perf_counter()
    fit(X, start)
    seconds = time.perf_counter() - began
    return [{"seconds": seconds, "added_gb": (resident("VmHWM") - before) / 1e9}]


def forget_peak() -> None:
    """Set the peak back to what is resident now, where the system can (Linux)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def resident(which: str) -> float:
    """Bytes resident now (VmRSS) or at the peak (VmHWM); elsewhere than Linux, the peak."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return float(peak if sys.platform == "darwin" else peak * 1024)
    (line,) = [line for line in status.splitlines() if line.startswith(which)]
    return float(line.split()[1]) * 1024


if __name__ == "__main__":
    main(SPEC)
