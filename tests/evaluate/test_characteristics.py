import numpy as np
import pytest

from inkmeans.errors import DataError
from inkmeans.evaluate import characterize, mean_images


@pytest.fixture(scope="module")
def described(clustered):
    return characterize(
        clustered.rows,
        clustered.centroids,
        clustered.assignments,
        labels=clustered.labels,
        n_classes=10,
        n_members=5,
        block_size=700,
    )


@pytest.fixture(scope="module")
def distances(clustered):
    rows = clustered.rows.astype(float)
    return np.array([np.linalg.norm(rows - c, axis=1) for c in clustered.centroids.astype(float)]).T


def test_size_distance_and_shares_match_a_plain_count(described, distances, clustered):
    for one in described:
        members = np.flatnonzero(clustered.assignments == one.cluster)
        assert one.size == len(members)
        assert one.mean_distance == pytest.approx(distances[members, one.cluster].mean())
        digits = clustered.labels[members]
        assert one.shares == pytest.approx([np.mean(digits == digit) for digit in range(10)])
        assert one.main_share == one.shares[one.main_class] == one.shares.max()


def test_telling_members_are_the_nearest_the_farthest_and_the_doubtful(
    described, distances, clustered
):
    for one in described:
        members = np.flatnonzero(clustered.assignments == one.cluster)
        own = distances[members, one.cluster]
        gap = np.delete(distances[members], one.cluster, axis=1).min(axis=1) - own
        assert distances[one.typical, one.cluster] == pytest.approx(np.sort(own)[:5])
        assert distances[one.worst, one.cluster] == pytest.approx(np.sort(own)[::-1][:5])
        chosen = [gap[members.tolist().index(i)] for i in one.borderline]
        assert chosen == pytest.approx(np.sort(gap)[:5], abs=0.02)


def test_block_size_does_not_change_the_result(described, clustered):
    whole = characterize(clustered.rows, clustered.centroids, clustered.assignments, n_members=5)
    for one, other in zip(described, whole, strict=True):
        assert one.mean_distance == pytest.approx(other.mean_distance, rel=1e-6)
        assert one.worst.tolist() == other.worst.tolist()


def test_known_distances_are_taken(described, distances, clustered):
    given = distances[np.arange(len(distances)), clustered.assignments]
    known = (clustered.rows, clustered.centroids, clustered.assignments)
    sizes = characterize(*known, n_members=0, distances=given)
    for one, other in zip(described, sizes, strict=True):
        assert (one.size, one.mean_distance) == (other.size, pytest.approx(other.mean_distance))
        assert not len(other.typical) + len(other.borderline) + len(other.worst)
    with pytest.raises(DataError, match="distances of the shape"):
        characterize(*known, n_members=0, distances=given[1:])


def test_empty_cluster_and_missing_labels_leave_nulls():
    full, empty = characterize([[1.0], [2.0]], [[1.5], [9.0]], [0, 0], labels=[3, 3])
    assert (full.main_class, full.main_share) == (3, 1)
    assert (empty.size, empty.mean_distance, empty.main_class) == (0, None, None)
    assert not len(empty.typical)
    unlabelled, _ = characterize([[1.0], [2.0]], [[1.5], [9.0]], [0, 0])
    assert unlabelled.counts is unlabelled.shares is unlabelled.main_share is None


def test_one_cluster_has_no_doubtful_order_but_works():
    (only,) = characterize([[1.0], [2.0]], [[1.5]], [0, 0])
    assert sorted(only.borderline) == [0, 1]


def test_rows_and_centroids_of_other_features_are_refused():
    with pytest.raises(DataError, match="rows have 2 columns, not 1"):
        characterize([[1.0, 2.0]], [[1.5]], [0])
    with pytest.raises(DataError, match="1 assignments for 2 images"):
        characterize([[1.0], [2.0]], [[1.5]], [0])


def test_mean_images_are_the_plain_means_of_the_members(clustered):
    images = clustered.rows.reshape(-1, 28, 28)
    means = mean_images(images, clustered.assignments, 21)
    for cluster in range(20):
        members = images[clustered.assignments == cluster].astype(float)
        np.testing.assert_allclose(means[cluster], members.mean(axis=0), atol=1e-3)
    assert not means[20].any()
    with pytest.raises(DataError, match="for 3000 assignments"):
        mean_images(images[:5], clustered.assignments, 20)
