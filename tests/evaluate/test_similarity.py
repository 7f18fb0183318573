import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from inkmeans.errors import DataError, ParameterError
from inkmeans.evaluate import confused_pairs, learn_names, link_centroids


def test_pairs_are_the_largest_of_the_confusion_matrix(clustered):
    majority = learn_names(clustered.assignments, clustered.labels, 20, 10).majority
    predicted = majority[clustered.assignments]
    pairs = confused_pairs(clustered.labels, predicted, names=clustered.names, n_pairs=4)
    table = confusion_matrix(clustered.labels, predicted)
    either = np.triu(table + table.T, 1)
    assert [pair.count for pair in pairs] == sorted(either.ravel())[::-1][:4]
    for pair in pairs:
        assert pair.more.count >= pair.less.count
        for mistake in (pair.more, pair.less):
            assert mistake.count == table[mistake.true, mistake.taken_for]
            assert mistake.support == (clustered.labels == mistake.true).sum()
            assert (clustered.labels[mistake.indices] == mistake.true).all()
            assert (predicted[mistake.indices] == mistake.taken_for).all()


def test_sentence_uses_words_for_digits_and_names_for_others():
    named = confused_pairs([0, 0], [1, 0], names=("Coat", "Shirt"))
    assert named[0].more.sentence == (
        "Coat is taken for Shirt: 1 of 2 images of Coat (50.0 %) lie in clusters named Shirt"
    )
    digits = confused_pairs([7] * 2000, [1] * 500 + [7] * 1500, names=list("0123456789"))
    assert digits[0].more.sentence == (
        "7 is taken for 1: 500 of 2,000 sevens (25.0 %) lie in clusters named 1"
    )


def test_a_direction_without_an_image_is_said_so():
    (pair,) = confused_pairs([4, 9], [9, 9])
    assert pair.less.sentence == "no image of 9 lies in a cluster named 4"


def test_perfect_clusters_have_no_confused_pair():
    assert confused_pairs([0, 1, 2], [0, 1, 2]) == ()


def test_images_without_a_predicted_class_are_in_no_pair():
    assert confused_pairs([0, 1], [-1, 1]) == ()
    with pytest.raises(DataError, match="predicted classes"):
        confused_pairs([0], [-2])


def test_the_most_alike_centroids_are_joined_first(clustered):
    centroids = clustered.centroids
    distances = np.linalg.norm(centroids[:, None] - centroids[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    tree = link_centroids(centroids)
    assert tree.shape == (19, 4)
    assert tree[0, 2] == pytest.approx(distances.min(), rel=1e-5)


def test_what_cannot_be_linked_is_refused():
    with pytest.raises(ParameterError, match="unknown linkage"):
        link_centroids([[0.0], [1.0]], "best")
    with pytest.raises(ParameterError, match="one centroid"):
        link_centroids([[0.0]])
