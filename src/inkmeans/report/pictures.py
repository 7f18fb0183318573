"""The pictures of a run folder, drawn."""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path

from inkmeans.progress import Callback, Event
from inkmeans.report.contents import Contents
from inkmeans.report.helper import helped
from inkmeans.report.highlights import Highlights
from inkmeans.report.plan import Drawing, Picture, plan_pictures

__all__ = ["draw_pictures"]

WORTH_A_HELPER = 8  # pictures; below, a second Python starts for longer than it saves


def draw_pictures(
    contents: Contents,
    highlights: Highlights,
    folder: Path,
    progress: Callback,
    *,
    n_processes: int | None = None,
) -> tuple[Picture, ...]:
    """Draw every picture as PNG and SVG.

    Parameters
    ----------
    contents : Contents
    highlights : Highlights
    folder : Path
        Gets the files; made if missing.
    progress : callable
        Told about the pictures that this process draws, before each.
    n_processes : int or None, default=None
        1 or 2; None takes two where there are two processors and enough to draw. The files
        are the same.

    Returns
    -------
    tuple of Picture
        In the order of the page.
    """
    planned = list(plan_pictures(contents, highlights))
    waiting = deque(planned)
    if n_processes is None:
        n_processes = 2 if (os.cpu_count() or 1) > 1 and len(planned) >= WORTH_A_HELPER else 1
    if n_processes > 1:
        with helped(waiting, folder):
            _draw_all(waiting, folder, progress, len(planned))
    _draw_all(waiting, folder, progress, len(planned))
    return tuple(drawing.picture for drawing in planned)


def _draw_all(waiting: deque[Drawing], folder: Path, progress: Callback, of: int) -> None:
    while waiting:
        try:
            drawing = waiting.popleft()
        except IndexError:  # the helper was quicker
            return
        progress(Event("figures", drawing.picture.stem, step=of - len(waiting), of=of))
        drawing.draw(folder)
