"""What a process does, done here in this one."""

import json

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.metrics import adjusted_rand_score

from inkmeans.cluster.registry import ALGORITHMS, Algorithm
from inkmeans.experiment.comparison.work import do_task, peak_memory, seeded
from inkmeans.prepare import FlattenImages


@pytest.fixture
def do(small, tmp_path):
    np.save(tmp_path / "images.npy", small.images)
    np.save(tmp_path / "labels.npy", small.labels)

    def run(**task):
        complete = {
            "folder": str(tmp_path), "result": str(tmp_path / "result.json"),
            "n_train": small.n_train, "class_names": list(small.names), "seed": 5, **task,
        }  # fmt: skip
        (tmp_path / "task.json").write_text(json.dumps(complete))
        do_task(str(tmp_path / "task.json"))
        return json.loads((tmp_path / "result.json").read_text())

    run.folder = tmp_path
    return run


class Nearest(BaseEstimator):
    """Two clusters by the first pixels, and bright images in none."""

    def fit(self, rows):
        self.labels_ = self.predict(rows)
        return self

    def predict(self, rows):
        ink = rows.sum(axis=1) / rows.sum(axis=1).max()
        return np.where(ink > 0.9, -1, ink > 0.7)


def test_rows_come_in_the_order_of_the_seed_and_reduced_on_the_common_scale(do, small):
    spaces = do(do="prepare", features="pixels", reducers=[None, "pca:7", "pca:99"])["spaces"]
    order = np.random.default_rng(5).permutation(300)
    rows = FlattenImages().fit_transform(small.images)
    np.testing.assert_array_equal(np.load(do.folder / "0-train.npy"), rows[order])
    np.testing.assert_array_equal(np.load(do.folder / "0-test.npy"), rows[300:])
    centred = rows[order] / 255 - (rows[order] / 255).mean(axis=0)
    expected = np.linalg.svd(centred, compute_uv=False)[:7]
    found = np.load(do.folder / "1-train.npy")
    assert np.linalg.norm(found, axis=0) == pytest.approx(expected, rel=1e-4)
    assert [space.get("unit") for space in spaces] == [255.0, 1.0, None]
    assert "99 components" in spaces[2]["failure"]


def test_images_in_no_cluster_are_counted_and_count_as_wrong(do, small, monkeypatch):
    record = Algorithm("nearest", "A test.", lambda n_clusters, random_state: Nearest())
    monkeypatch.setitem(ALGORITHMS, "nearest", record)
    space = do(do="prepare", features="pixels", reducers=[None])["spaces"][0]
    found = do(
        do="cluster", algorithm="nearest", n_clusters=2, place=0, unit=space["unit"],
        has_test=True, assignments=str(do.folder / "clusters.npy"),
    )  # fmt: skip
    clusters = np.load(do.folder / "clusters.npy")
    rows = FlattenImages().fit_transform(small.images).astype(float)
    np.testing.assert_array_equal(clusters[:300], Nearest().predict(rows[:300]))
    left_out = clusters[:300] < 0
    assert (found["n_found"], found["n_left_out"]) == (2, left_out.sum())
    assert left_out.any()
    scores, labels = found["scores"]["train"], small.labels[:300]
    right = sum(np.bincount(labels[clusters[:300] == c]).max() for c in (0, 1))
    assert scores["majority_accuracy"] == pytest.approx(right / 300)
    assert scores["ari"] == pytest.approx(adjusted_rand_score(labels, clusters[:300]))
    assert scores["inertia"] is scores["silhouette"] is None


def test_a_reason_is_left_where_nothing_comes_of_a_task(do):
    assert do(do="prepare", features="pixel", reducers=[None]) == {
        "failure": "unknown features 'pixel'",
        "hint": "did you mean 'pixels'?",
    }
    assert do(do="cluster", algorithm="kmeans")["failure"].startswith("KeyError: ")


def test_a_seed_reaches_every_stage_that_takes_one():
    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline

    made = seeded(make_pipeline(FlattenImages(), PCA(2)), 9)
    assert made[-1].random_state == 9


def test_the_peak_of_memory_grows_with_what_is_held():
    before = peak_memory()
    if before is None:
        pytest.skip("this system does not tell")
    held = np.ones(80_000_000 // 8)
    held[0] = 2
    assert peak_memory() >= before
    assert peak_memory() > 80_000_000
