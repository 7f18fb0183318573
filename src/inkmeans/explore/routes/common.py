"""What all routes share: parameters within limits, bodies within limits, answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from inkmeans.errors import DataError, ParameterError
from inkmeans.explore.opened import OpenData
from inkmeans.explore.protocol import to_json
from inkmeans.explore.settings import parse_whole
from inkmeans.explore.workspace import Workspace

__all__ = [
    "TooLargeError",
    "answer_binary",
    "answer_file",
    "answer_json",
    "in_thread",
    "open_data",
    "read_body",
    "read_grey",
    "read_json",
    "run_of",
    "whole",
    "workspace_of",
]

MAX_JSON = 2**20
MAX_SIDE = 8192
_FOREVER = "private, max-age=31536000, immutable"

Result = TypeVar("Result")


class TooLargeError(DataError):
    """A body is larger than is allowed here."""


def workspace_of(request: Request) -> Workspace:
    """Return the state of the server."""
    workspace: Workspace = request.app.state.workspace
    return workspace


def open_data(request: Request) -> OpenData:
    """Return the open images; those that the address names must be these."""
    data = workspace_of(request).opened()
    named = request.path_params.get("data")
    if named is not None and named != data.id:
        raise LookupError("other images are open now")
    return data


async def in_thread(work: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
    """Do work that takes more than a moment, without keeping other requests waiting."""
    return await run_in_threadpool(work, *args, **kwargs)


def whole(request: Request, name: str, default: int | None, lowest: int, highest: int) -> int:
    """Read a whole number from the query."""
    return parse_whole(request.query_params, name, default, lowest, highest)


def run_of(request: Request, data: OpenData) -> int:
    """Return the run that the address or its query names; the current one where none does."""
    number = request.path_params.get("run")
    if number is None and "run" in request.query_params:
        number = whole(request, "run", None, 0, 2**31)
    return data.run(number).id


async def read_body(request: Request, limit: int) -> bytes:
    """Read the body, but no more of it than is allowed."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise TooLargeError(f"{int(declared):,} bytes", hint=f"the limit here is {limit:,}")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise TooLargeError(f"more than {limit:,} bytes", hint="that is the limit here")
        parts.append(part)
    return b"".join(parts)


async def read_json(request: Request) -> dict[str, Any]:
    """Read the body as a JSON object."""
    body = await read_body(request, MAX_JSON)
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise ParameterError("the body is no JSON", hint="send a JSON object") from None
    if not isinstance(found, dict):
        raise ParameterError("the body is no JSON object", hint="send {...}")
    return found


async def read_grey(request: Request) -> NDArray[np.uint8]:
    """Read the body as grey levels, of the width and height that the query says."""
    width, height = (whole(request, name, None, 1, MAX_SIDE) for name in ("width", "height"))
    body = await read_body(request, width * height)
    if len(body) != width * height:
        raise DataError(
            f"{len(body)} bytes for {width} x {height} pixels", hint="send a byte a pixel"
        )
    return np.frombuffer(body, np.uint8).reshape(height, width)


def answer_json(value: Any, status: int = 200) -> Response:
    """Answer with JSON."""
    body = json.dumps(to_json(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(body, status, {"Cache-Control": "no-store"}, media_type="application/json")


def answer_binary(
    content: bytes | memoryview, *, revision: int | None = None, forever: bool = False
) -> Response:
    """Answer with raw numbers.

    Parameters
    ----------
    content : bytes
    revision : int or None
        Of the state that it belongs to.
    forever : bool
        Whether it never changes under its address.
    """
    headers = {"Cache-Control": _FOREVER if forever else "no-store"}
    if revision is not None:
        headers["X-Inkmeans-Revision"] = str(revision)
    return Response(content, headers=headers, media_type="application/octet-stream")


def answer_file(content: bytes, name: str, media_type: str) -> Response:
    """Answer with a file that the browser saves."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return Response(content, headers=headers, media_type=media_type)
