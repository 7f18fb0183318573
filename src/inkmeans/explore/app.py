"""The application: routes, the guard at the door, and errors as JSON."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from inkmeans.errors import InkmeansError, OutputError
from inkmeans.explore.pages import make_routes
from inkmeans.explore.routes import (
    clusters,
    compare,
    data,
    exports,
    images,
    jobs,
    labels,
    learn,
    recognize,
    state,
)
from inkmeans.explore.routes.common import TooLargeError
from inkmeans.explore.security import Door, Guard, error_response
from inkmeans.explore.uploads import Uploads
from inkmeans.explore.workspace import NotYetError, Workspace

__all__ = ["make_app"]

_MODULES = (state, data, images, clusters, labels, jobs, recognize, compare, learn, exports)


def make_app(workspace: Workspace, door: Door) -> Starlette:
    """Make the ASGI application of the explorer.

    Parameters
    ----------
    workspace : Workspace
        Started and closed with the application.
    door : Door

    Returns
    -------
    Starlette
    """
    uploads = Uploads(workspace.files)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        workspace.hub.bind(asyncio.get_running_loop())
        workspace.start()
        yield
        workspace.close()
        uploads.close()

    app = Starlette(
        routes=[*(route for module in _MODULES for route in module.ROUTES), *make_routes()],
        middleware=[Middleware(Guard, door=door)],
        exception_handlers={
            HTTPException: _http_error,
            InkmeansError: _our_error,
            LookupError: _not_there,
            ClientDisconnect: _gone,
            Exception: _bug,
        },
        lifespan=lifespan,
    )
    app.state.workspace, app.state.uploads = workspace, uploads
    return app


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = {404: "there is nothing at this address", 405: "this address is not asked like this"}
    return error_response(error.status_code, words.get(error.status_code, error.detail))


async def _our_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, InkmeansError)
    status = 400
    if isinstance(error, TooLargeError):
        status = 413
    elif isinstance(error, NotYetError) or request.url.path in ("/api/undo", "/api/redo"):
        status = 409
    if isinstance(error, OutputError):
        status = 500
    return error_response(status, error.message, error.hint)


async def _not_there(request: Request, error: Exception) -> Response:
    if isinstance(error, KeyError | IndexError):  # of our own making: a bug
        return await _bug(request, error)
    status = 409 if "other images" in str(error) else 404
    return error_response(status, str(error))


async def _gone(request: Request, error: Exception) -> Response:
    return error_response(400, "the request ended before its body")


async def _bug(request: Request, error: Exception) -> Response:
    logging.getLogger("inkmeans").error("%s", request.url.path, exc_info=error)
    return error_response(
        500,
        f"{type(error).__name__}: {error} (not foreseen: this may be a bug)",
        "the terminal shows where; please report it",
    )
