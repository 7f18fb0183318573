"""A drawn, dropped or pasted digit: what it is, and why."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from inkmeans.explore import recognition
from inkmeans.explore.opened import OpenData
from inkmeans.explore.routes.common import (
    answer_json,
    in_thread,
    open_data,
    read_body,
    read_grey,
    run_of,
    whole,
)

__all__ = ["ROUTES"]

MAX_PICTURE = 16 * 2**20


def _neighbors_of(request: Request) -> int:
    most = recognition.N_NEIGHBORS
    return whole(request, "neighbors", most, 0, most)


def _recognize(data: OpenData, run: int, near: int, grey: NDArray[np.uint8]) -> dict[str, Any]:
    return recognition.recognize(data, run, recognition.take(data, grey), near)


def _recognize_file(data: OpenData, run: int, near: int, content: bytes) -> dict[str, Any]:
    return _recognize(data, run, near, recognition.read_upload(content))


async def recognize_grey(request: Request) -> Response:
    """Recognise grey levels."""
    data = open_data(request)
    run = run_of(request, data)
    near = _neighbors_of(request)
    return answer_json(await in_thread(_recognize, data, run, near, await read_grey(request)))


async def recognize_file(request: Request) -> Response:
    """Recognise a picture file."""
    data = open_data(request)
    run = run_of(request, data)
    near = _neighbors_of(request)
    content = await read_body(request, MAX_PICTURE)
    return answer_json(await in_thread(_recognize_file, data, run, near, content))


ROUTES = [
    Route("/api/recognize", recognize_grey, methods=["POST"]),
    Route("/api/recognize/file", recognize_file, methods=["POST"]),
]
