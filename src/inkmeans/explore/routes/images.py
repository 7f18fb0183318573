"""Images: thumbnails, full size, truth, maps, and what is odd."""

from __future__ import annotations

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from inkmeans.errors import DataError
from inkmeans.explore import thumbnails
from inkmeans.explore.opened import OpenData
from inkmeans.explore.protocol import Atlas, as_float32, as_uint8, as_uint32, plan_atlas
from inkmeans.explore.routes.common import (
    answer_binary,
    answer_json,
    in_thread,
    open_data,
    read_body,
)

__all__ = ["ROUTES"]

MAX_PICKED = 4096


def _atlas(data: OpenData) -> Atlas:
    return plan_atlas(data.n, data.images.shape[1], data.images.shape[2])


async def get_atlas(request: Request) -> Response:
    """Say how the thumbnails are laid out."""
    return answer_json(_atlas(open_data(request)))


async def get_band(request: Request) -> Response:
    """Send one band of the atlas."""
    data, number = open_data(request), request.path_params["band"]
    atlas = _atlas(data)
    if number >= atlas.bands:
        raise LookupError(f"no such band: {number}")
    content = await in_thread(thumbnails.band, data.images, atlas, number)
    return answer_binary(content, forever=True)


async def get_image(request: Request) -> Response:
    """Send one image in full size."""
    data, index = open_data(request), request.path_params["index"]
    if index >= data.n:
        raise LookupError(f"no such image: {index}")
    return answer_binary(data.images[index].tobytes(), forever=True)


async def pick_images(request: Request) -> Response:
    """Send the images of a list of indices."""
    data = open_data(request)
    body = await read_body(request, 4 * MAX_PICKED)
    if len(body) % 4:
        raise DataError(f"{len(body)} bytes", hint="send indices of 4 bytes each")
    indices = np.frombuffer(body, "<u4")
    if indices.size and int(indices.max()) >= data.n:
        raise LookupError(f"no such image: {int(indices.max())}")
    return answer_binary(data.images[indices].tobytes())


async def get_truth(request: Request) -> Response:
    """Send the true classes."""
    return answer_binary(as_uint8(open_data(request).truth), forever=True)


async def get_checks(request: Request) -> Response:
    """Count what is odd."""
    data = open_data(request)
    blanks = await in_thread(thumbnails.find_blanks, data.images)
    duplicates = await in_thread(thumbnails.find_duplicates, data.images)
    return answer_json({"blanks": len(blanks), "duplicates": len(duplicates)})


async def get_blanks(request: Request) -> Response:
    """List blank images."""
    found = await in_thread(thumbnails.find_blanks, open_data(request).images)
    return answer_binary(as_uint32(found), forever=True)


async def get_duplicates(request: Request) -> Response:
    """List images that equal an earlier one."""
    found = await in_thread(thumbnails.find_duplicates, open_data(request).images)
    return answer_binary(as_uint32(found), forever=True)


async def get_points(request: Request) -> Response:
    """Send the points of a map."""
    points = await in_thread(open_data(request).points, request.path_params["map"])
    return answer_binary(as_float32(points), forever=True)


ROUTES = [
    Route("/api/data/{data}/atlas", get_atlas),
    Route("/api/data/{data}/atlas/{band:int}", get_band),
    Route("/api/data/{data}/images/{index:int}", get_image),
    Route("/api/data/{data}/images", pick_images, methods=["POST"]),
    Route("/api/data/{data}/truth", get_truth),
    Route("/api/data/{data}/checks", get_checks),
    Route("/api/data/{data}/checks/blanks", get_blanks),
    Route("/api/data/{data}/checks/duplicates", get_duplicates),
    Route("/api/maps/{map:int}/points", get_points),
]
