import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkmeans.errors import DataError, ParameterError
from inkmeans.evaluate import (
    contingency_table,
    learn_names,
    majority_mapping,
    matched_mapping,
)

pairs = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)


def accuracy(mapping, clusters, classes):
    return np.mean([mapping[c] == label for c, label in zip(clusters, classes, strict=True)])


@given(pairs)
def test_contingency_counts_every_pair(images):
    clusters, classes = zip(*images, strict=True)
    table = contingency_table(clusters, classes, 4, 4)
    expected = [[images.count((c, label)) for label in range(4)] for c in range(4)]
    assert table.tolist() == expected


@given(pairs)
def test_no_other_mapping_beats_the_majority(images):
    clusters, classes = zip(*images, strict=True)
    best = max(
        accuracy(mapping, clusters, classes) for mapping in itertools.product(range(4), repeat=4)
    )
    assert accuracy(majority_mapping(clusters, classes, 4, 4), clusters, classes) == best


@given(pairs)
def test_no_other_permutation_beats_the_matching(images):
    clusters, classes = zip(*images, strict=True)
    matched = matched_mapping(clusters, classes, 4, 4)
    assert sorted(matched) == [0, 1, 2, 3]
    best = max(accuracy(p, clusters, classes) for p in itertools.permutations(range(4)))
    assert accuracy(matched, clusters, classes) == best


def test_majority_tie_goes_to_the_smaller_class():
    assert majority_mapping([0, 0, 0, 0], [8, 3, 3, 8], 1, 10).tolist() == [3]


def test_empty_cluster_has_no_majority():
    assert majority_mapping([1], [5], 3, 10).tolist() == [-1, 5, -1]


def test_matching_needs_as_many_clusters_as_classes():
    with pytest.raises(ParameterError, match="12 clusters cannot be matched"):
        matched_mapping([0], [0], 12, 10)
    assert learn_names([0], [0], 12, 10).matched is None


@pytest.mark.parametrize(
    ("assignments", "labels", "complaint"),
    [
        ([0, 5], [0, 0], "assignments go from 0 to 5"),
        ([0, -1], [0, 0], "assignments go from -1"),
        ([0, 1], [0], "1 labels for 2 images"),
        ([0, 1], [0, -1], "a label is -1"),
        ([0, 1], [0, 9], "a label is 9, with 3 classes"),
        ([0.5, 1], [0, 1], "type float64"),
        ([], [], "no image"),
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(assignments, labels, complaint):
    with pytest.raises(DataError, match=complaint) as caught:
        majority_mapping(assignments, labels, 3, 3)
    assert caught.value.hint


def test_no_cluster_at_all_is_refused():
    with pytest.raises(ParameterError, match="n_clusters is 0"):
        majority_mapping([0], [0], 0, 3)
