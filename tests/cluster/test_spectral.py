import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.cluster import SpectralClustering as Twin
from sklearn.metrics import adjusted_rand_score

from inkmeans.cluster import SpectralClustering
from inkmeans.cluster.graph import neighbor_graph, normalized
from inkmeans.cluster.spectral import cluster_graph, spectral_embedding
from inkmeans.errors import ParameterError
from inkmeans.neighbors import nearest_neighbors


@pytest.fixture(scope="module")
def rings():
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, 600)
    radius = np.repeat([1.0, 3.0], 300) + rng.normal(scale=0.1, size=600)
    return np.c_[radius * np.cos(angle), radius * np.sin(angle)], np.repeat([0, 1], 300)


def graph_of(rows):
    return normalized(neighbor_graph(*nearest_neighbors(rows, 15, exclude_self=True)))


def test_rings_are_told_apart_as_by_the_twin(rings):
    rows, truth = rings
    found = SpectralClustering(2, random_state=0).fit(rows)
    assert adjusted_rand_score(truth, found.labels_) == 1
    graph = neighbor_graph(*nearest_neighbors(rows, 15, exclude_self=True))
    twin = Twin(2, affinity="precomputed", random_state=0).fit(graph.toarray())
    assert adjusted_rand_score(twin.labels_, found.labels_) == 1


def test_new_rows_follow_their_neighbours(rings):
    rows, _ = rings
    found = SpectralClustering(2, random_state=0).fit(rows)
    assert (found.predict(rows * 1.02) == found.labels_).mean() > 0.99
    assert found.predict(rows[:3]).dtype == np.int32


@pytest.mark.parametrize("n", [100, 900])
def test_modes_are_the_eigenvectors_of_the_laplacian(n):
    rows = np.random.default_rng(1).normal(size=(n, 3)).astype(np.float32)
    graph = graph_of(rows)
    values, modes = spectral_embedding(graph, 4, random_state=0)
    laplacian = np.eye(n) - graph.toarray()
    np.testing.assert_allclose(values, np.linalg.eigvalsh(laplacian)[:4], atol=1e-4)
    np.testing.assert_allclose(laplacian @ modes, modes * values, atol=1e-2)
    np.testing.assert_allclose(modes.T @ modes, np.eye(4), atol=1e-6)


def test_the_gap_of_eigenvalues_tells_the_number_of_pieces():
    parts = sp.block_diag([np.ones((20, 20)) - np.eye(20)] * 4)
    labels, values = cluster_graph(normalized(sp.csr_matrix(parts)), 4, random_state=0)
    assert values[3] < 1e-9
    assert values[4] > 0.5
    assert adjusted_rand_score(np.repeat(range(4), 20), labels) == 1


def test_the_same_seed_gives_the_same_clusters(rings):
    one, same = (SpectralClustering(5, random_state=2).fit(rings[0]).labels_ for _ in range(2))
    np.testing.assert_array_equal(one, same)


def test_one_row_and_equal_rows_are_one_cluster():
    assert SpectralClustering(1).fit(np.ones((1, 2))).labels_.tolist() == [0]
    found = SpectralClustering(3).fit(np.ones((8, 2)))
    assert found.labels_.tolist() == [0] * 8
    assert found.predict(np.ones((2, 2))).tolist() == [0, 0]


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ParameterError, match="n_clusters"):
        SpectralClustering(4).fit(np.eye(3))
    with pytest.raises(ParameterError, match="n_neighbors"):
        SpectralClustering(2, n_neighbors=0).fit(np.eye(3))
