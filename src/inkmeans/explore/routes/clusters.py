"""Clusters of a run, numbers for each image, and lists of images in order."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from inkmeans.explore import views
from inkmeans.explore.protocol import as_uint8, as_uint32, from_bitset
from inkmeans.explore.routes.common import (
    answer_binary,
    answer_json,
    in_thread,
    open_data,
    read_body,
    run_of,
    whole,
    workspace_of,
)

__all__ = ["ROUTES"]


async def get_clusters(request: Request) -> Response:
    """Describe the clusters of a run."""
    data = open_data(request)
    run, revision = run_of(request, data), workspace_of(request).store.revision
    infos = await in_thread(views.cluster_infos, data, run)
    return answer_json({"revision": revision, "run": run, "clusters": infos})


async def get_centroids(request: Request) -> Response:
    """Send the mean images of the clusters."""
    data, revision = open_data(request), workspace_of(request).store.revision
    content = await in_thread(views.cluster_pictures, data, run_of(request, data))
    return answer_binary(content, revision=revision)


async def get_run_field(request: Request) -> Response:
    """Send one number an image, by a run."""
    data, revision = open_data(request), workspace_of(request).store.revision
    name = request.path_params["field"]
    content = await in_thread(views.field_bytes, data, run_of(request, data), name)
    return answer_binary(content, revision=revision)


async def get_field(request: Request) -> Response:
    """Send one number an image, by the labels."""
    data, revision = open_data(request), workspace_of(request).store.revision
    name, state = request.path_params["field"], data.state
    if name not in ("label", "source"):
        raise LookupError(f"no such field: {name}")
    content = as_uint8(state.shown() if name == "label" else state.sources)
    return answer_binary(content, revision=revision)


async def get_order(request: Request) -> Response:
    """List images in order."""
    data, revision = open_data(request), workspace_of(request).store.revision
    query, among = request.query_params, None
    if request.method == "POST":
        among = from_bitset(await read_body(request, (data.n + 7) // 8), data.n)
    order = await in_thread(
        views.images_in_order,
        data,
        run_of(request, data),
        query.get("by", "typical"),
        cluster=whole(request, "cluster", None, 0, 65535) if "cluster" in query else None,
        image=whole(request, "image", None, 0, data.n - 1) if "image" in query else None,
        count=whole(request, "count", None, 1, 2**31) if "count" in query else None,
        among=among,
    )
    return answer_binary(as_uint32(order), revision=revision)


async def get_queue(request: Request) -> Response:
    """List what to label next."""
    data = open_data(request)
    return answer_json(await in_thread(views.queue, data, run_of(request, data)))


async def get_audit(request: Request) -> Response:
    """Tell how right the labels are."""
    data, size = open_data(request), whole(request, "size", 100, 1, 2000)
    return answer_json(await in_thread(views.audit_report, data, size))


ROUTES = [
    Route("/api/runs/{run:int}/clusters", get_clusters),
    Route("/api/runs/{run:int}/centroids", get_centroids),
    Route("/api/runs/{run:int}/fields/{field}", get_run_field),
    Route("/api/runs/{run:int}/order", get_order, methods=["GET", "POST"]),
    Route("/api/fields/{field}", get_field),
    Route("/api/queue", get_queue),
    Route("/api/audit", get_audit),
]
