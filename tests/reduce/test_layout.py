"""Points that attract their neighbours and repel everything: forces and where they lead."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from inkmeans.progress import Stop
from inkmeans.reduce.layout import Descent, attraction, in_blocks, repulsion, settle


def exact_forces(points):
    """Compare every pair: the definition."""
    away = points[:, None].astype(np.float64) - points[None]
    closeness = 1 / (1 + (away**2).sum(axis=2))
    pushes = (closeness[..., None] ** 2 * away).sum(axis=1)
    return pushes, closeness.sum() - len(points)


@settings(deadline=None, max_examples=30)
@given(n=st.integers(3, 300), spread=st.floats(0.5, 40), seed=st.integers(0, 99))
def test_the_grid_gives_about_what_all_pairs_give(n, spread, seed):
    points = (np.random.default_rng(seed).normal(size=(n, 2)) * spread).astype(np.float32)
    with in_blocks() as blocks:
        pushes, closeness = repulsion(points, blocks)
    expected, expected_closeness = exact_forces(points)
    assert np.linalg.norm(pushes - expected) <= 0.15 * np.linalg.norm(expected)
    assert closeness == pytest.approx(expected_closeness, rel=0.03)


def test_points_far_apart_get_a_coarser_grid_rather_than_all_memory():
    points = np.array([[0, 0], [1, 1], [1e6, -1e6]], dtype=np.float32)
    with in_blocks() as blocks:
        pushes, _ = repulsion(points, blocks)
    assert np.isfinite(pushes).all()


@given(n=st.integers(2, 60), k=st.integers(1, 7), seed=st.integers(0, 99))
def test_attraction_is_the_mean_pull_of_the_neighbours(n, k, seed):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, 2)).astype(np.float32)
    neighbors = rng.integers(0, n, (n, k))
    with in_blocks() as blocks:
        found = attraction(points, neighbors, blocks)
    away = points[neighbors].astype(np.float64) - points[:, None]
    expected = (away / (1 + (away**2).sum(axis=2, keepdims=True))).mean(axis=1)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def rings(n):
    """Return two groups, each a ring of neighbours, begun in the same place."""
    start = np.random.default_rng(0).normal(size=(2 * n, 2)) * 0.1
    step = np.arange(1, 4)
    ring = (np.arange(n)[:, None] + step) % n
    return start, np.vstack([ring, ring + n])


def test_groups_without_common_neighbours_part():
    start, neighbors = rings(100)
    places = settle(start, neighbors, Descent(300, exaggeration=4))
    one, other = places[:100], places[100:]
    gap = np.linalg.norm(one.mean(axis=0) - other.mean(axis=0))
    assert gap > 1.5 * max(one.std(), other.std())
    np.testing.assert_allclose(places.mean(axis=0), 0, atol=1e-4)


def test_neighbours_come_closer_than_others_whatever_the_number_of_threads():
    start, neighbors = rings(3000)
    descent = Descent(20, exaggeration=4)
    with threadpool_limits(1):
        one = settle(start, neighbors, descent)
    with threadpool_limits(3):
        three = settle(start, neighbors, descent)
    np.testing.assert_array_equal(one, three)
    near = np.linalg.norm(one[neighbors[:, 0]] - one, axis=1).mean()
    far = np.linalg.norm(one[np.roll(neighbors[:, 0], 700)] - one, axis=1).mean()
    assert near < far / 2


def test_stop_keeps_the_points_where_they_are_then():
    start, neighbors = rings(50)

    def stop_at_five(step):
        if step == 5:
            raise Stop

    stopped = settle(start, neighbors, Descent(300, exaggeration=4), tell=stop_at_five)
    np.testing.assert_array_equal(stopped, settle(start, neighbors, Descent(5, exaggeration=4)))


def test_an_error_in_a_block_reaches_the_caller():
    def fail(part):
        raise MemoryError(str(part.start))

    with in_blocks(10) as blocks, pytest.raises(MemoryError, match="0"):
        blocks(fail, 25)


def test_blocks_cover_all_rows_once():
    seen = np.zeros(25, dtype=int)
    with in_blocks(10) as blocks:
        blocks(lambda part: np.add.at(seen, np.arange(25)[part], 1), 25)
    assert (seen == 1).all()
