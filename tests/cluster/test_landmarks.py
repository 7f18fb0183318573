"""Landmarks: all rows where they are few, a sample and its followers where they are many."""

import numpy as np
import pytest
from sklearn.cluster import DBSCAN
from sklearn.metrics import adjusted_rand_score

from inkmeans.cluster import GaussianMixture, LandmarkClusterer, Ward
from inkmeans.errors import ParameterError


def test_few_rows_are_clustered_as_they_are(small_digits):
    rows, _ = small_digits
    fitted = LandmarkClusterer(Ward(10), n_landmarks=len(rows)).fit(rows)
    assert fitted.n_landmarks_ == len(rows)
    np.testing.assert_array_equal(fitted.labels_, Ward(10).fit_predict(rows))
    np.testing.assert_array_equal(fitted.predict(rows), fitted.labels_)


@pytest.mark.parametrize("landmarks", ["random", "k-means"])
def test_the_others_follow_nearly_as_if_all_had_been_clustered(small_digits, landmarks):
    rows, digits = small_digits
    fitted = LandmarkClusterer(Ward(10), n_landmarks=600, landmarks=landmarks, random_state=0)
    labels = fitted.fit_predict(rows)
    assert fitted.landmarks_.shape == (600, 64)
    assert adjusted_rand_score(digits, labels) > 0.65
    np.testing.assert_array_equal(fitted.predict(fitted.landmarks_), fitted.landmark_labels_)


def test_a_row_goes_with_most_of_its_neighbours_counted_by_their_nearness(small_digits):
    rows, _ = small_digits
    fitted = LandmarkClusterer(Ward(10), n_landmarks=300, random_state=1).fit(rows)
    landmarks, labels = fitted.landmarks_.astype(float), fitted.landmark_labels_
    for row, label in zip(rows[:200].astype(float), fitted.labels_[:200], strict=True):
        distances = np.sqrt(((landmarks - row) ** 2).sum(axis=1))
        nearest = np.argsort(distances, kind="stable")[:5]
        with np.errstate(divide="ignore"):
            votes = np.bincount(labels[nearest], weights=1 / distances[nearest])
        assert label == votes.argmax()


def test_a_clusterer_that_predicts_is_asked_itself(small_digits):
    rows, _ = small_digits
    fitted = LandmarkClusterer(GaussianMixture(10, random_state=0), n_landmarks=500, random_state=0)
    fitted.fit(rows)
    np.testing.assert_array_equal(fitted.labels_, fitted.clusterer_.predict(rows))


def test_noise_is_one_of_the_answers():
    rows = np.concatenate([np.zeros((50, 2)), np.arange(20, 120, 10)[:, None] * np.ones(2)])
    fitted = LandmarkClusterer(DBSCAN(eps=1.0), n_neighbors=1).fit(rows)
    assert fitted.predict([[0.1, 0.0], [51.0, 50.0]]).tolist() == [0, -1]


def test_the_seed_decides_the_landmarks(small_digits):
    rows, _ = small_digits
    drawn = [
        LandmarkClusterer(Ward(3), n_landmarks=50, random_state=seed).fit(rows).landmarks_
        for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert (drawn[0] != drawn[2]).any()


def test_parameters_that_make_no_sense_are_refused():
    for parameters in ({"n_landmarks": 0}, {"n_neighbors": 0}, {"landmarks": "best"}):
        with pytest.raises(ParameterError, match=next(iter(parameters))):
            LandmarkClusterer(Ward(2), **parameters).fit(np.eye(9))
