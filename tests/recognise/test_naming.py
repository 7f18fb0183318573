"""Names of clusters, from a mapping or by the votes of labelled images."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkmeans.errors import DataError, ParameterError
from inkmeans.recognise.naming import name_by_votes

CLUSTERS = [0, 0, 0, 1, 1, 2]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=30))
def test_votes_are_those_counted_one_by_one(images):
    clusters, labels = np.array(images).T
    named = name_by_votes(clusters, 5, (np.arange(len(images)), labels))
    for cluster in range(5):
        votes = Counter(label for own, label in images if own == cluster)
        most = [label for label, count in votes.items() if count == max(votes.values())]
        assert named[cluster] == (min(most) if most else None)


def test_names_may_be_strings():
    assert name_by_votes(CLUSTERS, 3, ([0, 1, 2, 5], ["b", "a", "b", "c"])) == ["b", None, "c"]
    assert name_by_votes(CLUSTERS, 3, {np.int64(1): "one"}) == [None, "one", None]


def test_numpy_names_become_plain_ones():
    (name, *_) = name_by_votes(CLUSTERS, 3, {0: np.uint8(7)})
    assert type(name) is int
    assert type(name_by_votes(CLUSTERS, 3, ([0], np.array(["x"])))[0]) is str


def test_a_heavier_label_outvotes_two():
    pair = ([0, 1, 2], [4, 4, 9])
    assert name_by_votes(CLUSTERS, 3, pair)[0] == 4
    assert name_by_votes(CLUSTERS, 3, pair, [1, 1, 3])[0] == 9


@pytest.mark.parametrize("names", [{3: 1}, {-1: 1}, {"0": 1}, {True: 1}, {0: 1.5}, {0: None}, 7])
def test_clusters_and_names_that_make_no_sense(names):
    with pytest.raises(ParameterError):
        name_by_votes(CLUSTERS, 3, names)


@pytest.mark.parametrize("place", [-1, 6])
def test_images_that_do_not_exist(place):
    with pytest.raises(ParameterError, match=f"no image {place}"):
        name_by_votes(CLUSTERS, 3, ([place], [1]))


@pytest.mark.parametrize(
    "pair",
    [
        ([0, 1], [1]),
        ([0.0], [1]),
        ([0], [1.0]),
        ([0, 3], [1, "one"]),
        ([0, 0], [1, 2]),
    ],
)
def test_labels_that_do_not_fit(pair):
    with pytest.raises(DataError):
        name_by_votes(CLUSTERS, 3, pair)


def test_a_mixture_of_names_is_refused():
    with pytest.raises(DataError, match="mix"):
        name_by_votes(CLUSTERS, 3, {0: 1, 1: "one"})


@pytest.mark.parametrize("labels", [[0, 3], [-1, 0], [0.5], [[0]]])
def test_clusters_that_are_none(labels):
    with pytest.raises(DataError):
        name_by_votes(labels, 3, {0: 1})


@pytest.mark.parametrize("weights", [[1], [1, -1], [1, np.nan]])
def test_weights_that_do_not_fit(weights):
    with pytest.raises(DataError, match="weight"):
        name_by_votes(CLUSTERS, 3, ([0, 1], [1, 2]), weights)
