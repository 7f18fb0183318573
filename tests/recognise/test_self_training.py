import numpy as np
import pytest

from inkmeans.recognise.self_training import SelfTraining, Teacher, choose_landmarks

FEW = SelfTraining(n_landmarks=60)


@pytest.fixture
def groups():
    """Three clouds in four dimensions, and where each row is from."""
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 60).astype(np.int32)
    rows = 4 * np.eye(4)[labels] + rng.normal(size=(180, 4))
    return rows.astype(np.float32), labels


def teach(views, labels, options, *, neighbors=None, **how):
    teacher = Teacher(views, labels, options, neighbors=neighbors, random_state=0)
    return teacher.teach(labels, **how)


def flip(labels, n, seed=1):
    rng = np.random.default_rng(seed)
    wrong = labels.copy()
    places = rng.choice(len(labels), n, replace=False)
    wrong[places] = (wrong[places] + rng.integers(1, 3, n)) % 3
    return wrong


def test_wrong_labels_are_corrected(groups):
    rows, labels = groups
    wrong = flip(labels, 30)
    taught = teach([rows], wrong, FEW)
    assert (taught.labels == labels).mean() > 0.97 > (wrong == labels).mean()
    assert taught.labels.dtype == np.int32


def test_two_views_are_averaged(groups):
    rows, labels = groups
    views = [rows[:, :2].copy(), rows[:, 2:].copy()]
    taught = teach(views, labels, FEW)
    scores = [
        kernel.compare(view) @ weights
        for kernel, weights, view in zip(taught.kernels, taught.weights, views, strict=True)
    ]
    assert (np.mean(scores, axis=0).argmax(axis=1) == labels).mean() > 0.95
    assert [len(kernel.landmarks) for kernel in taught.kernels] == [len(taught.landmarks)] * 2


def test_given_labels_never_change(groups):
    rows, labels = groups
    given = np.full(180, -1, dtype=np.int32)
    given[:5] = 2  # against all evidence
    taught = teach([rows], labels, FEW, given=given)
    assert taught.labels[:5].tolist() == [2] * 5
    assert (taught.labels[5:] == labels[5:]).mean() > 0.95


def test_neighbours_vote(groups):
    rows, labels = groups
    noise = np.random.default_rng(2).normal(size=rows.shape).astype(np.float32)
    wrong = flip(labels, 20)
    near = np.array([[j for j in np.flatnonzero(labels == c) if j != i][:10]
                     for i, c in enumerate(labels)], dtype=np.int32)  # fmt: skip
    alone = teach([noise], wrong, SelfTraining(n_landmarks=60, n_rounds=1))
    heard = teach(
        [noise],
        wrong,
        SelfTraining(n_landmarks=60, n_rounds=1, vote=5.0, n_votes=10),
        neighbors=near,
    )
    assert (heard.labels == labels).mean() > 0.9 > (alone.labels == labels).mean()


def test_no_cluster_is_lost():
    rows = np.zeros((20, 2), dtype=np.float32)
    labels = np.array([0] * 15 + [1] * 5, dtype=np.int32)
    taught = teach([rows], labels, FEW)
    assert set(taught.labels.tolist()) == {0, 1}


def test_rounds_are_told_and_end_when_nothing_changes(groups):
    rows, labels = groups
    told = []
    teach([rows], flip(labels, 30), FEW, callback=told.append)
    changed = [event.changed for event in told]
    assert changed[0] >= 20
    assert len(changed) <= FEW.n_rounds


def test_the_same_seed_gives_the_same_landmarks(groups):
    rows, labels = groups
    one, same, other = (
        choose_landmarks([rows], labels, FEW, np.random.default_rng(seed)) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_landmarks_are_sorted_different_and_as_many_as_wanted_at_most(groups):
    rows, labels = groups
    chosen = choose_landmarks([rows], labels, FEW, np.random.default_rng(0))
    assert (np.diff(chosen) > 0).all()
    assert 20 < len(chosen) <= 60
    everything = choose_landmarks([rows[:9]], labels[:9], FEW, np.random.default_rng(0))
    assert everything.tolist() == list(range(9))
