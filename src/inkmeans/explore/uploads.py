"""Images that are dropped on the page: taken in within limits, looked at, prepared, opened."""

from __future__ import annotations

import bz2
import gzip
import itertools
import lzma
import os
import re
import shutil
import tempfile
import threading
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.datasets import Digits, load
from inkmeans.datasets.convert import natural_key, to_digits
from inkmeans.datasets.digits import Arrays
from inkmeans.datasets.pictures import SUFFIXES, read_picture
from inkmeans.datasets.unpack import read_errors
from inkmeans.errors import DataError, InkmeansError, ParameterError
from inkmeans.explore.files import ProjectFiles
from inkmeans.explore.thumbnails import find_blanks, find_duplicates, shrink

__all__ = ["MAX_FILE", "PREVIEW_SIDE", "Preparation", "Upload", "Uploads"]

MAX_FILE = 512 * 2**20
MAX_TOTAL = 2**30
MAX_FILES = 200_000
MAX_UNPACKED = 2**30
MAX_UPLOADS = 8
MAX_SIDE = 256  # of the images that are made of an upload
PREVIEW_SIDE = 64

_UNUSUAL = re.compile(r"[^A-Za-z0-9._+-]")
_PARTS = {"train": 0, "training": 0, "test": 1, "testing": 1, "t10k": 1}
_PACKED: dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7z": lzma.open,
}
_CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is done to dropped images.

    Attributes
    ----------
    invert : {"auto", "yes", "no"}
        ``"auto"`` inverts where the borders are light.
    crop : bool
        Cut the ink out, scale it into a box of 20 / 28 of the size and centre it by mass, as
        MNIST's images were made.
    center : bool
        Move the centre of mass to the middle; what is cropped is centred anyway.
    size : int
        Height and width of the result.
    """

    invert: str = "auto"
    crop: bool = False
    center: bool = False
    size: int = 28

    def __post_init__(self) -> None:
        if self.invert not in ("auto", "yes", "no"):
            raise ParameterError(f"invert is {self.invert[:20]!r}", hint="give auto, yes or no")
        if not 4 <= self.size <= MAX_SIDE:
            raise ParameterError(f"size is {self.size}", hint=f"give a number from 4 to {MAX_SIDE}")


@dataclass(eq=False)
class Upload:
    """Files on their way to become images.

    Attributes
    ----------
    id : str
    name : str
    folder : Path
        Holds the files under names of our own.
    """

    id: str
    name: str
    folder: Path
    files: int = 0
    size: int = 0  # in bytes
    pictures: list[tuple[Path, str]] = field(default_factory=list)  # file, path as it was given
    images: list[NDArray[np.uint8]] = field(default_factory=list)
    labels: list[str] | None = None
    n_train: int = 0
    ready: bool = False

    def describe(self) -> dict[str, Any]:
        """Say what came; see the protocol."""
        sizes = Counter(image.shape for image in self.images).most_common(8)
        same = len(sizes) == 1 and self.ready
        stack = np.stack(self.images) if same else None
        return {
            "id": self.id,
            "name": self.name,
            "files": self.files,
            "bytes": self.size,
            "ready": self.ready,
            "n": len(self.images),
            "n_train": self.n_train,
            "classes": sorted(set(self.labels or ()), key=natural_key),
            "sizes": [[height, width, count] for (height, width), count in sizes],
            "blanks": 0 if stack is None else len(find_blanks(stack)),
            "duplicates": 0 if stack is None else len(find_duplicates(stack)),
            "preview_side": PREVIEW_SIDE,
            "suggested": self._suggest(sizes),
        }

    def _suggest(self, sizes: list[tuple[tuple[int, ...], int]]) -> dict[str, Any]:
        """Small images of one size are taken as they are, anything else is cropped."""
        small = len(sizes) == 1 and max(sizes[0][0]) <= 64 and sizes[0][0][0] == sizes[0][0][1]
        size = sizes[0][0][0] if small else 28
        return {"invert": "auto", "crop": not small, "center": False, "size": size}

    def before(self, start: int, count: int) -> bytes:
        """Fit images as they came into squares of `PREVIEW_SIDE`."""
        part = self.images[start : start + count]
        return b"".join(_fit(image, PREVIEW_SIDE).tobytes() for image in part)

    def prepared(self, how: Preparation, start: int = 0, count: int | None = None) -> Any:
        """Make uint8 images of shape (count, size, size)."""
        stop = None if count is None else start + count
        inverted = how.invert == "yes" or (how.invert == "auto" and self._is_light())
        return _prepare(self.images[start:stop], how, inverted)

    def _is_light(self) -> bool:
        step = max(1, len(self.images) // 500)
        borders = [_border_level(image) for image in self.images[::step]]
        return bool(borders) and float(np.median(borders)) > 127


class Uploads:
    """The uploads that are under way.

    Parameters
    ----------
    files : ProjectFiles
        Where images are kept that are opened in the end.
    """

    def __init__(self, files: ProjectFiles) -> None:
        self._files = files
        self._uploads: dict[str, Upload] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def begin(self, name: str) -> Upload:
        """Begin an upload; the oldest goes where there are too many."""
        folder = Path(tempfile.mkdtemp(prefix="inkmeans-upload-"))
        with self._lock:
            upload = Upload(str(next(self._numbers)), name[:200] or "images", folder)
            self._uploads[upload.id] = upload
            old = list(self._uploads.values())[:-MAX_UPLOADS]
        for each in old:
            self.discard(each.id)
        return upload

    def get(self, number: str) -> Upload:
        """Find an upload."""
        with self._lock:
            if number not in self._uploads:
                raise LookupError(f"no such upload: {number}")
            return self._uploads[number]

    def discard(self, number: str) -> None:
        """Forget an upload and its files."""
        with self._lock:
            upload = self._uploads.pop(number, None)
        if upload is not None:
            shutil.rmtree(upload.folder, ignore_errors=True)

    def close(self) -> None:
        """Forget all uploads."""
        for number in list(self._uploads):
            self.discard(number)

    def place(self, upload: Upload, path: str) -> Path:
        """Say where to write a file that comes under a path of the sender's.

        The path is never used: pictures get numbers, other files the last part of the path in
        plain letters.

        Raises
        ------
        DataError
            If the path leaves its folder, or there are too many files.
        """
        parts = _safe_parts(path)
        if upload.ready:
            raise ParameterError("this upload is finished", hint="begin another")
        if upload.files >= MAX_FILES:
            raise DataError(f"more than {MAX_FILES:,} files", hint="send a zip, IDX or NPZ file")
        upload.files += 1
        suffix = PurePosixPath(parts[-1]).suffix.lower()
        if suffix in SUFFIXES:
            target = upload.folder / f"{upload.files:07}{suffix}"
            upload.pictures.append((target, "/".join(parts)))
            return target
        plain = _UNUSUAL.sub("_", parts[-1])[-100:].lstrip(".")
        return upload.folder / "data" / (plain or "file")

    def finish(self, upload: Upload) -> Upload:
        """Read what came."""
        if not upload.ready:
            try:
                self._read(upload)
            except InkmeansError as error:  # the sender knows nothing of our folder
                message = error.message.replace(f"{upload.folder / 'data'}{os.sep}", "")
                message = message.replace(str(upload.folder), upload.name)
                raise type(error)(message, hint=error.hint) from None
            upload.ready = True
        return upload

    def _read(self, upload: Upload) -> None:
        others = sorted((upload.folder / "data").glob("*"))
        if upload.pictures:
            self._read_pictures(upload, upload.pictures)
        elif len(others) == 1 and _is_picture_zip(others[0]):
            self._read_zip(upload, others[0])
        elif others:
            for path in others:
                _check_unpacked(path)
            self._take(upload, load(others[0] if len(others) == 1 else others[0].parent))
        else:
            raise DataError("nothing was sent", hint="drop pictures, a zip, IDX or NPZ file")

    def open(self, upload: Upload, how: Preparation) -> str:
        """Prepare the images, keep them, and return the source that opens them."""
        images = upload.prepared(how)
        labels = None if upload.labels is None else np.array(upload.labels)
        n_train = upload.n_train if 0 < upload.n_train < len(images) else None
        digits = to_digits(Arrays(images, labels, n_train), upload.name)
        members: dict[str, Any] = {"x_train": digits.images[: digits.n_train]}
        if labels is not None:
            members["y_train"] = labels[: digits.n_train]
        if digits.n_train < len(digits):
            members["x_test"] = digits.images[digits.n_train :]
            if labels is not None:
                members["y_test"] = labels[digits.n_train :]
        number = digits.source.sha256[:16]
        # `savez` cannot know the type of each member.
        self._files.write(self._files.data(number), lambda file: np.savez(file, **members))
        self._files.write(
            self._files.data(number).with_suffix(".txt"),
            lambda file: file.write(upload.name.encode()),
        )
        return f"data:{number}"

    def _take(self, upload: Upload, digits: Digits) -> None:
        upload.images = list(digits.images)
        upload.n_train = digits.n_train
        if digits.labels is not None:
            upload.labels = [digits.names[label] for label in digits.labels.tolist()]

    def _read_pictures(self, upload: Upload, pictures: list[tuple[Path, str]]) -> None:
        found = [(path, *_meaning(given), given) for path, given in pictures]
        found.sort(key=lambda each: (each[1], natural_key(each[3])))
        total = 0
        for path, _, _, given in found:
            try:
                image = read_picture(path)
            except DataError as error:
                message = error.message.replace(str(path), given)
                raise DataError(message, hint=error.hint) from None
            total += image.size
            if total > MAX_UNPACKED:
                raise DataError("the pictures have too many pixels", hint="make them smaller")
            upload.images.append(image)
        labels = [label for _, _, label, _ in found]
        upload.labels = labels if all(labels) else None
        upload.n_train = sum(part == 0 for _, part, _, _ in found) or len(found)

    def _read_zip(self, upload: Upload, path: Path) -> None:
        pictures = []
        with read_errors(upload.name), zipfile.ZipFile(path) as archive:
            for number, entry in enumerate(_picture_entries(archive)):
                target = upload.folder / f"zip{number:07}{Path(entry.filename).suffix.lower()}"
                with archive.open(entry) as packed, target.open("wb") as file:
                    shutil.copyfileobj(packed, file)  # never more than the entry declares
                pictures.append((target, entry.filename))
        if not pictures:
            raise DataError(
                f"{upload.name}: no pictures in it", hint=f"it should hold {', '.join(SUFFIXES)}"
            )
        self._read_pictures(upload, pictures)


def _safe_parts(path: str) -> list[str]:
    parts = path.replace("\\", "/").split("/")
    bad = any(part in ("", ".", "..") or "\0" in part or len(part) > 255 for part in parts)
    if bad or len(parts) > 8 or ":" in parts[0]:
        raise DataError(f"a file of the path {path[:60]!r}", hint="give a relative path, a/b.png")
    return parts


def _meaning(path: str) -> tuple[int, str]:
    """Tell from the folders of a picture whether it is for training, and its label."""
    folders = [part for part in PurePosixPath(path).parts[:-1] if part not in ("/", "..")]
    part = next((_PARTS[f.lower()] for f in folders if f.lower() in _PARTS), 0)
    label = folders[-1] if len(folders) > 0 and folders[-1].lower() not in _PARTS else ""
    return part, label


def _is_picture_zip(path: Path) -> bool:
    """Say whether this is a zip archive other than NumPy's."""
    with path.open("rb") as file:
        if not file.read(4).startswith(b"PK"):
            return False
    with read_errors(path.name), zipfile.ZipFile(path) as archive:
        return not any(name.endswith(".npy") for name in archive.namelist())


def _picture_entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """List the pictures of an archive, within the limits."""
    infos = archive.infolist()
    if len(infos) > MAX_FILES:
        raise DataError(f"{len(infos):,} files in the archive", hint=f"at most {MAX_FILES:,}")
    entries = [
        info
        for info in infos
        if Path(info.filename).suffix.lower() in SUFFIXES
        and not Path(info.filename).name.startswith(".")
        and "__MACOSX" not in info.filename
    ]
    _check_total(sum(info.file_size for info in entries))
    return entries


def _check_total(size: int) -> None:
    if size > MAX_UNPACKED:
        raise DataError(
            f"it unpacks to {size / 2**30:.1f} GiB", hint=f"at most {MAX_UNPACKED // 2**30} GiB"
        )


def _check_unpacked(path: Path) -> None:
    """Refuse a compressed file that unpacks to too much, without keeping what comes out."""
    with path.open("rb") as file:
        start = file.read(3)
    if start.startswith(b"PK"):
        with read_errors(path.name), zipfile.ZipFile(path) as archive:
            _check_total(sum(info.file_size for info in archive.infolist()))
        return
    opener = next((open_ for magic, open_ in _PACKED.items() if start.startswith(magic)), None)
    if opener is None:
        return
    with read_errors(path.name), opener(path) as stream:
        size = _count(stream)
    _check_total(size)


def _count(stream: IO[bytes]) -> int:
    size = 0
    while size <= MAX_UNPACKED and (part := stream.read(_CHUNK)):
        size += len(part)
    return size


def _prepare(
    images: list[NDArray[np.uint8]], how: Preparation, inverted: bool
) -> NDArray[np.uint8]:
    from inkmeans.prepare import CenterByMass, take_in

    made = np.zeros((len(images), how.size, how.size), np.uint8)
    for place, given in enumerate(images):
        image = 255 - given if inverted else given
        if how.crop:
            # A rim of the border's level: images of the size asked for would be left alone.
            framed = np.pad(image, 1, constant_values=int(_border_level(image)))
            made[place] = take_in(framed, (how.size, how.size))[0]
        else:
            made[place] = _fit(image, how.size)
    return CenterByMass().transform(made) if how.center and not how.crop and len(made) else made


def _fit(image: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Scale an image, proportions kept, into the middle of a square."""
    height, width = image.shape
    if (height, width) == (side, side):
        return image
    scale = side / max(height, width)
    size = max(1, round(height * scale)), max(1, round(width * scale))
    if scale <= 1:
        small = shrink(image[None], *size)[0]
    else:
        from PIL import Image

        resample = Image.Resampling.BILINEAR
        small = np.asarray(Image.fromarray(image).resize(size[::-1], resample))
    square = np.full((side, side), int(_border_level(image)), np.uint8)
    top, left = (side - size[0]) // 2, (side - size[1]) // 2
    square[top : top + size[0], left : left + size[1]] = small
    return square


def _border_level(image: NDArray[np.uint8]) -> float:
    return float(np.median(np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])))
