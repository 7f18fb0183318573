"""Rows stay with their nearest centroid, whatever moves and whichever bounds rule it out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkmeans import engine
from inkmeans.engine import reference
from inkmeans.prepare import Deskew

from .conftest import (
    BASES,
    DTYPES,
    THREADS,
    assert_nearest,
    examples,
    needs_native,
    problems,
    some_directions,
)

pytestmark = needs_native


def native_assigner(rows, n_clusters, weights, directions, n_threads):
    """Make an assigner that uses sketches whatever the size of the problem."""
    from inkmeans.engine import _native

    classes = {"uint8": "AssignerU8", "float32": "AssignerF32", "float64": "AssignerF64"}
    make = getattr(_native, classes[str(rows.dtype)])
    return make(rows, n_clusters, weights, directions, n_threads)


def moved(problem, centroids, sums, counts):
    """Return the means, rounded where the problem is exact; they sway, and one may jump."""
    means = sums / np.where(counts > 0, counts, 1)[:, None]
    means = np.where(counts[:, None] > 0, means, centroids)
    if problem.rng.random() < 0.5:
        means += problem.rng.integers(-8, 9, means.shape) * (np.ptp(means) / 512)
    if problem.exact:
        means = np.rint(4 * means) / 4
    if problem.rng.random() < 0.3:
        means[problem.rng.integers(len(means))] = problem.rows[
            problem.rng.integers(len(problem.rows))
        ]
    return means


@pytest.mark.parametrize("dtype", DTYPES)
@examples(40)
@given(
    data=st.data(),
    basis=st.sampled_from(BASES),
    n_directions=st.sampled_from((15, 31, 63)),
    n_threads=st.sampled_from(THREADS),
)
def test_labels_and_sums_follow_moving_centroids(
    simd_level, dtype, data, basis, n_directions, n_threads
):
    problem = data.draw(problems(dtype))
    rows, weights, centroids = problem.rows, problem.weights, problem.centroids
    directions = some_directions(problem, basis, n_directions)
    assigner = native_assigner(rows, len(centroids), weights, directions, n_threads)
    each = np.ones(len(rows)) if weights is None else weights
    before = np.full(len(rows), -1)
    for step in range(7):
        changed = assigner.update(centroids)
        labels, sums, counts = assigner.labels(), assigner.sums(), assigner.counts()
        assert_nearest(rows, centroids, labels, exact=problem.exact)
        assert changed == np.count_nonzero(labels != before)
        expected = reference.cluster_sums(rows, labels, len(centroids), weights=weights)
        exact = (
            {"rtol": 0, "atol": 0}
            if problem.exact
            else {"rtol": 1e-12, "atol": 1e-9 * np.abs(rows).max()}
        )
        np.testing.assert_allclose(sums, expected[0], **exact)
        np.testing.assert_array_equal(counts, expected[1])
        distances = reference.assigned_distances(rows, labels, centroids)
        np.testing.assert_allclose(assigner.distances(), distances, rtol=1e-13)
        np.testing.assert_allclose(assigner.inertia(), (distances * each).sum(), rtol=1e-10)
        if step == 2:
            assert assigner.update(centroids) == 0
        before, centroids = labels, moved(problem, centroids, sums, counts)


@pytest.mark.parametrize("dtype", DTYPES)
@examples(25)
@given(data=st.data(), n_threads=st.sampled_from(THREADS))
def test_the_engine_itself_does_what_the_reference_does(simd_level, dtype, data, n_threads):
    problem = data.draw(problems(dtype))
    rows, weights, centroids = problem.rows, problem.weights, problem.centroids
    labels = engine.assign(rows, centroids, n_threads=n_threads)
    assert_nearest(rows, centroids, labels, exact=problem.exact)
    assigner = engine.assigner(rows, len(centroids), weights=weights, n_threads=n_threads)
    assert assigner.update(centroids) == len(rows)
    np.testing.assert_array_equal(assigner.labels, labels)
    np.testing.assert_allclose(
        engine.assigned_distances(rows, labels, centroids, n_threads=n_threads),
        reference.assigned_distances(rows, labels, centroids),
        rtol=1e-13,
    )
    sums, counts = engine.cluster_sums(
        rows, labels, len(centroids), weights=weights, n_threads=n_threads
    )
    np.testing.assert_array_equal(sums, assigner.sums)
    np.testing.assert_array_equal(counts, assigner.counts)


RUNS = {
    "raw": lambda digits: digits.reshape(len(digits), -1),
    "deskewed": lambda digits: Deskew().fit_transform(digits).reshape(len(digits), -1),
    "inverted": lambda digits: 255 - digits.reshape(len(digits), -1),
    "cropped": lambda digits: digits[:, 10:18, 8:21].reshape(len(digits), -1),
    "float32": lambda digits: digits.reshape(len(digits), -1) / np.float32(255),
    "float64, far": lambda digits: 1e6 + digits[:, 4:24, 4:24].reshape(len(digits), -1) / 255,
}


@pytest.fixture(scope="module", params=RUNS)
def lloyd_run(request, digits):
    """A run of Lloyd's algorithm by the reference, with one centroid that no row is near."""
    rows = np.ascontiguousarray(RUNS[request.param](digits))
    rows = rows[:3400]
    centroids = rows[:60].astype(np.float64)  # 3,400 x 60: enough for the engine to sketch
    centroids[7] = rows.max() + 2.0 * np.ptp(rows) + 1
    steps = []
    for _ in range(20):
        labels = reference.assign(rows, centroids)
        sums, counts = reference.cluster_sums(rows, labels, len(centroids))
        steps.append((centroids, labels, sums, counts))
        centroids = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centroids)
    return rows, steps


def test_long_runs_on_digits_have_the_labels_of_the_reference(simd_level, lloyd_run):
    rows, steps = lloyd_run
    assigner = engine.assigner(rows, len(steps[0][0]), n_threads=2)
    for centroids, labels, sums, counts in steps:
        assigner.update(centroids)
        np.testing.assert_array_equal(assigner.labels, labels)
        np.testing.assert_array_equal(assigner.counts, counts)
        assert assigner.counts[7] == 0
        rtol = 0 if rows.dtype == np.uint8 else 1e-12
        np.testing.assert_allclose(assigner.sums, sums, rtol=rtol)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("active", "k"), [(3, 20), (5, 60)])
def test_rows_that_go_to_and_fro_between_far_groups_are_followed(simd_level, dtype, active, k):
    from inkmeans.engine import _native

    rng = np.random.default_rng(0)
    rows = np.zeros((2500, 40), dtype=dtype)
    rows[:, :active] = rng.integers(0, 256, (len(rows), active))
    start = rows[:k].astype(np.float64)
    assigner = native_assigner(rows, k, None, _native.choose_directions(rows, 15), 1)
    for _ in range(12):
        centroids = start.copy()
        centroids[:, :active] += rng.integers(-2, 3, (k, active))
        assigner.update(centroids)
        np.testing.assert_array_equal(assigner.labels(), reference.assign(rows, centroids))


@pytest.mark.parametrize("exponent", [-150, -60, -45, -30, 20, 39, 60, 150])
def test_float64_rows_may_have_any_scale(simd_level, exponent):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(2000, 32)) * 10.0**exponent
    assigner = engine.assigner(rows, 110)
    for centroids in (rows[:110], 0.9 * rows[:110], rows[:110]):
        assigner.update(centroids)
        assert_nearest(rows, centroids, assigner.labels, exact=False)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_small_differences_survive_among_rows_that_are_out_of_all_proportion(simd_level, dtype):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 3)).astype(dtype)
    rows[0], rows[1] = 1e30, -1e30
    centroids = rows[2:40].astype(np.float64)
    np.testing.assert_array_equal(engine.assign(rows, centroids), reference.assign(rows, centroids))


@pytest.mark.parametrize("far", [1e20, 1e40, 1e100])
def test_a_centroid_may_come_back_from_beyond_the_range_of_float32(simd_level, far):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(2000, 32))
    centroids = rows[:110].copy()
    centroids[3] *= far
    assigner = engine.assigner(rows, 110)
    for _ in range(3):
        assigner.update(centroids)
        assert_nearest(rows, centroids, assigner.labels, exact=False)
        centroids[3] = rows[3] if abs(centroids[3, 0]) > 1e9 else rows[3] * 1.5


def test_sums_of_long_bright_rows_do_not_overflow(simd_level):
    rng = np.random.default_rng(0)
    rows = rng.integers(254, 256, (12, 66_000), dtype=np.uint8)
    rows[6:] = rng.integers(0, 2, (6, 66_000))
    centroids = rows[::4] + 0.25
    labels = engine.assign(rows, centroids)
    np.testing.assert_array_equal(labels, reference.assign(rows, centroids))
    assigner = engine.assigner(rows, 3)
    assigner.update(centroids)
    distances = reference.assigned_distances(rows, labels, centroids)
    np.testing.assert_allclose(assigner.inertia(), distances.sum(), rtol=1e-12)


def test_rows_too_long_for_int32_are_left_to_the_reference(simd_level):
    rows = np.full((3, 70_000), 255, dtype=np.uint8)
    rows[2] = 0
    assert engine.assign(rows, rows[1:].astype(np.float64)).tolist() == [0, 0, 1]


@pytest.mark.parametrize("value", [250, 3])
def test_inertia_of_clusters_that_are_tight_and_far_from_zero_is_right(simd_level, value):
    rows = np.full((5000, 784), value, dtype=np.uint8)
    rows[::2, 0] += 1
    assigner = engine.assigner(rows, 1)
    assigner.update(rows.mean(axis=0, dtype=np.float64)[None])
    assert assigner.inertia() == 1250
    assigner = engine.assigner(rows, 2)
    assigner.update(rows[:2].astype(np.float64))
    assert assigner.inertia() == 0


def test_arrays_may_be_read_only_strided_or_of_another_type(simd_level, digit_rows):
    rows = digit_rows[:500].copy()
    rows.flags.writeable = False
    centroids = np.asfortranarray(rows[:4], dtype=np.float64)
    weights = np.arange(1000, dtype=np.float32)[::2]
    assigner = engine.assigner(rows, 4, weights=weights)
    del weights  # what the engine keeps must not be the caller's temporary
    junk = [np.full(500, -1.0) for _ in range(20)]
    assigner.update(centroids)
    assert assigner.counts.sum() == np.arange(1000)[::2].sum(), len(junk)
    sums, _ = engine.cluster_sums(
        rows, assigner.labels, 4, weights=np.arange(1000, dtype=np.float32)[::2]
    )
    np.testing.assert_array_equal(sums, assigner.sums)


def test_no_rows_are_no_work(simd_level):
    assert engine.assign(np.empty((0, 5), np.uint8), np.zeros((2, 5))).shape == (0,)
    assert engine.assigner(np.empty((0, 5)), 2).update(np.zeros((2, 5))) == 0
