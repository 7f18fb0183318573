"""Files to take away, and labels to bring back."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from inkmeans.explore import exporting, models
from inkmeans.explore.opened import OpenData
from inkmeans.explore.routes.common import (
    answer_file,
    answer_json,
    in_thread,
    open_data,
    read_body,
    run_of,
    workspace_of,
)
from inkmeans.explore.routes.labels import answer_action

__all__ = ["ROUTES"]

MAX_LABELS = 256 * 2**20

_TABLES: dict[str, tuple[str, Callable[[OpenData, int], bytes]]] = {
    "labels.csv": ("text/csv; charset=utf-8", exporting.write_csv),
    "labels.parquet": ("application/vnd.apache.parquet", exporting.write_parquet),
    "report.html": ("text/html; charset=utf-8", exporting.write_report),
}


async def get_table(request: Request) -> Response:
    """Send labels or the report."""
    data, name = open_data(request), request.path_params["name"]
    if name not in _TABLES:
        raise LookupError(f"no such export: {name[:40]}")
    media_type, write = _TABLES[name]
    return answer_file(await in_thread(write, data, run_of(request, data)), name, media_type)


async def get_classes(request: Request) -> Response:
    """Send labelled images, a folder a class."""
    data = open_data(request)
    return await in_thread(_as_file, "classes.zip", lambda path: _write_classes(data, path))


def _write_classes(data: OpenData, path: Path) -> None:
    with path.open("wb") as file:
        exporting.write_classes(data, file)


async def get_model(request: Request) -> Response:
    """Send the current run as a model file, or as an ONNX model."""
    data = open_data(request)
    run, name = run_of(request, data), request.url.path.rpartition("/")[2]
    write = models.write_onnx if name.endswith(".onnx") else models.write_model
    return await in_thread(_as_file, name, lambda path: write(data, run, path))


def _as_file(name: str, write: Callable[[Path], None]) -> Response:
    """Answer with a file that is written aside and goes once it was sent."""
    folder = tempfile.TemporaryDirectory(prefix="inkmeans-export-")
    path = Path(folder.name) / name
    try:
        write(path)
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(
        path,
        filename=name,
        headers={"Cache-Control": "no-store"},
        background=BackgroundTask(folder.cleanup),
    )


async def import_labels(request: Request) -> Response:
    """Take labels in."""
    workspace = workspace_of(request)
    content = await read_body(request, MAX_LABELS)
    name = request.query_params.get("name", "labels.csv")
    done = await in_thread(workspace.act, lambda data: exporting.read_labels(data, name, content))
    return answer_json(answer_action(workspace, done))


ROUTES = [
    Route("/api/export/classes.zip", get_classes),
    Route("/api/export/model.onnx", get_model),
    Route("/api/export/model.safetensors", get_model),
    Route("/api/export/{name}", get_table),
    Route("/api/import/labels", import_labels, methods=["POST"]),
]
