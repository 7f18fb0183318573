"""What must hold of every run of Lloyd's algorithm."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkmeans.cluster.lloyd import Options, lloyd
from inkmeans.cluster.problem import Problem, unit
from inkmeans.progress import Stop

from .conftest import clusterings


def slow_distances(problem, centroids):
    """(n, k) squared distances, or one minus the cosine, the obvious way."""
    x = problem.rows.astype(np.float64)
    if problem.cosine:
        norms = np.sqrt((x * x).sum(axis=1))
        return 1 - x @ centroids.T / np.where(norms == 0, 1, norms)[:, None]
    return ((x[:, None] - centroids[None]) ** 2).sum(axis=2)


def check(problem, run):
    """Labels are nearest, and inertia is that of the labels and centroids returned."""
    distances = slow_distances(problem, run.centroids)
    scale = 1 if problem.cosine else max(1.0, distances.max())
    taken = np.take_along_axis(distances, run.labels[:, None], axis=1)[:, 0]
    np.testing.assert_allclose(taken, distances.min(axis=1), atol=1e-12 * scale)
    each = np.ones(problem.n) if problem.weights is None else problem.weights
    np.testing.assert_allclose(run.inertia, taken @ each, rtol=1e-9, atol=1e-11 * scale)
    return each


@settings(max_examples=200, deadline=None)
@given(clusterings(), st.booleans())
def test_labels_are_nearest_centroids_are_means_and_inertia_is_theirs(clustering, cosine):
    rows, centroids, weights = clustering
    problem = Problem(rows, weights, cosine=cosine)
    run = lloyd(problem, problem.place(centroids), Options(max_iter=50))
    each = check(problem, run)
    x = rows.astype(np.float64)
    if cosine:
        norms = np.sqrt((x * x).sum(axis=1))
        x /= np.where(norms == 0, 1, norms)[:, None]
    for j in np.unique(run.labels[each > 0]):
        member = run.labels == j
        mean = each[member] @ x[member] / each[member].sum()
        if cosine and np.linalg.norm(mean) < 1e-6:
            continue  # opposite rows have no mean direction
        expected = unit(mean[None])[0] if cosine else mean
        rounding = 1e-6 if rows.dtype == np.float32 else 1e-10
        np.testing.assert_allclose(run.centroids[j], expected, rtol=rounding, atol=rounding)


@settings(max_examples=100, deadline=None)
@given(clusterings())
def test_any_number_of_threads_gives_the_same_run(clustering):
    rows, centroids, weights = clustering
    runs = [lloyd(Problem(rows, weights, n_threads=n), centroids, Options()) for n in (1, 2, 7)]
    for run in runs[1:]:
        np.testing.assert_array_equal(run.labels, runs[0].labels)
        np.testing.assert_array_equal(run.centroids, runs[0].centroids)
        assert run.inertia == runs[0].inertia


@settings(max_examples=100, deadline=None)
@given(clusterings())
def test_inertia_told_is_that_of_the_step_and_never_rises(clustering):
    rows, centroids, weights = clustering
    problem = Problem(rows.astype(np.float64), weights)
    each = np.ones(len(rows)) if weights is None else weights
    events = []
    before = [centroids]

    def oracle(event):
        distances = slow_distances(problem, before[-1]).min(axis=1)
        np.testing.assert_allclose(event.inertia, distances @ each, rtol=1e-9, atol=1e-6)
        events.append(event)
        before.append(event.centroids.copy())

    run = lloyd(problem, centroids, Options(callback=oracle))
    inertias = [event.inertia for event in events] + [run.inertia]
    assert all(b <= a * (1 + 1e-12) + 1e-9 for a, b in pairwise(inertias))
    assert [event.step for event in events] == list(range(1, run.n_iter + 1))
    assert events[0].changed == len(rows)


def test_weighted_rows_count_as_repeated_rows(digits):
    rows = digits[:600]
    weights = np.random.default_rng(0).integers(1, 4, len(rows))
    start = rows[:20].astype(np.float64)
    weighted = lloyd(Problem(rows, weights.astype(float)), start, Options())
    repeated = lloyd(Problem(np.repeat(rows, weights, axis=0)), start, Options())
    np.testing.assert_array_equal(weighted.centroids, repeated.centroids)
    np.testing.assert_array_equal(np.repeat(weighted.labels, weights), repeated.labels)
    assert weighted.inertia == pytest.approx(repeated.inertia, rel=1e-12)


def test_empty_clusters_move_to_the_farthest_rows():
    rows = np.array([[0], [1], [2], [100], [200]], dtype=np.uint8)
    run = lloyd(Problem(rows), np.array([[1.0], [250.0], [251.0]]), Options())
    assert sorted(run.centroids[:, 0]) == [1, 100, 200]
    assert len(set(run.labels)) == 3


def test_an_empty_cluster_takes_no_row_that_is_alone():
    # The farthest row is all that its cluster has; taking it would empty that one instead.
    rows = np.array([[0], [4], [200]], dtype=np.uint8)
    run = lloyd(Problem(rows), np.array([[1.0], [255.0], [256.0]]), Options())
    assert sorted(run.centroids[:, 0]) == [0, 4, 200]


@pytest.mark.parametrize("error", [Stop, KeyboardInterrupt])
def test_a_stop_ends_it_after_the_step_with_labels_of_its_centroids(digits, error):
    problem = Problem(digits[:500])
    seen = []

    def callback(event):
        seen.append(event.centroids.copy())
        if event.step == 3:
            raise error

    run = lloyd(problem, digits[:10].astype(float), Options(callback=callback))
    assert isinstance(run.ended_by, error)
    assert run.n_iter == 3
    np.testing.assert_array_equal(run.centroids, seen[-1])
    check(problem, run)


def test_other_errors_of_a_callback_are_its_own():
    def callback(event):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        lloyd(Problem(np.zeros((2, 1))), np.zeros((1, 1)), Options(callback=callback))
