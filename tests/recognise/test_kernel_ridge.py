import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.kernel_ridge import KernelRidge

from inkmeans.recognise import kernel_ridge
from inkmeans.recognise.kernel_ridge import LandmarkKernel, LandmarkRidge


@pytest.fixture
def rows():
    return np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)


@pytest.fixture
def targets(rows):
    return np.eye(3, dtype=np.float32)[(rows[:, 0] > 0).astype(int) + (rows[:, 1] > 0)]


def test_the_kernel_is_gaussian(rows):
    kernel = LandmarkKernel(rows[:20], gamma=0.4)
    expected = np.exp(-0.4 * cdist(rows, rows[:20], "sqeuclidean"))
    np.testing.assert_allclose(kernel.compare(rows), expected, rtol=1e-4, atol=1e-6)


def test_mapped_landmarks_have_the_kernel_as_inner_products(rows):
    kernel = LandmarkKernel(rows[:20], gamma=0.4)
    mapped = kernel.map(rows[:20])
    np.testing.assert_allclose(mapped @ mapped.T, kernel.compare(rows[:20]), atol=1e-3)


def test_the_width_follows_the_median_distance(rows):
    squared = cdist(rows, rows, "sqeuclidean")[np.triu_indices(60, 1)]
    assert LandmarkKernel.scaled(rows).gamma == pytest.approx(0.3 / np.median(squared), rel=1e-3)
    assert np.isfinite(LandmarkKernel.scaled(rows[:1]).compare(rows)).all()
    assert np.isfinite(LandmarkKernel.scaled(np.zeros((5, 2), np.float32)).gamma)


def test_with_all_rows_as_landmarks_it_is_kernel_ridge_regression(rows, targets):
    ridge = LandmarkRidge(LandmarkKernel(rows, gamma=0.4), rows, penalty=0.1)
    _, inner = ridge.solve(targets)
    found = ridge.kernel.compare(rows) @ ridge.weigh(inner)
    expected = KernelRidge(alpha=0.1, kernel="rbf", gamma=0.4).fit(rows, targets).predict(rows)
    np.testing.assert_allclose(found, expected, atol=5e-3)


def test_leaving_a_row_out_equals_fitting_without_it(rows, targets):
    kernel = LandmarkKernel(rows[:25], gamma=0.4)
    left_out, _ = LandmarkRidge(kernel, rows, penalty=0.05).solve(targets)
    for place in (0, 10, 24, 25, 59):
        rest = np.delete(np.arange(60), place)
        ridge = LandmarkRidge(kernel, rows[rest], penalty=0.05)
        _, inner = ridge.solve(targets[rest])
        expected = kernel.compare(rows[place : place + 1]) @ ridge.weigh(inner)
        np.testing.assert_allclose(left_out[place], expected[0], atol=2e-3)


def test_leverages_are_the_diagonal_of_the_hat_matrix(rows):
    kernel = LandmarkKernel(rows[:25], gamma=0.4)
    mapped = kernel.map(rows).astype(np.float64)
    hat = mapped @ np.linalg.solve(mapped.T @ mapped + 0.05 * np.eye(25), mapped.T)
    found = LandmarkRidge(kernel, rows, penalty=0.05).leverage
    np.testing.assert_allclose(found, np.diag(hat), atol=1e-3)


def test_large_leverages_of_many_landmarks_are_exact(rows, monkeypatch):
    kernel = LandmarkKernel(rows[:25], gamma=0.4)
    exact = LandmarkRidge(kernel, rows, penalty=0.05).leverage
    monkeypatch.setattr(kernel_ridge, "_FEW_LANDMARKS", 10)
    rough = LandmarkRidge(kernel, rows, penalty=0.05).leverage
    large = exact > 0.4
    assert large.any()
    np.testing.assert_allclose(rough[large], exact[large], atol=1e-4)
    np.testing.assert_allclose(rough, exact, atol=0.15)
