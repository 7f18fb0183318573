"""Journeys: comparing on the command line, stopping, going on; asking for a number of clusters."""

import json
import os
import signal
import subprocess
import sys

import pytest

CELLS = (
    "compare", "--dataset", "digits", "--algorithms", "kmeans,minibatch-kmeans",
    "--features", "pixels", "--seeds", "2", "--out", "mine",
)  # fmt: skip


def command(*arguments):
    return [sys.executable, "-m", "inkmeans", *map(str, arguments)]


def inkmeans(*arguments, cwd, **environment):
    return subprocess.run(
        command(*arguments),
        cwd=cwd,
        env={**os.environ, "PYTHONUTF8": "1", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=200,
        check=False,
    )


def lines(folder):
    return (folder / "mine" / "cells.jsonl").read_text(encoding="utf-8").splitlines()


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_interrupted_a_comparison_keeps_its_cells_and_goes_on(tmp_path, start_interruptible):
    whole = command(*CELLS, "--json")
    with start_interruptible(whole, cwd=tmp_path, start_new_session=True) as process:
        for line in process.stderr:
            if json.loads(line)["event"] == "cell":
                os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
                break
        output, rest = process.communicate(timeout=100)
    assert process.returncode == 1
    assert output == ""
    assert "Traceback" not in rest
    assert "the same command goes on" in rest
    assert not (tmp_path / "mine" / ".work").exists()
    before = lines(tmp_path)
    assert 1 <= len(before) < 4

    done = inkmeans(*CELLS, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert lines(tmp_path)[: len(before)] == before
    assert len(lines(tmp_path)) == 4
    result = json.loads(done.stdout)
    assert [one["name"] for one in result["configurations"]] == [
        "pixels-kmeans-10",
        "pixels-minibatch-kmeans-10",
    ]
    assert all(one["seeds"] == [0, 1] for one in result["configurations"])
    assert all((tmp_path / path).is_file() for path in result["files"])

    pair = ("--contingency", "pixels-kmeans-10-seed1", "pixels-minibatch-kmeans-10")
    again = inkmeans(*CELLS, *pair, cwd=tmp_path, NO_COLOR="1")
    assert again.returncode == 0, again.stderr
    assert "accuracy**" in again.stdout
    assert "\x1b" not in again.stdout + again.stderr
    assert len(lines(tmp_path)) == 4
    record = json.loads((tmp_path / "mine" / "comparison.json").read_text(encoding="utf-8"))
    assert record["contingency"]["rows"] == "pixels-kmeans-10-seed1"


def test_a_number_of_clusters_is_suggested_in_words_and_as_json(tmp_path):
    ask = ("suggest-k", "--dataset", "digits", "--clusters", "8-10,20", "--features", "pixels",
           "--reduce", "pca:8", "--sample", "200")  # fmt: skip
    done = inkmeans(*ask, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    first, *_, choice, picture = done.stdout.splitlines()
    assert "8, 9, 10, 20 clusters tried on 200 of 1,797 training images" in first
    assert "is a choice" in choice
    assert (tmp_path / picture.removeprefix("Picture: ")).is_file()
    record = json.loads((tmp_path / "suggest-k" / "suggest-k.json").read_text(encoding="utf-8"))
    assert f"Suggested: {record['suggestion']['n_clusters']}." in done.stdout


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("compare", "--algorithms", "kmeens"), "kmeans"),
        (("compare", "--seeds", "0"), "--seeds"),
        (("compare", "--dataset", "digits", "--clusters", "1798"), "1798"),
        (("compare", "--contingency", "a", "pixels-kmeans-10"), "'a'"),
        (("suggest-k", "--clusters", "30-2"), "30-2"),
        (("suggest-k", "--sample", "few"), "few"),
        (("compare", "--out", "notes"), "notes"),
    ],
    ids=lambda value: "-".join(value[:2]) if isinstance(value, tuple) else None,
)
def test_wrong_options_get_one_line_and_a_hint_and_leave_nothing(arguments, named, tmp_path):
    (tmp_path / "notes").write_text("a file")
    done = inkmeans(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    error, *hints = [line for line in done.stderr.splitlines() if not line.startswith("[")]
    assert error.startswith("error: ")
    assert [line.startswith("hint: ") for line in hints] == [True]
    assert named in error + hints[0]
    assert done.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["notes"]


def test_a_comparison_in_which_every_cell_fails_is_a_failure(tmp_path):
    done = inkmeans(*CELLS, "--seeds", "1", "--reduce", "pca:65", cwd=tmp_path)
    assert done.returncode == 1
    assert "65 components" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(lines(tmp_path)) == 2
