"""Jobs: start, look, cancel."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from inkmeans.errors import ParameterError
from inkmeans.explore.routes.common import (
    answer_binary,
    answer_json,
    in_thread,
    read_json,
    workspace_of,
)
from inkmeans.explore.settings import MapSettings, RunSettings

__all__ = ["ROUTES"]

KINDS = ("cluster", "compare", "map", "suggest-k")


async def start_job(request: Request) -> Response:
    """Put a job into the queue."""
    asked, workspace = await read_json(request), workspace_of(request)
    kind, settings = str(asked.get("kind")), asked.get("settings", {})
    if kind not in KINDS or not isinstance(settings, dict):
        raise ParameterError(
            f"unknown job {kind[:40]!r}", hint=f"a kind of {', '.join(KINDS)}, and its settings"
        )
    title = await in_thread(_title, kind, settings)
    order = workspace.order(settings)
    return answer_json(await in_thread(workspace.jobs.start, kind, title, order), 202)


def _title(kind: str, settings: dict[str, Any]) -> str:
    """Put a job into words; what is wrong with its settings is told at once."""
    if kind == "cluster":
        return f"Cluster: {RunSettings.read(settings).name}"
    if kind == "map":
        return f"Map: {MapSettings.read(settings).method}"
    return "Compare algorithms" if kind == "compare" else "Suggest a number of clusters"


async def list_jobs(request: Request) -> Response:
    """List all jobs."""
    return answer_json(workspace_of(request).jobs.infos())


async def get_job(request: Request) -> Response:
    """Describe a job."""
    return answer_json(workspace_of(request).jobs.info(request.path_params["job"]))


async def cancel_job(request: Request) -> Response:
    """End a job."""
    workspace = workspace_of(request)
    return answer_json(await in_thread(workspace.jobs.cancel, request.path_params["job"]))


async def get_frame(request: Request) -> Response:
    """Send the centroids of a job as they are now."""
    frame = workspace_of(request).jobs.frame(request.path_params["job"])
    if frame is None:
        raise LookupError("there are no centroids yet")
    return answer_binary(frame)


ROUTES = [
    Route("/api/jobs", start_job, methods=["POST"]),
    Route("/api/jobs", list_jobs),
    Route("/api/jobs/{job:int}", get_job),
    Route("/api/jobs/{job:int}/cancel", cancel_job, methods=["POST"]),
    Route("/api/jobs/{job:int}/centroids", get_frame),
]
