"""Labels, images and report out of the explorer, and labels back in."""

from __future__ import annotations

import base64
import csv
import io
import re
import zipfile
from datetime import UTC, datetime
from importlib.resources import files
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.errors import DataError, NotNamedError
from inkmeans.explore.labelling import UNCHANGED, Action, pack
from inkmeans.explore.opened import OpenData
from inkmeans.explore.protocol import EXCLUDED, NO_CLUSTER, NO_LABEL
from inkmeans.explore.views import audit_report, cluster_infos, images_in_order

__all__ = [
    "COLUMNS",
    "read_labels",
    "write_classes",
    "write_csv",
    "write_parquet",
    "write_report",
]

COLUMNS = ("index", "split", "label", "source", "excluded", "cluster", "confidence")
SOURCES = ("", "cluster", "hand")
N_MEMBERS = 16  # of each cluster, in the report

Columns = dict[str, list[Any]]


def _columns(data: OpenData, run: int) -> Columns:
    state, assigned = data.state, data.run_state(run).assigned
    labels = state.labels.tolist()
    n_train = data.digits.n_train
    return {
        "index": list(range(data.n)),
        "split": ["train"] * n_train + ["test"] * (data.n - n_train),
        "label": [None if label == NO_LABEL else data.classes[label] for label in labels],
        "source": [SOURCES[source] for source in state.sources.tolist()],
        "excluded": state.excluded.tolist(),
        "cluster": [None if c == NO_CLUSTER else c for c in assigned.tolist()],
        "confidence": [round(c, 4) for c in data.geometry(run).confidence.tolist()],
    }


def write_csv(data: OpenData, run: int) -> bytes:
    """Write one line an image."""
    columns = _columns(data, run)
    columns["excluded"] = [int(value) for value in columns["excluded"]]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(zip(*(columns[name] for name in COLUMNS), strict=True))
    return text.getvalue().encode()


def write_parquet(data: OpenData, run: int) -> bytes:
    """Write the same columns as a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"index": pa.int32(), "cluster": pa.int32(), "confidence": pa.float32()}
    columns = {
        name: pa.array(values, types.get(name)) for name, values in _columns(data, run).items()
    }
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def write_classes(data: OpenData, file: IO[bytes]) -> None:
    """Write labelled images as PNG files into a zip, a folder a class; excluded ones left out."""
    state = data.state
    wanted = np.flatnonzero((state.labels != NO_LABEL) & ~state.excluded)
    if not len(wanted) and not state.examples:
        raise NotNamedError("no image is labelled yet", hint="name a cluster first")
    folders = [_folder(place, name) for place, name in enumerate(data.classes)]
    shape = data.images.shape[1:]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for index in wanted.tolist():
            part = "train" if index < data.digits.n_train else "test"
            name = f"{folders[state.labels[index]]}/{part}-{index:06}.png"
            archive.writestr(name, _png(data.images[index]))
        for place, example in enumerate(state.examples):
            image = np.frombuffer(example.image, np.uint8).reshape(shape)
            archive.writestr(f"{folders[example.label]}/example-{place:04}.png", _png(image))


def _folder(place: int, name: str) -> str:
    """Make a folder's name of a class: no path, and no two alike."""
    plain = re.sub(r"[^\w-]+", "_", name).strip("_")[:60]
    return name if plain == name else f"{place:03}_{plain}".rstrip("_")


def _png(image: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def write_report(data: OpenData, run: int) -> bytes:
    """Write a page that stands alone: labels, scores, clusters with their images."""
    from jinja2 import Environment

    from inkmeans import __version__
    from inkmeans.evaluate import Scores

    source = files("inkmeans.explore").joinpath("templates/report.html").read_text("utf-8")
    row, found = data.run(run), data.geometry(run)
    clusters = []
    for place, info in enumerate(cluster_infos(data, run)):
        members = images_in_order(data, run, "typical", cluster=info.cluster, count=N_MEMBERS)
        clusters.append(
            {
                "number": info.cluster,
                "size": f"{info.size:,}",
                "name": None if info.label is None else data.classes[info.label],
                "tightness": info.tightness,
                "purity": info.purity,
                "picture": _data_address(found.pictures[place]),
                "members": [_data_address(data.images[index]) for index in members],
            }
        )
    scores = [
        (key, row.scores[key], Scores.LABEL_USE[key])
        for key in Scores(1, 1).to_dict()
        if key != "n_images" and row.scores.get(key) is not None
    ]
    page = Environment(autoescape=True, trim_blocks=True).from_string(source)
    return page.render(
        title=f"{data.info.name}: {row.name}",
        dataset=data.info,
        run=row,
        version=__version__,
        created=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        counts=data.counts(),
        audit=audit_report(data, 2000),
        scores=scores,
        scored_on=row.scores.get("scored_on"),
        clusters=clusters,
    ).encode()


def _data_address(image: NDArray[np.uint8]) -> str:
    return "data:image/png;base64," + base64.b64encode(_png(image)).decode()


def read_labels(data: OpenData, name: str, content: bytes) -> Action:
    """Read labels that `write_csv` or `write_parquet` wrote, as one label action.

    Parameters
    ----------
    data : OpenData
    name : str
        Of the file; its end tells the format.
    content : bytes

    Returns
    -------
    Action

    Raises
    ------
    DataError
        If it is damaged, or does not fit the open images.
    """
    columns = _read_parquet(content) if name.lower().endswith(".parquet") else _read_csv(content)
    missing = [key for key in ("index", "label") if key not in columns]
    if missing:
        raise DataError(f"{name[:60]}: no column {missing[0]!r}", hint="give index and label")
    column = np.full(data.n, UNCHANGED, np.uint8)
    places = {word: place for place, word in enumerate(data.classes)}
    excluded = columns.get("excluded", [None] * len(columns["index"]))
    for line, (index, label, out) in enumerate(
        zip(columns["index"], columns["label"], excluded, strict=True), start=1
    ):
        where = f"{name[:60]}, entry {line}"
        if not str(index).isdecimal() or int(str(index)[:12]) >= data.n:
            raise DataError(f"{where}: no image {str(index)[:20]!r}", hint=f"there are {data.n}")
        word = "" if label is None else str(label)
        if word and word not in places:
            raise DataError(
                f"{where}: unknown label {word[:20]!r}", hint=f"known: {', '.join(places)[:200]}"
            )
        if out in (True, "1", "True", "true", 1):
            column[int(index)] = EXCLUDED
        elif word:
            column[int(index)] = places[word]
    count = int(np.count_nonzero(column != UNCHANGED))
    return Action("import", {}, pack(column), f"import the labels of {count:,} images")


def _read_csv(content: bytes) -> Columns:
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"no CSV file ({error})", hint="export one to see the form") from None
    if not rows:
        raise DataError("an empty file", hint="export one to see the form")
    heads, body = rows[0], [row for row in rows[1:] if row]
    if any(len(row) != len(heads) for row in body):
        raise DataError("lines of different lengths", hint="export one to see the form")
    return {head: [row[place] for row in body] for place, head in enumerate(heads)}


def _read_parquet(content: bytes) -> Columns:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(pa.BufferReader(content))
        wanted = [name for name in table.column_names if name in COLUMNS]
        found: Columns = table.select(wanted).to_pydict()
    except (pa.ArrowException, OSError) as error:
        text = str(error)[:100]
        raise DataError(f"no Parquet file ({text})", hint="export one to see the form") from None
    return found
