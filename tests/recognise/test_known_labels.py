"""Given labels each get a cluster, also where the clusters of the images know of fewer classes."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.decomposition import PCA

from inkmeans import Recognizer
from inkmeans.cluster.spectral import cluster_graph
from inkmeans.errors import ParameterError
from inkmeans.recognise.known_labels import follow_labels, link_rows


class Given(ClusterMixin, BaseEstimator):
    """A clusterer that has its clusters already."""

    def __init__(self, labels):
        self.labels = labels

    def fit(self, X, y=None):
        self.labels_ = self.labels
        return self


def purity(clusters, digits):
    return sum(np.bincount(digits[clusters == c]).max() for c in np.unique(clusters)) / len(digits)


@pytest.fixture(scope="module")
def graph(digits):
    return link_rows(digits.images.reshape(len(digits), -1).astype(np.float32))


@pytest.fixture(scope="module")
def clusters(graph):
    """Clusters of which each is a digit mostly."""
    return cluster_graph(graph, 10, 0)[0]


@pytest.fixture(scope="module")
def merged(digits, clusters):
    """4 and 9 as one cluster, 0 in two."""
    four, nine, zero = (np.bincount(clusters[digits.labels == d]).argmax() for d in (4, 9, 0))
    out = clusters.copy()
    out[out == nine] = four
    zeros = np.flatnonzero(clusters == zero)
    first = PCA(1).fit_transform(digits.images[zeros].reshape(len(zeros), -1))[:, 0]
    out[zeros[first > np.median(first)]] = nine
    return out


def some_labels(digits, n, seed):
    chosen = np.random.default_rng(seed).choice(len(digits), n, replace=False)
    y = np.full(len(digits), -1)
    y[chosen] = digits.labels[chosen]
    return y


def check_honoured(labels, known, y):
    """Each label's images are in clusters that have images of no other label."""
    places = np.flatnonzero(y >= 0)
    np.testing.assert_array_equal(labels[places], known[places])
    assert (known[y < 0] == -1).all()
    classes_of = {}
    for cluster, name in zip(labels[places].tolist(), y[places].tolist(), strict=True):
        assert classes_of.setdefault(cluster, name) == name
    assert set(classes_of.values()) == set(y[places].tolist())


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n", [10, 60, 400])
def test_every_label_has_a_cluster_and_every_labelled_image_is_there(
    graph, digits, merged, n, seed
):
    y = some_labels(digits, n, seed)
    check_honoured(*follow_labels(graph, merged, y, 10), y)


@pytest.mark.parametrize("seed", range(3))
def test_a_class_splits_from_the_one_that_it_shares(graph, digits, clusters, merged, seed):
    y = some_labels(digits, 60, seed)
    labels, _ = follow_labels(graph, merged, y, 10)
    assert purity(merged, digits.labels) < purity(clusters, digits.labels) - 0.05
    assert purity(labels, digits.labels) > purity(merged, digits.labels) + 0.05
    nine = np.bincount(labels[digits.labels == 9]).argmax()
    assert np.bincount(digits.labels[labels == nine]).argmax() == 9


def test_a_class_takes_its_own_cluster_although_its_only_label_is_elsewhere(
    graph, digits, clusters
):
    """A nine among the clusters of others; no label is in the cluster of nines."""
    nine = np.bincount(clusters[digits.labels == 9]).argmax()
    y = np.full(len(digits), -1)
    for digit in range(9):
        home = np.bincount(clusters[digits.labels == digit]).argmax()
        y[np.flatnonzero((digits.labels == digit) & (clusters == home))[:5]] = digit
    strays = np.flatnonzero((digits.labels == 9) & (clusters != nine))[::3]
    assert len(strays) > 3
    for stray in strays:
        one = y.copy()
        one[stray] = 9
        labels, known = follow_labels(graph, clusters, one, 10)
        check_honoured(labels, known, one)
        assert known[stray] == nine
        assert purity(labels, digits.labels) > purity(clusters, digits.labels) - 0.01


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_labels_are_honoured_where_there_are_as_many_clusters(data):
    n = data.draw(st.integers(1, 14))
    n_clusters = data.draw(st.integers(1, 5))
    labels = np.array(data.draw(st.lists(st.integers(0, n_clusters - 1), min_size=n, max_size=n)))
    y = np.array(data.draw(st.lists(st.integers(-1, 6), min_size=n, max_size=n)))
    rows = np.random.default_rng(data.draw(st.integers(0, 99))).integers(0, 5, (n, 2))
    links = link_rows(rows.astype(np.float32))
    if data.draw(st.booleans()):
        links = sp.csr_matrix((n, n))  # nobody leans to anybody
    n_classes = len(np.unique(y[y >= 0]))
    if n_classes > n_clusters:
        with pytest.raises(ParameterError, match=f"ask for {n_classes} clusters or more"):
            follow_labels(links, labels, y, n_clusters)
        return
    corrected, known = follow_labels(links, labels, y, n_clusters)
    check_honoured(corrected, known, y)
    assert corrected.min() >= 0
    assert corrected.max() < n_clusters


@pytest.mark.parametrize("own_clusters", [True, False])
def test_a_recogniser_knows_every_class_that_it_was_given(digits, merged, own_clusters):
    y = some_labels(digits, 80, 1)
    clusterer = Given(merged) if own_clusters else None
    taught = Recognizer(10, "fast", clusterer=clusterer, random_state=0).fit(digits.images, y)
    assert sorted(taught.names_) == list(range(10))
    names = np.array(taught.names_)[taught.labels_]
    np.testing.assert_array_equal(names[y >= 0], y[y >= 0])
    right = taught.predict(digits.images) == digits.labels
    assert right.mean() > 0.85
    assert right[digits.labels == 9].mean() > 0.7


def test_more_classes_than_clusters_are_refused_at_once(digits):
    with pytest.raises(ParameterError, match="10 different labels for 9 clusters; ask for 10"):
        Recognizer(9, "fast").fit(digits.images, digits.labels)
