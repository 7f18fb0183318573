"""Islands of graphs, and the images whose labels help most, on drawn graphs and real digits."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from inkmeans.cluster.graph import neighbor_graph, normalized
from inkmeans.errors import DataError, ParameterError
from inkmeans.neighbors import nearest_neighbors
from inkmeans.recognise.islands import find_islands, reach
from inkmeans.recognise.suggest import suggest_images


def random_graph(seed, n=40, n_clusters=3):
    rng = np.random.default_rng(seed)
    weights = np.triu(rng.random((n, n)) * (rng.random((n, n)) < 0.15), 1)
    return sp.csr_matrix(weights + weights.T), rng.integers(0, n_clusters, n)


def two_clusters_and_an_island():
    """Return a graph of 60, 60 and 12 images, of which the last are in the wrong cluster."""
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1, 2], [60, 60, 12])
    same = truth[:, None] == truth
    weights = np.triu(np.where(same, rng.random(same.shape) < 0.2, 0.0), 1)
    weights[:60, 60:120] += rng.random((60, 60)) < 0.001
    weights[:60, 120:] += 0.1 * (rng.random((60, 12)) < 0.05)
    weights[60:120, 120:] += 0.1 * (rng.random((60, 12)) < 0.05)
    return sp.csr_matrix(weights + weights.T), np.where(truth == 1, 1, 0)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000))
def test_ties_of_groups_are_those_counted_link_by_link(seed):
    graph, labels = random_graph(seed)
    islands, dense = find_islands(graph, labels), graph.toarray()
    assert sorted(islands.order) == list(range(len(labels)))
    for group in range(len(islands.starts)):
        members = islands.members(group)
        assert len(np.unique(labels[members])) == 1
        rest = np.setdiff1d(np.arange(len(labels)), members)
        within = dense[np.ix_(members, members)].sum()
        outer = dense[np.ix_(members, rest)].sum(axis=0)
        abroad = outer[labels[rest] != labels[members[0]]].sum()
        total = within + outer.sum()
        assert islands.inside[group] == pytest.approx(within / total if total else 0, abs=1e-9)
        if not islands.is_cluster[group] and outer.sum():
            assert islands.foreign[group] == pytest.approx(abroad / outer.sum(), abs=1e-9)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000))
def test_groups_are_nested_and_begin_with_the_images(seed):
    graph, labels = random_graph(seed)
    islands = find_islands(graph, labels)
    assert [islands.members(g).tolist() for g in range(40)] == [[i] for i in range(40)]
    assert {frozenset(islands.members(g)) for g in np.flatnonzero(islands.is_cluster)} == {
        frozenset(np.flatnonzero(labels == k)) for k in np.unique(labels)
    }
    groups = [set(islands.members(g).tolist()) for g in range(len(islands.starts))]
    for one in groups:
        for other in groups:
            assert one <= other or other <= one or not one & other


def test_labels_speak_for_all_images_of_their_clusters_and_no_others():
    graph, labels = random_graph(1)
    islands = find_islands(graph, labels)
    known = np.array([3, 7, 8])
    told = np.isin(labels, labels[known]).sum()
    standing = np.maximum(islands.standing[known], 0.01)
    assert (reach(islands, known) / standing).sum() == pytest.approx(told)


def test_the_label_of_an_image_among_strangers_hardly_counts():
    graph = sp.lil_matrix(sp.block_diag([np.ones((6, 6)), np.ones((20, 20))]))
    graph.setdiag(0)
    labels = np.repeat([0, 1], [6, 20])
    labels[0] = 1  # all its links lead to the other cluster
    islands = find_islands(graph.tocsr(), labels)
    assert islands.standing[0] == -1
    astray, at_home = reach(islands, np.array([0, 25]))
    assert astray < 0.1
    assert at_home > 10


def test_an_island_comes_right_after_one_of_each_cluster():
    graph, labels = two_clusters_and_an_island()
    chosen = suggest_images(graph, labels, np.eye(2)[labels] * 0.5, 3)
    assert chosen[0] < 60
    assert 60 <= chosen[1] < 120
    assert chosen[2] >= 120


def test_what_is_labelled_already_is_not_asked_again():
    graph, labels = two_clusters_and_an_island()
    scores = np.eye(2)[labels] * 0.5
    first = suggest_images(graph, labels, scores, 3)
    more = suggest_images(graph, labels, scores, 4, labelled=first)
    assert not set(first) & set(more)
    assert suggest_images(graph, labels, scores, 1, labelled=first[:2])[0] >= 120


def test_all_images_can_be_asked_for_and_each_comes_once():
    graph, labels = random_graph(0)
    chosen = suggest_images(graph, labels, np.eye(3)[labels], 100)
    assert sorted(chosen) == list(range(40))
    assert chosen.dtype == np.int64


def test_images_without_links_are_no_trouble():
    labels = np.array([0, 0, 1, 1, 1])
    chosen = suggest_images(sp.csr_matrix((5, 5)), labels, np.eye(2)[labels], 5)
    assert sorted(chosen) == [0, 1, 2, 3, 4]
    assert set(labels[chosen[:2]]) == {0, 1}


def test_real_digits_give_one_of_each_cluster_first(digits):
    rows = digits.images.reshape(len(digits.images), -1).astype(np.float32)
    graph = normalized(neighbor_graph(*nearest_neighbors(rows, 15, exclude_self=True)))
    labels = digits.labels.astype(np.int64)
    labels[:40] = (labels[:40] + 1) % 10  # doubtful by their links
    chosen = suggest_images(graph, labels, np.eye(10)[labels] * 0.5, 60)
    assert sorted(labels[chosen[:10]]) == list(range(10))
    assert (chosen[:10] >= 40).all()
    assert (chosen[10:] < 40).sum() > 25


def test_what_is_asked_for_must_make_sense():
    graph, labels = random_graph(0)
    scores = np.eye(3)[labels]
    with pytest.raises(ParameterError, match="at least one"):
        suggest_images(graph, labels, scores, 0)
    with pytest.raises(ParameterError, match="no image 40"):
        suggest_images(graph, labels, scores, 1, labelled=[40])
    with pytest.raises(DataError):
        suggest_images(graph, labels, scores, 1, labelled=[0.5])


def test_arrays_must_fit_together():
    graph, labels = random_graph(0)
    scores = np.eye(3)[labels]
    for wrong in (scores[:5], scores[:, :2], scores[0], np.full_like(scores, np.nan)):
        with pytest.raises(DataError, match="scores"):
            suggest_images(graph, labels, wrong, 1)
    for wrong in (labels[:5], labels - 1, labels.astype(float)):
        with pytest.raises(DataError):
            suggest_images(graph, wrong, scores, 1)
    for wrong in (graph[:5], graph.toarray(), -graph):
        with pytest.raises(DataError):
            suggest_images(wrong, labels, scores, 1)
