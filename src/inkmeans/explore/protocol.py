"""What server and pages say to each other: byte layouts and JSON shapes, stated once a side.

``explore/web/lib/protocol.js`` is the other side; both are held to ``protocol_vectors.json`` by
tests. The addresses are listed in the design note of the protocol. All numbers are little endian.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inkmeans.errors import DataError, ParameterError

__all__ = [
    "EXCLUDED",
    "MAX_TEXTURE",
    "NO_CLUSTER",
    "NO_LABEL",
    "VERSION",
    "Atlas",
    "ClusterInfo",
    "DatasetInfo",
    "ErrorInfo",
    "History",
    "JobInfo",
    "LabelCounts",
    "MapInfo",
    "ProjectInfo",
    "RunInfo",
    "State",
    "as_float32",
    "as_uint8",
    "as_uint16",
    "as_uint32",
    "from_bitset",
    "plan_atlas",
    "to_bitset",
    "to_json",
]

VERSION = 1
"""Of the protocol; it grows when an address or a layout changes its meaning."""

NO_LABEL = 255
EXCLUDED = 254
"""Labels that are no class: not labelled yet, and taken out by hand."""

NO_CLUSTER = 65535
"""The cluster of an image that a run did not place."""

MAX_TEXTURE = 8192
"""Sides of the atlas never exceed this: every WebGL 2 of the last ten years takes it."""

_BAND_BYTES = 4 * 2**20


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """What went wrong and what to do, in two lines; the body of every answer of 400 and more."""

    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ProjectInfo:
    """The project file: its name and where it lies."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """The images that are open.

    `id` begins their fingerprint and stands in the addresses of what never changes with them;
    `classes` are the names of the true classes, empty where these are not known.
    """

    id: str
    name: str
    n: int
    n_train: int
    height: int
    width: int
    classes: tuple[str, ...] = ()
    licence: str = ""


@dataclass(frozen=True, slots=True)
class RunInfo:
    """One clustering of the open images; `settings` are those that it can be repeated with.

    `scores` are those of `inkmeans.evaluate.Scores`, null where they do not apply, empty until they
    are measured; `scored_on` says on which images: ``test`` (clusters named on the training images)
    or ``all``, where there is no test part.
    """

    id: int
    name: str
    preset: str | None
    settings: dict[str, Any]
    n_clusters: int
    seconds: float
    created: str
    scored_on: str | None
    scores: dict[str, float | int | None]


@dataclass(frozen=True, slots=True)
class MapInfo:
    """One map of the open images, and what drew it."""

    id: int
    name: str
    method: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ClusterInfo:
    """One cluster of a run, as merged, split and named so far.

    `label` is a position in `State.classes` or null. `tightness` is the mean distance of the
    members to their centroid over that of all images: below 1 is tighter than usual.
    `confidence` is the mean over the members. `truth` and `purity`, the most frequent true class
    and its share, are null where the truth is not known.
    """

    cluster: int
    size: int
    label: int | None
    medoid: int | None
    tightness: float | None
    confidence: float | None
    purity: float | None = None
    truth: int | None = None
    excluded: int = 0


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """How far labelling is: images, and label actions spent on them.

    `coverage` is the share of images that are labelled or excluded.
    """

    labelled: int
    by_hand: int
    excluded: int
    coverage: float
    actions: int
    per_class: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class History:
    """How many actions can be undone (or redone), and the next one in words; "" if none."""

    depth: int
    what: str = ""


@dataclass(frozen=True, slots=True)
class JobInfo:
    """A piece of long work.

    `kind` is ``cluster``, ``map``, ``suggest-k``, ``compare`` or ``open``; `status` is
    ``queued``, ``running``, ``done``, ``failed`` or ``cancelled``; `result` depends on the kind.
    """

    id: int
    kind: str
    title: str
    status: str
    stage: str = ""
    message: str = ""
    step: int | None = None
    of: int | None = None
    inertia: float | None = None
    seconds: float = 0.0
    seconds_left: float | None = None
    error: ErrorInfo | None = None
    result: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class State:
    """All that a page needs first. `revision` grows by one with every committed change.

    `status` is ``starting`` until the images and a first run are there, then ``ready``;
    ``failed`` has an `error`. `classes` are the names that labels are positions in. `run` is the
    run that all tabs look at, `map` the map that they draw; both null while there is none.
    """

    revision: int
    status: str
    project: ProjectInfo
    dataset: DatasetInfo | None
    classes: tuple[str, ...]
    runs: tuple[RunInfo, ...]
    run: int | None
    maps: tuple[MapInfo, ...]
    map: int | None
    labels: LabelCounts
    undo: History
    redo: History
    jobs: tuple[JobInfo, ...] = ()
    error: ErrorInfo | None = None
    version: int = field(default=VERSION)


def to_json(record: Any) -> Any:
    """Turn a record, or a list of them, into what JSON can hold; no NaN is left.

    Parameters
    ----------
    record : dataclass, mapping, sequence or plain value

    Returns
    -------
    object

    Examples
    --------
    >>> from inkmeans.explore.protocol import History, to_json
    >>> to_json(History(2, "label"))
    {'depth': 2, 'what': 'label'}
    >>> to_json([float("nan"), 1.5])
    [None, 1.5]
    """
    if hasattr(record, "__dataclass_fields__"):
        record = asdict(record)
    if isinstance(record, dict):
        return {str(key): to_json(value) for key, value in record.items()}
    if isinstance(record, list | tuple):
        return [to_json(value) for value in record]
    if isinstance(record, np.ndarray | np.generic):
        return to_json(record.tolist())
    if isinstance(record, float):
        return record if math.isfinite(record) else None
    return record


def to_bitset(members: ArrayLike) -> bytes:
    """Pack a selection: bit i % 8 of byte i // 8, lowest bit first, says whether image i is in.

    Parameters
    ----------
    members : bool array-like of shape (n,)

    Returns
    -------
    bytes
        Of length ceil(n / 8); the bits after the last image are 0.

    Examples
    --------
    >>> from inkmeans.explore.protocol import to_bitset
    >>> to_bitset([True, False, False, False, False, False, False, False, True]).hex()
    '0101'
    """
    return np.packbits(np.asarray(members, dtype=np.bool_), bitorder="little").tobytes()


def from_bitset(data: bytes, n: int) -> NDArray[np.bool_]:
    """Unpack a selection.

    Parameters
    ----------
    data : bytes
    n : int
        Number of images.

    Returns
    -------
    bool ndarray of shape (n,)

    Raises
    ------
    DataError
        If it has another length, or bits behind the last image.

    Examples
    --------
    >>> from inkmeans.explore.protocol import from_bitset
    >>> from_bitset(bytes([5]), 3)
    array([ True, False,  True])
    """
    if len(data) != (n + 7) // 8:
        raise DataError(
            f"a selection of {len(data)} bytes",
            hint=f"{n} images need {(n + 7) // 8} bytes, a bit an image",
        )
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little").astype(np.bool_)
    if bits[n:].any():
        raise DataError("a selection of images that are not there", hint=f"there are {n} images")
    return bits[:n]


def as_uint8(values: ArrayLike) -> bytes:
    """Lay values out as unsigned bytes."""
    return np.ascontiguousarray(values, dtype="u1").tobytes()


def as_uint16(values: ArrayLike) -> bytes:
    """Lay values out as unsigned 16-bit numbers, little endian."""
    return np.ascontiguousarray(values, dtype="<u2").tobytes()


def as_uint32(values: ArrayLike) -> bytes:
    """Lay values out as unsigned 32-bit numbers, little endian."""
    return np.ascontiguousarray(values, dtype="<u4").tobytes()


def as_float32(values: ArrayLike) -> bytes:
    """Lay values out as 32-bit floats, little endian."""
    return np.ascontiguousarray(values, dtype="<f4").tobytes()


@dataclass(frozen=True, slots=True)
class Atlas:
    """All thumbnails as one texture of one byte a pixel, sent in bands from top to bottom.

    Thumbnail i has its upper left corner at x = (i % columns) * width and
    y = (i // columns) * height. Band b is rows b * band_rows and on of thumbnails, so
    columns * width * height * band_rows bytes (the last band is shorter); what is behind the
    last image is 0. `width` and `height` are those of the images, or less where there are too
    many for the texture.
    """

    n: int
    width: int
    height: int
    columns: int
    rows: int
    band_rows: int
    bands: int


def plan_atlas(n: int, height: int, width: int) -> Atlas:
    """Lay thumbnails of n images out in one texture.

    Parameters
    ----------
    n, height, width : int
        Number and size of the images.

    Returns
    -------
    Atlas

    Raises
    ------
    ParameterError
        If not even one pixel an image would fit.

    Examples
    --------
    >>> from inkmeans.explore.protocol import plan_atlas
    >>> atlas = plan_atlas(70000, 28, 28)
    >>> atlas.columns * atlas.width, atlas.rows * atlas.height
    (8176, 6720)
    """
    for side in range(32, 0, -1):  # of the longer side of a thumbnail
        scale = min(1.0, side / max(height, width))
        thumb_height, thumb_width = max(1, round(height * scale)), max(1, round(width * scale))
        columns = min(n, MAX_TEXTURE // thumb_width)
        rows = -(-n // columns)
        if rows * thumb_height <= MAX_TEXTURE:
            band_rows = max(1, _BAND_BYTES // (columns * thumb_width * thumb_height))
            bands = -(-rows // band_rows)
            return Atlas(n, thumb_width, thumb_height, columns, rows, band_rows, bands)
    raise ParameterError(
        f"{n} images are too many to be shown", hint="open a part of them, at most some millions"
    )
