"""The main job on small real data: scores that can be recomputed, whatever the data lack."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

import inkmeans
from inkmeans.cluster.registry import ALGORITHMS, Algorithm
from inkmeans.datasets import Digits
from inkmeans.errors import DataError, OutputError, ParameterError
from inkmeans.experiment import RunOptions, run_and_write, run_experiment
from inkmeans.progress import Stop


@pytest.fixture(scope="module")
def small():
    digits = inkmeans.load("mnist")
    keep = np.r_[0:900, 60000:60300]
    return Digits(digits.images[keep], digits.labels[keep], digits.names, digits.source, 900)


@pytest.fixture(scope="module")
def contents(small):
    return run_experiment(RunOptions(small, clusters=(10, 30), reduce="pca:20", seed=3))


def test_each_feature_is_clustered_with_and_without_reduction(contents):
    assert [run.name for run in contents.runs] == [
        "pixels-minibatch-kmeans-10",
        "pixels-minibatch-kmeans-30",
        "pixels-pca20-minibatch-kmeans-10",
        "pixels-pca20-minibatch-kmeans-30",
        "deskewed-minibatch-kmeans-10",
        "deskewed-minibatch-kmeans-30",
        "deskewed-pca20-minibatch-kmeans-10",
        "deskewed-pca20-minibatch-kmeans-30",
    ]


def test_scores_can_be_recomputed_from_assignments_images_and_centroids(contents, small):
    train, test = small.split()
    for run in contents.runs:
        for part, assigned, scores in (
            (train, run.train_assignments, run.train),
            (test, run.test_assignments, run.test),
        ):
            rows = rows_of(contents, run, part)
            own = ((rows - run.centroids[assigned]) ** 2).sum()
            assert scores.inertia == pytest.approx(own, rel=1e-5)
            assert scores.ari == adjusted_rand_score(part.labels, assigned)
            right = run.mapping[assigned] == part.labels
            assert scores.majority_accuracy == pytest.approx(right.mean())
            assert -1 <= scores.silhouette <= 1


def rows_of(contents, run, part):
    from inkmeans.features.registry import get_feature

    feature = get_feature(run.features)
    rows = feature.scaled(feature.make().fit_transform(part.images)).astype(np.float64)
    if run.reducer is None:
        return rows
    return contents.reductions[run.space].transform(rows).astype(np.float64)


def test_images_are_with_the_nearest_centroid_on_train_and_on_test(contents, small):
    train, test = small.split()
    for run in contents.runs:
        for part, assigned in ((train, run.train_assignments), (test, run.test_assignments)):
            rows = rows_of(contents, run, part)
            distances = ((rows[:, None] - run.centroids[None]) ** 2).sum(axis=2)
            best = distances.min(axis=1)
            own = distances[np.arange(len(rows)), assigned]
            np.testing.assert_allclose(own, best, rtol=1e-4, atol=1e-4)


def test_centroid_images_are_the_mean_prepared_images(contents):
    for run in contents.runs:
        prepared = contents.images_of(run).astype(float) / 255
        for cluster in np.unique(run.train_assignments):
            mean = prepared[run.train_assignments == cluster].mean(axis=0)
            np.testing.assert_allclose(run.centroid_images[cluster], mean, atol=1e-5)


def test_characteristics_are_told_on_the_scale_of_the_centroids(contents, small):
    run = contents.runs[0]
    rows = rows_of(contents, run, small.split()[0])
    for cluster in run.characteristics:
        members = rows[run.train_assignments == cluster.cluster]
        distance = np.sqrt(((members - run.centroids[cluster.cluster]) ** 2).sum(axis=1))
        assert cluster.size == len(members)
        assert cluster.mean_distance == pytest.approx(distance.mean(), rel=1e-4)


def test_the_same_seed_gives_the_same_contents(contents, small):
    again = run_experiment(RunOptions(small, clusters=(10, 30), reduce="pca:20", seed=3))
    for first, second in zip(contents.runs, again.runs, strict=True):
        np.testing.assert_array_equal(first.train_assignments, second.train_assignments)
        assert first.train == second.train
        assert first.test == second.test
    assert again.stability == contents.stability


def test_another_seed_gives_other_clusters(contents, small):
    other = run_experiment(RunOptions(small, clusters=(10,), features=("pixels",), seed=4))
    assert (other.runs[0].train_assignments != contents.runs[0].train_assignments).any()


def test_stability_compares_five_seeds_of_the_smallest_unreduced_runs(contents):
    assert {name: s.n_runs for name, s in contents.stability.items()} == {
        "pixels-minibatch-kmeans-10": 5,
        "deskewed-minibatch-kmeans-10": 5,
    }


def test_without_labels_and_test_part_the_scores_that_need_them_are_none(small):
    images = small.images[:200]
    contents = run_experiment(RunOptions(images, clusters=(5,)))
    assert len(contents.runs) == 4
    for run in contents.runs:
        assert run.test is None
        assert run.test_assignments is None
        assert run.mapping is None
        assert run.train.majority_accuracy is None
        assert run.train.inertia > 0


def test_an_algorithm_that_cannot_assign_new_images_has_no_test_scores(small, monkeypatch):
    record = replace(ALGORITHMS["kmeans"], name="closed", predicts=False)
    monkeypatch.setitem(ALGORITHMS, "closed", record)
    options = RunOptions(small, clusters=(10,), features=("pixels",), algorithm="closed")
    (run,) = run_experiment(options).runs
    assert run.test is None
    assert run.train.majority_accuracy > 0.3


def test_an_algorithm_without_centroids_gets_the_means_of_its_clusters(small, monkeypatch):
    def ward(n_clusters, random_state):
        from sklearn.cluster import AgglomerativeClustering

        return AgglomerativeClustering(n_clusters)

    monkeypatch.setitem(ALGORITHMS, "ward", Algorithm("ward", "Ward.", ward, predicts=False))
    options = RunOptions(small, clusters=(10,), features=("pixels",), algorithm="ward")
    contents = run_experiment(options)
    (run,) = contents.runs
    rows = rows_of(contents, run, small.split()[0])
    mean = rows[run.train_assignments == 0].mean(axis=0)
    np.testing.assert_allclose(run.centroids[0], mean, atol=1e-6)


def test_too_many_images_for_an_algorithm_are_refused(small, monkeypatch):
    record = replace(ALGORITHMS["kmeans"], name="slow", max_images=899)
    monkeypatch.setitem(ALGORITHMS, "slow", record)
    with pytest.raises(ParameterError, match="900 training images are too many for slow"):
        run_experiment(RunOptions(small, algorithm="slow"))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "images", [np.zeros((12, 5, 5), np.uint8), np.full((1, 1, 1), 7, np.uint8)]
)
def test_images_without_any_difference_are_clustered_all_the_same(images):
    contents = run_experiment(RunOptions(images, clusters=(1,)))
    assert contents.runs[0].train.inertia == pytest.approx(0, abs=1e-9)


def test_progress_counts_the_clusters_that_are_done(small):
    events = []
    options = RunOptions(small, clusters=(2, 3), features=("pixels",))
    run_experiment(options, progress=events.append)
    ended = [(e.step, e.of) for e in events if e.stage == "cluster" and e.seconds is not None]
    assert ended == [(2, 5), (5, 5)]


def test_stop_ends_the_work(small):
    def stop(event):
        if event.stage == "cluster":
            raise Stop

    with pytest.raises(Stop):
        run_experiment(RunOptions(small, clusters=(2,)), progress=stop)


def test_the_output_folder_is_checked_before_the_data_are_read(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        run_and_write(RunOptions("no-such-data", out=tmp_path / "file"))
    with pytest.raises((DataError, ParameterError)):
        run_and_write(RunOptions("no-such-data", out=tmp_path / "results"))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
