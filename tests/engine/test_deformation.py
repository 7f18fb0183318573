"""The deformation distance of every instruction set is that of its definition, to the last unit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkmeans import engine
from inkmeans.engine.deformation import (
    DeformationComparer,
    largest_gradient,
    measure_slopes,
    sobel_gradients,
)

from .conftest import NATIVE_LEVELS, THREADS, examples, needs_native

pytestmark = needs_native

IMAGES = {
    "noise": lambda rng, shape: rng.integers(0, 256, shape),
    "black and white": lambda rng, shape: rng.integers(0, 2, shape) * 255,
    "specks": lambda rng, shape: (rng.random(shape) < 0.05) * 255,
    "blank": lambda rng, shape: np.zeros(shape),
    "some blank": lambda rng, shape: (
        rng.integers(0, 256, shape) * rng.integers(0, 2, (shape[0], 1, 1))
    ),
    "a band": lambda rng, shape: rng.integers(0, 256, shape) * (np.arange(shape[2]) % 7 == 1),
    "a row": lambda rng, shape: rng.integers(0, 256, shape) * (np.arange(shape[1]) == 2)[:, None],
    "equal": lambda rng, shape: np.broadcast_to(rng.integers(0, 256, (1, *shape[1:])), shape),
}  # fmt: skip


@st.composite
def stacks(draw):
    """Images of any small size, as they come or with parts that are blank."""
    shape = tuple(draw(st.sampled_from(sizes)) for sizes in ((1, 2, 5, 20), SIDES, SIDES))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(sorted(IMAGES)))
    return np.ascontiguousarray(IMAGES[kind](rng, shape), dtype=np.uint8), rng


SIDES = (1, 2, 3, 4, 5, 7, 8, 9, 13)


def reference_distances(queries, targets, lists, warp, context):
    with engine.using("reference"):
        comparer = DeformationComparer(queries, targets, warp=warp, context=context)
        return comparer.compare(lists)


@pytest.mark.parametrize("context", [0, 1, 2])
@examples(20)
@given(
    stack=stacks(),
    warp=st.sampled_from((0, 1, 2, 3, 5)),
    own=st.booleans(),
    n_threads=st.sampled_from(THREADS),
)
def test_distances_are_those_of_the_definition(simd_level, context, stack, warp, own, n_threads):
    images, rng = stack
    limit = largest_gradient(context)
    targets = sobel_gradients(images, 300, limit)
    queries = (
        targets if own else sobel_gradients(images[rng.permutation(len(images))][:7], 300, limit)
    )
    lists = rng.integers(0, len(targets), (len(queries), rng.integers(0, 6)), dtype=np.int32)
    comparer = DeformationComparer(queries, None if own else targets, warp=warp, context=context)
    found = comparer.compare(lists, n_threads=n_threads)
    expected = reference_distances(queries, targets, lists, warp, context)
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])


@pytest.mark.parametrize("context", [0, 1, 2])
def test_the_largest_differences_do_not_overflow(simd_level, context):
    limit = largest_gradient(context)
    gradients = np.full((2, 9, 9, 2), limit, dtype=np.int8)
    gradients[1] *= -1
    gradients[:, 5:, 5:, 0] *= -1
    lists = np.array([[1], [0]], dtype=np.int32)
    found = DeformationComparer(gradients, context=context).compare(lists)
    expected = reference_distances(gradients, gradients, lists, 2, context)
    np.testing.assert_array_equal(found, expected)
    assert found[0].max() > 49 * (2 * context + 1) ** 2 * 4 * limit**2


@pytest.mark.parametrize("n_threads", THREADS)
def test_pairs_that_name_each_other_are_told_twice(simd_level, digits, n_threads):
    gradients = sobel_gradients(digits[:80], 1020, 30)
    rng = np.random.default_rng(0)
    lists = np.stack([rng.permutation(80)[:40] for _ in range(80)]).astype(np.int32)
    lists[3, :3] = lists[3, 0]  # the same image more than once
    shared = DeformationComparer(gradients).compare(lists, n_threads=n_threads)
    each = DeformationComparer(gradients, gradients).compare(lists, n_threads=n_threads)
    np.testing.assert_array_equal(shared, each)


def test_parts_make_up_the_whole(simd_level, digits):
    gradients = sobel_gradients(digits[:60], 1020, 30)
    lists = np.random.default_rng(1).integers(0, 60, (60, 30), dtype=np.int32)
    comparer = DeformationComparer(gradients)
    whole = comparer.compare(lists)
    parts = np.zeros((2, *lists.shape), dtype=np.int64)
    for start in range(0, 60, 17):
        comparer.compare_into(lists, slice(start, min(start + 17, 60)), tuple(parts))
    np.testing.assert_array_equal(parts, whole)


def test_levels_and_threads_change_no_distance_of_digits(digits):
    found = []
    lists = np.random.default_rng(2).integers(0, 300, (300, 20), dtype=np.int32)
    for name in NATIVE_LEVELS:
        for n_threads in THREADS:
            with engine.using(name):
                gradients = sobel_gradients(digits[:300], 1020, 30, n_threads=n_threads)
                found.append(DeformationComparer(gradients).compare(lists, n_threads=n_threads))
    for distances in found[1:]:
        np.testing.assert_array_equal(distances, found[0])
    sample = slice(0, 3)
    expected = reference_distances(gradients[sample], gradients, lists[sample], 2, 1)
    np.testing.assert_array_equal(np.array(found[0])[:, sample], expected)


def test_a_shifted_image_is_no_distance_away_within_the_warp(simd_level):
    images = np.zeros((6, 16, 16), dtype=np.uint8)
    for shift in range(6):
        images[shift, 5:10, 3 + shift : 6 + shift] = 200
    gradients = sobel_gradients(images, 1020, 30)
    lists = np.tile(np.arange(6, dtype=np.int32), (6, 1))
    forward, _ = DeformationComparer(gradients, warp=2).compare(lists)
    apart = np.abs(np.arange(6) - np.arange(6)[:, None])
    np.testing.assert_array_equal(forward == 0, apart <= 2)


@examples(40)
@given(
    stack=stacks(),
    unit=st.integers(1, 1020),
    limit=st.integers(1, 63),
    n_threads=st.sampled_from(THREADS),
)
def test_gradients_are_those_of_the_reference(stack, unit, limit, n_threads):
    images, _ = stack
    found = sobel_gradients(images, unit, limit, n_threads=n_threads)
    steepest = measure_slopes(images, n_threads=n_threads)
    with engine.using("reference"):
        np.testing.assert_array_equal(found, sobel_gradients(images, unit, limit))
        assert steepest == measure_slopes(images)


def test_slopes_are_those_of_scipy(digits):
    from scipy.ndimage import sobel

    image = digits[0].astype(np.int64)
    slopes = np.stack([sobel(image, axis=axis, mode="nearest") for axis in (0, 1)], axis=2)
    assert measure_slopes(digits[:1]) == np.abs(slopes).max()
    found = sobel_gradients(digits[:1], 63, 63)[0]  # in units of 1, cut off
    np.testing.assert_array_equal(found, np.clip(slopes, -63, 63))


def slow_forward(own, other, warp, context):
    """Compute the definition pixel by pixel, on planes wide enough for all that is looked at."""
    margin = warp + 2 * context
    own, other = (
        np.pad(image.astype(int), ((margin, margin), (margin, margin), (0, 0)))
        for image in (own, other)
    )
    total = 0
    for y in range(warp + context, own.shape[0] - warp - context):
        for x in range(warp + context, own.shape[1] - warp - context):
            patch = own[y - context : y + context + 1, x - context : x + context + 1]
            total += min(
                np.square(
                    patch
                    - other[
                        y + v - context : y + v + context + 1, x + w - context : x + w + context + 1
                    ]
                ).sum()
                for v in range(-warp, warp + 1)
                for w in range(-warp, warp + 1)
            )
    return total


@pytest.mark.parametrize(("warp", "context"), [(2, 1), (1, 0), (1, 3), (2, 3)])
def test_distances_are_those_of_plain_loops(warp, context):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2, 6, 7), dtype=np.uint8)
    gradients = sobel_gradients(images, 1020, largest_gradient(context))
    lists = np.array([[1], [0]], dtype=np.int32)
    forward, backward = DeformationComparer(gradients, warp=warp, context=context).compare(lists)
    expected = [slow_forward(gradients[i], gradients[1 - i], warp, context) for i in (0, 1)]
    assert forward[:, 0].tolist() == expected
    assert backward[:, 0].tolist() == expected[::-1]


GRADIENTS = np.zeros((4, 6, 6, 2), dtype=np.int8)
LISTS = np.zeros((4, 2), dtype=np.int32)
OUT = np.zeros((4, 2), dtype=np.int64)
REFUSED = [
    ((LISTS[:3], 0, 3, 1, OUT, OUT), "a list of each query"),
    ((LISTS + 4, 0, 4, 1, OUT, OUT), "must name targets"),
    ((LISTS - 1, 0, 4, 1, OUT, OUT), "must name targets"),
    ((LISTS, 0, 5, 1, OUT, OUT), "no such queries"),
    ((LISTS, 3, 2, 1, OUT, OUT), "no such queries"),
    ((LISTS, 0, 4, 1, OUT[:3], OUT), "as large as lists"),
    ((LISTS, 0, 4, 1, OUT, np.zeros((4, 3), np.int64)), "as large as lists"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_sizes_that_do_not_fit_are_refused(arguments, message):
    from inkmeans.engine import _native

    comparer = _native.DeformationComparer(GRADIENTS, GRADIENTS, False, 2, 1)
    with pytest.raises(ValueError, match=message):
        comparer.compare(*arguments)


def test_images_of_two_sizes_are_refused():
    from inkmeans.engine import _native

    with pytest.raises(ValueError, match="of one size"):
        _native.DeformationComparer(GRADIENTS, GRADIENTS[:, :5].copy(), False, 2, 1)
    with pytest.raises(ValueError, match="0, 1 or 2"):
        _native.DeformationComparer(GRADIENTS, GRADIENTS, True, 2, 3)
