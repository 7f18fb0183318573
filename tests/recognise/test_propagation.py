"""A label that contradicts its cluster takes its island along, and nothing else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkmeans.errors import DataError
from inkmeans.recognise.propagation import propagate

from .test_suggest import random_graph, two_clusters_and_an_island


def test_one_label_moves_the_whole_island():
    graph, labels = two_clusters_and_an_island()
    given_ = np.full(132, -1)
    given_[125] = 1
    moved = propagate(graph, labels, given_)
    assert (moved[120:] == 1).mean() > 0.9
    np.testing.assert_array_equal(moved[:120], labels[:120])


def test_a_second_label_keeps_an_island_where_it_is():
    graph, labels = two_clusters_and_an_island()
    given_ = np.full(132, -1)
    given_[[125, 130]] = 1, 0
    moved = propagate(graph, labels, given_)
    assert moved[130] == 0
    assert moved[125] == 1
    assert (moved[120:] == 1).sum() < 12


def test_a_label_deep_inside_its_cluster_goes_alone():
    graph, labels = two_clusters_and_an_island()
    given_ = np.full(132, -1)
    given_[5] = 1
    assert (propagate(graph, labels, given_) != labels).sum() == 1


def test_a_class_that_no_cluster_stands_for_gets_its_island():
    graph, labels = two_clusters_and_an_island()
    given_ = np.full(132, -1)
    given_[125] = 2
    moved = propagate(graph, labels, given_)
    assert (moved[120:] == 2).mean() > 0.9
    assert (moved[:120] < 2).all()


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(0, 40))
def test_what_is_given_holds_and_what_agrees_changes_nothing(seed, n_known):
    graph, labels = random_graph(seed)
    rng = np.random.default_rng(seed)
    given_ = np.full(40, -1)
    known = rng.choice(40, n_known, replace=False)
    given_[known] = rng.integers(0, 3, n_known)
    moved = propagate(graph, labels, given_)
    np.testing.assert_array_equal(moved[known], given_[known])
    given_[known] = labels[known]
    np.testing.assert_array_equal(propagate(graph, labels, given_), labels)


def test_arrays_must_fit_together():
    graph, labels = random_graph(0)
    for wrong in (labels[:5], labels - 2, labels.astype(float)):
        with pytest.raises(DataError):
            propagate(graph, labels, wrong)
