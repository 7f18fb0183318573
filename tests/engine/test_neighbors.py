"""Nearest neighbours are those of a full sort, ties included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkmeans import engine
from inkmeans.engine import reference

from .conftest import BASES, DTYPES, THREADS, examples, needs_native, problems, some_directions

pytestmark = needs_native


@pytest.mark.parametrize("dtype", DTYPES)
@examples(50)
@given(
    data=st.data(),
    basis=st.sampled_from(BASES),
    n_directions=st.sampled_from((31, 63, 127)),
    n_threads=st.sampled_from(THREADS),
)
def test_neighbors_are_those_of_a_full_sort(
    simd_level, dtype, data, basis, n_directions, n_threads
):
    from inkmeans.engine import _native

    problem = data.draw(problems(dtype))
    rows, rng = problem.rows, problem.rng
    queries = rows[rng.integers(0, len(rows), data.draw(st.sampled_from((1, 15, 33, 64, 71))))]
    if rng.random() < 0.5:
        queries = queries[::-1] // 2 if dtype == np.uint8 else queries * dtype(1.5)
    queries = np.ascontiguousarray(queries)
    n_neighbors = min(len(rows), data.draw(st.sampled_from((1, 2, 10, 300))))
    directions = some_directions(problem, basis, n_directions)
    indices, distances = _native.nearest_neighbors(
        queries, rows, n_neighbors, directions, n_threads
    )
    each = rows.astype(np.float64)
    slow = np.array([np.square(each - query.astype(np.float64)).sum(axis=1) for query in queries])
    if problem.exact:
        order = np.argsort(slow, axis=1, kind="stable")[:, :n_neighbors]
        np.testing.assert_array_equal(indices, order)
        np.testing.assert_array_equal(distances, np.take_along_axis(slow, order, axis=1))
    else:
        np.testing.assert_allclose(distances, np.sort(slow, axis=1)[:, :n_neighbors], rtol=1e-13)
        np.testing.assert_allclose(np.take_along_axis(slow, indices, axis=1), distances, rtol=1e-13)
        assert all(len(set(row)) == n_neighbors for row in indices.tolist())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("inverted", [False, True])
def test_neighbors_of_digits_are_those_of_the_reference(simd_level, digit_rows, dtype, inverted):
    rows = (255 - digit_rows if inverted else digit_rows)[:1100].astype(dtype)
    rows[900:1000] = rows[:100]  # ties
    expected = reference.nearest_neighbors(rows[:80], rows, 7)
    for n_threads in THREADS:
        found = engine.nearest_neighbors(rows[:80], rows, 7, n_threads=n_threads)
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_array_equal(found[1], expected[1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_query_out_of_all_proportion_has_neighbors(simd_level, dtype):
    rows = np.arange(60, dtype=dtype).reshape(20, 3)
    queries = np.array([[1e30, 1e30, 1e30], [-1e25, 0, 0]], dtype=dtype)
    indices, distances = engine.nearest_neighbors(queries, rows, 3)
    expected = reference.nearest_neighbors(queries, rows, 3)
    np.testing.assert_array_equal(indices, expected[0])
    np.testing.assert_allclose(distances, expected[1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_far", [1, 40, 400])
def test_rows_out_of_all_proportion_do_not_hide_the_others(simd_level, digit_rows, dtype, n_far):
    rng = np.random.default_rng(n_far)
    rows = (digit_rows[:1500, ::7] / 8 + rng.normal(size=(1500, 112))).astype(dtype)
    rows[rng.permutation(1500)[:n_far]] *= dtype(1e6)
    queries = np.ascontiguousarray(rows[:200])
    for asked in (queries, np.ascontiguousarray(queries[np.abs(queries).max(axis=1) < 1e3])):
        found = engine.nearest_neighbors(asked, rows, 9, n_threads=2)
        expected = reference.nearest_neighbors(asked, rows, 9)
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_allclose(found[1], expected[1], rtol=1e-13)


@pytest.mark.parametrize("n_columns", [16, 31, 33, 100, 128, 200])
def test_sketches_of_floats_of_any_width_lose_no_neighbor(simd_level, n_columns):
    rng = np.random.default_rng(n_columns)
    rows = rng.normal(size=(1400, n_columns)) * np.linspace(3, 0.1, n_columns)
    rows = (rows + 5 * rng.normal(size=(10, n_columns))[rng.integers(0, 10, 1400)]).astype(
        np.float32
    )
    rows[700:760] = rows[:60]  # ties
    queries = rows[:100]
    found = engine.nearest_neighbors(queries, rows, 12, n_threads=2)
    expected = reference.nearest_neighbors(queries, rows, 12)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-13)


def test_queries_may_be_of_another_type(simd_level, digit_rows):
    queries = digit_rows[:5] + np.float32(0.25)
    found = engine.nearest_neighbors(queries, digit_rows[:100], 3)
    expected = reference.nearest_neighbors(queries, digit_rows[:100], 3)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-13)


def test_the_cosine_is_that_of_the_reference(simd_level, digit_rows):
    rows = digit_rows[:200].astype(np.float32)
    rows[7] = 0
    found = engine.nearest_neighbors(rows[:20], rows, 5, metric="cosine")
    expected = reference.nearest_neighbors(rows[:20], rows, 5, metric="cosine")
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_allclose(found[1], expected[1], atol=1e-12)


def test_squared_distances_of_long_bright_rows_do_not_overflow(simd_level):
    rows = np.full((6, 66_000), 255, dtype=np.uint8)
    rows[3:] = np.random.default_rng(0).integers(0, 2, (3, 66_000))
    found, expected = (backend.nearest_neighbors(rows, rows, 6) for backend in (engine, reference))
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])
