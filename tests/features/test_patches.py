import pickle

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.neighbors import KNeighborsClassifier

from inkmeans import engine, load
from inkmeans.errors import DataError, InkmeansError, ParameterError
from inkmeans.features import PatchFeatures
from inkmeans.prepare import Deskew

SMALL = {"n_atoms": 24, "n_patches": 3000, "random_state": 0}


@pytest.fixture(scope="module")
def digits():
    return load("mnist").images[:300]


@pytest.fixture(scope="module")
def fitted(digits):
    return PatchFeatures(**SMALL).fit(digits)


def slow_features(image, dictionary, threshold, pool):
    """The textbook: normalise, whiten, product with each atom, soft threshold, pool, root."""
    size = dictionary.patch_size
    windows = sliding_window_view(image.astype(float), (size, size))
    sums = np.zeros((pool, pool, len(dictionary.atoms)))
    for y, x in np.ndindex(windows.shape[:2]):
        patch = windows[y, x].ravel()
        patch = (patch - patch.mean()) / np.sqrt(patch.var() + dictionary.epsilon)
        whitened = dictionary.whitening @ (patch - dictionary.mean)
        cell = y * pool // windows.shape[0], x * pool // windows.shape[1]
        sums[cell] += np.maximum(0, dictionary.atoms @ whitened - threshold)
    return np.sqrt(sums).ravel()


@pytest.mark.parametrize("level", engine.available_levels())
def test_features_are_those_of_the_textbook(fitted, digits, level):
    ((dictionary,),) = fitted.dictionaries_
    with engine.using(level):
        rows = fitted.transform(digits[:5])
    expected = [slow_features(image, dictionary, 1.0, 4) for image in digits[:5]]
    np.testing.assert_allclose(rows, expected, atol=5e-3)


def test_atoms_have_length_1_and_whitened_patches_little_correlation(fitted, digits):
    ((dictionary,),) = fitted.dictionaries_
    np.testing.assert_allclose(np.linalg.norm(dictionary.atoms, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(dictionary.whitening, dictionary.whitening.T, atol=1e-9)
    patches = sliding_window_view(digits, (7, 7), axis=(1, 2)).reshape(-1, 49)[::7].astype(float)
    patches -= patches.mean(axis=1, keepdims=True)
    patches = patches[np.square(patches).mean(axis=1) > dictionary.epsilon]
    patches /= np.sqrt(np.square(patches).mean(axis=1, keepdims=True) + dictionary.epsilon)
    before, after = (np.cov(each.T) for each in (patches, patches @ dictionary.whitening))
    spread = [np.ptp(np.linalg.eigvalsh(each)[10:]) for each in (before, after)]
    assert spread[1] < 0.2 * spread[0]


def test_digits_of_a_kind_are_nearer_than_in_pixels():
    found = load("mnist")
    images, labels = Deskew().transform(found.images[:3000]), found.labels[:3000]
    patches = PatchFeatures(n_atoms=64, n_patches=10_000, random_state=0).fit_transform(images)
    accuracy = {}
    for name, rows in {"pixels": images.reshape(3000, -1) / 255, "patches": patches}.items():
        judge = KNeighborsClassifier(1).fit(rows[:2000], labels[:2000])
        accuracy[name] = judge.score(rows[2000:], labels[2000:])
    assert accuracy["patches"] > accuracy["pixels"] + 0.01


@pytest.mark.parametrize(
    ("parameters", "length"),
    [
        ({}, 16 * 24),
        ({"pool": 2}, 4 * 24),
        ({"patch_size": (5, 9)}, 2 * 16 * 24),
        ({"n_layers": 2, "n_hidden": 8}, 2 * 16 * 24),
        ({"n_layers": 2, "n_hidden": 8, "patch_size": [5, 7]}, 4 * 16 * 24),
    ],
)
def test_sizes_and_layers_stand_side_by_side_under_names_of_their_own(digits, parameters, length):
    features = PatchFeatures(**{**SMALL, **parameters}).fit(digits[:100])
    rows, names = features.transform(digits), features.get_feature_names_out()
    assert rows.shape == (len(digits), length) == (len(digits), len(set(names)))
    assert rows.dtype == np.float32
    assert (rows >= 0).all()
    assert rows.any(axis=0).mean() > 0.9


def test_names_say_where_a_number_comes_from(fitted, digits):
    ink_on_top = digits[:20].copy()
    ink_on_top[:, 14:] = 0
    below = ink_on_top[:, ::-1]
    names = fitted.get_feature_names_out()
    assert names[0] == "patch7_cell0,0_atom0"
    in_lowest = np.array(["cell3," in name for name in names])
    blank = fitted.transform(np.zeros((1, 28, 28), np.uint8))[0]
    top, bottom = (fitted.transform(images)[:, in_lowest] for images in (ink_on_top, below))
    np.testing.assert_allclose(top, np.tile(blank[in_lowest], (20, 1)), atol=1e-4)
    assert np.abs(bottom - blank[in_lowest]).max() > 1


def test_contrast_and_brightness_hardly_count(fitted, digits):
    rows = fitted.transform(digits)
    for images in (digits // 2, digits // 2 + 100):
        np.testing.assert_allclose(
            np.linalg.norm(fitted.transform(images) - rows), 0, atol=0.15 * np.linalg.norm(rows)
        )


def test_a_seed_gives_the_same_features_whatever_the_threads(digits, fitted):
    rows = fitted.transform(digits)
    for n_threads in (1, 2, 7):
        again = PatchFeatures(**SMALL, n_threads=n_threads).fit(digits)
        np.testing.assert_array_equal(again.transform(digits), rows)
    other = PatchFeatures(**{**SMALL, "random_state": 1}).fit_transform(digits)
    assert (other != rows).any()


def test_an_image_does_not_depend_on_its_neighbours_nor_on_memory(fitted, digits):
    rows = fitted.transform(digits)
    np.testing.assert_array_equal(fitted.transform(digits[7:8])[0], rows[7])
    np.testing.assert_array_equal(fitted.transform(digits[::3]), rows[::3])
    assert fitted.transform(digits[:0]).shape == (0, 384)


def test_it_is_cloned_pickled_and_fitted_before_use(fitted, digits):
    assert clone(fitted).get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        clone(fitted).transform(digits)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.transform(digits[:9]), fitted.transform(digits[:9]))
    assert fitted.__sklearn_tags__().input_tags.three_d_array


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    hnp.arrays(np.uint8, st.tuples(st.integers(1, 4), st.integers(1, 12), st.integers(1, 12))),
    st.integers(1, 2),
)
def test_any_images_are_described_or_refused_in_one_line(images, n_layers):
    features = PatchFeatures(n_atoms=3, pool=2, n_layers=n_layers, n_hidden=2, random_state=0)
    try:
        rows = features.fit_transform(images)
    except InkmeansError as error:
        assert error.hint  # noqa: PT017 - either is right
    else:
        assert np.isfinite(rows).all()
        assert rows.shape == (len(images), len(features.get_feature_names_out()))


@pytest.mark.parametrize(("side", "size"), [(28, 7), (8, 2), (32, 8), (6, 2), (5, 2)])
def test_patches_follow_the_size_of_the_images(side, size):
    images = np.random.default_rng(0).integers(0, 256, (20, side, side)).astype(np.uint8)
    assert PatchFeatures(**SMALL).fit(images).layers_[0][0].patch_size == size


def test_one_image_is_enough_where_it_has_enough_patches(digits):
    one = PatchFeatures(**SMALL).fit(digits[:1])
    assert np.isfinite(one.transform(digits)).all()


@pytest.mark.parametrize("grey", [0, 255])
def test_blank_images_have_nothing_to_learn_but_can_be_described(fitted, grey):
    blank = np.full((3, 28, 28), grey, np.uint8)
    with pytest.raises(DataError, match="0 patches of the images have any contrast"):
        PatchFeatures(**SMALL).fit(blank)
    rows = fitted.transform(blank)
    assert np.isfinite(rows).all()
    np.testing.assert_array_equal(rows, rows[[0, 0, 0]])


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"patch_size": 26}, "no room for 4 cells a side .* may add up to 29 at most"),
        ({"patch_size": 1}, "patch_size is 1"),
        ({"patch_size": 2.5}, "patch_size is 2.5"),
        ({"patch_size": ()}, "names no size"),
        ({"pool": 0}, "pool is 0"),
        ({"pool": 28}, "no room for 28 cells"),
        ({"n_atoms": 0}, "n_atoms is 0"),
        ({"n_hidden": 0}, "n_hidden is 0"),
        ({"n_patches": 0}, "n_patches is 0"),
        ({"n_layers": 3}, "n_layers is 3"),
        ({"n_layers": 2, "patch_size": 20}, "a second layer .* has 2 places a side"),
        ({"threshold": -1}, "threshold is -1"),
        ({"threshold": float("nan")}, "threshold is nan"),
        ({"whitening": 0}, "whitening is 0"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(digits, parameters, says):
    with pytest.raises(ParameterError, match=says):
        PatchFeatures(**parameters).fit(digits)


@pytest.mark.parametrize(
    "images",
    [np.zeros((28, 28), np.uint8), np.zeros((2, 28, 28)), np.zeros((2, 28, 28, 3), np.uint8), [[]]],
)
def test_what_is_no_stack_of_images_is_refused(images, fitted):
    with pytest.raises(DataError):
        PatchFeatures().fit(images)
    with pytest.raises(DataError):
        fitted.transform(images)


def test_images_of_another_size_are_refused(fitted, digits):
    with pytest.raises(DataError, match="27 x 28 pixels; those fitted on were 28 x 28"):
        fitted.transform(digits[:, 1:])


def test_images_too_small_for_the_grid_are_refused():
    with pytest.raises(ParameterError, match="no room for 4 cells"):
        PatchFeatures().fit(np.zeros((3, 4, 4), np.uint8))
