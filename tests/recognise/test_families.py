import numpy as np
import scipy.sparse as sp

from inkmeans.recognise.families import find_families, pick_clusters


def rings(n_rings, n_parts):
    """Rings of parts, each part tied to the next of its ring, rings hardly tied at all."""
    n = n_rings * n_parts
    graph = sp.lil_matrix((n, n))
    for ring in range(n_rings):
        for part in range(n_parts):
            here, there = ring * n_parts + part, ring * n_parts + (part + 1) % n_parts
            graph[here, there] = graph[there, here] = 1
    for ring in range(n_rings - 1):
        here, there = ring * n_parts, (ring + 1) * n_parts
        graph[here, there] = graph[there, here] = 0.001
    return graph.tocsr()


def test_few_clusters_are_each_their_own_family():
    families = find_families(rings(2, 16), np.arange(32), 32)
    assert families.tolist() == list(range(32))


def test_parts_of_one_cluster_are_one_family():
    families = find_families(rings(5, 8), np.arange(40), 40).reshape(5, 8)
    assert (families == families[:, :1]).all()
    assert len(np.unique(families)) == 5


def test_a_cluster_without_images_has_a_family_too():
    labels = np.arange(40)
    labels[7] = 6
    families = find_families(rings(5, 8), labels, 40)
    assert families.shape == (40,)
    assert 0 <= families.min() <= families.max() < 40


def test_parts_win_together_and_the_best_of_them_is_picked():
    scores = np.array([[0.2, 0.3, 0.4, 0.0], [0.1, 0.1, 0.4, 0.1]])
    assert pick_clusters(scores, np.array([0, 0, 1, 1])).tolist() == [1, 2]
    assert pick_clusters(scores, np.arange(4)).tolist() == [2, 2]
    assert pick_clusters(scores[:0], np.array([0, 0, 1, 1])).shape == (0,)
