"""Image files, and folders of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inkmeans.datasets.convert import natural_key
from inkmeans.datasets.digits import Arrays
from inkmeans.datasets.unpack import MAX_UNPACKED, read_errors
from inkmeans.errors import DataError
from inkmeans.progress import Callback, Event, silent

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["SUFFIXES", "list_pictures", "read_picture", "read_picture_folder"]

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp")
"""Endings of the names of files that are taken for pictures."""

_MAX_PIXELS = 2**24
_PARTS = {"train": 0, "training": 0, "test": 1, "testing": 1, "t10k": 1}


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Read a PNG, JPEG or BMP file as grey values.

    Parameters
    ----------
    path : Path

    Returns
    -------
    ndarray of uint8, shape (height, width)
        0 is black. Colours become their lightness, transparent parts white (as paper
        is), and 16-bit grey is scaled down. Nothing is inverted.

    Raises
    ------
    DataError
        If the file is missing, damaged, no picture, or has more than 16 million pixels.

    Examples
    --------
    >>> import numpy as np
    >>> from PIL import Image
    >>> from inkmeans.datasets.pictures import read_picture
    >>> file = getfixture("tmp_path") / "dot.png"
    >>> Image.fromarray(np.array([[0, 255]], np.uint8)).save(file)
    >>> read_picture(file)
    array([[  0, 255]], dtype=uint8)
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path, formats=("PNG", "JPEG", "BMP")) as picture:
            _check_pixels(picture, path)
            return _grey(picture)
    except DataError:
        raise
    except FileNotFoundError:
        raise DataError(f"{path}: no such file", hint="check the name") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DataError(f"{path}: far too many pixels", hint="make it smaller") from None
    except UnidentifiedImageError:
        raise DataError(f"{path}: not a PNG, JPEG or BMP picture", hint="save it as PNG") from None
    except Exception as error:  # what Pillow raises on damage is not documented
        raise DataError(f"{path}: the picture is damaged ({error})", hint="save it again") from None


def _check_pixels(picture: Image.Image, path: Path) -> None:
    width, height = picture.size
    if width * height > _MAX_PIXELS:
        raise DataError(
            f"{path}: {width} x {height} pixels", hint="make it smaller: 28 x 28 is usual"
        )


def _grey(picture: Image.Image) -> NDArray[np.uint8]:
    from PIL import Image

    if picture.mode.startswith("I"):
        deep = np.asarray(picture).astype(np.int64).clip(0, 65535)
        return np.rint(deep / 257).astype(np.uint8)
    if picture.has_transparency_data:
        seen = picture.convert("RGBA")
        paper = Image.new("RGBA", picture.size, (255, 255, 255, 255))
        picture = Image.alpha_composite(paper, seen)
    return np.array(picture.convert("L"), dtype=np.uint8)


def list_pictures(folder: Path) -> list[Path]:
    """List the pictures in a folder, not in its sub-folders, in natural order.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of Path
        "img2.png" comes before "img10.png". Hidden files are left out.

    Examples
    --------
    >>> from inkmeans.datasets.pictures import list_pictures
    >>> folder = getfixture("tmp_path")
    >>> for name in ("img10.png", "img2.png", "notes.txt"):
    ...     (folder / name).touch()
    >>> [path.name for path in list_pictures(folder)]
    ['img2.png', 'img10.png']
    """
    return sorted(
        (
            path
            for path in folder.iterdir()
            if path.suffix.lower() in SUFFIXES and path.name[0] != "." and path.is_file()
        ),
        key=lambda path: natural_key(path.name),
    )


def read_picture_folder(folder: Path, *, progress: Callback | None = None) -> Arrays:
    """Read a folder of pictures, or of sub-folders of pictures whose names are the labels.

    Parameters
    ----------
    folder : Path
        Holds pictures; or a sub-folder for each class; or the sub-folders ``train`` (or
        ``training``) and ``test`` (or ``testing``), which hold either.
    progress : callable, optional
        Told how many pictures have been read.

    Returns
    -------
    Arrays
        Sub-folders and pictures in natural order. Labels are strings.

    Raises
    ------
    DataError
        If there are no pictures, they differ in size, one is damaged, or pictures lie
        beside sub-folders of pictures.
    """
    with read_errors(str(folder)):
        train, test = _parts(folder)
    entries = train + test
    if not entries:
        raise DataError(
            f"{folder}: no data in this folder",
            hint="it should hold PNG pictures, sub-folders of them, or IDX files",
        )
    with_label = {label != "" for _, label in entries}
    if len(with_label) > 1:
        raise DataError(
            f"{folder}: pictures beside sub-folders of pictures",
            hint="put every picture into a sub-folder named by its label, or none",
        )
    images = _read_all([path for path, _ in entries], folder, progress or silent)
    labels = np.array([label for _, label in entries]) if with_label == {True} else None
    return Arrays(images, labels, len(train) or None)


_Entries = list[tuple[Path, str]]


def _parts(folder: Path) -> tuple[_Entries, _Entries]:
    children = _sub_folders(folder)
    if not children or any(child.name.lower() not in _PARTS for child in children):
        return _labelled(folder), []
    parts: tuple[_Entries, _Entries] = ([], [])
    for child in children:
        parts[_PARTS[child.name.lower()]].extend(_labelled(child))
    return parts


def _sub_folders(folder: Path) -> list[Path]:
    return sorted(
        (path for path in folder.iterdir() if path.is_dir() and path.name[0] != "."),
        key=lambda path: natural_key(path.name),
    )


def _labelled(folder: Path) -> _Entries:
    entries = [(path, "") for path in list_pictures(folder)]
    for child in _sub_folders(folder):
        entries.extend((path, child.name) for path in list_pictures(child))
    return entries


def _read_all(paths: list[Path], folder: Path, report: Callback) -> NDArray[np.uint8]:
    first = read_picture(paths[0])
    if len(paths) * first.size > MAX_UNPACKED:
        raise DataError(
            f"{folder}: {len(paths)} pictures of {first.size} pixels are too much",
            hint="make them smaller, or use fewer",
        )
    images = np.empty((len(paths), *first.shape), np.uint8)
    for number, path in enumerate(paths):
        image = first if number == 0 else read_picture(path)
        if image.shape != first.shape:
            raise DataError(
                f"{path}: {image.shape[1]} x {image.shape[0]} pixels, but {paths[0].name} "
                f"has {first.shape[1]} x {first.shape[0]}",
                hint="make all pictures the same size",
            )
        images[number] = image
        if number % 1000 == 999:
            report(Event("load", str(folder), number + 1, len(paths)))
    return images
