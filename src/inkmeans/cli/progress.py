"""Progress for people at a terminal, for a log file and for machines."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from inkmeans.progress import Callback, Event, silent

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["JsonLines", "PlainLines", "TerminalBars", "describe", "show_progress", "time_left"]

_PATIENCE = 2.0  # seconds that a log may stay silent while a stage goes on


@contextmanager
def show_progress(
    *, as_json: bool = False, quiet: bool = False, stream: IO[str] | None = None
) -> Iterator[Callback]:
    """Open the progress display that fits the stream, and close it in any case.

    Parameters
    ----------
    as_json, quiet : bool, default=False
        One JSON object a line; nothing at all.
    stream : file, default=None
        Where to; None stands for standard error.

    Yields
    ------
    Callback

    Examples
    --------
    >>> import sys
    >>> from inkmeans.cli.progress import show_progress
    >>> from inkmeans.progress import Event
    >>> with show_progress(as_json=True, stream=sys.stdout) as progress:
    ...     progress(Event("cluster", "digits", step=1, of=2))
    {"event": "progress", "stage": "cluster", "message": "digits", "step": 1, "of": 2}
    """
    stream = sys.stderr if stream is None else stream
    if quiet:
        yield silent
    elif as_json:
        yield JsonLines(stream)
    elif stream.isatty():
        with TerminalBars(stream) as bars:
            yield bars
    else:
        yield PlainLines(stream)


class JsonLines:
    """Write every event as one JSON object on a line."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream

    def __call__(self, event: Event) -> None:
        """Write the event, without what it does not know."""
        line: dict[str, object] = {"event": "progress", "stage": event.stage}
        for key in ("message", "step", "of", "inertia", "changed", "seconds"):
            value = getattr(event, key)
            if value not in (None, ""):
                line[key] = value
        print(json.dumps(line, default=float), file=self.stream, flush=True)


class PlainLines:
    """Write a line when a stage begins or ends, when a step ends, and now and then between."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream
        self.began = self.written = time.monotonic()
        self.stages: dict[str, float] = {}
        self.stage = ""

    def __call__(self, event: Event) -> None:
        """Write the event if it is news."""
        now = time.monotonic()
        begin = self.stages.setdefault(event.stage, now)
        ended = event.seconds is not None or (event.step is not None and event.step == event.of)
        if not (event.stage != self.stage or ended or now - self.written > _PATIENCE):
            return
        line = f"[{now - self.began:6.1f} s] {describe(event)}"
        left = time_left(event, now - begin)
        if left is not None:
            line += f", about {left:.0f} s left"
        print(line, file=self.stream, flush=True)
        self.stage, self.written = event.stage, now


class TerminalBars:
    """Draw one bar a stage: what it is at, inertia, time spent and time left."""

    def __init__(self, stream: IO[str]) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.table import Column

        from inkmeans.cli.output import console

        self.progress: Progress = Progress(
            TextColumn("{task.fields[stage]:<9}", style="bold"),
            BarColumn(bar_width=20),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]:>10}"),
            TextColumn(
                "{task.description}",
                markup=False,
                table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"),
            ),
            expand=True,  # the description gets what the other columns leave
            console=console(stream),
            refresh_per_second=8,
        )
        self.tasks: dict[str, TaskID] = {}
        self.stage = ""

    def __enter__(self) -> TerminalBars:
        self.progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if exception[0] is None:
            self._end(self.stage)
        self.progress.stop()

    def __call__(self, event: Event) -> None:
        """Move the bar of the event's stage; a new stage ends the one before it."""
        if event.stage not in self.tasks:
            task = self.progress.add_task("", total=event.of, stage=event.stage, left="")
            self.tasks[event.stage] = task
        task = self.tasks[event.stage]
        if event.stage != self.stage:
            self._end(self.stage)
            self.stage = event.stage
            if event.of is None:
                self.progress.reset(task, total=None)
        left = time_left(event, self.progress.tasks[task].elapsed or 0.0)
        self.progress.update(
            task,
            total=event.of,
            completed=event.step or 0,
            left="" if left is None else f"{left:.0f} s left",
            description=describe(event, stage=False),
        )

    def _end(self, stage: str) -> None:
        """Fill the bar of a stage that could not tell how long it would be."""
        if stage in self.tasks and self.progress.tasks[self.tasks[stage]].total is None:
            self.progress.update(self.tasks[stage], total=1, completed=1)


def describe(event: Event, *, stage: bool = True) -> str:
    """Put an event into words.

    Examples
    --------
    >>> from inkmeans.cli.progress import describe
    >>> from inkmeans.progress import Event
    >>> describe(Event("cluster", "pixels, k=10", step=10, of=532, inertia=2374932.0))
    'cluster 10/532: pixels, k=10, inertia 2,374,932'
    """
    head = event.stage if stage else ""
    if event.step is not None:
        head += f" {event.step:,}" + (f"/{event.of:,}" if event.of else "")
    parts = [event.message] if event.message else []
    if event.inertia is not None:
        parts.append(f"inertia {event.inertia:,.0f}")
    if event.changed is not None:
        parts.append(f"{event.changed:,} changed")
    return ": ".join(part for part in (head.strip(), ", ".join(parts)) if part)


def time_left(event: Event, spent: float) -> float | None:
    """Estimate the seconds that a stage still takes from what it took so far.

    Examples
    --------
    >>> from inkmeans.cli.progress import time_left
    >>> from inkmeans.progress import Event
    >>> time_left(Event("cluster", step=1, of=4), spent=2.0)
    6.0
    """
    if not event.step or not event.of or event.step >= event.of:
        return None
    return spent * (event.of - event.step) / event.step
