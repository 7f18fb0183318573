"""Scattering: the native kernel against NumPy's Fourier transforms, and those against formulas."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkmeans import engine
from inkmeans.engine.scattering import filter_bank, padded_shape, scatter, scattering_paths

from .conftest import NATIVE_LEVELS, THREADS, examples, needs_native


def by_reference(images, **parameters):
    with engine.using("reference"):
        return scatter(images, **parameters)


def error(found, expected):
    """Norm of the difference, relative to what is expected."""
    found, expected = found.astype(np.float64), expected.astype(np.float64)
    return np.linalg.norm(found - expected) / max(np.linalg.norm(expected), 1e-30)


@st.composite
def problems(draw):
    """Draw images of any size, with parameters that suit it."""
    height, width = draw(st.integers(2, 45)), draw(st.integers(2, 45))
    parameters = {
        "n_scales": draw(st.integers(1, min(4, min(height, width).bit_length() - 1))),
        "n_orientations": draw(st.integers(1, 5)),
        "order": draw(st.sampled_from((1, 2))),
    }
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    images = rng.integers(0, 256, (draw(st.integers(1, 9)), height, width), dtype=np.uint8)
    if draw(st.booleans()):
        images[rng.random(images.shape) < 0.9] = 0
    return images, parameters


@given(problem=problems())
@examples(25)
def test_native_equals_the_reference_for_any_size(simd_level, problem):
    images, parameters = problem
    found, expected = scatter(images, **parameters), by_reference(images, **parameters)
    assert found.shape == expected.shape
    assert error(found, expected) < 1e-5


@pytest.mark.parametrize(
    ("size", "n_scales"),
    [(28, 2), (28, 3), (60, 3), (124, 2), (180, 3), (23, 1), (250, 2)],  # 64, 128, 184, 24, 252
)
def test_native_equals_the_reference_for_lengths_of_every_kind(simd_level, size, n_scales):
    images = np.random.default_rng(0).integers(0, 256, (2, size, 20), dtype=np.uint8)
    for turned in (images, np.ascontiguousarray(images.transpose(0, 2, 1))):
        parameters = {"n_scales": n_scales, "n_orientations": 2}
        assert error(scatter(turned, **parameters), by_reference(turned, **parameters)) < 1e-5


@needs_native
def test_levels_and_threads_change_no_bit(digits):
    expected = None
    for name in NATIVE_LEVELS:
        for n_threads in THREADS:
            with engine.using(name):
                found = scatter(digits[:101], n_threads=n_threads)
            expected = found if expected is None else expected
            np.testing.assert_array_equal(found, expected)


def test_an_image_does_not_depend_on_its_neighbours(digits):
    together = scatter(digits[:21])
    for i in (0, 7, 20):
        np.testing.assert_array_equal(scatter(digits[i : i + 1])[0], together[i])


def test_real_digits_are_within_a_millionth_of_the_reference(simd_level, digits):
    assert error(scatter(digits[:60]), by_reference(digits[:60])) < 3e-6


def at_full_resolution(images, n_scales, n_orientations):
    """Scatter without leaving out a pixel before the end."""
    height, width = images.shape[1:]
    rows, columns = padded_shape(height, width, n_scales)
    bank = filter_bank(rows, columns, n_scales, n_orientations)
    low_pass = np.fft.fft2(np.outer(bank.low_rows, bank.low_columns))
    top, left = (rows - height) // 2, (columns - width) // 2
    image = np.zeros((len(images), rows, columns))
    image[:, top : top + height, left : left + width] = images / 255
    out = []
    for path in scattering_paths(n_scales, n_orientations, 2):
        filtered = image
        for j, t in path.wavelets:
            filtered = np.abs(np.fft.ifft2(np.fft.fft2(filtered) * bank.wavelets[j, t]))
        out.append(np.fft.ifft2(np.fft.fft2(filtered) * low_pass).real)
    return np.stack(out, axis=1)[..., :: 2**n_scales, :: 2**n_scales]


def test_falling_resolution_costs_less_than_a_hundredth(digits):
    assert error(scatter(digits[:40]), at_full_resolution(digits[:40], 3, 8)) < 0.01


def slow_wavelet(size, j, angle, n_orientations):
    """Sum a Morlet wavelet over its periods by the formula, on both sides of the middle."""
    sigma, slant, frequency = 0.8 * 2**j, 4 / n_orientations, 0.75 * np.pi / 2**j
    y, x = np.mgrid[-4 * size : 4 * size, -4 * size : 4 * size]
    along = y * np.cos(angle) + x * np.sin(angle)
    across = x * np.cos(angle) - y * np.sin(angle)
    gaussian = np.exp(-(along**2 + slant**2 * across**2) / (2 * sigma**2))
    wave = gaussian * (np.exp(1j * frequency * along))
    wave -= gaussian * wave.sum() / gaussian.sum()
    wave *= slant / (2 * np.pi * sigma**2)
    return wave.reshape(8, size, 8, size).sum(axis=(0, 2))


@pytest.mark.parametrize("n_orientations", [1, 4, 6, 8])
def test_wavelets_are_those_of_the_formula(n_orientations):
    bank = filter_bank(16, 16, 2, n_orientations)
    first = int(n_orientations / 2 - 1)
    for j in range(2):
        for t in range(n_orientations):
            angle = (first - t) * np.pi / n_orientations
            transform = np.fft.fft2(slow_wavelet(16, j, angle, n_orientations))
            np.testing.assert_allclose(bank.wavelets[j, t], transform, atol=1e-6)


def test_wavelets_ignore_what_is_even_and_the_low_pass_keeps_it():
    bank = filter_bank(32, 24, 3, 8)
    assert np.abs(bank.wavelets[:, :, 0, 0]).max() < 1e-12
    assert bank.low_rows.sum() == pytest.approx(1)
    assert bank.low_columns.sum() == pytest.approx(1)


def test_kymatio_agrees(digits):
    # Not kymatio.numpy, whose other transforms do not import with a recent SciPy.
    kymatio = pytest.importorskip(
        "kymatio.scattering2d.frontend.numpy_frontend", reason="kymatio is not installed"
    )
    for n_scales, n_orientations, images in [(3, 8, digits[:30]), (2, 6, digits[:30, :19, 3:])]:
        rows, columns = padded_shape(*images.shape[1:], n_scales)
        top, left = (rows - images.shape[1]) // 2, (columns - images.shape[2]) // 2
        padded = np.zeros((len(images), rows, columns), dtype=np.float32)
        padded[:, top : top + images.shape[1], left : left + images.shape[2]] = images / 255
        # Its padding adds two steps, of which it cuts one on each side off the result.
        inner = (rows - 2 * 2**n_scales, columns - 2 * 2**n_scales)
        theirs = kymatio.ScatteringNumPy2D(n_scales, inner, n_orientations, pre_pad=True)(padded)
        ours = scatter(images, n_scales=n_scales, n_orientations=n_orientations)
        ours = ours[..., 1:-1, 1:-1]
        finest = slice(0, 1 + n_orientations)
        assert error(ours[:, finest], theirs[:, finest]) < 1e-4  # its pi is 3.1415
        # At coarser resolutions it cuts filters off where their aliases are added here.
        assert error(ours, theirs) < 3e-3


def test_half_as_bright_images_have_half_the_values(digits):
    images = digits[:20] // 2 * 2
    np.testing.assert_allclose(
        2 * scatter(images // 2).astype(np.float64), scatter(images), atol=1e-6
    )


@pytest.mark.parametrize("name", engine.available_levels())
def test_black_images_are_zero_and_no_images_are_none(name):
    with engine.using(name):
        assert not scatter(np.zeros((3, 9, 14), np.uint8), n_scales=2).any()
        assert scatter(np.zeros((0, 9, 14), np.uint8), n_scales=2).shape == (0, 81, 3, 4)


def test_orders_agree_on_the_first(digits):
    both, first = scatter(digits[:9]), scatter(digits[:9], order=1)
    np.testing.assert_array_equal(both[:, :25], first)
    paths = scattering_paths(3, 8, 2)
    assert [len(path.wavelets) for path in paths] == [0] + 24 * [1] + 192 * [2]


IMAGES = np.zeros((2, 8, 8), dtype=np.uint8)
WAVELETS, LOW = np.zeros((2, 3, 12, 12)), np.zeros(12)
OUT = np.zeros((2, 16, 3, 3), dtype=np.float32)
REFUSED = [
    ((IMAGES, WAVELETS, LOW, LOW, 3, 1, OUT), "order must be"),
    ((IMAGES, WAVELETS, LOW, LOW[:8], 2, 1, OUT), "one size"),
    ((IMAGES, WAVELETS[:, :, :8], LOW, LOW, 2, 1, OUT), "one size"),
    ((IMAGES, WAVELETS[:0], LOW, LOW, 2, 1, OUT), "must be wavelets"),
    ((IMAGES, WAVELETS[:, :0], LOW, LOW, 2, 1, OUT), "must be wavelets"),
    ((IMAGES, WAVELETS[:, :, :, :10], LOW, LOW[:10], 2, 1, OUT), "multiple of 2"),
    ((IMAGES, WAVELETS[:, :, :4], LOW[:4], LOW, 2, 1, OUT), "must fit into"),
    ((IMAGES[:, :, :0], WAVELETS, LOW, LOW, 2, 1, OUT), "must fit into"),
    ((IMAGES, WAVELETS, LOW, LOW, 1, 1, OUT), "room for every path"),
    ((IMAGES, WAVELETS, LOW, LOW, 2, 1, OUT[:1]), "room for every path"),
    ((IMAGES, WAVELETS, LOW, LOW, 2, 1, OUT[:, :, :, :2]), "room for every path"),
]


@needs_native
@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_sizes_that_do_not_fit_are_refused(arguments, message):
    from inkmeans.engine import _native

    arguments = [np.ascontiguousarray(a) if isinstance(a, np.ndarray) else a for a in arguments]
    with pytest.raises(ValueError, match=message):
        _native.scatter(*arguments)
