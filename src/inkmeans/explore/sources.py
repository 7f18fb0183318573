"""Where the images of a project come from, as a text that server and worker both understand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from inkmeans.datasets import Digits, load
from inkmeans.errors import DataError
from inkmeans.explore.files import ProjectFiles
from inkmeans.progress import Callback

__all__ = ["dataset_id", "from_argument", "open_source"]

DEFAULT = "name:mnist"


def from_argument(data: str | None) -> str:
    """Turn what the command line was given into a source.

    Parameters
    ----------
    data : str or None
        The name of a data set, or a path.

    Returns
    -------
    str

    Raises
    ------
    InkmeansError
        If there is neither a data set nor a file of that name.

    Examples
    --------
    >>> from inkmeans.explore.sources import from_argument
    >>> from_argument("digits")
    'name:digits'
    """
    from inkmeans.datasets import DATASETS, get_dataset

    if data is None:
        return DEFAULT
    if data in DATASETS or not Path(data).exists():
        if Path(data).suffix or len(Path(data).parts) > 1:
            raise DataError(f"{data}: no such file or folder", hint="check the path")
        get_dataset(data)
        return f"name:{data}"
    return f"path:{Path(data).resolve()}"


def open_source(source: str, files: ProjectFiles, progress: Callback | None = None) -> Digits:
    """Load the images of a source.

    Parameters
    ----------
    source : str
        ``name:NAME``, ``path:PATH`` or ``data:ID``, images that were dropped in.
    files : ProjectFiles
        Where those are kept.
    progress : Callback, optional

    Returns
    -------
    Digits

    Raises
    ------
    InkmeansError
        If they cannot be loaded.
    """
    kind, _, rest = source.partition(":")
    if kind == "name":
        return load(rest, progress=progress)
    if kind != "data":
        return load(Path(rest), progress=progress)
    digits = load(files.data(rest), progress=progress)
    try:
        name = files.data(rest).with_suffix(".txt").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):  # of no weight beside the images
        return digits
    return replace(digits, source=replace(digits.source, name=name))


def dataset_id(digits: Digits) -> str:
    """Return the name of the images in addresses and in the project: it follows from them alone."""
    return digits.source.sha256[:16]
