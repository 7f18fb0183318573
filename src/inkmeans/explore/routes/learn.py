"""k-means step by step on a small sample."""

from __future__ import annotations

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from inkmeans.errors import DataError, ParameterError
from inkmeans.explore import learning
from inkmeans.explore.protocol import as_float32, as_uint8, as_uint32
from inkmeans.explore.routes.common import (
    answer_binary,
    answer_json,
    in_thread,
    open_data,
    read_body,
    whole,
)

__all__ = ["ROUTES"]

MAX_SAMPLE, MAX_CENTROIDS = 2000, 100


def _sample(request: Request) -> tuple[int, int]:
    return whole(request, "n", 300, 1, MAX_SAMPLE), whole(request, "seed", 0, 0, 2**32 - 1)


async def get_sample(request: Request) -> Response:
    """List the images of the sample."""
    found = await in_thread(learning.draw_sample, open_data(request), *_sample(request))
    return answer_binary(as_uint32(found))


async def get_plane(request: Request) -> Response:
    """Send the plane that the sample is drawn in."""
    plane = await in_thread(learning.find_plane, open_data(request), *_sample(request))
    return answer_binary(as_float32(plane))


async def get_starts(request: Request) -> Response:
    """List ways to begin."""
    n, seed = _sample(request)
    k = whole(request, "k", 10, 1, MAX_CENTROIDS)
    starts = await in_thread(learning.list_starts, open_data(request), n, seed, k)
    return answer_json({"starts": starts})


async def make_step(request: Request) -> Response:
    """Assign images, or move centroids."""
    data, (n, seed) = open_data(request), _sample(request)
    step, width = request.query_params.get("step"), data.images[0].size * 4
    body = await read_body(request, MAX_CENTROIDS * width + MAX_SAMPLE)
    n = min(n, data.digits.n_train)
    tail = n if step == "update" else 0
    if step not in ("assign", "update"):
        raise ParameterError("no such step", hint="step=assign or step=update")
    size = len(body) - tail
    if size <= 0 or size % width:
        raise DataError(f"a body of {len(body)} bytes", hint="send k * height * width floats")
    centroids = np.frombuffer(body[:size], "<f4").reshape(-1, data.images[0].size)
    if not np.isfinite(centroids).all():
        raise DataError("centroids that are no numbers", hint="send grey levels")
    if step == "assign":
        assigned = await in_thread(learning.assign_step, data, n, seed, centroids)
        return answer_binary(as_uint8(assigned))
    assigned = np.frombuffer(body[size:], np.uint8)
    moved = await in_thread(learning.update_step, data, n, seed, centroids, assigned)
    return answer_binary(as_float32(moved))


ROUTES = [
    Route("/api/learn/sample", get_sample),
    Route("/api/learn/plane", get_plane),
    Route("/api/learn/starts", get_starts),
    Route("/api/learn/step", make_step, methods=["POST"]),
]
