"""The run folder: written beside its final name, and renamed when it is whole."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path

from inkmeans.errors import OutputError
from inkmeans.progress import Callback, Event, silent
from inkmeans.report.contents import Contents
from inkmeans.report.highlights import highlight
from inkmeans.report.page import write_page
from inkmeans.report.pictures import Studio
from inkmeans.report.provenance import describe_run, write_run
from inkmeans.report.tables import write_assignments, write_centroids, write_metrics

__all__ = ["RunFolder", "open_run_folder", "write_run_folder"]

_HINT = "choose another folder with --out, or make room or rights for this one"


def write_run_folder(
    contents: Contents, out: Path | str, *, progress: Callback | None = None
) -> Path:
    """Write everything that a run leaves behind.

    Parameters
    ----------
    contents : Contents
    out : path
        The folder that gets the run's own folder, ``<time>-<dataset>``; made if missing.
    progress : callable, optional
        Told about every file and figure; what it raises ends the writing.

    Returns
    -------
    Path
        The new folder. Its name ends in a number if the time and the data set were not
        enough to make it a new one.

    Raises
    ------
    OutputError
        If something cannot be written.

    Notes
    -----
    Until everything is there the folder has a hidden name of its own; an error or an
    interruption removes it, and its parents if they were made for it.
    """
    with open_run_folder(out, progress=progress) as folder:
        return folder.write(contents)


@contextmanager
def open_run_folder(out: Path | str, *, progress: Callback | None = None) -> Iterator[RunFolder]:
    """Open a run folder, so that pictures can be drawn while runs are still to come.

    Parameters
    ----------
    out : path
        The folder that gets the run's own folder; made if missing.
    progress : callable, optional
        Told about every file and figure.

    Yields
    ------
    RunFolder
        What is not written by the end of the block leaves nothing behind.

    Raises
    ------
    OutputError
        If something cannot be written.
    """
    out = Path(out)
    with _writing_in(out) as folder, Studio(folder / "figures") as studio:
        yield RunFolder(out, folder, studio, progress or silent)


class RunFolder:
    """A run folder in the making; `open_run_folder` makes it.

    Parameters
    ----------
    out : Path
        The folder that it will lie in.
    folder : Path
        Where it is until it is whole.
    studio : Studio
    progress : Callback
    """

    def __init__(self, out: Path, folder: Path, studio: Studio, progress: Callback) -> None:
        self._out = out
        self._folder = folder
        self._studio = studio
        self._progress = progress

    def begin(self, contents: Contents) -> None:
        """Begin with the pictures of the latest run.

        Parameters
        ----------
        contents : Contents
            With the runs that there are; called for each.
        """
        self._studio.begin(contents)

    def write(self, contents: Contents) -> Path:
        """Write the rest, and give the folder its name.

        Parameters
        ----------
        contents : Contents

        Returns
        -------
        Path
            The new folder.

        Raises
        ------
        OutputError
            If something cannot be written.
        """
        created = datetime.now().astimezone()
        with _told_as_output_error(self._out):
            self._fill(contents, created)
            name = _folder_name(contents.digits.source.name, created)
            return _rename(self._folder, self._out, name)

    def _fill(self, contents: Contents, created: datetime) -> None:
        stages = dict(contents.stages)
        highlights = highlight(contents)
        pictures = self._studio.begin_rest(contents, highlights)
        with _timed(stages, "tables"):
            _write_tables(contents, self._folder, self._progress)
        with _timed(stages, "figures"):
            self._studio.finish(self._progress, of=len(pictures))
        self._progress(Event("write", "report"))
        described = describe_run(replace(contents, stages=stages), created)
        write_page(contents, highlights, pictures, described, self._folder)
        write_run(described, self._folder / "run.json")


def _write_tables(contents: Contents, folder: Path, progress: Callback) -> None:
    progress(Event("write", "tables"))
    write_metrics(contents, folder / "metrics.json")
    write_assignments(contents, folder)
    write_centroids(contents, folder / "centroids.safetensors")
    if contents.model is not None:
        from inkmeans.recognise.model_file import save_model

        save_model(contents.model, folder / "model.safetensors")
    if contents.recognition is not None:
        from inkmeans.recognise.recognizer_file import save_recognizer

        save_recognizer(contents.recognition.recognizer, folder / "recognizer.safetensors")


@contextmanager
def _timed(stages: dict[str, float], stage: str) -> Iterator[None]:
    begin = time.perf_counter()
    yield
    stages[stage] = time.perf_counter() - begin


@contextmanager
def _writing_in(out: Path) -> Iterator[Path]:
    """Make a hidden folder inside `out`; remove it, and what was made for it, on any error."""
    made = [parent for parent in (out, *out.parents) if not parent.exists()]
    # Not tempfile.mkdtemp: its folders can be read by nobody else, and this one stays.
    folder = out / f".unfinished-{secrets.token_hex(6)}"
    try:
        with _told_as_output_error(out):
            folder.mkdir(parents=True)
        yield folder
    finally:  # by its final name it is no longer there
        shutil.rmtree(folder, ignore_errors=True)
        for parent in made:  # innermost first
            with suppress(OSError):  # it holds the run folder, or somebody else uses it by now
                parent.rmdir()


@contextmanager
def _told_as_output_error(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"{out}: cannot write the results ({reason})", hint=_HINT) from error


def _folder_name(dataset: str, created: datetime) -> str:
    r"""Return ``<time>-<dataset>`` as every file system takes it.

    Examples
    --------
    >>> from datetime import datetime
    >>> _folder_name("my digits: \u0033/4?.npz", datetime(2026, 11, 24, 10, 15))
    '20261124-101500-my-digits-3-4-.npz'
    """
    safe = re.sub(r"[^\w.-]+", "-", dataset)[:40].strip("-._")
    return f"{created:%Y%m%d-%H%M%S}-{safe or 'images'}"


def _rename(folder: Path, out: Path, name: str) -> Path:
    for number in count(1):
        final = out / (name if number == 1 else f"{name}-{number}")
        if final.exists():
            continue
        try:
            return folder.rename(final)
        except OSError:
            if not final.exists():  # another run did not take the name just now
                raise
    raise AssertionError("count never ends")
