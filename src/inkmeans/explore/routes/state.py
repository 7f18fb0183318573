"""State, events, menu, and which run or map all tabs look at."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from inkmeans.errors import ParameterError
from inkmeans.explore.menu import menu
from inkmeans.explore.routes.common import answer_json, in_thread, read_json, workspace_of
from inkmeans.explore.settings import parse_whole

__all__ = ["ROUTES"]


async def get_state(request: Request) -> Response:
    """Describe everything that a page needs first."""
    return answer_json(await in_thread(workspace_of(request).state))


async def set_current(request: Request) -> Response:
    """Make a run or a map the current one."""
    asked = await read_json(request)
    workspace = workspace_of(request)
    chosen = [what for what in ("run", "map") if what in asked]
    if not chosen:
        raise ParameterError("neither a run nor a map", hint='send {"run": its id}')
    for what in chosen:
        await in_thread(workspace.choose, what, parse_whole(asked, what, None, 0, 2**31))
    return answer_json(await in_thread(workspace.state))


async def get_menu(request: Request) -> Response:
    """List what can be chosen from."""
    return answer_json(await in_thread(menu))


async def get_events(request: Request) -> Response:
    """Tell a tab of every change, until it goes."""
    workspace = workspace_of(request)
    return StreamingResponse(
        workspace.hub.listen(lambda: {"revision": workspace.store.revision}),
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        media_type="text/event-stream",
    )


ROUTES = [
    Route("/api/state", get_state),
    Route("/api/current", set_current, methods=["POST"]),
    Route("/api/menu", get_menu),
    Route("/api/events", get_events),
]
