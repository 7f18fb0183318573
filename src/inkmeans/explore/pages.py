"""The pages and their files: a list made at the start, so that no request names a path."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inkmeans.explore.security import error_response

__all__ = ["PAGES", "make_routes"]

WEB = Path(__file__).parent / "web"

PAGES = ("explore", "label", "recognize", "cluster", "compare", "data", "learn")
"""Each has its own address; all are the same document."""

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    type: str


def make_routes(web: Path = WEB) -> list[Route]:
    """List the files below a folder, and make the routes that serve these and no others.

    Parameters
    ----------
    web : Path

    Returns
    -------
    list of Route
    """
    files = {
        path.relative_to(web).as_posix(): _File(path, _TYPES[path.suffix])
        for path in sorted(web.rglob("*"))
        if path.suffix in _TYPES and path.is_file() and not path.is_symlink()
    }

    async def page(request: Request) -> Response:
        if "index.html" not in files:
            return error_response(404, "the pages are not installed", "install inkmeans again")
        return _serve(request, files["index.html"])

    async def file(request: Request) -> Response:
        found = files.get(request.path_params["path"])
        if found is None:
            return error_response(404, "no such file")
        return _serve(request, found)

    async def front(request: Request) -> Response:
        return RedirectResponse("/explore", 307)

    async def icon(request: Request) -> Response:
        found = files.get("favicon.svg")
        return Response(status_code=204) if found is None else _serve(request, found)

    return [
        Route("/", front),
        Route("/favicon.ico", icon),
        *(Route(f"/{name}", page) for name in PAGES),
        Route("/web/{path:path}", file),
    ]


def _serve(request: Request, file: _File) -> Response:
    content = file.path.read_bytes()
    tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=file.type)
