"""Histograms of oriented gradients: the kernel against NumPy, on every instruction set."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inkmeans import engine
from inkmeans.engine.gradients import (
    HistogramOptions,
    oriented_histograms,
    reference_histograms,
)

from .conftest import NATIVE_LEVELS, THREADS, examples, needs_native

DALAL_TRIGGS = HistogramOptions()
WHOLE = HistogramOptions(
    n_orientations=8, signed=True, block_size=0, square_root=True, clip=math.inf
)


@st.composite
def problems(draw):
    height, width = draw(st.integers(1, 17)), draw(st.integers(1, 17))
    sizes = draw(st.lists(st.integers(1, min(height, width)), min_size=1, max_size=3))
    images = draw(hnp.arrays(np.uint8, (draw(st.integers(0, 3)), height, width)))
    options = HistogramOptions(
        cell_sizes=tuple(sizes),
        strides=tuple(draw(st.integers(1, 9)) for _ in sizes),
        n_orientations=draw(st.integers(2, 13)),
        signed=draw(st.booleans()),
        block_size=draw(st.integers(0, 4)),
        square_root=draw(st.booleans()),
        epsilon=draw(st.sampled_from((0.001, 0.01, 1.0))),
        clip=draw(st.sampled_from((0.1, 0.2, 1.0, math.inf))),
    )
    return images, options


@needs_native
@examples(60)
@given(problems())
def test_the_kernel_gives_what_numpy_gives(simd_level, problem):
    images, options = problem
    found, expected = (f(images, options) for f in (oriented_histograms, reference_histograms))
    assert found.shape == expected.shape
    # The root makes of a rounding of 1e-7 in an angle one of 3e-4 in a number that should be 0.
    np.testing.assert_allclose(found, expected, atol=3e-3 if options.square_root else 2e-5)


@needs_native
@pytest.mark.parametrize("options", [DALAL_TRIGGS, WHOLE], ids=["blocks", "whole"])
def test_digits_are_described_as_by_numpy(simd_level, digits, options):
    found, expected = (
        f(digits[:200], options) for f in (oriented_histograms, reference_histograms)
    )
    np.testing.assert_allclose(found, expected, atol=2e-4)


@needs_native
@pytest.mark.parametrize("options", [DALAL_TRIGGS, WHOLE], ids=["blocks", "whole"])
def test_levels_and_threads_change_no_bit(digits, options):
    expected = oriented_histograms(digits[:300], options)
    for name in NATIVE_LEVELS:
        for n_threads in THREADS:
            with engine.using(name):
                found = oriented_histograms(digits[:300], options, n_threads=n_threads)
            np.testing.assert_array_equal(found, expected)


def test_the_reference_counts_as_loops_over_pixels_do(digits):
    image, options = digits[3], replace(DALAL_TRIGGS, clip=math.inf, block_size=1, epsilon=1e-9)
    grey = image.astype(float)
    cells = np.zeros((7, 7, 9))
    for y, x in np.ndindex(28, 28):
        right, left = grey[y, min(x + 1, 27)], grey[y, max(x - 1, 0)]
        below, above = grey[min(y + 1, 27), x], grey[max(y - 1, 0), x]
        length = math.hypot(right - left, below - above)
        place = math.degrees(math.atan2(below - above, right - left)) % 180 / 20
        for cy, cx in np.ndindex(7, 7):
            weight = max(0, 1 - abs(y - (4 * cy + 1.5)) / 4) * max(
                0, 1 - abs(x - (4 * cx + 1.5)) / 4
            )
            lower = int(place)
            cells[cy, cx, lower % 9] += weight * length * (lower + 1 - place)
            cells[cy, cx, (lower + 1) % 9] += weight * length * (place - lower)
    lengths = np.linalg.norm(cells, axis=2, keepdims=True)
    expected = cells / np.where(lengths == 0, 1, lengths)
    found = reference_histograms(image[None], options)
    np.testing.assert_allclose(found[0], expected.ravel(), atol=1e-6)


def turned(rows, n_orientations, cells):
    """What rows of one grid without blocks become when the image is turned by 90 degrees."""
    grid = rows.reshape(len(rows), cells, cells, n_orientations)
    return np.roll(np.rot90(grid, axes=(1, 2)), -n_orientations // 4, axis=3).reshape(rows.shape)


@pytest.mark.parametrize("name", engine.available_levels())
def test_turning_images_turns_their_description(digits, name):
    images = digits[:50]
    with engine.using(name):
        before = oriented_histograms(images, WHOLE)
        after = oriented_histograms(np.ascontiguousarray(np.rot90(images, axes=(1, 2))), WHOLE)
    np.testing.assert_allclose(after, turned(before, 8, 7), atol=1e-3)


@pytest.mark.parametrize("name", engine.available_levels())
def test_inverting_images_changes_nothing_where_directions_are_unsigned(digits, name):
    with engine.using(name):
        rows, inverted = (
            oriented_histograms(images, DALAL_TRIGGS) for images in (digits[:50], 255 - digits[:50])
        )
    np.testing.assert_allclose(rows, inverted, atol=1e-5)


@needs_native
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cell_sizes": (29,)}, "cells must fit"),
        ({"cell_sizes": (0,)}, "cells must fit"),
        ({"strides": (0,)}, "cells must fit"),
        ({"n_orientations": 1}, "two orientations"),
        ({"epsilon": -1.0}, "epsilon"),
        ({"clip": 0.0}, "epsilon"),
    ],
)
def test_what_makes_no_sense_is_refused_by_the_kernel(digits, changes, message):
    with engine.using(NATIVE_LEVELS[0]), pytest.raises(ValueError, match=message):
        oriented_histograms(digits[:2], replace(DALAL_TRIGGS, **changes))
