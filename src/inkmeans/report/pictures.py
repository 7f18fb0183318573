"""The pictures of a run folder, drawn."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from inkmeans.progress import Callback, Event
from inkmeans.report.contents import Contents
from inkmeans.report.helper import helped
from inkmeans.report.highlights import Highlights
from inkmeans.report.plan import Drawing, Picture, plan_pictures

__all__ = ["drawing_pictures"]

WORTH_A_HELPER = 8  # pictures; below, a second Python starts for longer than it saves

Finish = Callable[[Callback], tuple[Picture, ...]]


@contextmanager
def drawing_pictures(
    contents: Contents, highlights: Highlights, folder: Path, *, n_processes: int | None = None
) -> Iterator[Finish]:
    """Draw every picture as PNG and SVG, a part of them while the block does something else.

    Parameters
    ----------
    contents : Contents
    highlights : Highlights
    folder : Path
        Gets the files; made if missing.
    n_processes : int or None, default=None
        1 or 2; None takes two where there are two processors and enough to draw. The files
        are the same.

    Yields
    ------
    callable
        Draws what is left, tells a progress callback about it, and returns the pictures in the
        order of the page. Call it once, inside the block.
    """
    planned = list(plan_pictures(contents, highlights))
    waiting = deque(planned)
    if n_processes is None:
        n_processes = 2 if (os.cpu_count() or 1) > 1 and len(planned) >= WORTH_A_HELPER else 1
    with helped(waiting, folder) if n_processes > 1 else nullcontext(_nobody) as wait_for_helper:

        def finish(progress: Callback) -> tuple[Picture, ...]:
            _draw_all(waiting, folder, progress, len(planned))
            wait_for_helper()
            _draw_all(waiting, folder, progress, len(planned))  # what the helper failed on
            return tuple(drawing.picture for drawing in planned)

        yield finish


def _nobody() -> None:
    """Wait for nobody."""


def _draw_all(waiting: deque[Drawing], folder: Path, progress: Callback, of: int) -> None:
    while waiting:
        try:
            drawing = waiting.popleft()
        except IndexError:  # the helper was quicker
            return
        progress(Event("figures", drawing.picture.stem, step=of - len(waiting), of=of))
        drawing.draw(folder)
