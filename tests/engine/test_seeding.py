"""Greedy k-means++ chooses the rows that its definition chooses, for the same draws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkmeans import engine
from inkmeans.engine import reference

from .conftest import BASES, DTYPES, THREADS, examples, needs_native, problems, some_directions

pytestmark = needs_native


def seeds_by_definition(rows, k, weights, first, draws):
    """Compute everything from differences, which do not round where values are exact."""
    values = rows.astype(np.float64)
    each = np.ones(len(rows)) if weights is None else weights
    chosen, closest = [first], np.square(values - values[first]).sum(axis=1)
    for uniforms in draws:
        reached = np.cumsum(each * closest)
        candidates = np.searchsorted(reached, uniforms * reached[-1])
        nearer = [
            np.minimum(closest, np.square(values - values[c]).sum(axis=1))
            for c in np.minimum(candidates, len(rows) - 1)
        ]
        best = int(np.argmin([each @ distances for distances in nearer]))
        closest = nearer[best]
        chosen.append(min(int(candidates[best]), len(rows) - 1))
    return chosen


@pytest.mark.parametrize("dtype", DTYPES)
@examples(40)
@given(
    data=st.data(),
    basis=st.sampled_from(BASES),
    n_directions=st.sampled_from((31, 63, 127)),
    n_trials=st.sampled_from((1, 2, 8, 9, 16, 17, 20)),
    n_threads=st.sampled_from(THREADS),
)
def test_seeds_are_those_of_the_definition(
    simd_level, dtype, data, basis, n_directions, n_trials, n_threads
):
    from inkmeans.engine import _native

    problem = data.draw(problems(dtype).filter(lambda problem: problem.exact))
    rows, rng, k = problem.rows, problem.rng, len(problem.centroids)
    k = min(k, 20)
    first, draws = int(rng.integers(len(rows))), rng.random((k - 1, n_trials))
    directions = some_directions(problem, basis, n_directions)
    found = _native.kmeans_plusplus(rows, k, problem.weights, first, draws, directions, n_threads)
    assert found.tolist() == seeds_by_definition(rows, k, problem.weights, first, draws)


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_seeds_of_digits_are_those_of_the_reference(simd_level, digits, inverted, weighted):
    rows = np.ascontiguousarray(digits[:1100, 6:22, 6:22].reshape(1100, -1))
    rows = 255 - rows if inverted else rows
    rng = np.random.default_rng(0)
    weights = rng.integers(0, 5, len(rows)).astype(np.float64) if weighted else None
    draws = rng.random((24, 4))
    expected = reference.kmeans_plusplus(rows, 25, weights=weights, first=3, draws=draws)
    for n_threads in THREADS:
        found = engine.kmeans_plusplus(
            rows, 25, weights=weights, first=3, draws=draws, n_threads=n_threads
        )
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_bounds_rule_out_nothing_that_matters_among_floats(simd_level, dtype):
    from inkmeans.engine import _native

    rng = np.random.default_rng(0)
    rows = (rng.normal(size=(1200, 90)) * np.linspace(5, 0.1, 90)).astype(dtype)
    draws = rng.random((29, 6))
    directions = _native.choose_directions(rows, 31)
    plain = _native.kmeans_plusplus(rows, 30, None, 0, draws, None, 1)
    for n_threads in THREADS:
        found = _native.kmeans_plusplus(rows, 30, None, 0, draws, directions, n_threads)
        np.testing.assert_array_equal(found, plain)


def test_rows_far_apart_have_no_candidates_but_those_drawn(simd_level):
    from inkmeans.engine import _native

    # Distances beyond what the limit of a sketch holds: all lanes of the tile are within reach.
    rows = np.full((300, 2), 1024, dtype=np.float32)
    rows[::2] = -1024
    draws = np.array([[0.1, 0.9]])
    directions = (np.eye(31, 2), np.zeros(2))
    found = _native.kmeans_plusplus(rows, 2, None, 0, draws, directions, 2)
    assert found.tolist() == seeds_by_definition(rows, 2, None, 0, draws)


def test_a_uniform_of_zero_draws_the_first_row(simd_level, digit_rows):
    found = engine.kmeans_plusplus(digit_rows, 3, first=5, draws=np.zeros((2, 1)))
    assert found.tolist() == [5, 0, 0]
