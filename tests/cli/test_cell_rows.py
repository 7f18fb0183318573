"""Cells as they finish: at a terminal, in a log, for machines."""

import io
import json

from inkmeans.cli.cell_rows import show_cells
from inkmeans.experiment import CellResult
from inkmeans.progress import Event

DONE = CellResult(
    "mine", "", "pixels", None, "kmeans", 10, 0, seconds=1.5, prepare_seconds=0.25,
    peak_memory=200 * 2**20, scores={"train": {"nmi": 0.5, "majority_accuracy": 0.6},
                                     "test": {"majority_accuracy": 0.55}},
)  # fmt: skip
FAILED = CellResult("mine", "", "pixels", None, "ward", 10, 0, failure="too many images")
AT_WORK = Event("compare", "pixels-ward-10-seed0", step=1, of=2)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def play(stream, **options):
    with show_cells(stream=stream, **options) as (progress, watch):
        progress(Event("prepare", "pixels, seed 0"))
        watch(DONE)
        for _ in range(5):
            progress(AT_WORK)
        watch(FAILED)
    return stream.getvalue()


def test_a_log_gets_a_line_a_cell_and_none_while_one_is_at_work():
    lines = [line.partition("] ")[2] for line in play(io.StringIO()).splitlines()]
    assert lines == [
        "prepare: pixels, seed 0",
        "pixels-kmeans-10-seed0: seconds 1.75, MB 200, NMI* 0.500, accuracy** 0.550",
        "pixels-ward-10-seed0: failed: too many images",
    ]


def test_machines_get_an_object_a_cell_and_every_event_once():
    records = [json.loads(line) for line in play(io.StringIO(), as_json=True).splitlines()]
    assert [record["event"] for record in records] == ["progress", "cell", "progress", "cell"]
    assert records[1]["scores"] == DONE.scores
    assert records[3]["failure"] == "too many images"


def test_quiet_is_silent():
    assert play(io.StringIO(), quiet=True) == ""


def test_a_terminal_gets_a_table_of_the_cells(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    shown = play(Terminal())
    last = shown[shown.rindex("cell ") :]
    assert "pixels-kmeans-10-seed0" in last
    assert "1.75" in last
    assert "failed" in last


def test_a_terminal_keeps_to_the_latest_of_many(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with show_cells(stream=stream) as (_, watch):
        for _ in range(40):
            watch(DONE)
    assert "28 cells above are in the table at the end" in stream.getvalue()
