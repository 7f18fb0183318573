import json
from dataclasses import fields

import numpy as np
import pytest
from sklearn import metrics

from inkmeans.errors import DataError
from inkmeans.evaluate import Scores, learn_names, score_clusters

KEYS = [
    "n_images",
    "inertia",
    "homogeneity",
    "completeness",
    "v_measure",
    "ari",
    "nmi",
    "majority_accuracy",
    "matched_accuracy",
    "purity",
    "silhouette",
]


@pytest.fixture(scope="module")
def scores(clustered):
    mapping = learn_names(clustered.assignments, clustered.labels, 20, 10)
    return score_clusters(
        clustered.test_assignments,
        n_clusters=20,
        labels=clustered.test_labels,
        names=clustered.names,
        mapping=mapping,
        inertia=12.5,
    )


def test_compared_scores_are_scikit_learns(scores, clustered):
    pair = clustered.test_labels, clustered.test_assignments
    assert scores.homogeneity == metrics.homogeneity_score(*pair)
    assert scores.completeness == metrics.completeness_score(*pair)
    assert scores.v_measure == pytest.approx(metrics.v_measure_score(*pair))
    assert scores.ari == metrics.adjusted_rand_score(*pair)
    assert scores.nmi == metrics.normalized_mutual_info_score(*pair)


def test_names_come_from_the_training_images_alone(clustered):
    train, test = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1])
    mapping = learn_names(train, [3, 3, 4, 4], 2, 10)
    scores = score_clusters(test, n_clusters=2, labels=[4, 4, 3, 3], mapping=mapping)
    assert scores.majority_accuracy == 0
    assert scores.purity == 1


def test_accuracy_precision_and_recall_agree_with_scikit_learn(scores, clustered):
    majority = learn_names(clustered.assignments, clustered.labels, 20, 10).majority
    predicted, true = majority[clustered.test_assignments], clustered.test_labels
    assert scores.majority_accuracy == metrics.accuracy_score(true, predicted)
    assert scores.purity >= scores.majority_accuracy
    np.testing.assert_array_equal(scores.confusion, metrics.confusion_matrix(true, predicted))
    precision, recall, _, support = metrics.precision_recall_fscore_support(
        true, predicted, zero_division=0
    )
    assert [c.precision or 0 for c in scores.per_class] == pytest.approx(precision)
    assert [c.recall for c in scores.per_class] == pytest.approx(recall)
    assert [c.support for c in scores.per_class] == support.tolist()
    assert [c.name for c in scores.per_class] == list(clustered.names)


def test_images_in_a_cluster_without_a_name_count_as_wrong():
    mapping = learn_names([0, 0], [1, 1], n_clusters=2, n_classes=2)
    scores = score_clusters([0, 1, 1], n_clusters=2, labels=[1, 1, 1], mapping=mapping)
    assert scores.majority_accuracy == pytest.approx(1 / 3)
    assert scores.per_class[1].recall == pytest.approx(1 / 3)
    assert scores.confusion.tolist() == [[0, 0], [0, 1]]
    assert (scores.per_class[0].precision, scores.per_class[0].recall) == (None, None)


def test_a_class_that_training_never_saw_is_never_right():
    mapping = learn_names([0, 1], [0, 1], n_clusters=2, n_classes=2)
    scores = score_clusters([0, 1, 1], n_clusters=2, labels=[0, 1, 2], mapping=mapping)
    assert scores.majority_accuracy == scores.matched_accuracy == pytest.approx(2 / 3)
    assert scores.per_class[2].recall == 0


def test_matched_accuracy_only_for_one_cluster_a_class(scores):
    assert scores.matched_accuracy is None
    mapping = learn_names([0, 0, 0, 1, 1], [1, 1, 0, 1, 1], n_clusters=2, n_classes=2)
    both = score_clusters([0, 1], n_clusters=2, labels=[1, 1], mapping=mapping)
    assert (both.majority_accuracy, both.matched_accuracy) == (1, 0.5)


def test_without_labels_only_label_free_scores_remain():
    scores = score_clusters([0, 1, 1], n_clusters=2, inertia=3.0, silhouette=0.1).to_dict()
    assert {key for key, value in scores.items() if value is not None} == {
        "n_images",
        "inertia",
        "silhouette",
    }


def test_without_names_nothing_that_needs_them_is_given():
    scores = score_clusters([0, 1, 1], n_clusters=2, labels=[0, 1, 1])
    assert scores.homogeneity == pytest.approx(1)
    assert scores.majority_accuracy is scores.matched_accuracy is scores.confusion is None


def test_to_dict_is_plain_json(scores):
    record = scores.to_dict()
    assert list(record) == KEYS
    assert json.loads(json.dumps(record)) == record
    assert {type(value) for value in record.values()} <= {int, float, type(None)}


def test_every_field_says_whether_labels_were_used(scores):
    assert set(Scores.LABEL_USE) == {field.name for field in fields(Scores)}
    unlabelled = score_clusters([0, 1, 1], n_clusters=2, inertia=1.0, silhouette=0.0)
    for name, use in Scores.LABEL_USE.items():
        if use != "no labels used":
            assert getattr(unlabelled, name) in (None, ())
    assert all(v is None for v in (unlabelled.ari, unlabelled.purity))


def test_names_of_another_run_are_refused():
    mapping = learn_names([0, 1, 2], [0, 1, 1], n_clusters=3, n_classes=2)
    with pytest.raises(DataError, match="names 3 clusters, the run has 2"):
        score_clusters([0, 1], n_clusters=2, labels=[0, 1], mapping=mapping)
