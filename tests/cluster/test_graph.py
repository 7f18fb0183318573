import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import kneighbors_graph

from inkmeans.cluster.graph import average_graphs, connect_neighbors, neighbor_graph, normalized
from inkmeans.errors import DataError, ParameterError
from inkmeans.neighbors import nearest_neighbors


def slow_graph(near, apart, n_neighbors, scale_neighbor, n_overlap):
    n, m = near.shape
    dense = np.zeros((n, n))
    scale = np.maximum(apart[:, min(scale_neighbor, m) - 1], np.finfo(float).tiny)
    for i in range(n):
        for j, d in zip(near[i, :n_neighbors], apart[i, :n_neighbors], strict=True):
            weight = np.exp(-(d**2) / (scale[i] * scale[j]))
            if n_overlap:
                a, b = set(near[i, :n_overlap]), set(near[j, :n_overlap])
                weight *= (len(a & b) + 1e-3) / len(a | b)
            dense[i, j] = max(dense[i, j], weight)
            dense[j, i] = max(dense[j, i], weight)
    return dense


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 8), st.integers(1, 9), st.integers(0, 8))
def test_weights_are_those_of_the_definition(seed, n_neighbors, scale_neighbor, n_overlap):
    rows = np.random.default_rng(seed).normal(size=(25, 3)).astype(np.float32)
    near, apart = nearest_neighbors(rows, 8, exclude_self=True)
    options = {
        "n_neighbors": n_neighbors, "scale_neighbor": scale_neighbor, "n_overlap": n_overlap,
    }  # fmt: skip
    found = neighbor_graph(near, apart, **options)
    expected = slow_graph(near, np.asarray(apart, dtype=np.float64), **options)
    np.testing.assert_allclose(found.toarray(), expected, rtol=1e-9, atol=1e-12)
    assert found.diagonal().max() == 0


def test_equal_rows_are_linked_fully_and_others_hardly():
    near = np.array([[1, 2], [0, 2], [0, 1]])
    apart = np.array([[0.0, 3.0], [0.0, 3.0], [3.0, 3.0]])
    graph = neighbor_graph(near, apart, scale_neighbor=1, n_overlap=0).toarray()
    assert graph[0, 1] == 1
    assert graph[0, 2] == 0
    assert np.isfinite(graph).all()


def test_normalised_graphs_have_the_constant_mode():
    graph = sp.random_array((20, 20), density=0.5, rng=np.random.default_rng(0), format="csr")
    graph = sp.csr_matrix(graph + graph.T)
    found = normalized(graph)
    roots = np.sqrt(np.asarray(graph.sum(axis=1)).ravel())
    np.testing.assert_allclose(found @ roots, roots)
    assert np.abs(np.linalg.eigvalsh(found.toarray())).max() == pytest.approx(1)


def test_rows_without_links_stay_empty():
    graph = sp.csr_matrix(np.array([[0.0, 2, 0], [2, 0, 0], [0, 0, 0]]))
    expected = [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    np.testing.assert_allclose(normalized(graph).toarray(), expected)


def test_graphs_of_any_scale_count_alike():
    one = sp.csr_matrix(np.array([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    other = sp.csr_matrix(np.array([[0.0, 0, 1], [0, 0, 1], [1, 1, 0]]))
    np.testing.assert_allclose(
        average_graphs([one, other]).toarray(), average_graphs([one * 1000, other]).toarray()
    )
    with pytest.raises(ParameterError, match="no graph"):
        average_graphs([])


def test_what_does_not_fit_together_is_refused():
    with pytest.raises(DataError, match="shape"):
        neighbor_graph([[1], [0]], [[1.0, 2.0], [1.0, 2.0]])
    with pytest.raises(ParameterError, match="at least one neighbour"):
        neighbor_graph([[1], [0]], [[1.0], [1.0]], n_neighbors=0)


def test_plain_links_are_those_of_scikit_learn_both_ways():
    rows = np.random.default_rng(0).normal(size=(80, 3))
    theirs = kneighbors_graph(rows, 4)
    np.testing.assert_array_equal(
        connect_neighbors(rows, 4).toarray(), theirs.maximum(theirs.T).toarray()
    )


def test_few_rows_are_linked_to_the_neighbours_that_there_are():
    assert connect_neighbors(np.eye(3), 10).toarray().tolist() == (1 - np.eye(3)).tolist()
    assert connect_neighbors(np.zeros((1, 2)), 10).shape == (1, 1)
