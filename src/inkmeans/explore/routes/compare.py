"""Runs side by side."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from inkmeans.explore import comparing
from inkmeans.explore.protocol import as_uint32
from inkmeans.explore.routes.common import (
    answer_binary,
    answer_file,
    answer_json,
    in_thread,
    open_data,
    whole,
)

__all__ = ["ROUTES"]

_FORMATS = {
    "csv": ("text/csv; charset=utf-8", comparing.table_as_csv),
    "json": ("application/json", comparing.table_as_json),
    "tex": ("application/x-tex; charset=utf-8", comparing.table_as_latex),
}


async def get_table(request: Request) -> Response:
    """Put all runs into a table."""
    return answer_json(await in_thread(comparing.compare_runs, open_data(request)))


async def get_table_file(request: Request) -> Response:
    """Send the table as a file."""
    kind = request.path_params["kind"]
    if kind not in _FORMATS:
        raise LookupError(f"no such format: {kind[:20]}")
    table = await in_thread(comparing.compare_runs, open_data(request))
    media_type, write = _FORMATS[kind]
    return answer_file(write(table).encode(), f"comparison.{kind}", media_type)


async def get_contingency(request: Request) -> Response:
    """Count images in each pair of clusters of two runs."""
    data = open_data(request)
    first, second = (whole(request, name, None, 0, 2**31) for name in ("first", "second"))
    return answer_json(await in_thread(comparing.compare_table, data, first, second))


async def get_cell(request: Request) -> Response:
    """List the images of one pair of clusters."""
    data = open_data(request)
    first, second = (whole(request, name, None, 0, 2**31) for name in ("first", "second"))
    row, column = (whole(request, name, None, 0, 65535) for name in ("row", "column"))
    found = await in_thread(comparing.cell_images, data, first, second, row, column)
    return answer_binary(as_uint32(found))


ROUTES = [
    Route("/api/compare", get_table),
    Route("/api/compare.{kind}", get_table_file),
    Route("/api/compare/table", get_contingency),
    Route("/api/compare/cell", get_cell),
]
