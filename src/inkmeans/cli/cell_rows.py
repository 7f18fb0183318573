"""The cells of a comparison as they finish: live rows at a terminal, lines in a log, JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import IO, TYPE_CHECKING

from inkmeans.cli.output import console, make_table
from inkmeans.cli.progress import JsonLines, describe, time_left
from inkmeans.progress import Callback, Event, silent

if TYPE_CHECKING:
    from rich.console import Group

    from inkmeans.experiment import CellResult

__all__ = ["LiveRows", "PlainRows", "show_cells"]

Watch = Callable[["CellResult"], None]

HEAD = ("cell", "seconds", "MB", "silhouette", "NMI*", "accuracy**")
_MOST_ROWS = 12  # of a live table: the latest


@contextmanager
def show_cells(
    *, as_json: bool = False, quiet: bool = False, stream: IO[str] | None = None
) -> Iterator[tuple[Callback, Watch]]:
    """Open the display of cells that fits the stream, and close it in any case.

    Parameters
    ----------
    as_json, quiet : bool, default=False
        One JSON object a line; nothing at all.
    stream : file, default=None
        Where to; None stands for standard error.

    Yields
    ------
    progress : callable
        Takes events.
    watch : callable
        Takes the results of cells.

    Examples
    --------
    >>> import sys
    >>> from inkmeans.cli.cell_rows import show_cells
    >>> from inkmeans.progress import Event
    >>> with show_cells(as_json=True, stream=sys.stdout) as (progress, watch):
    ...     progress(Event("compare", "pixels-kmeans-10", step=0, of=2))
    {"event": "progress", "stage": "compare", "message": "pixels-kmeans-10", "step": 0, "of": 2}
    """
    stream = sys.stderr if stream is None else stream
    if quiet:
        yield silent, _ignore
    elif as_json:
        lines = JsonLines(stream)

        def tell(result: CellResult) -> None:
            record = {"event": "cell", "name": result.cell.name, **asdict(result)}
            print(json.dumps(record), file=stream, flush=True)

        yield _news(lines), tell
    elif stream.isatty():
        with LiveRows(stream) as rows:
            yield rows.progress, rows.watch
    else:
        rows_of_log = PlainRows(stream)
        yield rows_of_log.progress, rows_of_log.watch


def _ignore(result: CellResult) -> None:
    pass


def _news(callback: Callback) -> Callback:
    """Pass on only what changed: a comparison repeats itself while a cell is at work."""
    last: list[Event] = []

    def tell(event: Event) -> None:
        if [event] != last:
            last[:] = [event]
            callback(event)

    return tell


class PlainRows:
    """Write a line for each cell that is done, and for each stage between.

    Parameters
    ----------
    stream : file
    """

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream
        self.began = time.monotonic()
        self.stage = ""
        self.n_done = 0
        self.progress = _news(self._tell)

    def _tell(self, event: Event) -> None:
        if event.stage not in {self.stage, "compare"}:
            self._print(describe(event))
        self.stage = event.stage

    def watch(self, result: CellResult) -> None:
        """Write a finished cell."""
        self.n_done += 1
        cells = dict(zip(HEAD, _row(result), strict=True))
        name = cells.pop("cell")
        if result.failure:
            self._print(f"{name}: failed: {result.failure}")
            return
        scores = ", ".join(f"{key} {value}" for key, value in cells.items() if value != "-")
        self._print(f"{name}: {scores}")

    def _print(self, text: str) -> None:
        print(f"[{time.monotonic() - self.began:6.1f} s] {text}", file=self.stream, flush=True)


class LiveRows:
    """Draw the latest cells as a table, and below it what is being done.

    A context manager.

    Parameters
    ----------
    stream : file
        A terminal.
    """

    def __init__(self, stream: IO[str]) -> None:
        from rich.live import Live

        self.results: list[CellResult] = []
        self.event = Event("load")
        self.began = time.monotonic()
        self.n_before: int | None = None
        self.live = Live(console=console(stream), get_renderable=self._draw, refresh_per_second=4)

    def __enter__(self) -> LiveRows:
        self.live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.event = replace(self.event, message="")
        self.live.stop()

    def progress(self, event: Event) -> None:
        """Show what is being done."""
        if event.stage in ("prepare", "compare") and self.n_before is None:
            self.n_before = event.step or 0
            self.began = time.monotonic()
        if event.stage == "prepare":
            event = replace(event, step=len(self.results), of=self.event.of)
        self.event = event

    def watch(self, result: CellResult) -> None:
        """Add a row."""
        self.results.append(result)

    def _draw(self) -> Group:
        from rich.console import Group
        from rich.text import Text

        table = make_table(HEAD)
        for result in self.results[-_MOST_ROWS:]:
            table.add_row(*_row(result))
        hidden = len(self.results) - _MOST_ROWS
        above = [Text(f"{hidden} cells above are in the table at the end", style="dim")]
        spent = time.monotonic() - self.began
        line = describe(self.event)
        left = time_left(self.event, spent)
        line += "" if left is None else f", about {left:.0f} s left"
        return Group(*(above if hidden > 0 else ()), table, Text(line, style="dim"))


def _row(result: CellResult) -> tuple[str, ...]:
    if result.failure:
        return (result.cell.name, "failed", "-", "-", "-", "-")
    scores = result.scores.get("test") or result.scores.get("train", {})
    train = result.scores.get("train", {})
    memory = result.peak_memory
    return (
        result.cell.name,
        "-" if result.total_seconds is None else f"{result.total_seconds:.2f}",
        "-" if memory is None else f"{memory / 2**20:.0f}",
        _score(train.get("silhouette")),
        _score(train.get("nmi")),
        _score(scores.get("majority_accuracy")),
    )


def _score(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
