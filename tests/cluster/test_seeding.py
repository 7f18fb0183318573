"""Where the centroids begin."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkmeans.cluster import kmeans_plusplus
from inkmeans.cluster.problem import Problem
from inkmeans.cluster.seeding import (
    SEEDINGS,
    draw_rows,
    parallel_rows,
    plusplus_rows,
    random_rows,
    seed,
)

from .conftest import clusterings

CHOOSERS = [plusplus_rows, parallel_rows, random_rows]


@settings(max_examples=60, deadline=None)
@given(clusterings(), st.sampled_from(CHOOSERS), st.booleans(), st.integers(0, 99))
def test_any_rows_give_as_many_centroids_as_asked(clustering, choose, cosine, state):
    rows, centroids, weights = clustering
    problem = Problem(rows, weights, cosine=cosine)
    chosen = choose(problem, len(centroids), np.random.RandomState(state))
    assert chosen.shape == (len(centroids),)
    assert chosen.min() >= 0
    assert chosen.max() < len(rows)


@pytest.mark.parametrize("choose", CHOOSERS)
def test_rows_of_no_weight_are_not_chosen(digits, choose):
    weights = np.tile([0.0, 1.0], 250)
    for state in range(5):
        chosen = choose(Problem(digits[:500], weights), 20, np.random.RandomState(state))
        assert (chosen % 2 == 1).all()


@pytest.mark.parametrize("choose", CHOOSERS)
def test_heavy_rows_are_chosen_more_often(choose):
    rows = np.arange(20, dtype=np.uint8)[:, None]
    weights = np.where(np.arange(20) == 7, 200.0, 1.0)
    chosen = [choose(Problem(rows, weights), 2, np.random.RandomState(s)) for s in range(50)]
    assert np.mean([7 in some for some in chosen]) > 0.8


def test_far_apart_is_better_than_at_random(digits):
    problem = Problem(digits[:2000])
    inertia = {}
    for method in SEEDINGS:
        starts = [seed(problem, 30, method, np.random.RandomState(s)) for s in range(3)]
        inertia[method] = np.mean([problem.inertia(problem.assign(c), c) for c in starts])
    assert inertia["k-means++"] < inertia["random"]
    assert inertia["k-means||"] < inertia["random"]


def test_spherical_seeds_have_length_1(digits):
    centroids = seed(Problem(digits[:300], cosine=True), 9, "k-means++", np.random.RandomState(0))
    np.testing.assert_allclose(np.linalg.norm(centroids, axis=1), 1)


def test_the_function_returns_rows_and_where_they_were(digits):
    centers, indices = kmeans_plusplus(digits[:200], 7, random_state=0)
    assert centers.dtype == np.uint8
    np.testing.assert_array_equal(digits[indices], centers)


def test_draws_follow_the_weights():
    uniforms = np.linspace(0, 1, 1000, endpoint=False)
    counts = np.bincount(draw_rows(3, np.array([1.0, 0.0, 3.0]), uniforms), minlength=3)
    assert counts.tolist() == [250, 0, 750]
    assert np.bincount(draw_rows(4, None, uniforms)).tolist() == [250] * 4
