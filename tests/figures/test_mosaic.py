import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkmeans.errors import DataError
from inkmeans.figures.mosaic import as_images, mosaic, tile_size


@given(st.integers(1, 9), st.integers(1, 5), st.integers(0, 3), st.integers(0, 3))
def test_every_image_stands_in_its_cell(n, n_columns, below, beside):
    images = np.random.default_rng(n).integers(0, 256, (n, 3, 4), np.uint8)
    sheet = mosaic(images, n_columns, gap=(below, beside))
    covered = np.zeros(sheet.shape[:2], bool)
    for i, image in enumerate(images):
        top, left = (i // n_columns) * (3 + below), (i % n_columns) * (4 + beside)
        cell = sheet[top : top + 3, left : left + 4].astype(int).sum(axis=2)
        covered[top : top + 3, left : left + 4] = True
        # Ink is dark: more of it, less light.
        order = np.argsort(image, axis=None)
        assert (np.diff(cell.ravel()[order]) <= 0).all()
    assert (sheet[~covered] == 255).all()


def test_marked_images_lie_on_other_paper():
    blank = np.zeros((2, 2, 2), np.uint8)
    sheet = mosaic(blank, 2, gap=0, marked=np.array([False, True]))
    plain, marked = sheet[0, 0], sheet[0, 2]
    assert tuple(plain) != tuple(marked)
    assert (sheet[:, 2:] == marked).all()


def test_uint8_images_stay_and_floats_are_scaled_to_full_ink():
    images = np.array([[[0, 7]]], np.uint8)
    assert as_images(images) is images
    assert as_images([[[0.0, 2.0]]]).tolist() == [[[0, 255]]]
    assert as_images([[[0.0, np.nan]]]).tolist() == [[[0, 0]]]
    with pytest.raises(DataError, match="centroids have the shape"):
        as_images([1.0, 2.0], "centroids")


def test_pixels_are_whole_dots_where_they_can_be():
    assert tile_size((28, 28), 0.4) * 150 == pytest.approx(2)
    assert tile_size((8, 8), 0.4) * 150 == pytest.approx(7)
    assert tile_size((200, 100), 0.4) == pytest.approx(0.4 / 200)
