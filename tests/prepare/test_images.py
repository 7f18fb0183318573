import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inkmeans.errors import DataError
from inkmeans.prepare import check_images, find_middle, measure_moments

stacks = hnp.arrays(np.uint8, st.tuples(*(st.integers(lo, 8) for lo in (0, 1, 1))))


def slow_moments(image):
    points = [
        (y, x, int(image[y, x])) for y in range(image.shape[0]) for x in range(image.shape[1])
    ]
    mass = sum(v for *_, v in points)
    if mass == 0:
        return 0, image.shape[0] // 2, image.shape[1] // 2, 0
    cy = sum(y * v for y, _, v in points) / mass
    cx = sum(x * v for _, x, v in points) / mass
    variance = sum((y - cy) ** 2 * v for y, _, v in points)
    covariance = sum((y - cy) * (x - cx) * v for y, x, v in points)
    return mass, cy, cx, covariance / variance if variance > 1e-6 else 0


@given(stacks)
def test_moments_equal_sums_over_pixels(images):
    moments = measure_moments(images)
    found = np.stack([moments.mass, moments.y, moments.x, moments.shear], axis=1)
    expected = np.array([slow_moments(image) for image in images]).reshape(-1, 4)
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_middle_is_where_mnist_has_its_centre_of_mass(mnist):
    moments = measure_moments(mnist[0])
    assert np.abs(moments.y - find_middle(28)).max() < 0.52
    assert np.abs(moments.x - find_middle(28)).max() < 0.52


def test_an_array_is_not_copied():
    images = np.zeros((2, 3, 3), np.uint8)
    assert check_images(images) is images


@pytest.mark.parametrize(
    ("images", "says"),
    [
        (np.zeros((28, 28), np.uint8), r"shape \(28, 28\)"),
        (np.zeros((1, 28, 28, 3), np.uint8), r"shape \(1, 28, 28, 3\)"),
        (np.zeros((1, 28, 28)), "float64"),
        (np.zeros((1, 0, 28), np.uint8), "no pixels"),
        ([], r"shape \(0,\)"),
    ],
)
def test_what_is_no_stack_of_images_is_refused(images, says):
    with pytest.raises(DataError, match=says):
        check_images(images)


def test_images_must_have_the_size_of_those_fitted_on():
    images = np.zeros((2, 3, 4), np.uint8)
    assert check_images(images, (3, 4)) is images
    with pytest.raises(DataError, match="3 x 4 pixels; those fitted on were 4 x 3"):
        check_images(images, (4, 3))
