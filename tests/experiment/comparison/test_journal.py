"""The journal: what an interruption leaves is repaired, nothing whole is lost."""

import json

import numpy as np
import pytest

from inkmeans.errors import OutputError
from inkmeans.experiment.comparison.journal import CellResult, Journal, replace_file


def result(seed, **more):
    return CellResult("mine", "ab" * 32, "pixels", None, "kmeans", 10, seed, **more)


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path)
    for seed in range(3):
        one = result(seed, seconds=0.5, scores={"train": {"n_images": 4, "ari": 0.25 * seed}})
        journal.add(one)
        np.save(journal.assignments(one.sha256, one.cell), np.zeros(4, np.int32))
    return journal


def read_again(journal):
    again = Journal(journal.folder)
    return [one.seed for one in again.results.values()], again.n_damaged


def test_what_was_added_is_read_again(journal):
    again = Journal(journal.folder)
    assert again.results == journal.results
    assert again.n_damaged == 0


@pytest.mark.parametrize("n_bytes", [1, 2, 40, 250])
def test_a_line_that_was_cut_off_is_taken_out_and_the_others_stay(journal, n_bytes):
    content = journal.path.read_bytes()
    lines = content.splitlines(keepends=True)
    journal.path.write_bytes(content[:-n_bytes])
    assert read_again(journal) == ([0, 1], 1)
    assert journal.path.read_bytes() == b"".join(lines[:2])
    assert read_again(journal) == ([0, 1], 0)
    journal.add(result(2))
    assert read_again(journal) == ([0, 1, 2], 0)


@pytest.mark.parametrize("rubbish", [b"\x00\x00\x00\n", b"[1]\n", b"{}\n", b"null\n", b'"a"\n'])
def test_damage_in_the_middle_takes_out_no_more_than_its_line(journal, rubbish):
    first, *rest = journal.path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(b"".join([first, rubbish, *rest]))
    assert read_again(journal) == ([0, 1, 2], 1)


def test_what_a_newer_version_says_besides_is_left_alone(journal):
    line = json.loads(journal.path.read_text().splitlines()[0]) | {"energy": 3}
    journal.path.write_text(json.dumps(line) + "\n")
    assert read_again(journal) == ([0], 0)
    assert "energy" in journal.path.read_text()


def test_only_a_success_whose_clusters_are_there_is_found(journal):
    for one in list(journal.results.values()):
        assert journal.find(one.sha256, one.cell) == one
        assert journal.find("cd" * 32, one.cell) is None, "other images"
    journal.assignments(one.sha256, one.cell).unlink()
    assert journal.find(one.sha256, one.cell) is None
    failed = result(0, failure="no memory")
    journal.add(failed)
    assert journal.find(failed.sha256, failed.cell) is None


def test_the_last_line_of_a_cell_counts(journal):
    journal.add(result(1, seconds=9.0))
    again = Journal(journal.folder)
    assert again.results["ab" * 32, result(1).cell].seconds == 9.0


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(OutputError, match="notes"):
        Journal(tmp_path / "notes")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="folder"):
        replace_file(tmp_path / "folder", "text")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "notes"]
