"""The run folder: written beside its final name, and renamed when it is whole."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path

from inkmeans.errors import OutputError
from inkmeans.progress import Callback, Event, silent
from inkmeans.report.contents import Contents
from inkmeans.report.highlights import highlight
from inkmeans.report.page import write_page
from inkmeans.report.pictures import drawing_pictures
from inkmeans.report.provenance import describe_run, write_run
from inkmeans.report.tables import write_assignments, write_centroids, write_metrics

__all__ = ["write_run_folder"]

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
    out = Path(out)
    created = datetime.now().astimezone()
    name = _folder_name(contents.digits.source.name, created)
    with _writing_in(out) as folder:
        _fill(contents, folder, created, progress or silent)
        return _rename(folder, out, name)


def _fill(contents: Contents, folder: Path, created: datetime, progress: Callback) -> None:
    stages = dict(contents.stages)
    highlights = highlight(contents)
    with drawing_pictures(contents, highlights, folder / "figures") as finish:
        with _timed(stages, "tables"):
            _write_tables(contents, folder, progress)
        with _timed(stages, "figures"):
            pictures = finish(progress)
    progress(Event("write", "report"))
    described = describe_run(replace(contents, stages=stages), created)
    write_page(contents, highlights, pictures, described, folder)
    write_run(described, folder / "run.json")


def _write_tables(contents: Contents, folder: Path, progress: Callback) -> None:
    progress(Event("write", "tables"))
    write_metrics(contents, folder / "metrics.json")
    write_assignments(contents, folder)
    write_centroids(contents, folder / "centroids.safetensors")
    if contents.model is not None:
        from inkmeans.recognise.model_file import save_model

        save_model(contents.model, folder / "model.safetensors")


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
        folder.mkdir(parents=True)
        yield folder
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        _remove_empty(made)
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            raise OutputError(f"{out}: cannot write the results ({reason})", hint=_HINT) from error
        raise


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:  # innermost first
        try:
            folder.rmdir()
        except OSError:  # somebody else uses it by now
            return


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
