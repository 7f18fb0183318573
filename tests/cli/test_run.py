"""The table and the words that a run ends with."""

import io

import numpy as np
import pytest

import inkmeans
from inkmeans.cli.output import console
from inkmeans.cli.run import run_table, summary
from inkmeans.datasets import Digits
from inkmeans.experiment import RunOptions, run_experiment


@pytest.fixture(scope="module")
def small():
    digits = inkmeans.load("mnist")
    keep = np.r_[0:300, 60000:60100]
    return Digits(digits.images[keep], digits.labels[keep], digits.names, digits.source, 300)


@pytest.fixture(scope="module")
def contents(small):
    return run_experiment(RunOptions(small, clusters=(10, 20), reduce="pca:9"))


def shown(table):
    stream = io.StringIO()
    console(stream).print(table)
    return [line.split() for line in stream.getvalue().splitlines() if line.strip(" ─")]


def test_a_run_stands_above_its_reduced_twin(contents):
    head, *rows = shown(run_table(contents.runs))
    assert head[:3] == ["features", "reduced", "k"]
    assert [row[:3] for row in rows] == [
        [features, reducer, k]
        for features in ("pixels", "deskewed")
        for k in ("10", "20")
        for reducer in ("-", "pca:9")
    ]


def test_scores_in_the_table_are_those_of_the_runs(contents):
    head, first, *_ = shown(run_table(contents.runs))
    run = contents.runs[0]
    row = dict(zip(head, first, strict=False))
    assert row["accuracy**"] == f"{run.train.majority_accuracy:.4f}"
    assert first[-1] == f"{run.test.matched_accuracy:.4f}"
    assert first[-3] == f"{run.test.majority_accuracy:.4f}"


def test_the_recogniser_has_a_row_and_a_line(contents):
    *_, last = shown(run_table(contents.clusterings))
    recognition = contents.recognition
    assert last[:3] == ["recognizer", "-", "10"]
    assert last[-1] == f"{recognition.test.matched_accuracy:.4f}"
    assert summary(contents)[-1].endswith(f"recogniser (fast): {last[-1]}")


def test_a_narrow_terminal_keeps_the_accuracies(contents):
    (head, *_) = shown(run_table(contents.runs, width=80))
    assert "accuracy**" in head
    assert "ARI*" not in head


def test_the_words_tell_the_accuracy_on_raw_and_on_deskewed_test_images(contents):
    lines = summary(contents)
    for run in contents.runs:
        if run.reducer is None and run.n_clusters == 20:
            end = f"k=20, {run.features}: {run.test.majority_accuracy:.4f}"
            assert any("on the test images" in line and line.endswith(end) for line in lines)


def test_without_labels_the_words_say_so_and_dashes_stand_in_the_table(small):
    options = RunOptions(small.images[:50], clusters=(5,), features=("pixels",))
    contents = run_experiment(options)
    assert summary(contents) == [
        "No labels in this data set: the scores that need them are left out."
    ]
    assert shown(run_table(contents.runs))[1][-4:] == ["-", "-", "-", "-"]
