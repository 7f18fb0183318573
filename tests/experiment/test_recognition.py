"""The recogniser in the main job: measured honestly, left out where it makes no sense."""

import numpy as np
import pytest

import inkmeans
from inkmeans.datasets import Digits
from inkmeans.experiment import RunOptions, run_and_write, run_experiment
from inkmeans.experiment.recognition import recognise_digits
from inkmeans.recognise import load_recognizer
from inkmeans.report.page_tables import recognition_table


@pytest.fixture(scope="module")
def digits():
    whole = inkmeans.load("digits")
    return Digits(whole.images, whole.labels, whole.names, whole.source, 1300)


@pytest.fixture(scope="module")
def written(digits, tmp_path_factory):
    options = RunOptions(
        digits, clusters=(10,), features=("pixels",), out=tmp_path_factory.mktemp("out")
    )
    return run_and_write(options)


def test_it_recognises_more_than_plain_k_means(written):
    _, contents = written
    (plain,) = contents.runs
    assert contents.recognition.test.matched_accuracy > 0.9
    assert contents.recognition.test.matched_accuracy > plain.test.matched_accuracy + 0.05


def test_accuracy_is_that_of_names_matched_on_the_training_images(written, digits):
    recognition = written[1].recognition
    _, test = digits.split()
    assert sorted(recognition.mapping.tolist()) == list(range(10))
    right = recognition.mapping[recognition.test_assignments] == test.labels
    assert recognition.test.matched_accuracy == pytest.approx(right.mean())


def test_labels_change_nothing_but_names(written, digits):
    without = Digits(digits.images, None, (), digits.source, digits.n_train)
    recognition = recognise_digits(without, "fast")
    assert recognition.mapping is None
    assert recognition.train.matched_accuracy is None
    expected = written[1].recognition
    np.testing.assert_array_equal(recognition.train_assignments, expected.train_assignments)
    np.testing.assert_array_equal(recognition.test_assignments, expected.test_assignments)


def test_the_saved_recogniser_says_what_the_report_says(written, digits):
    folder, contents = written
    recognition = contents.recognition
    _, test = digits.split()
    names = load_recognizer(folder / "recognizer.safetensors").predict(test.images)
    said = [digits.names[c] for c in recognition.mapping[recognition.test_assignments]]
    assert names.tolist() == said


def test_the_report_compares_it_with_plain_k_means_and_draws_its_mistakes(written):
    folder, contents = written
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert 'id="recognizer"' in page
    assert page.count("read wrongly") >= 1
    for stem in ("confusion-matrix-recognizer", "mistakes"):
        assert (folder / "figures" / f"{stem}.png").is_file()
    (body,) = recognition_table(contents).bodies
    assert [(row.heading, row.marked) for row in body.rows] == [
        ("pixels", False),
        ("recognizer", True),
    ]


def test_none_leaves_it_out(digits, tmp_path):
    options = RunOptions(digits, clusters=(4,), features=("pixels",), out=tmp_path, preset="none")
    folder, contents = run_and_write(options)
    assert contents.recognition is None
    assert contents.skipped == ""
    assert not (folder / "recognizer.safetensors").exists()
    assert 'id="recognizer"' not in (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((12, 5, 5), np.uint8),
        np.full((1, 1, 1), 7, np.uint8),
        np.eye(4, dtype=np.uint8).reshape(4, 2, 2) * 255,
    ],
    ids=["blank", "one", "fewer than clusters"],
)
def test_images_that_it_cannot_take_are_no_end_of_the_run(images):
    events = []
    contents = run_experiment(RunOptions(images, clusters=(1,)), progress=events.append)
    assert contents.runs
    assert contents.recognition is None
    assert contents.skipped.startswith("The recogniser was left out: ")
    assert contents.skipped in [event.message for event in events]


def test_labels_of_other_than_ten_classes_name_by_majority(digits):
    halves = Digits(
        digits.images, digits.labels // 5, ("low", "high"), digits.source, digits.n_train
    )
    recognition = recognise_digits(halves, "fast")
    assert recognition.train.matched_accuracy is None
    assert recognition.train.majority_accuracy > 0.9
