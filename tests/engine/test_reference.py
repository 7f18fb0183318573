"""The NumPy engine against loops that anyone can check."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inkmeans.engine import reference

DTYPES = (np.uint8, np.float32, np.float64)


@st.composite
def rows_of_any_shape(draw):
    dtype = draw(st.sampled_from(DTYPES))
    shape = draw(hnp.array_shapes(min_dims=2, max_dims=2, max_side=9))
    values = (
        st.integers(0, 255)
        if dtype == np.uint8
        else st.floats(-1e6, 1e6, width=32, allow_subnormal=False)
    )
    fill = draw(st.sampled_from([None, st.just(0)]))  # many equal values, or all its own
    return draw(hnp.arrays(dtype, shape, elements=values, fill=fill))


@st.composite
def problems(draw):
    rows = draw(rows_of_any_shape())
    k = draw(st.integers(1, len(rows)))
    which = draw(st.lists(st.integers(0, len(rows) - 1), min_size=k, max_size=k))
    shift = draw(st.sampled_from([0.0, 0.25, 1 / 3]))
    some = st.sampled_from([0.0, 0.5, 1.0, 3.0])
    weights = draw(st.none() | hnp.arrays(np.float64, len(rows), elements=some))
    return rows, rows[which].astype(np.float64) + shift, weights


def slow_distances(rows, centroids):
    return np.array([[np.sum((x.astype(float) - c) ** 2) for c in centroids] for x in rows])


@settings(max_examples=200, deadline=None)
@given(problems())
def test_labels_are_those_of_the_slow_loop(problem):
    rows, centroids, _ = problem
    distances = slow_distances(rows, centroids)
    labels = reference.assign(rows, centroids)
    taken = np.take_along_axis(distances, labels[:, None], axis=1)[:, 0]
    np.testing.assert_allclose(taken, distances.min(axis=1), rtol=1e-13)
    # Equal centroids are never told apart: the first is taken.
    first_of_equals = [np.flatnonzero((centroids == centroids[j]).all(axis=1))[0] for j in labels]
    np.testing.assert_array_equal(labels, first_of_equals)


@settings(max_examples=100, deadline=None)
@given(problems())
def test_assigner_keeps_sums_counts_and_inertia_of_its_labels(problem):
    rows, centroids, weights = problem
    assigner = reference.Assigner(rows, len(centroids), weights=weights)
    assert assigner.update(centroids) == len(rows)
    assert assigner.update(centroids) == 0
    each = np.ones(len(rows)) if weights is None else weights
    for j in range(len(centroids)):
        member = assigner.labels == j
        expected = (rows[member].astype(float) * each[member, None]).sum(axis=0)
        np.testing.assert_allclose(assigner.sums[j], expected, rtol=1e-12, atol=1e-6)
        assert assigner.counts[j] == each[member].sum()
    distances = slow_distances(rows, centroids).min(axis=1)
    np.testing.assert_allclose(assigner.distances(), distances, rtol=1e-12)
    np.testing.assert_allclose(assigner.inertia(), (distances * each).sum(), rtol=1e-12)


@settings(max_examples=100, deadline=None)
@given(problems())
def test_sparse_rows_give_what_dense_rows_give(problem):
    rows, centroids, weights = problem
    rows = rows.astype(np.float64)
    sparse = sp.csr_array(rows)
    labels = reference.assign(rows, centroids)
    np.testing.assert_array_equal(reference.assign(sparse, centroids), labels)
    np.testing.assert_allclose(
        reference.squared_distances(sparse, centroids),
        slow_distances(rows, centroids),
        rtol=1e-9,
    )
    dense_sums = reference.cluster_sums(rows, labels, len(centroids), weights=weights)
    sparse_sums = reference.cluster_sums(sparse, labels, len(centroids), weights=weights)
    np.testing.assert_allclose(sparse_sums[0], dense_sums[0], rtol=1e-12, atol=1e-6)
    np.testing.assert_array_equal(sparse_sums[1], dense_sums[1])


def test_far_from_the_origin_labels_stay_exact():
    rows = 1e8 + np.arange(6, dtype=np.float64)[:, None] / 8
    assert reference.assign(rows, rows[[1, 4]]).tolist() == [0, 0, 0, 1, 1, 1]
    assert reference.squared_distances(rows, rows[[1]])[:, 0].tolist() == [
        (i - 1) ** 2 / 64 for i in range(6)
    ]


@settings(max_examples=50, deadline=None)
@given(rows_of_any_shape(), st.integers(0, 2**32 - 1))
def test_seeding_follows_its_definition(rows, seed):
    rng = np.random.default_rng(seed)
    n = len(rows)
    k = int(rng.integers(1, n + 1))
    weights = rng.integers(1, 4, n).astype(float)
    draws = rng.random((k - 1, 3))
    chosen = [int(rng.integers(n))]
    for uniforms in draws:
        closest = slow_distances(rows, rows[chosen].astype(float)).min(axis=1)
        reached = np.cumsum(weights * closest)
        candidates = np.minimum(np.searchsorted(reached, uniforms * reached[-1]), n - 1)
        left = [
            weights @ np.minimum(closest, slow_distances(rows, rows[[c]].astype(float))[:, 0])
            for c in candidates
        ]
        chosen.append(int(candidates[np.argmin(left)]))
    found = reference.kmeans_plusplus(rows, k, weights=weights, first=chosen[0], draws=draws)
    if rows.dtype == np.uint8:
        assert found.tolist() == chosen
    else:  # rounding may tip a draw, never the quality
        left = [
            weights @ slow_distances(rows, rows[some].astype(float)).min(axis=1)
            for some in (found, chosen)
        ]
        assert len(found) == k
        assert left[0] <= weights @ slow_distances(rows, rows[chosen[:1]].astype(float))[:, 0]


@settings(max_examples=100, deadline=None)
@given(rows_of_any_shape(), st.sampled_from(["euclidean", "cosine"]), st.data())
def test_neighbors_are_those_of_a_full_sort(rows, metric, data):
    k = data.draw(st.integers(1, len(rows)))
    indices, distances = reference.nearest_neighbors(rows, rows, k, metric=metric)
    if metric == "euclidean":
        slow = slow_distances(rows, rows.astype(float))
    else:
        x = rows.astype(float)
        norms = np.sqrt((x * x).sum(axis=1))
        unit = x / np.where(norms == 0, 1, norms)[:, None]
        slow = np.clip(1 - unit @ unit.T, 0, 2)
    rounding = 0 if rows.dtype == np.uint8 and metric == "euclidean" else 1e-12
    np.testing.assert_allclose(
        distances, np.sort(slow, axis=1)[:, :k], rtol=rounding, atol=rounding
    )
    if rounding == 0:
        np.testing.assert_array_equal(indices, np.argsort(slow, axis=1, kind="stable")[:, :k])


@pytest.mark.parametrize("dtype", DTYPES)
def test_no_rows_is_no_work(dtype):
    assert reference.assign(np.empty((0, 4), dtype), np.zeros((2, 4))).shape == (0,)
