import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.utils.estimator_checks import check_estimator

from inkmeans.errors import ParameterError
from inkmeans.reduce import PrincipalComponents


def test_directions_and_variances_are_those_of_scikit_learn(rows):
    ours = PrincipalComponents(10).fit(rows)
    theirs = PCA(10, svd_solver="full").fit(rows.astype(np.float64))
    np.testing.assert_allclose(np.abs(ours.components_), np.abs(theirs.components_), atol=1e-3)
    np.testing.assert_allclose(
        ours.explained_variance_ratio_, theirs.explained_variance_ratio_, rtol=1e-5
    )


def test_blocks_of_rows_do_not_show(rows, monkeypatch):
    whole = PrincipalComponents(5).fit(rows)
    monkeypatch.setattr("inkmeans.reduce.components._BLOCK", 97)
    np.testing.assert_allclose(
        PrincipalComponents(5).fit_transform(rows), whole.transform(rows), rtol=1e-3, atol=0.1
    )


def test_uint8_rows_give_what_float_rows_give(rows):
    whole, floats = (PrincipalComponents(5).fit(r) for r in (rows, rows.astype(np.float32)))
    np.testing.assert_array_equal(whole.components_, floats.components_)


def test_rows_that_are_all_equal_have_no_variance_to_share():
    fitted = PrincipalComponents(2).fit(np.full((5, 4), 7, dtype=np.uint8))
    assert fitted.explained_variance_ratio_.tolist() == [0, 0]
    assert not fitted.transform(np.full((2, 4), 7)).any()


@pytest.mark.parametrize("n_components", [0, 5, 9])
def test_more_components_than_rows_or_columns_are_refused(n_components):
    with pytest.raises(ParameterError, match="n_components"):
        PrincipalComponents(n_components).fit(np.eye(6, 4))


def test_it_is_a_transformer_of_scikit_learn():
    check_estimator(PrincipalComponents(1))
