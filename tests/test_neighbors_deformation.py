"""Neighbours that the image deformation distance has put in order."""

import numpy as np
import pytest

from inkmeans import engine
from inkmeans.datasets import load
from inkmeans.engine.deformation import DeformationComparer, measure_slopes, sobel_gradients
from inkmeans.errors import DataError, ParameterError
from inkmeans.neighbors import DeformationIndex, nearest_neighbors
from inkmeans.prepare import Deskew
from inkmeans.progress import Stop


@pytest.fixture(scope="module")
def mnist():
    """3,000 straightened digits with their names, and 600 new ones."""
    digits = load("mnist")
    images = Deskew().fit_transform(digits.images[:3600])
    return images[:3000], digits.labels[:3000], images[3000:], digits.labels[3000:3600]


@pytest.fixture(scope="module")
def shortlists(mnist):
    """The 30 nearest by pixels, of the digits among themselves and of the new ones among them."""
    known, _, new, _ = mnist
    rows = known.reshape(len(known), -1)
    own, _ = nearest_neighbors(rows, 30, exclude_self=True)
    return own, nearest_neighbors(rows, 30, new.reshape(len(new), -1))[0]


@pytest.fixture(scope="module")
def fitted(mnist, shortlists):
    """An index of the digits."""
    return DeformationIndex().fit(mnist[0], shortlists[0])


def test_the_nearest_digit_is_more_often_of_the_same_name_than_by_pixels(mnist, shortlists, fitted):
    _, names, new, new_names = mnist
    own, of_new = shortlists
    wrong_by_pixels = (names[own[:, 0]] != names).mean()
    wrong = (names[fitted.indices_[:, 0]] != names).mean()
    assert wrong < 0.75 * wrong_by_pixels
    indices, _ = fitted.neighbors(new, of_new, 1)
    assert (names[indices[:, 0]] == new_names).mean() >= (names[of_new[:, 0]] == new_names).mean()


def test_distances_are_those_of_their_formula(mnist, shortlists):
    images, lists = mnist[0][:40], shortlists[0][:40] % 40
    lists = np.where(lists == np.arange(40)[:, None], (lists + 1) % 40, lists)
    index = DeformationIndex(scale_neighbor=3).fit(images, lists)
    gradients = sobel_gradients(images, measure_slopes(images), 30)
    everyone = np.tile(np.arange(40, dtype=np.int32), (40, 1))
    forward, _ = DeformationComparer(gradients, gradients).compare(everyone)
    scales = np.sort(np.take_along_axis(forward, lists, axis=1), axis=1)[:, 2]
    np.testing.assert_array_equal(index.scales_, scales)
    full = np.sqrt(forward / scales[:, None] + forward.T / scales)
    np.testing.assert_allclose(full, full.T)
    expected = np.take_along_axis(full, lists, axis=1)
    order = np.argsort(expected, axis=1, kind="stable")
    np.testing.assert_array_equal(index.indices_, np.take_along_axis(lists, order, axis=1))
    np.testing.assert_allclose(index.distances_, np.sort(expected, axis=1), rtol=1e-14)


def test_fewer_neighbors_are_the_first_of_all(mnist, shortlists, fitted):
    images, _, new, _ = mnist
    first = DeformationIndex().fit(images, shortlists[0], n_neighbors=4)
    np.testing.assert_array_equal(first.indices_, fitted.indices_[:, :4])
    np.testing.assert_array_equal(first.distances_, fitted.distances_[:, :4])
    indices, distances = fitted.neighbors(new, shortlists[1])
    found = fitted.neighbors(new, shortlists[1], 4)
    np.testing.assert_array_equal(found[0], indices[:, :4])
    np.testing.assert_array_equal(found[1], distances[:, :4])


def test_a_restored_index_finds_the_same(mnist, shortlists, fitted):
    images, _, new, _ = mnist
    restored = DeformationIndex().restore(images, fitted.scales_)
    found = restored.neighbors(new[:50], shortlists[1][:50])
    expected = fitted.neighbors(new[:50], shortlists[1][:50])
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])


def test_results_do_not_depend_on_threads_or_contrast_or_inversion(mnist, shortlists):
    images, lists = mnist[0][:300], shortlists[0][:300] % 300
    lists = np.where(lists == np.arange(300)[:, None], (lists + 1) % 300, lists)
    dim = images // 4
    one = DeformationIndex(n_threads=1).fit(dim, lists)
    many = DeformationIndex(n_threads=5).fit(dim, lists)
    np.testing.assert_array_equal(one.indices_, many.indices_)
    np.testing.assert_array_equal(one.distances_, many.distances_)
    bright = DeformationIndex().fit(4 * dim, lists)
    np.testing.assert_array_equal(one.distances_, bright.distances_)
    inverted = DeformationIndex().fit(255 - dim, lists)
    np.testing.assert_array_equal(one.indices_, inverted.indices_)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (5, 3), (40, 33)])
@pytest.mark.parametrize("grey", [0, 200])
def test_constant_images_of_any_size_are_no_distance_apart(size, grey):
    images = np.full((3, *size), grey, dtype=np.uint8)
    lists = np.array([[1, 2], [0, 2], [1, 0]])
    index = DeformationIndex().fit(images, lists)
    assert index.scales_.tolist() == [1, 1, 1]
    assert index.distances_.tolist() == [[0, 0]] * 3
    assert index.indices_.tolist() == lists.tolist()
    indices, distances = index.neighbors(images[:1], [[2, 0]])
    assert indices.tolist() == [[2, 0]]
    assert distances.tolist() == [[0, 0]]


def test_equal_images_come_first_and_all_distances_are_finite(mnist):
    images = np.repeat(mnist[0][:2], 5, axis=0)
    lists = np.array([[j for j in range(10) if j != i] for i in range(10)])
    index = DeformationIndex(scale_neighbor=3).fit(images, lists)
    assert (index.scales_ == 1).all()
    assert np.isfinite(index.distances_).all()
    np.testing.assert_array_equal(
        index.indices_[:, :4] // 5, np.arange(10)[:, None] // 5 + [[0] * 4]
    )
    np.testing.assert_array_equal(index.distances_[:, :4], 0)


@pytest.mark.parametrize("parameters", [{"warp": 0}, {"warp": 3, "context": 0}, {"context": 2}])
def test_other_parameters_are_those_of_the_numpy_engine(mnist, parameters):
    images = mnist[0][:6]
    lists = np.array([[j for j in range(6) if j != i] for i in range(6)])
    found = DeformationIndex(**parameters).fit(images, lists)
    with engine.using("reference"):
        expected = DeformationIndex(**parameters).fit(images, lists)
    np.testing.assert_array_equal(found.indices_, expected.indices_)
    np.testing.assert_array_equal(found.distances_, expected.distances_)


def test_progress_counts_images_and_can_stop_the_work(mnist, shortlists):
    events = []
    images, lists = mnist[0][:600], (np.arange(600)[:, None] + [[1, 2]]) % 600
    DeformationIndex().fit(images, lists, callback=events.append)
    assert [event.step for event in events] == [256, 512, 600]
    assert events[0].stage == "deformation"

    def stop(event):
        raise Stop

    index = DeformationIndex()
    with pytest.raises(Stop):
        index.fit(images, lists, callback=stop)
    with pytest.raises(ParameterError, match="call fit"):
        index.neighbors(images, lists)


IMAGES = np.zeros((3, 4, 5), dtype=np.uint8)
LISTS = np.array([[1, 2], [0, 2], [0, 1]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((IMAGES[0], LISTS), "images, height, width"),
        ((IMAGES.astype(float), LISTS), "float64"),
        ((IMAGES[:, :, :0], LISTS), "images, height, width"),
        ((IMAGES, LISTS[:2]), "3 rows"),
        ((IMAGES, LISTS[:, :0]), "one index or more"),
        ((IMAGES, LISTS + 1), "from 0 to 2"),
        ((IMAGES, LISTS - 1), "from 0 to 2"),
        ((IMAGES, LISTS / 2), "whole numbers"),
        ((IMAGES, LISTS[::-1]), "the image itself"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, message):
    with pytest.raises(DataError, match=message):
        DeformationIndex().fit(*arguments)


def test_what_does_not_fit_the_fitted_images_is_refused():
    index = DeformationIndex().fit(IMAGES, LISTS)
    with pytest.raises(DataError, match="4x5"):
        index.neighbors(IMAGES[:, :3], LISTS)
    with pytest.raises(ParameterError, match="from 1 to 2"):
        index.neighbors(IMAGES, LISTS, 3)
    with pytest.raises(DataError, match="one positive number"):
        index.restore(IMAGES, [1, 2])
    with pytest.raises(DataError, match="one positive number"):
        index.restore(IMAGES, [1, 2, 0])
    with pytest.raises(ParameterError, match="warp is -1"):
        DeformationIndex(warp=-1)
