"""Second clusters and confidence: from means, and from a recogniser itself."""

from dataclasses import replace

import numpy as np
import pytest

import inkmeans
from inkmeans.explore.measuring import describe, find_doubt
from inkmeans.explore.models import find_model
from inkmeans.explore.pipeline import fit_clusters
from inkmeans.explore.settings import RunSettings
from inkmeans.explore.straighten import straighten

MNIST = inkmeans.load("mnist")
PART = replace(MNIST, images=MNIST.images[:5000], labels=MNIST.labels[:5000], n_train=4000)
ROWS = straighten(PART.images)


@pytest.fixture(scope="module")
def fast():
    return fit_clusters(PART, ROWS, RunSettings.read({"preset": "fast"}))


def measured(found):
    return describe(PART.images, ROWS, found.assigned, found.n_clusters, doubt=found.doubt)


def test_a_recogniser_tells_the_doubt_of_training_and_test_images(fast):
    recognizer, n = fast.model, PART.n_train
    new = recognizer.decision_function(PART.images[n:])
    scores = np.concatenate([recognizer.scores_, new])
    labels = [recognizer.labels_, recognizer.assign(PART.images[n:])]
    np.testing.assert_array_equal(fast.assigned, np.concatenate(labels))
    found, places = measured(fast), np.arange(len(PART.images))
    assert found.told
    mine = scores[places, fast.assigned]
    others = np.where(np.arange(10) == fast.assigned[:, None], -np.inf, scores)
    np.testing.assert_array_equal(found.second, others.argmax(axis=1))
    expected = np.clip(mine - others.max(axis=1), 0, 1)
    np.testing.assert_allclose(found.confidence, expected, atol=1e-6)


def test_distances_are_those_to_the_means_in_every_run(fast):
    told, plain = measured(fast), measured(replace(fast, doubt=None))
    assert not plain.told
    np.testing.assert_array_equal(told.distance, plain.distance)
    np.testing.assert_array_equal(told.means, plain.means)


def test_mistakes_are_among_what_the_recogniser_doubts_and_less_so_in_distances(fast):
    def mistakes(found):
        order = np.argsort(found.confidence, kind="stable")
        return wrong[order[:100]].sum(), wrong[order[-2500:]].mean()

    true = np.array([np.bincount(PART.labels[fast.assigned == c]).argmax() for c in range(10)])
    wrong = true[fast.assigned] != PART.labels
    doubted, sure = mistakes(measured(fast))
    assert doubted > 20
    assert sure < 0.005
    assert doubted > 2 * mistakes(measured(replace(fast, doubt=None)))[0]


def test_runs_of_k_means_are_measured_from_means():
    found = fit_clusters(PART, ROWS, RunSettings.read({"features": "pixels", "n_clusters": 6}))
    assert found.doubt is None
    arrays = measured(found)
    assert not arrays.told
    far = np.square(ROWS[::50, None] - arrays.means[None], dtype=float).sum(axis=2)
    places, own = np.arange(len(far)), arrays.assigned[::50]
    mine = far[places, own]
    far[places, own] = np.inf
    np.testing.assert_array_equal(arrays.second[::50], far.argmin(axis=1))
    expected = np.clip(1 - mine / far.min(axis=1), 0, 1)
    np.testing.assert_allclose(arrays.confidence[::50], expected, atol=1e-5)


def test_an_empty_cluster_is_nobodys_second():
    scores = np.array([[1.0, 0.9, 0.2], [0.1, 0.9, 0.8]])
    assert find_doubt([scores], np.array([0, 2])).second.tolist() == [2, 0]
    alone = find_doubt([scores], np.array([0, 0]))
    assert alone.second.tolist() == [65535] * 2
    assert alone.confidence.tolist() == [1, 1]


def test_where_the_model_is_lost_means_share_a_drawing_out(session):
    data = session.workspace.opened()
    data.files.model(data.run(1).key).unlink()
    assert find_model(data, 1) is None
    content = data.images[0].tobytes()
    answer = session.post("/api/recognize?width=8&height=8&run=1", content=content).json()
    shares = [one["share"] for one in answer["clusters"]]
    assert shares[0] > 2 * shares[1]
