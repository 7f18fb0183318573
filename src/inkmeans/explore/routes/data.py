"""Other images: sample sets by name, and files that are dropped on the page."""

from __future__ import annotations

import asyncio
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from inkmeans.errors import ParameterError
from inkmeans.explore.routes.common import (
    TooLargeError,
    answer_binary,
    answer_json,
    in_thread,
    read_json,
    whole,
    workspace_of,
)
from inkmeans.explore.uploads import MAX_FILE, MAX_TOTAL, Preparation, Upload, Uploads
from inkmeans.explore.workspace import Workspace

__all__ = ["ROUTES"]

MAX_PREVIEW = 200


def _uploads(request: Request) -> Uploads:
    uploads: Uploads = request.app.state.uploads
    return uploads


def _upload(request: Request) -> Upload:
    return _uploads(request).get(request.path_params["upload"])


async def open_named(request: Request) -> Response:
    """Open a sample set; it may have to be fetched first."""
    from inkmeans.datasets import get_dataset

    asked, workspace = await read_json(request), workspace_of(request)
    record = get_dataset(str(asked.get("name", "")))  # a name of the list, never a path

    def call() -> dict[str, str]:
        return {"data": workspace.open(f"name:{record.name}").id}

    title = f"Open {record.name}"
    return answer_json(await in_thread(workspace.jobs.start, "open", title, {}, call), 202)


async def begin_upload(request: Request) -> Response:
    """Begin an upload, or take one that is a single file."""
    name = request.query_params.get("name", "")
    uploads = _uploads(request)
    upload = uploads.begin(Path(name.replace("\\", "/")).stem)
    if not name:
        return answer_json(await in_thread(upload.describe), 201)
    try:
        await _receive(request, upload, name)
        await in_thread(uploads.finish, upload)
    except BaseException:
        uploads.discard(upload.id)
        raise
    return answer_json(await in_thread(upload.describe), 201)


async def add_file(request: Request) -> Response:
    """Take one of many files."""
    upload = _upload(request)
    path = request.query_params.get("path", "")
    await _receive(request, upload, path)
    return answer_json({"files": upload.files, "bytes": upload.size})


async def _receive(request: Request, upload: Upload, path: str) -> None:
    """Write a body to a file, no more of it than is allowed, and nothing of a part of it."""
    target = _uploads(request).place(upload, path)
    target.parent.mkdir(exist_ok=True)
    limit = min(MAX_FILE, MAX_TOTAL - upload.size)
    size = 0
    with target.open("wb") as file:
        async for part in request.stream():
            size += len(part)
            if size > limit:
                raise TooLargeError(f"{path[:60]}: too large", hint="at most 512 MiB a file")
            if len(part) > 2**16:
                await asyncio.to_thread(file.write, part)
            else:
                file.write(part)
    upload.size += size


async def finish_upload(request: Request) -> Response:
    """Read what came."""
    upload = await in_thread(_uploads(request).finish, _upload(request))
    return answer_json(await in_thread(upload.describe))


async def get_upload(request: Request) -> Response:
    """Describe an upload."""
    return answer_json(await in_thread(_upload(request).describe))


async def get_before(request: Request) -> Response:
    """Show images as they came."""
    upload = _upload(request)
    start, count = _range(request)
    return answer_binary(await in_thread(upload.before, start, count))


async def get_after(request: Request) -> Response:
    """Show images as they would be used."""
    upload = _upload(request)
    start, count = _range(request)
    images = await in_thread(upload.prepared, _preparation(request), start, count)
    return answer_binary(images.tobytes())


def _range(request: Request) -> tuple[int, int]:
    return whole(request, "start", 0, 0, 2**31), whole(request, "count", 24, 1, MAX_PREVIEW)


def _preparation(request: Request) -> Preparation:
    return Preparation(
        request.query_params.get("invert", "auto"),
        bool(whole(request, "crop", 0, 0, 1)),
        bool(whole(request, "center", 0, 0, 1)),
        whole(request, "size", 28, 1, 10_000),
    )


def _use(workspace: Workspace, uploads: Uploads, upload: Upload, how: Preparation) -> None:
    if not upload.ready:
        raise ParameterError("this upload is not finished", hint="send its files, then finish it")
    workspace.open(uploads.open(upload, how))
    uploads.discard(upload.id)


async def use_upload(request: Request) -> Response:
    """Open the images of an upload."""
    workspace, upload = workspace_of(request), _upload(request)
    await in_thread(_use, workspace, _uploads(request), upload, _preparation(request))
    return answer_json(await in_thread(workspace.state))


async def discard_upload(request: Request) -> Response:
    """Forget an upload."""
    await in_thread(_uploads(request).discard, request.path_params["upload"])
    return answer_json({})


ROUTES = [
    Route("/api/data/open", open_named, methods=["POST"]),
    Route("/api/uploads", begin_upload, methods=["POST"]),
    Route("/api/uploads/{upload}", get_upload),
    Route("/api/uploads/{upload}/files", add_file, methods=["POST"]),
    Route("/api/uploads/{upload}/finish", finish_upload, methods=["POST"]),
    Route("/api/uploads/{upload}/before", get_before),
    Route("/api/uploads/{upload}/after", get_after),
    Route("/api/uploads/{upload}/use", use_upload, methods=["POST"]),
    Route("/api/uploads/{upload}/discard", discard_upload, methods=["POST"]),
]
