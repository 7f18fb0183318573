"""The extension module: its stubs, and what it refuses before it can do harm."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from inkmeans import engine
from inkmeans.engine import reference

from .conftest import needs_native

pytestmark = needs_native

STUB = Path(engine.__file__).with_name("_native.pyi")
REMAKE = "python -m nanobind.stubgen -m inkmeans.engine._native -o src/inkmeans/engine/_native.pyi"


def test_the_stubs_are_those_of_the_extension():
    stubgen = pytest.importorskip("nanobind.stubgen", reason="nanobind is not installed")
    from inkmeans.engine import _native

    made = stubgen.StubGen(_native)
    made.put(_native)
    assert made.get() == STUB.read_text(encoding="utf-8"), f"out of date: {REMAKE}"


ROWS = np.zeros((4, 3), dtype=np.uint8)
CENTROIDS = np.zeros((2, 3))
LABELS = np.zeros(4, dtype=np.int32)
SHORT_LABELS = LABELS[:3]
LONG_BASIS = (np.zeros((15, 4)), np.zeros(3))
UNEVEN_BASIS = (np.zeros((14, 3)), np.zeros(3))
ONE_TIER = (np.zeros((15, 3)), np.zeros(3))
REFUSED = [
    ("AssignerU8", (ROWS, 0, None, None, 1), "a cluster"),
    ("AssignerU8", (ROWS, 2, np.ones(3), None, 1), "a weight of each row"),
    ("AssignerU8", (ROWS, 2, None, LONG_BASIS, 1), "as long as rows"),
    ("AssignerU8", (ROWS, 2, None, UNEVEN_BASIS, 1), "multiple of 16"),
    ("assign", (ROWS, np.zeros((2, 4)), None, 1), "as long as rows"),
    ("assign", (ROWS, np.zeros((0, 3)), None, 1), "as long as rows"),
    ("assigned_distances", (ROWS, LABELS + 2, CENTROIDS, 1), "labels must be from 0"),
    ("assigned_distances", (ROWS, LABELS - 1, CENTROIDS, 1), "labels must be from 0"),
    ("assigned_distances", (ROWS, LABELS, np.zeros((2, 4)), 1), "as long as rows"),
    ("cluster_sums", (ROWS, SHORT_LABELS, 2, None, 1), "a label of each row"),
    ("cluster_sums", (ROWS, LABELS + 2, 2, None, 1), "labels must be from 0"),
    ("cluster_sums", (ROWS, LABELS, 2, np.ones(5), 1), "a weight of each row"),
    ("kmeans_plusplus", (ROWS, 2, None, 4, np.zeros((1, 1)), None, 1), "a first row"),
    ("kmeans_plusplus", (ROWS, 3, None, 0, np.zeros((1, 1)), None, 1), "draws of each step"),
    ("kmeans_plusplus", (ROWS, 2, None, 0, np.zeros((1, 0)), None, 1), "draws of each step"),
    ("kmeans_plusplus", (ROWS, 2, None, 0, np.zeros((1, 1)), ONE_TIER, 1), "must be 31"),
    ("nearest_neighbors", (ROWS, ROWS, 5, None, 1), "as many rows as neighbors"),
    ("nearest_neighbors", (ROWS[:, :2].copy(), ROWS, 1, None, 1), "as long as rows"),
    ("nearest_neighbors", (ROWS, ROWS, 1, ONE_TIER, 1), "must be 31"),
]


@pytest.mark.parametrize(("name", "arguments", "message"), REFUSED)
def test_sizes_that_do_not_fit_are_refused(name, arguments, message):
    from inkmeans.engine import _native

    with pytest.raises(ValueError, match=message):
        getattr(_native, name)(*arguments)


@pytest.mark.parametrize("shape", [(1, 3), (3, 3), (2, 2), (2, 4)])
def test_centroids_of_another_shape_are_refused(shape):
    assigner = engine.assigner(ROWS, 2)
    with pytest.raises(ValueError, match="of shape"):
        assigner.update(np.zeros(shape))


def test_before_the_first_update_there_is_nothing_to_measure():
    from inkmeans.engine import _native

    assigner = _native.AssignerU8(ROWS, 2, None, None, 1)
    for measure in (assigner.distances, assigner.inertia):
        with pytest.raises(ValueError, match="no centroids yet"):
            measure()


@pytest.mark.parametrize("rows", [ROWS.astype(np.int8), ROWS[:, ::2], ROWS[0]])
def test_rows_are_never_converted(rows):
    from inkmeans.engine import _native

    with pytest.raises(TypeError):
        _native.assign(rows, np.zeros((2, rows.shape[-1])), None, 1)


def test_other_threads_of_python_run_while_the_engine_computes(digit_rows):
    ticks, done = [], threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    clock = threading.Thread(target=tick)
    clock.start()
    began = time.perf_counter()
    engine.nearest_neighbors(digit_rows, digit_rows, 5)
    ended = time.perf_counter()
    done.set()
    clock.join()
    inside = [moment for moment in ticks if began < moment < ended]
    assert len(inside) >= 3, f"{len(inside)} ticks in {ended - began:.3f} s"


def test_two_threads_may_use_the_engine_at_once(digit_rows):
    results = {}

    def work(name):
        rows = digit_rows[name * 1000 : (name + 1) * 1000].copy()
        assigner = engine.assigner(rows, 210, n_threads=2)
        for shift in (0.0, 1.0, 0.5):
            centroids = rows[:210] + shift
            assigner.update(centroids)
        results[name] = (assigner.labels, reference.assign(rows, centroids))

    threads = [threading.Thread(target=work, args=(name,)) for name in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 3
    for found, expected in results.values():
        np.testing.assert_array_equal(found, expected)
