"""The journal of a comparison: a JSON line for each finished cell, safe from interruptions."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from inkmeans.errors import OutputError
from inkmeans.experiment.comparison.options import Cell, Configuration

__all__ = ["CellResult", "Journal", "replace_file"]

JOURNAL = "cells.jsonl"
ASSIGNMENTS = "assignments"
_HINT = "choose another folder with --out, or make room or rights for this one"


@dataclass(frozen=True)
class CellResult:
    """What came of one cell.

    Attributes
    ----------
    dataset, sha256 : str
        Name of the data set, and what its content hashes to.
    features, algorithm : str
    reducer : str or None
    n_clusters, seed : int
    version : str
        Of inkmeans.
    failure, hint : str
        Why there is no result, and what to do about it; empty where there is one.
    seconds : float or None
        What fitting took.
    prepare_seconds : float or None
        What features and reduction took, of training and test images.
    peak_memory : int or None
        The most bytes that the process of this cell held by the end of the fit: Python, libraries
        and rows included. None where the system does not tell.
    n_found : int or None
        Clusters that have training images.
    n_landmarks : int or None
        Training images that the algorithm clustered, where it assigned the others to them; None
        where it clustered all.
    n_left_out : int
        Training images that the algorithm put into no cluster.
    scores : mapping of str to mapping of str to float or None
        By split, as `inkmeans.evaluate.Scores.to_dict` names them.
    """

    dataset: str
    sha256: str
    features: str
    reducer: str | None
    algorithm: str
    n_clusters: int
    seed: int
    version: str = ""
    failure: str = ""
    hint: str = ""
    seconds: float | None = None
    prepare_seconds: float | None = None
    peak_memory: int | None = None
    n_found: int | None = None
    n_landmarks: int | None = None
    n_left_out: int = 0
    scores: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)

    @property
    def cell(self) -> Cell:
        """The cell that it is the result of."""
        asked = Configuration(self.features, self.reducer, self.algorithm, self.n_clusters)
        return Cell(asked, self.seed)

    @property
    def total_seconds(self) -> float | None:
        """From images to clusters: preparing and fitting."""
        if self.seconds is None or self.prepare_seconds is None:
            return None
        return self.prepare_seconds + self.seconds


_FIELDS = {one.name for one in fields(CellResult)}


class Journal:
    """The cells that are done, in a file that grows by one line at a time.

    Parameters
    ----------
    folder : Path
        Of the comparison; made if missing.

    Attributes
    ----------
    results : dict of (str, Cell) to CellResult
        By the hash of the data set and the cell; the last line of a cell counts.
    n_damaged : int
        Lines that could not be read and were taken out, for example after a power cut.

    Raises
    ------
    OutputError
        If the folder cannot be made, or the file be read or written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from inkmeans.experiment.comparison.journal import CellResult, Journal
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     journal = Journal(Path(folder))
    ...     journal.add(CellResult("mine", "ab12", "pixels", None, "kmeans", 10, 0, failure="no"))
    ...     [cell.name for _, cell in Journal(Path(folder)).results]
    ['pixels-kmeans-10-seed0']
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / JOURNAL
        self.results: dict[tuple[str, Cell], CellResult] = {}
        self.n_damaged = 0
        try:
            (folder / ASSIGNMENTS).mkdir(parents=True, exist_ok=True)
            text = self.path.read_bytes() if self.path.exists() else b""
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        lines = text.splitlines(keepends=True)
        whole = [line for line in lines if self._take(line)]
        self.n_damaged = len(lines) - len(whole)
        if self.n_damaged:
            replace_file(self.path, b"".join(whole))

    def find(self, sha256: str, cell: Cell) -> CellResult | None:
        """Return the result of a cell, if it was a success and its clusters are still there."""
        found = self.results.get((sha256, cell))
        if found is None or found.failure or not self.assignments(sha256, cell).exists():
            return None
        return found

    def assignments(self, sha256: str, cell: Cell) -> Path:
        """Return the file with the cluster of each image, training part first."""
        return self.folder / ASSIGNMENTS / f"{sha256[:8]}-{cell.name}.npy"

    def add(self, result: CellResult) -> None:
        """Add a line, and let it reach the disk.

        Raises
        ------
        OutputError
            If it cannot be written; what is written of it is repaired when it is next read.
        """
        line = json.dumps(asdict(result), ensure_ascii=False, allow_nan=False) + "\n"
        try:
            with self.path.open("ab") as file:
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _unwritable(self.path, error) from error
        self.results[result.sha256, result.cell] = result

    def _take(self, line: bytes) -> bool:
        """Read a line; say whether it is a whole one."""
        if not line.endswith(b"\n"):
            return False
        try:
            # A newer version may have more to say.
            found = {k: v for k, v in dict(json.loads(line)).items() if k in _FIELDS}
            result = CellResult(**found)
            self.results[result.sha256, result.cell] = result
        except (ValueError, TypeError):  # cut off, overwritten, or of another program
            return False
        return True


def replace_file(path: Path, content: bytes | str) -> None:
    """Write a file under a temporary name and rename it.

    Parameters
    ----------
    path : Path
    content : bytes or str

    Raises
    ------
    OutputError
        If it cannot be written; the old file is then as it was.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from inkmeans.experiment.comparison.journal import replace_file
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     replace_file(Path(folder) / "table.csv", "a,b")
    ...     (Path(folder) / "table.csv").read_text()
    'a,b'
    """
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with temporary.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    return OutputError(f"{path}: cannot be written ({reason})", hint=_HINT)
