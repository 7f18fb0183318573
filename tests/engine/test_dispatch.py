"""Whatever the instruction set and the number of threads, results are the same to the bit."""

import os
import subprocess
import sys

import numpy as np
import pytest

from inkmeans import engine

from .conftest import DTYPES, NATIVE_LEVELS, THREADS, needs_native

pytestmark = needs_native


def everything(rows, weights, n_threads):
    """Return what each function of the engine makes of these rows."""
    rng = np.random.default_rng(1)
    assigner = engine.assigner(rows, 140, weights=weights, n_threads=n_threads)
    centroids = rows[:140] + rng.normal(size=(140, rows.shape[1]))  # nothing exact about them
    found = []
    for _ in range(4):
        found += [assigner.update(centroids), assigner.labels, assigner.sums, assigner.counts]
        found += [assigner.distances(), assigner.inertia()]
        centroids = assigner.sums / np.maximum(assigner.counts, 1e-9)[:, None]
    draws = rng.random((9, 4))
    found.append(engine.assign(rows, centroids, n_threads=n_threads))
    found.append(
        engine.kmeans_plusplus(rows, 10, weights=weights, first=2, draws=draws, n_threads=n_threads)
    )
    found += engine.nearest_neighbors(rows[:20], rows, 5, n_threads=n_threads)
    return found


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_levels_and_threads_change_no_bit(digits, dtype, weighted):
    rows = np.ascontiguousarray(digits[:1500, 6:22, 6:22].reshape(1500, -1)).astype(dtype)
    if dtype != np.uint8:
        rows /= dtype(255)
    weights = np.random.default_rng(0).random(len(rows)) if weighted else None
    with engine.using(NATIVE_LEVELS[0]):
        expected = everything(rows, weights, 1)
    for name in NATIVE_LEVELS:
        for n_threads in THREADS:
            with engine.using(name):
                found = everything(rows, weights, n_threads)
            for value, other in zip(found, expected, strict=True):
                np.testing.assert_array_equal(value, other)


def test_an_engine_that_is_not_there_ends_the_command_line_with_a_hint():
    done = subprocess.run(
        [sys.executable, "-m", "inkmeans", "--version"],
        capture_output=True,
        text=True,
        env={**os.environ, "INKMEANS_ENGINE": "abacus"},
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "error: there is no engine 'abacus' here",
        f"hint: available (INKMEANS_ENGINE): {', '.join(engine.available_levels())}",
    ]
