"""The project file: what is written stays, what is foreign is refused and left alone."""

import sqlite3
import struct

import pytest

from inkmeans.errors import DataError, OutputError
from inkmeans.explore.labelling import Action
from inkmeans.explore.store import SCHEMA, Behind, DatasetRow, MapRow, RunRow, Store, check_project

RUN = RunRow(0, "fast", "fast", {"k": 10}, 10, 1.5, "today", {}, "key", b"blob")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "mine.inkmeans"


@pytest.fixture
def store(path):
    store = Store(path)
    store.remember_dataset(DatasetRow("d", "digits", "name:digits"))
    yield store
    store.close()


def test_everything_comes_back_after_a_restart(path, store):
    run = store.add_run("d", RUN)
    place = store.add_map("d", MapRow(0, "pca", "pca", 0.5, "key"))
    store.set_scores(run, {"nmi": 0.5})
    store.choose("d", "run", run)
    first = store.append("d", Action("label", {"label": 3}, b"bits", "three"), after=0)
    store.append("d", Action("undo", {}), after=first)
    revision = store.revision
    store.close()
    again = Store(path)
    assert again.revision == revision
    assert again.last_dataset() == DatasetRow("d", "digits", "name:digits")
    (found,) = again.runs("d")
    assert (found.id, found.settings, found.scores, found.assigned) == (
        run,
        {"k": 10},
        {"nmi": 0.5},
        b"blob",
    )
    assert [row.id for row in again.maps("d")] == [place]
    assert again.chosen("d", "run") == run
    assert again.chosen("d", "map") is None
    entries = again.entries("d")
    assert [entry.action.kind for entry in entries] == ["label", "undo"]
    assert entries[0].action == Action("label", {"label": 3}, b"bits", "three")
    assert [entry.id for entry in again.entries("d", after=first)] == [entries[1].id]
    again.close()


def test_it_writes_through_to_the_disk(store):
    settings = {
        name: store._connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous")
    }
    assert settings == {"journal_mode": "wal", "synchronous": 2}  # 2: FULL


def test_what_another_process_wrote_is_not_overlooked(path, store):
    other = Store(path)
    other.append("d", Action("label", {"label": 1}), after=0)
    with pytest.raises(Behind):
        store.append("d", Action("label", {"label": 2}), after=0)
    assert len(store.entries("d")) == 1
    other.close()


def test_a_failed_write_changes_nothing(store):
    before = store.revision
    with pytest.raises(OutputError, match="not saved"):
        store.append("unknown data set", Action("label", {}), after=0)
    assert store.revision == before
    assert store.entries("unknown data set") == []


def foreign_files():
    newer = bytearray(100)
    newer[:16] = b"SQLite format 3\0"
    struct.pack_into(">I", newer, 60, SCHEMA + 1)
    struct.pack_into(">I", newer, 68, int.from_bytes(b"inkm", "big"))
    return {
        "text": b"buy milk",
        "long text": b"buy milk\n" * 100,
        "half a header": b"SQLite format 3\0",
        "newer": bytes(newer),
    }


@pytest.mark.parametrize(("name", "content"), foreign_files().items(), ids=foreign_files())
def test_a_foreign_file_is_refused_and_left_alone(tmp_path, name, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(DataError, match="newer version" if name == "newer" else "no project"):
        Store(path)
    assert path.read_bytes() == content
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_another_database_is_refused(tmp_path):
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE t (x)")
    content = path.read_bytes()
    with pytest.raises(DataError, match="another database"):
        Store(path)
    assert path.read_bytes() == content


def test_a_damaged_project_is_told(path, store):
    store.append("d", Action("label", {}, bytes(5000)), after=0)
    store.close()
    content = bytearray(path.read_bytes())
    content[100:5000] = b"x" * 4900
    path.write_bytes(content)
    with pytest.raises(DataError, match="damaged"):
        Store(path)


def test_a_folder_and_a_place_that_cannot_be_written_are_refused(tmp_path):
    with pytest.raises(DataError, match="a folder"):
        check_project(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises((OutputError, DataError)):
        Store(tmp_path / "file" / "project")


def test_an_empty_file_becomes_a_project(tmp_path):
    path = tmp_path / "empty"
    path.touch()
    Store(path).close()
    check_project(path)
    assert path.read_bytes().startswith(b"SQLite format 3\0")


def test_a_project_is_known_as_one_even_if_nothing_was_written_back(path, store):
    store.append("d", Action("label", {}), after=0)
    check_project(path)  # while the rest is in the log of WAL
    other = Store(path)
    assert len(other.entries("d")) == 1
    other.close()
