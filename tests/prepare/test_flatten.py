import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from inkmeans.errors import DataError, ParameterError
from inkmeans.prepare import FlattenImages

stacks = hnp.arrays(np.uint8, st.tuples(*(st.integers(lo, 8) for lo in (0, 1, 1))))


@pytest.mark.parametrize("scale", ["none", "unit"])
@given(images=stacks)
def test_back_and_forth_gives_the_same_images(scale, images):
    flatten = FlattenImages(scale=scale)
    back = flatten.inverse_transform(flatten.fit_transform(images))
    np.testing.assert_array_equal(back, images)
    assert back.dtype == np.uint8


def test_unscaled_rows_are_a_view(mnist):
    rows = FlattenImages().transform(mnist[0])
    assert np.shares_memory(rows, mnist[0])
    assert rows.shape == (10_000, 784)


def test_unit_rows_are_float32_from_0_to_1(mnist):
    rows = FlattenImages(scale="unit").transform(mnist[0][:100])
    assert rows.dtype == np.float32
    assert (rows.min(), rows.max()) == (0, 1)
    np.testing.assert_allclose(rows, mnist[0][:100].reshape(100, -1) / 255, rtol=1e-6)


def test_centroids_become_images_rounded_and_clipped():
    flatten = FlattenImages().fit(np.zeros((1, 1, 4), np.uint8))
    found = flatten.inverse_transform([[-3.0, 0.6, 254.4, 300.0]])
    assert found.tolist() == [[[0, 1, 254, 255]]]


def test_images_of_another_size_than_fitted_are_refused():
    flatten = FlattenImages().fit(np.zeros((1, 8, 8), np.uint8))
    with pytest.raises(DataError, match="28 x 28 pixels; those fitted on were 8 x 8"):
        flatten.transform(np.zeros((1, 28, 28), np.uint8))


def test_rows_of_a_wrong_length_are_refused():
    flatten = FlattenImages().fit(np.zeros((1, 8, 8), np.uint8))
    with pytest.raises(DataError, match="64"):
        flatten.inverse_transform(np.zeros((1, 65)))


def test_inverse_needs_fit():
    with pytest.raises(NotFittedError):
        FlattenImages().inverse_transform(np.zeros((1, 4)))


def test_unknown_scale_is_refused():
    with pytest.raises(ParameterError, match="scale is 'z'"):
        FlattenImages(scale="z").fit(np.zeros((1, 2, 2), np.uint8))


def test_parameters_survive_a_clone():
    assert clone(FlattenImages(scale="unit")).get_params() == {"scale": "unit"}
