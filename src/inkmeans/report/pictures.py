"""The pictures of a run folder, drawn: as soon as their numbers are there."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from inkmeans.progress import Callback, Event
from inkmeans.report.contents import Contents
from inkmeans.report.helper import Helper, Waiting
from inkmeans.report.highlights import Highlights, highlight
from inkmeans.report.plan import Picture, plan_early_pictures, plan_pictures

__all__ = ["Studio"]

WORTH_A_HELPER = 8  # pictures; below, a second Python starts for longer than it saves


class Studio:
    """Draws every picture as PNG and SVG, a part of them in a second Python.

    A context manager: the second Python ends with the block.

    Parameters
    ----------
    folder : Path
        Gets the files; made if missing.
    n_processes : int or None, default=None
        1 or 2; None takes two where there are two processors and enough to draw. The files
        are the same.
    """

    def __init__(self, folder: Path, n_processes: int | None = None) -> None:
        self._folder = folder
        self._n_processes = n_processes
        self._waiting = Waiting()
        self._begun: set[str] = set()
        self._helper: Helper | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._helper is not None:
            self._helper.end()

    def begin(self, contents: Contents) -> None:
        """Let the second Python draw what the runs that are still to come cannot change.

        Parameters
        ----------
        contents : Contents
            With the runs that there are; called for each.
        """
        drawings = list(plan_early_pictures(contents, highlight(contents)))
        self._begun.update(drawing.picture.stem for drawing in drawings)
        self._waiting.add(drawings)
        # There will be a picture of the centroids for each of these, if for nothing else.
        config = contents.config
        self._call_helper(len(config["clusters"]) * len(config["features"]))

    def begin_rest(self, contents: Contents, highlights: Highlights) -> tuple[Picture, ...]:
        """Let the second Python go on with all the others.

        Parameters
        ----------
        contents : Contents
        highlights : Highlights

        Returns
        -------
        tuple of Picture
            All there will be, in the order of the page.
        """
        planned = list(plan_pictures(contents, highlights))
        self._waiting.add(d for d in planned if d.picture.stem not in self._begun)
        self._waiting.close()
        self._call_helper(len(planned))
        return tuple(drawing.picture for drawing in planned)

    def finish(self, progress: Callback, of: int) -> None:
        """Draw along until all is drawn.

        Parameters
        ----------
        progress : Callback
            Told about every picture that is drawn here.
        of : int
            How many there are in all.
        """
        self._draw(progress, of)
        if self._helper is not None:
            self._helper.join()
        self._draw(progress, of)  # what the helper failed on

    def _call_helper(self, n_pictures: int) -> None:
        n_processes = self._n_processes
        if n_processes is None:
            n_processes = min(os.cpu_count() or 1, 2 if n_pictures >= WORTH_A_HELPER else 1)
        if n_processes > 1 and self._helper is None:
            self._helper = Helper(self._waiting, self._folder)

    def _draw(self, progress: Callback, of: int) -> None:
        while (drawing := self._waiting.first()) is not None:
            step = of - len(self._waiting)
            progress(Event("figures", drawing.picture.stem, step=step, of=of))
            drawing.draw(self._folder)
