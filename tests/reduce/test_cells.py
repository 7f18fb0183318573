"""Prototypes, and neighbours that are looked for in the nearest cells only."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkmeans.neighbors import nearest_neighbors
from inkmeans.reduce.cells import CellIndex, find_prototypes


@pytest.fixture(scope="module")
def floats(rows):
    return rows.astype(np.float32) / 255


@pytest.fixture(scope="module")
def index(floats):
    return CellIndex.of(floats, find_prototypes(floats, 40, np.random.default_rng(0)))


def test_every_row_is_in_the_cell_of_its_nearest_prototype(floats, index):
    nearest = nearest_neighbors(index.prototypes, 1, floats)[0][:, 0]
    assert sorted(index.order) == list(range(len(floats)))
    np.testing.assert_array_equal(index.rows, floats[index.order])
    for cell in range(40):
        members = index.order[index.starts[cell] : index.starts[cell + 1]]
        assert set(nearest[members]) <= {cell}


def test_prototypes_represent_rows_better_than_random_rows(floats, index):
    drawn = floats[np.random.default_rng(1).permutation(len(floats))[:40]]
    ours, theirs = (
        (nearest_neighbors(p, 1, floats)[1] ** 2).sum() for p in (index.prototypes, drawn)
    )
    assert ours < 0.8 * theirs


def test_all_cells_give_the_exact_neighbours(floats, index):
    near, squared = index.nearest(floats[:200], 7, n_cells=40)
    expected, distances = nearest_neighbors(floats, 7, floats[:200])
    np.testing.assert_array_equal(np.sort(index.order[near]), np.sort(expected))
    np.testing.assert_allclose(np.sort(squared), distances**2, atol=1e-3)


def test_few_cells_give_most_of_the_neighbours(floats, index):
    near, _ = index.nearest(index.rows, 10, n_cells=8, exclude_self=True)
    expected, _ = nearest_neighbors(index.rows, 10, exclude_self=True)
    assert not (near == np.arange(len(near))[:, None]).any()
    kept = [len(np.intersect1d(a, b)) for a, b in zip(near, expected, strict=True)]
    assert np.mean(kept) > 8


@settings(deadline=None)
@given(n=st.integers(2, 50), m=st.integers(1, 9), seed=st.integers(0, 99), values=st.integers(1, 9))
def test_neighbours_are_distinct_rows_with_their_distances(n, m, seed, values):
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, values, (n, 3)).astype(np.float32)
    index = CellIndex.of(rows, rows[: min(m, n)])
    k = int(rng.integers(1, n))
    near, squared = index.nearest(index.rows, k, n_cells=1, exclude_self=True)
    assert not (near == np.arange(n)[:, None]).any()
    assert all(len(set(row)) == k for row in near.tolist())
    expected = ((index.rows[near] - index.rows[:, None]) ** 2).sum(axis=2)
    np.testing.assert_allclose(squared, expected, atol=1e-3)


def test_a_cell_of_very_many_equal_rows_is_represented_by_some():
    rows = np.zeros((20_000, 2), dtype=np.float32)
    rows[:10] = 5
    index = CellIndex.of(rows, rows[[0, -1]])
    near, squared = index.nearest(rows[:20], 3, n_cells=1)
    np.testing.assert_array_equal(index.rows[near], np.repeat(rows[:20, None], 3, axis=1))
    assert not squared.any()
