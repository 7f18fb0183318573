"""Progress: what people, logs and machines see of the same events."""

import io
import json

from inkmeans.cli.progress import JsonLines, PlainLines, TerminalBars, describe, show_progress
from inkmeans.progress import Event


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_json_lines_hold_what_the_event_knows_and_nothing_else():
    stream = io.StringIO()
    JsonLines(stream)(Event("cluster", "digits", step=3, of=10, inertia=39.5))
    assert json.loads(stream.getvalue()) == {
        "event": "progress",
        "stage": "cluster",
        "message": "digits",
        "step": 3,
        "of": 10,
        "inertia": 39.5,
    }


def test_plain_lines_skip_the_steps_in_between_and_keep_beginnings_and_ends():
    stream = io.StringIO()
    lines = PlainLines(stream)
    lines(Event("load", "mnist"))
    for step in range(1, 101):
        lines(Event("cluster", step=step, of=100))
    lines(Event("report"))
    written = stream.getvalue().splitlines()
    assert [line.split("] ")[1].split(",")[0] for line in written] == [
        "load: mnist",
        "cluster 1/100",
        "cluster 100/100",
        "report",
    ]


def test_plain_lines_tell_the_time_left_once_a_step_is_done():
    stream = io.StringIO()
    lines = PlainLines(stream)
    lines(Event("cluster", step=0, of=4))
    lines(Event("cluster", step=1, of=4, seconds=1.0))
    first, second = stream.getvalue().splitlines()
    assert "left" not in first
    assert second.endswith("s left")


def test_the_terminal_shows_a_bar_for_each_stage_with_its_inertia(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    stream = Terminal()
    with TerminalBars(stream) as bars:
        bars(Event("load", "mnist"))
        bars(Event("cluster", "pixels", step=10, of=20, inertia=1234567.0))
    shown = stream.getvalue()
    assert "load" in shown
    assert "cluster" in shown
    assert "inertia 1,234,567" in shown


def test_a_message_that_looks_like_markup_is_shown_as_it_is():
    stream = Terminal()
    with TerminalBars(stream) as bars:
        bars(Event("load", "[red]digits[/red].npz"))
    assert "[red]digits" in stream.getvalue()


def test_quiet_shows_nothing_even_on_a_terminal():
    stream = Terminal()
    with show_progress(quiet=True, stream=stream) as progress:
        progress(Event("load"))
    assert stream.getvalue() == ""


def test_changed_rows_are_told():
    assert describe(Event("cluster", step=2, changed=1500)) == "cluster 2: 1,500 changed"
