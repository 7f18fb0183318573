"""Rows of images moved by fractions of a pixel: the kernel and NumPy give the same bits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inkmeans.engine.shifting import reference_shift, shift_rows

from .conftest import THREADS, examples, needs_native


def read(image, y, x):
    """Blend the four pixels about a place, black outside."""
    down, right = int(np.floor(y)), int(np.floor(x))
    inside = np.pad(image.astype(float), 1)

    def at(row, column):
        row, column = row + 1, column + 1
        is_there = 0 <= row < inside.shape[0] and 0 <= column < inside.shape[1]
        return inside[row, column] if is_there else 0.0

    upper, lower = (
        at(row, right) * (right + 1 - x) + at(row, right + 1) * (x - right)
        for row in (down, down + 1)
    )
    return upper * (down + 1 - y) + lower * (y - down)


@st.composite
def problems(draw):
    shape = (draw(st.integers(0, 4)), draw(st.integers(1, 9)), draw(st.integers(1, 9)))
    images = draw(hnp.arrays(np.uint8, shape))
    shifts = st.floats(-12, 12) | st.sampled_from((0.0, 1.0, -1e300, 1e300, np.inf, -np.inf))
    top = draw(hnp.arrays(np.float64, shape[:1], elements=shifts))
    left = draw(hnp.arrays(np.float64, shape[:2], elements=shifts))
    return images, top, left


@examples(60)
@given(problems())
def test_pixels_are_blended_of_the_four_about_their_place(problem):
    images, top, left = problem
    moved = shift_rows(images, top, left)
    _, height, width = images.shape
    top, left = np.clip(top, -height - 1, height + 1), np.clip(left, -width - 1, width + 1)
    for image, above, across, found in zip(images, top, left, moved, strict=True):
        expected = [
            [read(image, above + y, across[y] + x) for x in range(width)] for y in range(height)
        ]
        np.testing.assert_allclose(found, expected, atol=0.501)


@needs_native
@examples(60)
@given(problems())
def test_the_kernel_gives_the_bits_of_numpy(problem):
    np.testing.assert_array_equal(shift_rows(*problem), reference_shift(*problem))


@needs_native
@pytest.mark.parametrize("n_threads", THREADS)
def test_digits_are_the_same_for_any_number_of_threads(digits, n_threads):
    rng = np.random.default_rng(0)
    n, height, _ = digits.shape
    top, left = rng.uniform(-9, 9, n), rng.uniform(-9, 9, (n, height))
    expected = reference_shift(digits, top, left)
    np.testing.assert_array_equal(shift_rows(digits, top, left, n_threads=n_threads), expected)


@needs_native
def test_shifts_that_do_not_fit_the_images_are_refused():
    with pytest.raises(ValueError):
        shift_rows(np.zeros((2, 3, 3), np.uint8), np.zeros(1), np.zeros((2, 3)))
