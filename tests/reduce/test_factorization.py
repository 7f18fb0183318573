"""Non-negative factors: scikit-learn's NMF is the twin."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import NMF
from sklearn.utils.estimator_checks import check_estimator

from inkmeans.errors import DataError, ParameterError
from inkmeans.reduce.factorization import NonNegativeFactors


def lost(rows, amounts, parts):
    return np.linalg.norm(rows - amounts @ parts) / np.linalg.norm(rows)


def test_images_are_rebuilt_as_well_as_by_scikit_learn(rows):
    ours = NonNegativeFactors(10, random_state=0).fit(rows)
    scaled = rows.astype(np.float32) / 255
    theirs = NMF(10, init="nndsvda", max_iter=300, random_state=0).fit(scaled)
    assert lost(rows, ours.transform(rows), ours.components_) < 1.01 * lost(
        scaled, theirs.transform(scaled), theirs.components_
    )
    assert (ours.components_ >= 0).all()
    assert (ours.transform(rows) >= 0).all()


def test_amounts_are_those_of_non_negative_least_squares(rows):
    from scipy.optimize import nnls

    fitted = NonNegativeFactors(10, random_state=0).fit(rows)
    found = fitted.transform(rows[:20])
    exact = np.array([nnls(fitted.components_.T.astype(float), row)[0] for row in rows[:20]])
    assert lost(rows[:20], found, fitted.components_) == pytest.approx(
        lost(rows[:20], exact, fitted.components_), rel=1e-3
    )


def test_a_row_consists_of_the_same_whatever_is_beside_it(rows, monkeypatch):
    fitted = NonNegativeFactors(6, random_state=0).fit(rows)
    whole = fitted.transform(rows)
    np.testing.assert_allclose(fitted.transform(rows[33:34]), whole[33:34], atol=1e-5)
    monkeypatch.setattr("inkmeans.reduce.factorization._BLOCK", 97)
    np.testing.assert_allclose(fitted.transform(rows), whole, atol=1e-5)


def test_parts_of_a_sample_serve_all_rows(rows, monkeypatch):
    full = NonNegativeFactors(8, random_state=0).fit(rows)
    monkeypatch.setattr("inkmeans.reduce.factorization._SAMPLE", 500)
    part = NonNegativeFactors(8, random_state=0).fit(rows)
    assert lost(rows, part.transform(rows), part.components_) < 1.05 * lost(
        rows, full.transform(rows), full.components_
    )


@settings(deadline=None, max_examples=25)
@given(n=st.integers(2, 30), d=st.integers(1, 9), seed=st.integers(0, 99), top=st.integers(0, 255))
def test_any_bytes_have_finite_parts(n, d, seed, top):
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, top + 1, (n, d), dtype=np.uint8)
    factors = NonNegativeFactors(int(rng.integers(1, min(n, d) + 1)), random_state=0)
    amounts = factors.fit_transform(rows)
    assert amounts.shape == (n, factors.n_components)
    assert np.isfinite(amounts).all()
    assert np.isfinite(factors.components_).all()


def test_negative_numbers_are_refused_with_what_to_do():
    with pytest.raises(DataError, match=r"Negative values .* another reducer"):
        NonNegativeFactors(1).fit(-np.eye(3))


@pytest.mark.parametrize("n_components", [0, 5])
def test_more_parts_than_rows_or_columns_are_refused(n_components):
    with pytest.raises(ParameterError, match=r"n_components is .* from 1 to 4"):
        NonNegativeFactors(n_components).fit(np.eye(6, 4))


def test_it_is_a_transformer_of_scikit_learn():
    check_estimator(NonNegativeFactors(1, random_state=0))
