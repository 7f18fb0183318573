"""The run folder is there whole, or not at all."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from dataclasses import replace
from datetime import datetime

import pytest

from inkmeans.errors import OutputError
from inkmeans.progress import Stop
from inkmeans.report import run_folder
from inkmeans.report.run_folder import open_run_folder, write_run_folder


def test_everything_is_there(folder):
    assert {path.name for path in folder.iterdir()} == {
        "assignments.parquet", "centroids.safetensors", "figures", "metrics.json",
        "model.safetensors", "recognizer.safetensors", "report.html", "run.json",
    }  # fmt: skip
    pictures = sorted(path.stem for path in (folder / "figures").glob("*.png"))
    assert pictures == sorted(path.stem for path in (folder / "figures").glob("*.svg"))
    assert "confusion-matrix" in pictures
    assert "centroids-pixels-sklearn-minibatch-kmeans-24" in pictures
    assert json.loads((folder / "run.json").read_text(encoding="utf-8"))["stages"]["figures"] > 0


def test_the_folder_is_made_where_it_is_missing(unlabelled, tmp_path):
    folder = write_run_folder(unlabelled, tmp_path / "new" / "results")
    assert (folder / "report.html").is_file()
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_the_folder_is_named_after_time_and_data_set(folder, contents):
    day, clock, dataset = folder.name.split("-", maxsplit=2)
    assert datetime.strptime(f"{day}-{clock}", "%Y%m%d-%H%M%S")
    assert dataset == contents.digits.source.name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("keras:mnist", "keras-mnist"),
        ("../../etc/passwd", "etc-passwd"),
        ("a\\b|c?.npz ", "a-b-c-.npz"),
        ("...", "images"),
        ("Ziffern-Übung", "Ziffern-Übung"),
        ("x" * 300, "x" * 40),
    ],
)
def test_any_name_of_a_data_set_makes_a_safe_folder(name, safe):
    at = datetime(2026, 11, 24, 10, 15)
    assert run_folder._folder_name(name, at) == f"20261124-101500-{safe}"


def test_a_taken_name_gets_a_number(tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken-2").mkdir()
    (tmp_path / "mine").mkdir()
    assert run_folder._rename(tmp_path / "mine", tmp_path, "taken").name == "taken-3"


def test_what_a_killed_run_left_does_not_confuse(unlabelled, tmp_path):
    left = tmp_path / ".unfinished-0123456789ab"
    left.mkdir()
    folder = write_run_folder(unlabelled, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {left.name, folder.name}


@pytest.mark.parametrize(
    ("error", "at"), [(KeyboardInterrupt, "centroids"), (Stop, "tables"), (RuntimeError, "report")]
)
def test_an_interruption_leaves_nothing(unlabelled, tmp_path, error, at):
    def interrupt(event):
        if event.message.startswith(at):
            raise error

    with pytest.raises(error):
        write_run_folder(unlabelled, tmp_path / "new" / "results", progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_leaves_a_folder_that_was_there(unlabelled, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")

    def interrupt(event):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_run_folder(unlabelled, tmp_path, progress=interrupt)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_in_the_way_is_an_output_error(unlabelled, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write the results") as caught:
        write_run_folder(unlabelled, tmp_path / "file" / "results")
    assert "--out" in caught.value.hint


@pytest.mark.skipif(os.name != "posix", reason="only POSIX limits the size of files")
@pytest.mark.parametrize("limit", [2_000, 30_000])
def test_a_file_that_cannot_grow_is_an_output_error_and_leaves_nothing(unlabelled, tmp_path, limit):
    # As with a full disk, a write fails in the middle: here of the assignments, of a figure ...
    (tmp_path / "contents").write_bytes(pickle.dumps(unlabelled))
    script = f"""
import pickle, resource, sys
from pathlib import Path
from inkmeans.errors import OutputError
from inkmeans.report.run_folder import open_run_folder, write_run_folder
contents = pickle.loads(Path(sys.argv[1]).read_bytes())
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
try:
    write_run_folder(contents, sys.argv[2])
except OutputError as error:
    print(error.message)
"""
    out = tmp_path / "results"
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "contents"), str(out)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "cannot" in done.stdout
    assert not out.exists()


def test_pictures_begun_early_are_those_drawn_at_the_end(contents, folder, tmp_path):
    with open_run_folder(tmp_path) as making:
        for n_runs in range(1, len(contents.runs) + 1):
            making.begin(replace(contents, runs=contents.runs[:n_runs]))
        early = making.write(contents)
    at_once = {path.name: path.read_bytes() for path in (folder / "figures").iterdir()}
    assert {path.name: path.read_bytes() for path in (early / "figures").iterdir()} == at_once
    assert [path.name for path in tmp_path.iterdir()] == [early.name]


def test_a_run_that_ends_early_leaves_nothing(contents, tmp_path):
    def begin_and_stop():
        with open_run_folder(tmp_path / "new") as making:
            making.begin(replace(contents, runs=contents.runs[:1]))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        begin_and_stop()
    assert not list(tmp_path.iterdir())
