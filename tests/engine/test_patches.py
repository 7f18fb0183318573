"""Patch features: the kernel against NumPy, on every instruction set."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inkmeans import engine
from inkmeans.engine.patches import PatchLayer, encode_patches, reference_patches

from .conftest import THREADS, examples, needs_native


def random_layer(rng, patch_size, channels, n_atoms, pool, *, epsilon=1.0, threshold=0.5):
    atoms = rng.normal(size=(patch_size**2 * channels, n_atoms))
    atoms /= np.linalg.norm(atoms, axis=0)
    atoms -= atoms.mean(axis=0)
    thresholds = threshold + 0.5 * rng.normal(size=n_atoms)  # some below 0: flat patches answer
    return PatchLayer(
        patch_size, pool, epsilon, atoms.astype(np.float32), thresholds.astype(np.float32)
    )


@st.composite
def problems(draw):
    height, width = draw(st.integers(1, 14)), draw(st.integers(1, 14))
    images = draw(hnp.arrays(np.uint8, (draw(st.integers(0, 3)), height, width)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    chains = []
    for _ in range(draw(st.integers(1, 2))):
        chain, shorter, channels = [], min(height, width), 1
        for _ in range(draw(st.integers(1, 3))):
            size = draw(st.integers(1, shorter))
            pool = draw(st.integers(1, shorter - size + 1))
            n_atoms = draw(st.sampled_from((1, 7, 8, 16, 17, 33)))
            chain.append(random_layer(rng, size, channels, n_atoms, pool))
            shorter, channels = pool, n_atoms
        chains.append(chain)
    return images, chains


def assert_close(found, expected):
    # Sums round by some 1e-6 of their size, and the root makes of a 1e-6 that should be 0 a 1e-3.
    np.testing.assert_allclose(np.square(found), np.square(expected), rtol=1e-3, atol=1e-3)


@needs_native
@examples(60)
@given(problems())
def test_the_kernel_gives_what_numpy_gives(simd_level, problem):
    images, chains = problem
    found, expected = encode_patches(images, chains), reference_patches(images, chains)
    assert found.shape == expected.shape
    assert_close(found, expected)


def digit_chains():
    rng = np.random.default_rng(0)
    lower = random_layer(rng, 7, 1, 20, 11, epsilon=30.0)
    return [
        [random_layer(rng, 7, 1, 70, 4, epsilon=30.0)],
        [lower, random_layer(rng, 3, 20, 40, 4, epsilon=0.1)],
    ]


@needs_native
def test_digits_are_described_as_by_numpy(simd_level, digits):
    chains = digit_chains()
    found, expected = (f(digits[:60], chains) for f in (encode_patches, reference_patches))
    assert found.shape == (60, 16 * 70 + 16 * 40)
    assert_close(found, expected)


@needs_native
def test_threads_change_no_bit(simd_level, digits):
    chains = digit_chains()
    expected = encode_patches(digits[:200], chains)
    for n_threads in THREADS:
        found = encode_patches(digits[:200], chains, n_threads=n_threads)
        np.testing.assert_array_equal(found, expected)


def test_the_reference_counts_as_loops_over_patches_do(digits):
    image = digits[5].astype(float)
    layer = random_layer(np.random.default_rng(1), 5, 1, 6, 3, epsilon=50.0)
    sums = np.zeros((3, 3, 6))
    for y, x in np.ndindex(24, 24):
        patch = image[y : y + 5, x : x + 5].ravel()
        patch = (patch - patch.mean()) / math.sqrt(patch.var() + 50)
        for atom in range(6):
            answer = sum(patch * layer.atoms[:, atom]) - layer.thresholds[atom]
            sums[y * 3 // 24, x * 3 // 24, atom] += max(0, answer)
    found = reference_patches(digits[5:6], [[layer]])
    np.testing.assert_allclose(found[0], np.sqrt(sums).ravel(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", engine.available_levels())
@pytest.mark.parametrize("grey", [0, 7, 255])
def test_patches_without_contrast_answer_by_their_thresholds_alone(name, grey):
    layer = random_layer(np.random.default_rng(2), 3, 1, 9, 2)
    images = np.full((1, 8, 8), grey, np.uint8)
    with engine.using(name):
        rows = encode_patches(images, [[layer]]).reshape(4, 9)
    expected = np.sqrt(9 * np.maximum(0, -layer.thresholds))
    np.testing.assert_allclose(rows, np.tile(expected, (4, 1)), rtol=1e-5)


IMAGES = np.zeros((2, 8, 8), np.uint8)
ATOMS, THRESHOLDS = np.zeros((9, 5), np.float32), np.zeros(5, np.float32)
REFUSED = [
    ([[PatchLayer(9, 1, 1.0, ATOMS, THRESHOLDS)]], "patches must fit"),
    ([[PatchLayer(0, 1, 1.0, ATOMS, THRESHOLDS)]], "patches must fit"),
    ([[PatchLayer(3, 7, 1.0, ATOMS, THRESHOLDS)]], "each cell must have a patch"),
    ([[PatchLayer(3, 0, 1.0, ATOMS, THRESHOLDS)]], "each cell must have a patch"),
    ([[PatchLayer(2, 1, 1.0, ATOMS, THRESHOLDS)]], "as long as patches"),
    ([[PatchLayer(3, 1, 1.0, ATOMS, THRESHOLDS[:4])]], "a threshold of each atom"),
    ([[PatchLayer(3, 1, 1.0, ATOMS[:, :0].copy(), THRESHOLDS[:0])]], "there must be an atom"),
    ([[PatchLayer(3, 1, 0.0, ATOMS, THRESHOLDS)]], "epsilon must be positive"),
    ([[]], "there must be a layer"),
    (
        [[PatchLayer(3, 4, 1.0, ATOMS, THRESHOLDS), PatchLayer(3, 2, 1.0, ATOMS, THRESHOLDS)]],
        "as long as patches",
    ),
]


@needs_native
@pytest.mark.parametrize(("chains", "message"), REFUSED)
def test_what_makes_no_sense_is_refused_by_the_kernel(chains, message):
    from inkmeans.engine import _native

    plain = [
        [(each.patch_size, each.pool, each.epsilon, each.atoms, each.thresholds) for each in chain]
        for chain in chains
    ]
    with pytest.raises(ValueError, match=message):
        _native.encode_patches(IMAGES, plain, 1)
