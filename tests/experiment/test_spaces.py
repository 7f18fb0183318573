"""Spaces: rows prepared once, and sums from which inertia follows without the rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import inkmeans
from inkmeans.cluster.registry import Algorithm
from inkmeans.experiment import RunOptions
from inkmeans.experiment.spaces import make_spaces, sum_clusters
from inkmeans.features.registry import get_feature
from inkmeans.progress import silent


@given(
    n=st.integers(1, 40),
    d=st.integers(1, 9),
    k=st.integers(1, 7),
    seed=st.integers(0, 99),
    floats=st.booleans(),
)
def test_inertia_from_sums_equals_the_sum_of_squared_distances(n, d, k, seed, floats):
    random = np.random.default_rng(seed)
    rows = random.integers(0, 256, (n, d), dtype=np.uint8)
    rows = rows.astype(np.float32) / 255 if floats else rows
    centroids = random.normal(100, 50, (k, d))
    assignments = random.integers(0, k, n)
    squares = float((rows.astype(float) ** 2).sum())
    expected = ((rows - centroids[assignments]) ** 2).sum()
    found = sum_clusters(rows, assignments, k).inertia(centroids, squares=squares)
    assert found == pytest.approx(expected, rel=1e-9)


def test_means_are_the_means_of_the_members_and_zeros_where_there_are_none():
    rows = np.array([[0, 255], [255, 255], [7, 9]], np.uint8)
    means = sum_clusters(rows, np.array([1, 1, 2]), 4).means()
    assert means.tolist() == [[0, 0], [127.5, 255], [7, 9], [0, 0]]


def spaces_of(source, accepts_uint8=False, **options):
    digits = inkmeans.load(source)
    plan = RunOptions(**options).plan(digits.n_train, digits.images[0].size)
    algorithm = Algorithm("any", "Any.", None, accepts_uint8=accepts_uint8)
    return digits, list(make_spaces(plan, digits, algorithm, seed=0, progress=silent))


def test_rows_stay_uint8_for_an_algorithm_that_takes_them():
    digits, (space,) = spaces_of("digits", accepts_uint8=True, features=("pixels",))
    assert space.train.rows.dtype == np.uint8
    assert space.train.unit == 255
    assert np.shares_memory(space.train.rows, digits.images)


def test_rows_become_float32_between_0_and_1_for_other_algorithms():
    _, (space,) = spaces_of("digits", features=("pixels",))
    assert space.train.rows.dtype == np.float32
    assert space.train.unit == 1
    assert space.train.rows.max() == 1


def test_a_reduced_space_is_on_the_same_scale_whatever_the_algorithm_takes():
    ways = [spaces_of("digits", accepts_uint8=way, reduce="pca:8")[1][1] for way in (False, True)]
    assert [space.name for space in ways] == ["pixels-pca8", "pixels-pca8"]
    np.testing.assert_array_equal(ways[0].train.rows, ways[1].train.rows)
    assert ways[0].train.rows.shape == (1797, 8)


def test_the_sum_of_squares_does_not_depend_on_the_way_rows_are_kept():
    as_float, as_uint8 = (
        spaces_of("digits", accepts_uint8=way, features=("pixels",))[1][0].train
        for way in (False, True)
    )
    assert as_float.squares == pytest.approx(as_uint8.squares / 255**2, rel=1e-6)


def test_train_and_test_get_the_rows_of_their_images_and_deskewed_ones_are_images():
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (30, 8, 8), dtype=np.uint8)
    labels = np.arange(30) % 3
    source = ((images[:20], labels[:20]), (images[20:], labels[20:]))
    digits, spaces = spaces_of(source, features=("pixels", "deskewed"), accepts_uint8=True)
    assert [space.name for space in spaces] == ["pixels", "deskewed"]
    assert (len(spaces[0].train.rows), len(spaces[0].test.rows)) == (20, 10)
    assert spaces[0].test.labels.tolist() == labels[20:].tolist()
    expected = get_feature("deskewed").make().fit_transform(digits.images[:20])
    np.testing.assert_array_equal(spaces[1].images.reshape(20, -1), expected)
