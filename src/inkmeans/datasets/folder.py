"""Folders of data: IDX files as MNIST comes, or pictures."""

from __future__ import annotations

import re
from pathlib import Path

from inkmeans.datasets.convert import join_parts
from inkmeans.datasets.digits import Arrays
from inkmeans.datasets.idx import labels_beside, read_idx_files
from inkmeans.datasets.pictures import read_picture_folder
from inkmeans.datasets.unpack import read_errors
from inkmeans.errors import DataError
from inkmeans.progress import Callback

__all__ = ["read_folder"]

_IMAGES = re.compile(r"(?P<set>.*?)(?P<part>train|t10k|test)-images[-.]idx3-ubyte(\.(gz|bz2|xz))?")


def read_folder(folder: Path, *, progress: Callback | None = None) -> Arrays:
    """Read a folder that holds a data set.

    Parameters
    ----------
    folder : Path
        Holds MNIST's four IDX files, plain or compressed (or two, if there is no
        test part; or only images), or pictures, see
        `inkmeans.datasets.pictures.read_picture_folder`.
    progress : callable, optional
        Told how many pictures have been read.

    Returns
    -------
    Arrays

    Raises
    ------
    DataError
        If there is no data in it, data of more than one kind, or something is damaged.
    """
    with read_errors(str(folder)):
        names = sorted(path.name for path in folder.iterdir())
    found = [match for name in names if (match := _IMAGES.fullmatch(name))]
    if not found:
        return read_picture_folder(folder, progress=progress)
    sets = sorted({match["set"] for match in found})
    if len(sets) > 1:
        raise DataError(
            f"{folder}: several data sets ({', '.join(repr(name) for name in sets)}...)",
            hint="give the path of one images file, or a folder for each",
        )
    parts: dict[str, Arrays] = {}
    for match in found:
        part = "train" if match["part"] == "train" else "test"
        if part not in parts:  # plain and compressed beside each other: one is enough
            images = folder / match[0]
            parts[part] = read_idx_files(images, labels_beside(images))
    if "train" not in parts:
        return parts["test"]
    return join_parts(parts["train"], parts.get("test"), str(folder))
