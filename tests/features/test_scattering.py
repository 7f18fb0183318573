import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from inkmeans import load
from inkmeans.errors import DataError, ParameterError
from inkmeans.features import Scattering, get_feature
from inkmeans.prepare import Deskew


@pytest.fixture(scope="module")
def images():
    return load("mnist").images[:300]


def columns_of(scattering, name):
    """Say which columns belong to a path."""
    names = scattering.get_feature_names_out()
    return np.array([full.startswith(f"{name}_row") for full in names])


def test_rows_are_named_float32_and_finite(images):
    scattering = Scattering()
    rows = scattering.fit_transform(images)
    assert rows.shape == (300, 217 * 16)
    assert rows.dtype == np.float32
    assert rows.flags.c_contiguous
    assert np.isfinite(rows).all()
    names = scattering.get_feature_names_out()
    assert len(set(names)) == len(names) == rows.shape[1]
    assert names[0] == "average_row0_column0"
    assert names[-1] == "scale1_turn7_scale2_turn7_row3_column3"


@pytest.mark.parametrize(("scale", "turn_of_bars"), [(0, 3), (1, 3)])
def test_bars_answer_in_the_path_of_their_direction_and_width(scale, turn_of_bars):
    period = 2 ** (scale + 3) / 3  # 3/4 pi / 2**scale radians a pixel
    wave = 127.5 + 127.5 * np.cos(2 * np.pi * np.arange(28) / period)
    bars = np.broadcast_to(wave[:, None], (28, 28)).astype(np.uint8)  # they lie
    scattering = Scattering(order=1).fit(bars[None])
    rows = scattering.transform(np.stack([bars, bars.T]))
    energy = {
        (j, t): rows[:, columns_of(scattering, f"scale{j}_turn{t}")].sum(axis=1)
        for j in range(3)
        for t in range(8)
    }
    lying, standing = (max(energy, key=lambda path: energy[path][i]) for i in (0, 1))
    assert lying == (scale, turn_of_bars)
    assert standing == (scale, (turn_of_bars + 4) % 8)


def test_a_shift_by_one_position_moves_values_by_one():
    rng = np.random.default_rng(0)
    images = np.zeros((5, 60, 60), dtype=np.uint8)
    images[:, 20:30, 20:30] = rng.integers(0, 256, (5, 10, 10))
    shifted = np.roll(images, (8, -16), axis=(1, 2))
    before, after = (Scattering().transform(x).reshape(5, 217, 8, 8) for x in (images, shifted))
    np.testing.assert_allclose(after, np.roll(before, (1, -2), axis=(2, 3)), atol=2e-5)


def test_small_shifts_change_little(images):
    blank_edge = ~(images[:, :, -1].any(axis=1))
    shifted = np.roll(images[blank_edge], 1, axis=2)
    change = {}
    for name, rows in {
        "pixels": [x.reshape(len(x), -1).astype(float) for x in (images[blank_edge], shifted)],
        "scattering": [Scattering().transform(x) for x in (images[blank_edge], shifted)],
    }.items():
        change[name] = np.linalg.norm(rows[1] - rows[0]) / np.linalg.norm(rows[0])
    assert change["scattering"] < 0.2
    assert change["scattering"] < change["pixels"] / 3


def test_neighbors_of_digits_are_of_their_kind_more_often_than_by_pixels():
    from sklearn.neighbors import KNeighborsClassifier

    digits = load("mnist")
    images, labels = Deskew().transform(digits.images[:1500]), digits.labels[:1500]
    accuracy = {}
    for name, rows in {
        "pixels": images.reshape(1500, -1).astype(np.float32),
        "scattering": Scattering().transform(images),
    }.items():
        judge = KNeighborsClassifier(1).fit(rows[:1000], labels[:1000])
        accuracy[name] = judge.score(rows[1000:], labels[1000:])
    assert accuracy["scattering"] > accuracy["pixels"]


def test_threads_change_nothing(images):
    expected = Scattering(n_threads=1).transform(images)
    for n_threads in (2, 5, None, -1):
        np.testing.assert_array_equal(Scattering(n_threads=n_threads).transform(images), expected)


def test_blank_images_become_zeros_and_no_images_no_rows():
    scattering = Scattering(n_scales=2)
    assert not scattering.transform(np.zeros((2, 28, 28), np.uint8)).any()
    assert scattering.transform(np.zeros((0, 28, 28), np.uint8)).shape == (0, 81 * 64)


def test_strided_and_read_only_images_are_taken(images):
    view = images[:20, ::-1, 2:]
    copy = view.copy()
    copy.flags.writeable = False
    np.testing.assert_array_equal(Scattering().transform(view), Scattering().transform(copy))


@pytest.mark.parametrize("size", [(2, 2), (2, 31), (5, 3), (8, 8), (33, 17)])
def test_any_size_is_scattered_and_named(size):
    images = np.random.default_rng(0).integers(0, 256, (3, *size), dtype=np.uint8)
    scattering = Scattering(n_scales=1, n_orientations=3)
    rows = scattering.fit_transform(images)
    assert rows.shape == (3, len(scattering.get_feature_names_out()))
    assert (rows[:, 0] > 0).all()


def test_clones_and_copies_scatter_alike(images):
    scattering = Scattering(2, 6, 1).fit(images)
    rows = scattering.transform(images)
    for other in (clone(scattering), pickle.loads(pickle.dumps(scattering))):
        np.testing.assert_array_equal(other.transform(images), rows)
    registered = get_feature("scattering").make().fit_transform(images)
    own = make_pipeline(Deskew(), Scattering()).fit_transform(images)
    np.testing.assert_array_equal(registered, own)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_scales": 5}, r"smaller than 2\*\*5; give at most 4"),
        ({"n_scales": 0}, "n_scales is 0; give a whole number"),
        ({"n_scales": 2.0}, r"n_scales is 2\.0"),
        ({"n_scales": True}, "n_scales is True"),
        ({"n_orientations": -1}, "n_orientations is -1"),
        ({"order": 3}, "order is 3; choose one of 1, 2"),
        ({"order": 0}, "order is 0"),
        ({"order": None}, "order is None"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(parameters, message, images):
    for method in ("fit", "transform"):
        with pytest.raises(ParameterError, match=message):
            getattr(Scattering(**parameters), method)(images)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 28, 28)), "images are float64"),
        (np.zeros((28, 28), np.uint8), "have the shape"),
        (np.zeros((2, 28, 28, 3), np.uint8), "have the shape"),
        (np.zeros((2, 0, 5), np.uint8), "no pixels"),
        (np.zeros((2, 1, 28), np.uint8), "too small to scatter; at least 2 pixels"),
        (np.zeros((1, 600, 600), np.uint8), "too large to scatter; scale them down"),
    ],
)
def test_what_are_no_fitting_images_is_refused(images, message):
    with pytest.raises(DataError, match=message):
        Scattering().fit_transform(images)


def test_another_size_than_at_fit_is_refused(images):
    with pytest.raises(DataError, match="20 x 28 pixels; those fitted on were 28 x 28"):
        Scattering().fit(images).transform(images[:, 4:24])


def test_names_are_known_after_fit():
    with pytest.raises(NotFittedError):
        Scattering().get_feature_names_out()
