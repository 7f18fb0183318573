import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage
from sklearn.neighbors import KNeighborsClassifier

from inkmeans.prepare import CenterByMass, Deskew, find_middle, measure_moments

stacks = hnp.arrays(np.uint8, st.tuples(*(st.integers(lo, 9) for lo in (0, 1, 1))))
both = pytest.mark.parametrize("transformer", [Deskew(), CenterByMass()], ids=str)


def slow_deskew(image):
    moments = measure_moments(image[None])
    shear = moments.shear[0]
    middle = np.array([find_middle(size) for size in image.shape])
    matrix = np.array([[1, 0], [shear, 1]])
    offset = np.array([moments.y[0], moments.x[0]]) - matrix @ middle
    return ndimage.affine_transform(
        image.astype(float), matrix, offset, order=1, mode="grid-constant"
    )


def slow_center(image):
    moments = measure_moments(image[None])
    down = int(np.floor(moments.y[0] - find_middle(image.shape[0]) + 0.5))
    right = int(np.floor(moments.x[0] - find_middle(image.shape[1]) + 0.5))
    return ndimage.shift(image, (-down, -right), order=0)


@given(stacks)
def test_deskewing_equals_an_affine_transform(images):
    found = Deskew().transform(images).astype(float)
    for image, result in zip(images, found, strict=True):
        assert np.abs(result - slow_deskew(image)).max() < 0.51


@given(stacks)
def test_centring_equals_a_shift(images):
    for image, result in zip(images, CenterByMass().transform(images), strict=True):
        np.testing.assert_array_equal(result, slow_center(image))


def test_real_digits_are_deskewed_as_by_an_affine_transform(mnist):
    found = Deskew().transform(mnist[0][:200])
    expected = np.stack([slow_deskew(image) for image in mnist[0][:200]])
    assert np.abs(found - expected).max() < 0.51


def test_deskewed_digits_stand_upright_in_the_middle(mnist):
    before = measure_moments(mnist[0])
    after = measure_moments(Deskew().transform(mnist[0]))
    assert np.abs(before.shear).mean() > 0.2
    assert np.abs(after.shear).mean() < 0.01
    assert np.abs(after.shear).max() < 0.15
    assert np.abs(after.y - 14).mean() < 0.01
    assert np.abs(after.x - 14).mean() < 0.01


def test_deskewing_makes_digits_of_a_kind_more_alike(mnist):
    images, labels = mnist
    accuracy = {}
    for name, prepared in {"raw": images, "deskewed": Deskew().transform(images)}.items():
        rows = prepared.reshape(len(prepared), -1).astype(np.float32)
        judge = KNeighborsClassifier(1).fit(rows[:2000], labels[:2000])
        accuracy[name] = judge.score(rows[-1000:], labels[-1000:])
    assert accuracy["deskewed"] > accuracy["raw"] + 0.01


def test_mnist_is_centred_already(mnist):
    unchanged = (CenterByMass().transform(mnist[0]) == mnist[0]).all(axis=(1, 2))
    assert unchanged.mean() > 0.99


def test_a_digit_that_was_moved_comes_back(mnist):
    images = mnist[0][:500]
    cut = images[:, -2:].any(axis=(1, 2)) | images[:, :, 0].any(axis=1)
    moved = np.roll(images, (2, -1), axis=(1, 2))[~cut]
    assert len(moved) > 400
    expected = CenterByMass().transform(images[~cut])
    np.testing.assert_array_equal(CenterByMass().transform(moved), expected)


@both
def test_blank_images_stay_blank(transformer):
    assert not transformer.transform(np.zeros((3, 28, 28), np.uint8)).any()


@both
def test_a_full_image_of_odd_size_is_unchanged(transformer):
    full = np.full((2, 9, 5), 255, np.uint8)
    np.testing.assert_array_equal(transformer.transform(full), full)


@both
def test_an_image_of_one_pixel_is_unchanged(transformer):
    images = np.arange(256, dtype=np.uint8).reshape(-1, 1, 1)
    np.testing.assert_array_equal(transformer.transform(images), images)


@both
def test_one_pixel_of_ink_moves_to_the_middle(transformer):
    images = np.zeros((30, 5, 6), np.uint8)
    images.reshape(30, 30)[np.arange(30), np.arange(30)] = 200
    found = transformer.transform(images)
    assert (found[:, 2, 3] == 200).all()
    assert (found.sum(axis=(1, 2)) == 200).all()


@both
def test_an_image_does_not_depend_on_its_neighbours(transformer, mnist):
    images = mnist[0][:700]  # several blocks
    one_by_one = np.concatenate([transformer.transform(image[None]) for image in images])
    np.testing.assert_array_equal(transformer.transform(images), one_by_one)


@both
def test_images_are_left_alone_and_results_repeat(transformer, mnist):
    images = mnist[0][:50].copy()
    images.flags.writeable = False
    first, second = transformer.fit_transform(images), transformer.fit_transform(images)
    np.testing.assert_array_equal(first, second)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(images, mnist[0][:50])


@both
def test_no_images_give_no_images(transformer):
    assert transformer.transform(np.zeros((0, 28, 28), np.uint8)).shape == (0, 28, 28)


@both
def test_strided_images_are_taken(transformer, mnist):
    strided = mnist[0][:40, :, ::-1]
    np.testing.assert_array_equal(
        transformer.transform(strided), transformer.transform(np.ascontiguousarray(strided))
    )
