"""Eigenvalues of the graph of neighbours, against the dense definition."""

import numpy as np
import pytest

import inkmeans
from inkmeans.experiment.suggestion.eigengap import laplacian_eigenvalues


def by_definition(rows):
    """All eigenvalues of I - D^-1/2 W D^-1/2, with W as the docstring says it."""
    n = len(rows)
    distances = np.sqrt(((rows[:, None] - rows[None]) ** 2).sum(axis=2))
    np.fill_diagonal(distances, np.inf)
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :10]
    scale = np.sort(distances, axis=1)[:, 6]
    weights = np.zeros((n, n))
    for i in range(n):
        for j in nearest[i]:
            weights[i, j] = weights[j, i] = np.exp(-(distances[i, j] ** 2) / scale[i] / scale[j])
    root = 1 / np.sqrt(weights.sum(axis=1))
    return np.linalg.eigvalsh(np.eye(n) - root[:, None] * weights * root)


@pytest.mark.parametrize("n", [60, 520], ids=["dense", "sparse"])
def test_eigenvalues_are_those_of_the_normalised_laplacian(n):
    images = inkmeans.load("digits").images[:n]
    rows = images.reshape(n, -1).astype(np.float32) / 255
    assert laplacian_eigenvalues(rows, 12) == pytest.approx(
        by_definition(rows.astype(float))[:12], abs=1e-5
    )


def test_separate_parts_are_counted_by_zeros():
    rng = np.random.default_rng(0)
    rows = (rng.normal(size=(700, 4)) + 100 * np.repeat(np.eye(4), 175, axis=0)).astype(np.float32)
    values = laplacian_eigenvalues(rows, 6)
    assert (values < 1e-6).sum() == 4
    assert np.diff(values).argmax() == 3


def test_equal_rows_and_few_rows_have_eigenvalues_too():
    rows = np.repeat(np.eye(3, dtype=np.float32), 40, axis=0)
    assert np.isfinite(laplacian_eigenvalues(rows, 5)).all()
    assert laplacian_eigenvalues(rows[::50], 3).shape == (3,)
