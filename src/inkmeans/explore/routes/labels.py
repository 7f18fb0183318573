"""Label actions: each is on the disk before it is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from inkmeans.errors import ParameterError
from inkmeans.explore import actions, recognition
from inkmeans.explore.history import REDO, UNDO
from inkmeans.explore.labelling import Action
from inkmeans.explore.opened import OpenData
from inkmeans.explore.routes.common import (
    answer_json,
    in_thread,
    open_data,
    read_body,
    read_grey,
    run_of,
    whole,
    workspace_of,
)
from inkmeans.explore.workspace import Done, Workspace, history

__all__ = ["ROUTES", "answer_action"]

_ALL_FIELDS = ("cluster", "second", "label", "source", "distance", "confidence", "disagreement")
_FIELDS: dict[str, tuple[str, ...]] = {
    "label": ("label", "source"),
    "name": ("label", "source"),
    "exclude": ("label",),
    "merge": _ALL_FIELDS,
    "split": _ALL_FIELDS,
    "audit": (),
    "example": (),
    "import": ("label", "source"),
}
_REASONS = {"name": "label"}


async def label(request: Request) -> Response:
    """Name a cluster, or label images by hand."""
    data = open_data(request)
    value = whole(request, "label", None, 0, 255)
    if "cluster" in request.query_params:
        run, cluster = run_of(request, data), whole(request, "cluster", None, 0, 65535)
        return await _act(request, lambda data: actions.name_cluster(data, run, cluster, value))
    chosen = await _chosen(request, data)
    return await _act(request, lambda data: actions.label_images(data, chosen, value))


async def exclude(request: Request) -> Response:
    """Exclude images, or take them in again."""
    data = open_data(request)
    value = bool(whole(request, "value", 1, 0, 1))
    if "cluster" in request.query_params:
        pair = run_of(request, data), whole(request, "cluster", None, 0, 65535)
        return await _act(request, lambda data: actions.exclude(data, pair, value))
    chosen = await _chosen(request, data)
    return await _act(request, lambda data: actions.exclude(data, chosen, value))


async def merge(request: Request) -> Response:
    """Make one cluster part of another."""
    run = run_of(request, open_data(request))
    source, target = (whole(request, name, None, 0, 65535) for name in ("source", "target"))
    return await _act(request, lambda data: actions.merge(data, run, source, target))


async def split(request: Request) -> Response:
    """Cluster the images of one cluster again."""
    run = run_of(request, open_data(request))
    cluster = whole(request, "cluster", None, 0, 65535)
    parts = whole(request, "parts", 2, 2, actions.MAX_PARTS)
    return await _act(request, lambda data: actions.split(data, run, cluster, parts))


async def audit(request: Request) -> Response:
    """Note what a person says of an image of the audit sample."""
    image, value = whole(request, "image", None, 0, 2**31), whole(request, "label", None, 0, 255)
    return await _act(request, lambda data: actions.audit(data, image, value))


async def add_example(request: Request) -> Response:
    """Keep a drawn image with its label."""
    data = open_data(request)
    value = whole(request, "label", None, 0, 255)
    taken = await in_thread(recognition.take, data, await read_grey(request))
    if taken.blank:
        raise ParameterError("the image is blank", hint="draw a digit first")
    return await _act(request, lambda data: actions.example(data, taken.image, value))


async def undo(request: Request) -> Response:
    """Take the last action back."""
    return await _act(request, actions.undo)


async def redo(request: Request) -> Response:
    """Do again what was taken back last."""
    return await _act(request, actions.redo)


async def _chosen(request: Request, data: OpenData) -> bytes | int:
    if "image" in request.query_params:
        return whole(request, "image", None, 0, data.n - 1)
    return await read_body(request, (data.n + 7) // 8)


async def _act(request: Request, build: Callable[[OpenData], Action]) -> Response:
    workspace = workspace_of(request)
    done = await in_thread(workspace.act, build)
    return answer_json(answer_action(workspace, done))


def answer_action(workspace: Workspace, done: Done) -> dict[str, Any]:
    """Tell all tabs of an action, and make the answer to the one that asked for it."""
    data, action = workspace.opened(), done.entry.action
    inner = action
    if action.kind == UNDO:
        inner = data.timeline.undone[-1].action if data.timeline.undone else action
    elif action.kind == REDO:
        inner = data.timeline.done[-1].action if data.timeline.done else action
    clusters = _touched(done, inner)
    run = inner.details.get("run", data.current_run())
    reason = action.kind if action.kind in (UNDO, REDO) else _REASONS.get(inner.kind, inner.kind)
    workspace.changed(reason, run=run, clusters=clusters, fields=_FIELDS.get(inner.kind, ()))
    answer = {
        "revision": workspace.store.revision,
        "action": {
            "id": done.entry.id,
            "kind": reason,
            "text": action.text,
            "changed": _count_changed(data, done, inner),
        },
        "clusters": clusters,
        "undo": history(data.timeline.done),
        "redo": history(data.timeline.undone),
        "labels": data.counts(),
    }
    if action.kind == "split":
        answer["parts"] = _parts(data, done)
    return answer


def _parts(data: OpenData, done: Done) -> list[int]:
    details = done.entry.action.details
    run = int(details["run"])
    before = done.before.runs.get(run)
    old = data.base(run).assigned if before is None else before.assigned
    parts = np.unique(done.after.runs[run].assigned[old == details["cluster"]])
    return [int(part) for part in parts]


def _touched(done: Done, action: Action) -> list[int] | None:
    """Say which clusters look different now; None for all."""
    details = action.details
    if action.kind in ("name", "exclude") and "cluster" in details:
        return [int(details["cluster"])]
    return [] if action.kind in ("audit", "example", "label") else None


def _count_changed(data: OpenData, done: Done, action: Action) -> int:
    if action.kind in ("merge", "split"):
        run = int(action.details["run"])
        states = (labels.runs.get(run) for labels in (done.before, done.after))
        old, new = (
            data.base(run).assigned if state is None else state.assigned for state in states
        )
        return int(np.count_nonzero(old != new))
    changed = done.before.shown() != done.after.shown()
    return int(np.count_nonzero(changed | (done.before.sources != done.after.sources)))


ROUTES = [
    Route("/api/actions/label", label, methods=["POST"]),
    Route("/api/actions/exclude", exclude, methods=["POST"]),
    Route("/api/actions/merge", merge, methods=["POST"]),
    Route("/api/actions/split", split, methods=["POST"]),
    Route("/api/actions/audit", audit, methods=["POST"]),
    Route("/api/examples", add_example, methods=["POST"]),
    Route("/api/undo", undo, methods=["POST"]),
    Route("/api/redo", redo, methods=["POST"]),
]
