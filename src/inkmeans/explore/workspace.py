"""What the server keeps while it runs: project, open images, jobs, and who is told of changes."""

from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from inkmeans.errors import InkmeansError, ParameterError
from inkmeans.explore.events import Hub
from inkmeans.explore.files import ProjectFiles
from inkmeans.explore.history import Entry, Timeline
from inkmeans.explore.jobs import Jobs, Listener
from inkmeans.explore.labelling import Action, Labelling, pack
from inkmeans.explore.models import find_model
from inkmeans.explore.opened import OpenData
from inkmeans.explore.protocol import (
    ErrorInfo,
    History,
    JobInfo,
    LabelCounts,
    MapInfo,
    ProjectInfo,
    RunInfo,
    State,
)
from inkmeans.explore.settings import MapSettings, RunSettings
from inkmeans.explore.sources import DEFAULT, open_source
from inkmeans.explore.store import Behind, DatasetRow, MapRow, RunRow, Store

__all__ = ["Done", "NotYetError", "Workspace"]

FIRST_PRESET = "fast"
SECOND_PRESET = "balanced"  # after the first look, while nothing else is asked for,
MOST_IMAGES = 100_000  # up to so many
FIRST_MAP = {"method": "neighbors", "n_iter": 0}  # there in no time,
SECOND_MAP = {"method": "neighbors", "n_iter": 100}  # and this in the background


_SETTLED = 3.0  # seconds after which a page has asked for what it shows


class NotYetError(InkmeansError):
    """What was asked for needs images, or a run, that are not there yet."""


@dataclass(frozen=True, eq=False)
class Done:
    """What came of a label action: the entry, and the labels before and after."""

    entry: Entry
    before: Labelling
    after: Labelling


class Workspace:
    """The state of the server.

    Parameters
    ----------
    project : Path
        The project file.
    source : str or None, default=None
        Images to open, see `inkmeans.explore.sources`; None stands for those that the project had
        open last, and MNIST in a new one.
    spare : Popen or None, default=None
        See `inkmeans.explore.jobs.Jobs`.

    Raises
    ------
    InkmeansError
        If the project cannot be opened.
    """

    def __init__(
        self,
        project: Path,
        source: str | None = None,
        spare: subprocess.Popen[bytes] | None = None,
    ) -> None:
        self.store = Store(project)
        self.files = ProjectFiles(project)
        self.hub = Hub()
        self.data: OpenData | None = None
        self.status = "starting"
        self.error: ErrorInfo | None = None
        self._acting = threading.Lock()
        self._closing = threading.Event()
        self.jobs = Jobs(Listener(self._job_changed, self._frame, self._found), spare)
        last = self.store.last_dataset()
        self._first_source = source or (last.source if last else DEFAULT)

    def start(self) -> None:
        """Open the images in the background."""
        threading.Thread(target=self._open_first, name="open", daemon=True).start()

    def close(self) -> None:
        """End jobs and events, and let go of the project; once is enough."""
        self._closing.set()
        self.hub.close()
        self.jobs.close()
        with self._acting:  # an action that is under way is finished first
            self.store.close()

    def opened(self) -> OpenData:
        """Return the open images, or say that there are none yet."""
        if self.data is None:
            raise NotYetError("no images are open yet", hint="wait until they are loaded")
        return self.data

    def state(self) -> State:
        """Describe everything that a page needs first."""
        data = self.data
        return State(
            revision=self.store.revision,
            status=self.status,
            error=self.error,
            project=ProjectInfo(self.store.path.stem, str(self.store.path)),
            dataset=data.info if data else None,
            classes=data.classes if data else (),
            runs=tuple(map(_run_info, data.runs.values())) if data else (),
            run=data.current_run() if data else None,
            maps=tuple(map(_map_info, data.maps.values())) if data else (),
            map=data.current_map() if data else None,
            labels=data.counts() if data else LabelCounts(0, 0, 0, 0.0, 0, ()),
            undo=history(data.timeline.done if data else []),
            redo=history(data.timeline.undone if data else []),
            jobs=self.jobs.infos(),
        )

    def changed(
        self,
        reason: str,
        *,
        run: int | None = None,
        clusters: Sequence[int] | None = None,
        fields: Sequence[str] = (),
    ) -> None:
        """Tell all tabs that something was committed."""
        self.hub.publish(
            "change",
            {
                "revision": self.store.revision,
                "reason": reason,
                "run": run,
                "clusters": None if clusters is None else list(clusters),
                "fields": list(fields),
            },
        )

    def act(self, build: Callable[[OpenData], Action]) -> Done:
        """Do a label action: on the disk first, then in memory.

        Parameters
        ----------
        build : callable
            Makes the action for the labels as they are; called again if another process has
            changed them meanwhile.

        Returns
        -------
        Done
            Only after the action is on the disk.

        Raises
        ------
        InkmeansError
            If the action makes no sense, or cannot be written; nothing has changed then.
        """
        with self._acting:
            data = self.opened()
            timeline: Timeline = data.timeline
            while True:
                action = build(data)
                timeline.check(action)
                before, after = timeline.state, timeline.preview(action)
                try:
                    number = self.store.append(data.id, action, after=timeline.last_id)
                except Behind:
                    self._catch_up(data)
                    continue
                entry = Entry(number, action)
                timeline.take(entry, after)
                return Done(entry, before, after)

    def _catch_up(self, data: OpenData) -> None:
        data.runs.update({run.id: run for run in self.store.runs(data.id)})
        data.timeline.replay(self.store.entries(data.id, after=data.timeline.last_id))

    def choose(self, what: str, number: int) -> None:
        """Make a run or a map the current one, in all tabs."""
        data = self.opened()
        if number not in (data.runs if what == "run" else data.maps):
            raise LookupError(f"no such {what}: {number}")
        self.store.choose(data.id, what, number)
        self._when_settled(data, _prepare)
        self.changed(what, run=data.current_run())

    def order(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Write what a worker needs to know to work on the open images."""
        data = self.opened()
        return {
            "settings": settings,
            "source": data.source,
            "dataset": data.id,
            "project": str(self.store.path),
        }

    def open(self, source: str) -> OpenData:
        """Open other images; their first run is started where they have none.

        Parameters
        ----------
        source : str

        Returns
        -------
        OpenData
        """
        digits = open_source(source, self.files)
        with self._acting:
            data = OpenData(digits, source, self.store, self.files)
            self.store.remember_dataset(DatasetRow(data.id, digits.source.name, source))
            self.data, self.error = data, None
            self.status = "ready" if data.runs and data.maps else "starting"
        self.changed("data")
        if self.status == "starting":
            n_clusters = min(10, digits.n_train)
            settings = {"preset": FIRST_PRESET, "n_clusters": n_clusters, "map": FIRST_MAP}
            self.jobs.start("cluster", f"First look: {n_clusters} clusters", self.order(settings))
        else:
            self._when_settled(data, self._start_better)
            self._when_settled(data, _prepare)
        return data

    def _open_first(self) -> None:
        try:
            self.open(self._first_source)
        except InkmeansError as error:
            self._failed(ErrorInfo(error.message, error.hint))
        except Exception as error:
            logging.getLogger("inkmeans").exception("opening %s", self._first_source)
            self._failed(ErrorInfo(f"{type(error).__name__}: {error}", "please report this"))

    def _when_settled(self, data: OpenData, work: Callable[[OpenData], None]) -> None:
        """Do what nobody waits for yet, once the page is likely drawn."""

        def later() -> None:
            if not self._closing.wait(_SETTLED) and self.data is data:
                work(data)

        threading.Thread(target=later, name="settled", daemon=True).start()

    def _failed(self, error: ErrorInfo) -> None:
        self.status, self.error = "failed", error
        self.changed("status")

    def _job_changed(self, info: JobInfo) -> None:
        data = self.data
        if info.status == "failed" and self.status == "starting" and data and not data.runs:
            self._failed(info.error or ErrorInfo("the first clustering failed"))
        self.hub.publish("job", info)

    def _frame(self, told: dict[str, Any]) -> None:
        self.hub.publish("frame", told)

    def _found(self, kind: str, found: dict[str, Any]) -> dict[str, Any] | None:
        if kind == "run":
            run = self._add_run(found)
            return {"run": run, "runs": [run]}
        if kind == "map":
            return {"map": self._add_map(found)}
        if kind == "scores":
            self._add_scores(found)
        return None

    def _add_run(self, found: dict[str, Any]) -> int:
        dataset, key = found["dataset"], found["key"]
        known = [run.id for run in self.store.runs(dataset) if run.key == key]
        if known:
            return known[0]
        arrays = self.files.load_run(key)
        if arrays is None:
            raise ParameterError("the result of the job is gone", hint="start it again")
        settings = RunSettings.read(found["settings"])
        row = RunRow(
            id=0,
            name=settings.name,
            preset=settings.preset,
            settings=found["settings"],
            n_clusters=found["n_clusters"],
            seconds=found["seconds"],
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            scores={},
            key=key,
            assigned=pack(arrays.assigned.astype("<u2")),
        )
        number = self.store.add_run(dataset, row)
        self._refresh(dataset)
        self.changed("run", run=number)
        return number

    def _add_map(self, found: dict[str, Any]) -> int:
        dataset, key = found["dataset"], found["key"]
        known = [row.id for row in self.store.maps(dataset) if row.key == key]
        if known:
            return known[0]
        row = MapRow(0, found["name"], found["method"], found["seconds"], key)
        number = self.store.add_map(dataset, row)
        self._refresh(dataset)
        self.changed("map")
        return number

    def _add_scores(self, found: dict[str, Any]) -> None:
        data = self.opened()
        scores = {"scored_on": found["scored_on"], **found["scores"]}
        for run in data.runs.values():
            if run.key == found["key"]:
                self.store.set_scores(run.id, scores)
                self._refresh(data.id)
                self.changed("run", run=run.id)
                return

    def _refresh(self, dataset: str) -> None:
        """Read runs and maps of the open images again; start the better run after the first."""
        data = self.data
        if data is None or data.id != dataset:
            return
        data.runs = {run.id: run for run in self.store.runs(dataset)}
        data.maps = {row.id: row for row in self.store.maps(dataset)}
        if self.status != "ready" and data.runs and data.maps:
            self.status, self.error = "ready", None  # told of by whoever adds the run or the map
            self._start_better(data)  # it waits for the scores of the first look
            self._when_settled(data, _prepare)

    def _start_better(self, data: OpenData) -> None:
        """Go on from the first look in the background, as far as that was not done before."""
        drawn = {row.key for row in data.maps.values()}
        if MapSettings.read(SECOND_MAP).key(data.id) not in drawn:
            self.jobs.start("map", "A better map", self.order(SECOND_MAP))
        n_clusters = min(10, data.digits.n_train)
        run = {"preset": SECOND_PRESET, "n_clusters": n_clusters}
        runs = data.runs.values()
        known = RunSettings.read(run).key(data.id) in {row.key for row in runs}
        takes = any(row.preset == FIRST_PRESET for row in runs) and len(data.digits) <= MOST_IMAGES
        if takes and not known:
            title = "A better clustering: the recogniser, balanced"
            self.jobs.start("cluster", title, self.order(run), yields=True)


def _prepare(data: OpenData) -> None:
    """Compute and load what the first drawn digit would wait for."""
    run = data.current_run()
    data.distances_to(data.straightened()[0])
    if run is not None:
        find_model(data, run)


def history(entries: list[Entry]) -> History:
    """Say how many actions can be undone or done again, and what the next one is."""
    return History(len(entries), entries[-1].action.text if entries else "")


def _run_info(run: RunRow) -> RunInfo:
    scores = dict(run.scores)
    return RunInfo(
        id=run.id,
        name=run.name,
        preset=run.preset,
        settings=run.settings,
        n_clusters=run.n_clusters,
        seconds=run.seconds,
        created=run.created,
        scored_on=scores.pop("scored_on", None),
        scores={key: value for key, value in scores.items() if _is_number(value)},
    )


def _map_info(row: MapRow) -> MapInfo:
    return MapInfo(row.id, row.name, row.method, row.seconds)


def _is_number(value: Any) -> bool:
    return value is None or isinstance(value, int | float | np.number)
