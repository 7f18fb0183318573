import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.neighbors import KNeighborsClassifier

from inkmeans import load
from inkmeans.errors import DataError, ParameterError
from inkmeans.features import HOG
from inkmeans.prepare import Deskew


@pytest.fixture(scope="module")
def digits():
    return load("mnist").images[:400]


stacks = hnp.arrays(np.uint8, st.tuples(st.integers(1, 3), st.integers(1, 20), st.integers(1, 20)))


@settings(max_examples=40, deadline=None)
@given(stacks, st.booleans(), st.sampled_from((None, 1, 2)))
def test_any_images_become_finite_rows_from_0_to_1(images, signed, block_size):
    hog = HOG(signed=signed, block_size=block_size)
    rows = hog.fit_transform(images)
    assert rows.dtype == np.float32
    assert rows.shape == (len(images), len(hog.get_feature_names_out()))
    assert np.isfinite(rows).all()
    assert rows.min() >= 0
    assert rows.max() <= 1.00001


@pytest.mark.parametrize(("side", "cell_size"), [(28, 4), (8, 2), (32, 5), (64, 9), (1, 1)])
def test_cells_follow_the_size_of_the_images(side, cell_size):
    fitted = HOG().fit(np.zeros((1, side, side), np.uint8))
    assert fitted.options_.cell_sizes == (cell_size,)


def test_rows_are_unit_vectors_and_contrast_hardly_counts(digits):
    rows, faint = (HOG().fit_transform(images) for images in (digits, digits // 2))
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=0.01)
    assert (rows * faint).sum(axis=1).min() > 0.99


def test_blank_images_become_zeros_and_leave_the_others_alone(digits):
    images = digits[:4].copy()
    images[1:3] = [[[0]], [[255]]]
    rows = HOG().fit_transform(images)
    assert not rows[1:3].any()
    np.testing.assert_array_equal(rows[[0, 3]], HOG().fit_transform(digits)[[0, 3]])


def test_noise_of_one_grey_level_does_not_look_like_edges():
    images = np.random.default_rng(0).integers(100, 102, (5, 28, 28)).astype(np.uint8)
    rows = HOG(block_size=2, square_root=False).fit_transform(images)
    assert np.abs(rows).max() < 0.15


def test_several_cell_sizes_stand_side_by_side(digits):
    both = HOG((4, 7)).fit_transform(digits)
    each = [HOG(size).fit_transform(digits) for size in (4, 7)]
    np.testing.assert_array_equal(both, np.hstack(each))


def test_names_say_where_a_number_comes_from():
    images = np.zeros((1, 28, 28), np.uint8)
    images[0, 20:, :] = 255  # an edge that runs downwards from black to white
    hog = HOG(4, block_size=2, square_root=False, clip=0.2)
    row = hog.fit_transform(images)[0]
    names = hog.get_feature_names_out()
    assert len(set(names)) == len(names) == 6 * 6 * 4 * 8
    assert names[0] == "hog4_block0,0_cell0,0_0"
    strongest = {name.rpartition("_")[2] for name in names[row > 0.1]}
    assert strongest == {"90"}


def test_digits_of_a_kind_are_nearer_than_in_pixels():
    found = load("mnist")
    images, labels = Deskew().transform(found.images[:4000]), found.labels[:4000]
    accuracy = {}
    rows = {"pixels": images.reshape(len(images), -1) / 255, "hog": HOG().fit_transform(images)}
    for name, each in rows.items():
        judge = KNeighborsClassifier(1).fit(each[:3000], labels[:3000])
        accuracy[name] = judge.score(each[3000:], labels[3000:])
    assert accuracy["hog"] > accuracy["pixels"] + 0.01


def test_an_image_does_not_depend_on_its_neighbours_nor_on_memory(digits):
    fitted = HOG().fit(digits)
    rows = fitted.transform(digits)
    np.testing.assert_array_equal(fitted.transform(digits[7:8])[0], rows[7])
    np.testing.assert_array_equal(fitted.transform(digits[::3]), rows[::3])
    assert fitted.transform(digits[:0]).shape == (0, 392)
    turned = fitted.transform(digits.transpose(0, 2, 1))
    np.testing.assert_array_equal(
        turned, fitted.transform(np.ascontiguousarray(digits.transpose(0, 2, 1)))
    )


def test_it_is_cloned_pickled_and_fitted_before_use(digits):
    hog = HOG((4, 7), signed=False, clip=0.3)
    assert clone(hog).get_params() == hog.get_params()
    with pytest.raises(NotFittedError):
        hog.transform(digits)
    again = pickle.loads(pickle.dumps(hog.fit(digits)))
    np.testing.assert_array_equal(again.transform(digits[:9]), hog.transform(digits[:9]))
    tags = hog.__sklearn_tags__()
    assert tags.input_tags.three_d_array
    assert not tags.input_tags.two_d_array


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"cell_size": 29}, "larger than images of 28 x 28; give a cell_size of at most 28"),
        ({"cell_size": 0}, "cell_size is 0"),
        ({"cell_size": 2.5}, "cell_size is 2.5"),
        ({"cell_size": ()}, "names no size"),
        ({"stride": 0}, "stride is 0"),
        ({"n_orientations": 1}, "n_orientations is 1"),
        ({"block_size": 0}, "block_size is 0"),
        ({"clip": 0}, "clip is 0"),
        ({"clip": "much"}, "clip is 'much'"),
        ({"epsilon": float("nan")}, "epsilon is nan"),
        ({"epsilon": 0}, "epsilon is 0"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(digits, parameters, says):
    with pytest.raises(ParameterError, match=says):
        HOG(**parameters).fit(digits)


@pytest.mark.parametrize(
    "images",
    [np.zeros((28, 28), np.uint8), np.zeros((2, 28, 28)), np.zeros((2, 28, 28, 3), np.uint8), [[]]],
)
def test_what_is_no_stack_of_images_is_refused(images, digits):
    with pytest.raises(DataError):
        HOG().fit(images)
    with pytest.raises(DataError):
        HOG().fit(digits).transform(images)


def test_images_of_another_size_are_refused(digits):
    with pytest.raises(DataError, match="27 x 28 pixels; those fitted on were 28 x 28"):
        HOG().fit(digits).transform(digits[:, 1:])
