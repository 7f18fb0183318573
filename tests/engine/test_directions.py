"""Directions for sketches: few, wide, orthonormal, and the same each time."""

import numpy as np
import pytest

from inkmeans.engine import reference

from .conftest import DTYPES, needs_native

pytestmark = needs_native


def choose(rows, n_directions):
    from inkmeans.engine.directions import choose_directions

    return choose_directions(rows, n_directions)


@pytest.fixture(scope="module")
def crops(digits):
    """Rows, the same less their mean, and how far they spread along their widest directions."""
    rows = np.ascontiguousarray(digits[:, 6:22, 6:22].reshape(len(digits), -1))
    values = reference.as_floats(rows) - rows.mean(axis=0)
    return rows, values, np.linalg.eigvalsh(values.T @ values)[::-1]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_directions", [15, 63, 127])
def test_they_are_orthonormal_and_hold_most_of_the_variance(simd_level, crops, dtype, n_directions):
    rows, values, possible = crops[0].astype(dtype), *crops[1:]
    basis, center = choose(rows, n_directions)
    np.testing.assert_allclose(basis @ basis.T, np.eye(n_directions), atol=1e-4)
    held = np.square(values @ basis.T).sum(axis=0)
    assert held.sum() > 0.9 * possible[:n_directions].sum()
    assert held[: n_directions // 2].sum() > 0.85 * possible[: n_directions // 2].sum()
    assert np.abs(center - rows.mean(axis=0)).max() < 40


def test_they_are_the_same_each_time(simd_level, digit_rows):
    first, second = choose(digit_rows, 31), choose(digit_rows, 31)
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_those_that_low_rank_rows_lack_are_zero(simd_level, scale):
    rng = np.random.default_rng(0)
    rows = scale * rng.normal(size=(1100, 3)) @ rng.normal(size=(3, 40))
    basis, _ = choose(rows, 15)
    lengths = np.sqrt(np.square(basis).sum(axis=1))
    assert np.isfinite(basis).all()
    np.testing.assert_allclose(lengths[:3], 1, atol=1e-4)
    assert (np.isclose(lengths, 1, atol=1e-4) | (lengths == 0)).all()


def test_rows_that_are_all_equal_have_none(simd_level):
    basis, center = choose(np.full((1100, 40), 7, dtype=np.uint8), 15)
    assert not basis.any()
    np.testing.assert_array_equal(center, np.full(40, 7.0))


def test_few_or_short_rows_are_not_sketched():
    assert choose(np.zeros((1023, 100)), 31) is None
    assert choose(np.zeros((2000, 61)), 31) is None
    assert choose(np.zeros((1024, 62)), 31) is not None
