"""The project file: SQLite with data sets, runs, maps and the log of label actions.

Labels are a person's work: each action is one committed row of an append-only log, on the disk
(WAL, ``synchronous=FULL``) before anybody is told that it is done.
"""

from __future__ import annotations

import json
import sqlite3
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inkmeans.errors import DataError, OutputError
from inkmeans.explore.history import Entry
from inkmeans.explore.labelling import Action

__all__ = ["SCHEMA", "Behind", "DatasetRow", "MapRow", "RunRow", "Store", "check_project"]

SCHEMA = 1
"""Version of the layout; a file of a newer one is refused."""

APPLICATION = int.from_bytes(b"inkm", "big")  # SQLite's application id, in the file's header

_TABLES = """
CREATE TABLE datasets (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, source TEXT NOT NULL, opened REAL NOT NULL);
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, dataset TEXT NOT NULL REFERENCES datasets,
  name TEXT NOT NULL, preset TEXT, settings TEXT NOT NULL,
  n_clusters INTEGER NOT NULL, seconds REAL NOT NULL,
  created TEXT NOT NULL, scores TEXT NOT NULL, key TEXT NOT NULL, assigned BLOB NOT NULL);
CREATE TABLE maps (
  id INTEGER PRIMARY KEY AUTOINCREMENT, dataset TEXT NOT NULL REFERENCES datasets,
  name TEXT NOT NULL, method TEXT NOT NULL, seconds REAL NOT NULL, key TEXT NOT NULL);
CREATE TABLE log (
  id INTEGER PRIMARY KEY AUTOINCREMENT, dataset TEXT NOT NULL REFERENCES datasets,
  time REAL NOT NULL, kind TEXT NOT NULL, details TEXT NOT NULL,
  data BLOB NOT NULL, text TEXT NOT NULL);
CREATE INDEX log_of_dataset ON log (dataset, id);
CREATE TABLE chosen (dataset TEXT, what TEXT, value INTEGER, PRIMARY KEY (dataset, what));
CREATE TABLE revision (value INTEGER NOT NULL);
INSERT INTO revision VALUES (0);
"""


class Behind(Exception):  # noqa: N818 - a request to read on, not an error
    """Another process has written to the log since it was read."""


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """A data set that the project has seen; `source` is what opens it again."""

    id: str
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """A clustering; `key` names its files, `assigned` are its clusters as packed uint16."""

    id: int
    name: str
    preset: str | None
    settings: dict[str, Any]
    n_clusters: int
    seconds: float
    created: str
    scores: dict[str, Any]
    key: str
    assigned: bytes


@dataclass(frozen=True, slots=True)
class MapRow:
    """A map; `key` names its file."""

    id: int
    name: str
    method: str
    seconds: float
    key: str


def check_project(path: Path) -> None:
    """Refuse what is no project file, or one of a newer version, without touching it.

    Parameters
    ----------
    path : Path
        It need not exist.

    Raises
    ------
    DataError
        If it is something else, or too new.

    Examples
    --------
    >>> from inkmeans.explore.store import check_project
    >>> note = getfixture("tmp_path") / "note.txt"
    >>> _ = note.write_text("buy milk")
    >>> check_project(note)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    inkmeans.errors.DataError: ...note.txt is no project of the explorer; give another name...
    """
    hint = "give another name with --project; a new file is made where there is none"
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except FileNotFoundError:
        return
    except OSError as error:
        reason = "a folder" if path.is_dir() else error.strerror or str(error)
        raise DataError(f"{path} cannot be read as a project ({reason})", hint=hint) from None
    if not head or Path(f"{path}-journal").exists():  # SQLite first has to mend it
        return
    if len(head) < 100 or not head.startswith(b"SQLite format 3\0"):
        raise DataError(f"{path} is no project of the explorer", hint=hint)
    version, application = struct.unpack(">4xI4xI", head[56:72])
    if application != APPLICATION:
        raise DataError(f"{path} is no project of the explorer but another database", hint=hint)
    if version > SCHEMA:
        raise DataError(
            f"{path} comes from a newer version of inkmeans (layout {version}, known: {SCHEMA})",
            hint="update inkmeans: python -m pip install --upgrade inkmeans",
        )


class Store:
    """One open project file; callable from any thread.

    Parameters
    ----------
    path : Path
        Made where there is none, with its folder.

    Raises
    ------
    DataError
        If the file is something else, too new or damaged.
    OutputError
        If it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        check_project(path)
        self.path = path
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=10, isolation_level=None, check_same_thread=False
            )
            self._prepare()
        except sqlite3.OperationalError as error:
            raise OutputError(
                f"{path}: the project cannot be opened ({error})",
                hint="check the folder, its permissions and the space on the disk",
            ) from None
        except sqlite3.DatabaseError as error:
            raise DataError(
                f"{path}: the project is damaged ({error})",
                hint="take a copy of it from a backup, or give another name with --project",
            ) from None
        except OSError as error:
            raise OutputError(
                f"{path}: the folder of the project cannot be made ({error.strerror})",
                hint="give another place with --project",
            ) from None

    def _prepare(self) -> None:
        execute = self._connection.execute
        execute("PRAGMA synchronous=FULL")
        execute("PRAGMA foreign_keys=ON")
        # Before the log of WAL is switched on: what it holds is not yet in the file, whose first
        # bytes say what it is, and a process that is killed leaves it so.
        with self._writing():
            if execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
                for statement in _TABLES.split(";\n"):
                    execute(statement)
                execute(f"PRAGMA application_id={APPLICATION}")
                execute(f"PRAGMA user_version={SCHEMA}")
        execute("PRAGMA journal_mode=WAL")
        if execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
            raise sqlite3.DatabaseError("it has lost its name")
        self.revision = int(execute("SELECT value FROM revision").fetchone()[0])

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Write, told as an `OutputError` where the disk is full; the revision grows by one."""
        try:
            with self._writing():
                yield
                self._connection.execute("UPDATE revision SET value = value + 1")
                row = self._connection.execute("SELECT value FROM revision").fetchone()
            self.revision = int(row[0])
        except sqlite3.Error as error:
            raise OutputError(
                f"{self.path}: not saved ({error})", hint="check the space on the disk; try again"
            ) from None

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def remember_dataset(self, row: DatasetRow) -> None:
        """Note that these images are open now."""
        with self._changing():
            self._connection.execute(
                "INSERT INTO datasets VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                " name = excluded.name, source = excluded.source, opened = excluded.opened",
                (row.id, row.name, row.source, time.time()),
            )

    def last_dataset(self) -> DatasetRow | None:
        """Return the images that were open last; None in a new project."""
        rows = self._rows("SELECT id, name, source FROM datasets ORDER BY opened DESC LIMIT 1")
        return DatasetRow(*rows[0]) if rows else None

    def add_run(self, dataset: str, run: RunRow) -> int:
        """Keep a clustering; returns its number, whatever `run.id` is."""
        with self._changing():
            cursor = self._connection.execute(
                "INSERT INTO runs (dataset, name, preset, settings, n_clusters, seconds, created,"
                " scores, key, assigned) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    dataset,
                    run.name,
                    run.preset,
                    json.dumps(run.settings),
                    run.n_clusters,
                    run.seconds,
                    run.created,
                    json.dumps(run.scores),
                    run.key,
                    run.assigned,
                ),
            )
        return int(cursor.lastrowid or 0)

    def set_scores(self, run: int, scores: dict[str, Any]) -> None:
        """Add the scores of a run, which may come after it."""
        with self._changing():
            self._connection.execute(
                "UPDATE runs SET scores = ? WHERE id = ?", (json.dumps(scores), run)
            )

    def runs(self, dataset: str) -> list[RunRow]:
        """Return the runs of a data set in the order of their making."""
        rows = self._rows(
            "SELECT id, name, preset, settings, n_clusters, seconds, created, scores, key, assigned"
            " FROM runs WHERE dataset = ? ORDER BY id",
            dataset,
        )
        return [_run_row(row) for row in rows]

    def add_map(self, dataset: str, row: MapRow) -> int:
        """Keep a map; returns its number, whatever `row.id` is."""
        with self._changing():
            cursor = self._connection.execute(
                "INSERT INTO maps (dataset, name, method, seconds, key) VALUES (?, ?, ?, ?, ?)",
                (dataset, row.name, row.method, row.seconds, row.key),
            )
        return int(cursor.lastrowid or 0)

    def maps(self, dataset: str) -> list[MapRow]:
        """Return the maps of a data set in the order of their making."""
        query = "SELECT id, name, method, seconds, key FROM maps WHERE dataset = ? ORDER BY id"
        return [MapRow(*row) for row in self._rows(query, dataset)]

    def choose(self, dataset: str, what: str, value: int) -> None:
        """Note which run or map all tabs look at."""
        with self._changing():
            self._connection.execute(
                "INSERT INTO chosen VALUES (?, ?, ?) ON CONFLICT (dataset, what)"
                " DO UPDATE SET value = excluded.value",
                (dataset, what, value),
            )

    def chosen(self, dataset: str, what: str) -> int | None:
        """Return what `choose` noted last."""
        query = "SELECT value FROM chosen WHERE dataset = ? AND what = ?"
        rows = self._rows(query, dataset, what)
        return int(rows[0][0]) if rows else None

    def append(self, dataset: str, action: Action, *, after: int) -> int:
        """Add an action to the log; when this returns it is on the disk.

        Parameters
        ----------
        dataset : str
        action : Action
        after : int
            Number of the last entry that the caller knows of.

        Returns
        -------
        int
            The entry's number.

        Raises
        ------
        Behind
            If another process has added entries; nothing is written then.
        OutputError
            If it cannot be written.
        """
        with self._changing():
            last = self._connection.execute(
                "SELECT max(id) FROM log WHERE dataset = ?", (dataset,)
            ).fetchone()[0]
            if (last or 0) != after:
                raise Behind
            cursor = self._connection.execute(
                "INSERT INTO log (dataset, time, kind, details, data, text)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    dataset,
                    time.time(),
                    action.kind,
                    json.dumps(action.details),
                    action.data,
                    action.text,
                ),
            )
        return int(cursor.lastrowid or 0)

    def entries(self, dataset: str, *, after: int = 0) -> list[Entry]:
        """Return the log of a data set, the entries behind a number only."""
        rows = self._rows(
            "SELECT id, kind, details, data, text FROM log WHERE dataset = ? AND id > ?"
            " ORDER BY id",
            dataset,
            after,
        )
        return [Entry(r[0], Action(r[1], json.loads(r[2]), r[3], r[4])) for r in rows]


def _run_row(row: tuple[Any, ...]) -> RunRow:
    number, name, preset, settings, n_clusters, seconds, created, scores, key, assigned = row
    return RunRow(
        number,
        name,
        preset,
        json.loads(settings),
        n_clusters,
        seconds,
        created,
        json.loads(scores),
        key,
        assigned,
    )
