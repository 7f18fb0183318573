"""A saved model: the scores of the run it came from, and predictions for files of any kind."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageOps

import inkmeans
from inkmeans.datasets import Digits
from inkmeans.errors import DataError
from inkmeans.experiment import RunOptions, evaluate_model, predict_files, run_experiment


@pytest.fixture(scope="module")
def small():
    digits = inkmeans.load("mnist")
    keep = np.r_[0:900, 60000:60300]
    return Digits(digits.images[keep], digits.labels[keep], digits.names, digits.source, 900)


@pytest.fixture(scope="module")
def contents(small):
    return run_experiment(RunOptions(small, clusters=(10, 30), features=("deskewed",)))


def test_the_model_is_the_run_with_the_most_clusters(contents):
    assert contents.model.info["run"] == "deskewed-minibatch-kmeans-30"
    np.testing.assert_array_equal(contents.model.centroids, contents.runs[1].centroids)


def test_scores_on_the_same_data_are_those_of_the_run(contents, small):
    scores = evaluate_model(contents.model, small)
    run = contents.runs[1]
    for found, expected in ((scores["train"], run.train), (scores["test"], run.test)):
        known = {name: score for name, score in expected.to_dict().items() if score is not None}
        assert {name: found.to_dict()[name] for name in known} == pytest.approx(known, rel=1e-4)
        assert len(known) >= 9


def test_classes_are_matched_by_name_not_by_number(contents, small):
    turned = Digits(small.images, 9 - small.labels, small.names[::-1], small.source, 900)
    straight = evaluate_model(contents.model, small)["test"]
    assert evaluate_model(contents.model, turned)["test"].majority_accuracy == pytest.approx(
        straight.majority_accuracy
    )


def test_classes_that_the_model_does_not_know_give_no_accuracy(contents, small):
    clothes = tuple(f"garment {name}" for name in small.names)
    foreign = Digits(small.images, small.labels, clothes, small.source, 900)
    scores = evaluate_model(contents.model, foreign)["train"]
    assert scores.majority_accuracy is None
    assert scores.homogeneity > 0.5


def test_data_without_labels_get_the_scores_that_need_none(contents, small):
    scores = evaluate_model(contents.model, inkmeans.load(small.images[:100]))
    assert list(scores) == ["train"]
    assert scores["train"].inertia > 0
    assert scores["train"].v_measure is None


def test_images_of_another_size_are_refused_by_name(contents):
    with pytest.raises(DataError, match="digits: images of 8 x 8") as caught:
        evaluate_model(contents.model, inkmeans.load("digits"))
    assert "28 x 28" in caught.value.hint


def test_files_of_every_kind_are_predicted_image_by_image(contents, small, tmp_path):
    image = Image.fromarray(small.images[900])
    image.save(tmp_path / "one.png")
    ImageOps.invert(image.resize((112, 112))).save(tmp_path / "large.png")
    np.save(tmp_path / "two.npy", small.images[900:902])
    header = b"\0\0\x08\x03" + np.array([2, 28, 28], ">u4").tobytes()
    (tmp_path / "two-idx3-ubyte").write_bytes(header + small.images[900:902].tobytes())

    names = ("one.png", "large.png", "two.npy", "two-idx3-ubyte")
    found = predict_files(contents.model, [tmp_path / name for name in names])
    shown = [prediction.name.removeprefix(str(tmp_path)).strip("/\\") for prediction in found]
    assert shown == [
        "one.png",
        "large.png",
        "two.npy[0]",
        "two.npy[1]",
        "two-idx3-ubyte[0]",
        "two-idx3-ubyte[1]",
    ]
    clusters = [prediction.cluster for prediction in found]
    expected = contents.runs[1].test_assignments
    assert clusters[0] == clusters[2] == clusters[4] == expected[0]
    assert clusters[3] == clusters[5] == expected[1]
    assert found[0].intake.polarity == "as given"
    assert found[1].intake.polarity == "dark on light"
    assert found[1].digit == found[0].digit == str(contents.runs[1].mapping[expected[0]])


def test_one_bad_file_among_good_ones_is_an_error(contents, small, tmp_path):
    np.save(tmp_path / "good.npy", small.images[:1])
    (tmp_path / "bad.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"bad\.png"):
        predict_files(contents.model, [tmp_path / "good.npy", tmp_path / "bad.png"])


@pytest.mark.parametrize("features", ["patches", "hog+patches"])
def test_a_run_on_features_that_learn_leaves_a_model_that_predicts(features, small, tmp_path):
    train, test = small.split()
    np.savez(
        tmp_path / "some.npz",
        x_train=train.images[:200],
        y_train=train.labels[:200],
        x_test=test.images[:50],
        y_test=test.labels[:50],
    )
    np.save(tmp_path / "new.npy", test.images[:50])

    def command(*words):
        done = subprocess.run(
            [sys.executable, "-m", "inkmeans", *map(str, words), "--json", "--quiet"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    words = ("--clusters", "10", "--features", features, "--preset", "none")
    command("run", "--dataset", "some.npz", *words)
    (model,) = (tmp_path / "results").glob("*/model.safetensors")
    run = json.loads((model.parent / "metrics.json").read_text(encoding="utf-8"))["scores"]
    scores = command("evaluate", model, "some.npz")["scores"]
    for found, expected in zip(scores, run, strict=True):
        for score in ("inertia", "v_measure", "majority_accuracy"):
            assert found[score] == pytest.approx(expected[score], rel=1e-4)
    assert len(command("predict", model, "new.npy")) == 50
