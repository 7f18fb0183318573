import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inkmeans.errors import DataError
from inkmeans.prepare import StandardizeImages
from inkmeans.prepare.standardize import blend_matrix


def test_images_of_the_usual_form_stay_as_they_are(mnist):
    images = mnist[0][:500]
    standard = StandardizeImages().fit(images)
    assert not standard.inverted_
    assert standard.transform(images) is images


def test_dark_ink_becomes_light(mnist):
    images = mnist[0][:500]
    standard = StandardizeImages().fit(255 - images)
    assert standard.inverted_
    np.testing.assert_array_equal(standard.transform(255 - images), images)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((28, 28), (28, 28)), ((20, 40), (20, 40)), ((8, 8), (28, 28)), ((100, 50), (28, 14))],
)
def test_odd_sizes_become_a_usual_one(shape, expected):
    images = np.zeros((3, *shape), dtype=np.uint8)
    images[:, shape[0] // 2, shape[1] // 2] = 255
    out = StandardizeImages().fit_transform(images)
    assert out.shape == (3, *expected)
    assert out.dtype == np.uint8
    assert out.any()


def test_ink_that_touches_the_border_gets_a_margin():
    images = np.zeros((1, 8, 8), dtype=np.uint8)
    images[:, :, 3] = 255
    standard = StandardizeImages().fit(images)
    out = standard.transform(images)
    assert standard.margin_ == 2
    assert out.shape == (1, 28, 28)
    assert not out[:, [0, 1, -2, -1]].any()
    assert out[:, 2].any()


def test_twice_as_large_and_back_is_about_the_same(mnist):
    images = mnist[0][:20]
    large = images.repeat(2, axis=1).repeat(2, axis=2)
    out = StandardizeImages().fit_transform(large)
    assert out.shape == images.shape
    assert np.abs(out.astype(int) - images).mean() < 12
    assert out.mean() == pytest.approx(images.mean(), rel=0.05)


@given(
    hnp.arrays(
        np.uint8,
        st.tuples(st.integers(1, 4), st.integers(1, 50), st.integers(1, 50)),
        elements=st.sampled_from([0, 7, 255]),
        fill=st.just(0),
    )
)
def test_any_images_come_out_in_the_shape_that_is_announced(images):
    standard = StandardizeImages().fit(images)
    out = standard.transform(images)
    assert out.shape == (len(images), *standard.shape_)
    assert max(out.shape[1:]) <= 40
    assert out.dtype == np.uint8


@given(st.integers(1, 60), st.integers(1, 60))
def test_resampling_keeps_even_grey(before, after):
    weights = blend_matrix(before, after)
    assert weights.shape == (after, before)
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(weights, weights[::-1, ::-1], atol=1e-4)


def test_no_images_and_images_of_another_size_are_refused():
    with pytest.raises(DataError, match="no images"):
        StandardizeImages().fit(np.zeros((0, 8, 8), dtype=np.uint8))
    standard = StandardizeImages().fit(np.zeros((1, 8, 8), dtype=np.uint8))
    with pytest.raises(DataError, match="fitted on were 8 x 8"):
        standard.transform(np.zeros((1, 9, 8), dtype=np.uint8))
    with pytest.raises(DataError):
        StandardizeImages().fit(np.zeros((1, 8, 8)))
