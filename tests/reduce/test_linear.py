import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import Isomap
from sklearn.random_projection import SparseRandomProjection

from inkmeans.errors import ParameterError
from inkmeans.reduce import REDUCERS, PrincipalComponents, get_reducer, linear_map
from inkmeans.reduce.factorization import NonNegativeFactors

linear = pytest.mark.parametrize("name", [n for n, r in REDUCERS.items() if r.linear])


@linear
def test_the_map_gives_what_the_reducer_gives(name, rows):
    scaled = rows / np.float32(255)
    fitted = get_reducer(name).make(6, 0).fit(scaled)
    found = linear_map(fitted)
    assert found.components.shape == (6, 196)
    np.testing.assert_allclose(found.transform(scaled), fitted.transform(scaled), atol=1e-4)


@linear
def test_back_and_forth_in_the_reduced_space_changes_nothing(name, rows):
    scaled = rows / np.float32(255)
    found = linear_map(get_reducer(name).make(6, 0).fit(scaled))
    reduced = found.transform(scaled[:20])
    again = found.transform(found.inverse_transform(reduced))
    np.testing.assert_allclose(again, reduced, atol=1e-3)


def test_pca_brought_back_is_scikit_learns_inverse(rows):
    scaled = rows / np.float32(255)
    fitted = PCA(9).fit(scaled)
    reduced = fitted.transform(scaled[:20])
    np.testing.assert_allclose(
        linear_map(fitted).inverse_transform(reduced),
        fitted.inverse_transform(reduced),
        atol=1e-4,
    )


def test_sparse_projections_are_taken(rows):
    fitted = SparseRandomProjection(4, random_state=0, dense_output=True).fit(rows.astype(float))
    np.testing.assert_allclose(
        linear_map(fitted).transform(rows),
        fitted.transform(rows.astype(float)),
        rtol=1e-3,
        atol=0.1,
    )


@pytest.mark.parametrize("whiten", [0.5, 1.0])
def test_whitened_components_are_taken(whiten, rows):
    fitted = PrincipalComponents(6, whiten=whiten).fit(rows)
    np.testing.assert_allclose(
        linear_map(fitted).transform(rows), fitted.transform(rows), rtol=1e-3, atol=1e-3
    )


@pytest.mark.parametrize(
    "reducer",
    [PCA(2), PCA(2, whiten=True).fit(np.eye(5)), Isomap(), NonNegativeFactors(2).fit(np.eye(5))],
)
def test_what_is_not_linear_or_not_fitted_is_refused(reducer):
    with pytest.raises(ParameterError, match="no fitted linear reducer"):
        linear_map(reducer)
