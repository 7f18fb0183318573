"""Jobs: long work, each in a process of its own, one at a time."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from inkmeans.errors import ParameterError
from inkmeans.explore.protocol import ErrorInfo, JobInfo
from inkmeans.explore.spawn import spawn_worker

__all__ = ["Jobs", "Listener"]

_TOLD = 0.1  # seconds between two reports of the same job
_KEPT = 50  # jobs that are over, and still listed
_OVER = ("done", "failed", "cancelled")


@dataclass(frozen=True)
class Listener:
    """Who is told of what happens to jobs; called from the jobs' thread.

    Attributes
    ----------
    changed : callable
        Gets a `JobInfo`, whenever it is news.
    frame : callable
        Gets a dict with job, step and inertia: there are new centroids.
    found : callable
        Gets the kind of a result (``run``, ``map``, ``scores``) and its data, and returns what is
        to be added to the result of the job, or None.
    """

    changed: Callable[[JobInfo], None]
    frame: Callable[[dict[str, Any]], None]
    found: Callable[[str, dict[str, Any]], dict[str, Any] | None]


@dataclass
class _Job:
    info: JobInfo
    order: dict[str, Any]
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    told: float = 0.0
    part: tuple[int, int] | None = None
    frame: bytes | None = None
    yields: bool = False
    displaced: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


class Jobs:
    """A queue of jobs and the thread that runs them.

    Parameters
    ----------
    listener : Listener
    spare : Popen or None, default=None
        A process that `spawn_worker` has started already, for the first job.
    """

    def __init__(self, listener: Listener, spare: subprocess.Popen[bytes] | None = None) -> None:
        self._listener = listener
        self._jobs: dict[int, _Job] = {}
        self._waiting: deque[int] = deque()
        self._numbers = itertools.count(1)
        self._changed = threading.Condition()
        self._closed = False
        self._spare = spare
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._thread.start()

    def start(
        self,
        kind: str,
        title: str,
        order: dict[str, Any],
        call: Callable[[], dict[str, Any]] | None = None,
        *,
        yields: bool = False,
    ) -> JobInfo:
        """Put a job at the end of the queue, before those that yield.

        Parameters
        ----------
        kind, title : str
        order : dict
            What the worker is sent, see `inkmeans.explore.tasks.run_task`.
        call : callable, default=None
            Done in a thread, at once, in place of a process; returns the result.
        yields : bool, default=False
            Nobody waits for it: it runs at a low priority, and begins anew after any other job
            that is started meanwhile.

        Returns
        -------
        JobInfo
        """
        with self._changed:
            number = next(self._numbers)
            order = {"kind": kind, "background": yields, **order}
            job = _Job(JobInfo(number, kind, title, "queued"), order, yields=yields)
            self._jobs[number] = job
            if call is None:
                self._queue(job)
            over = [i for i, other in self._jobs.items() if other.info.status in _OVER]
            for old in over[: max(0, len(over) - _KEPT)]:
                del self._jobs[old]
            self._changed.notify_all()
        self._listener.changed(job.info)
        if call is not None:
            threading.Thread(target=self._call, args=(job, call), daemon=True).start()
        return job.info

    def infos(self) -> tuple[JobInfo, ...]:
        """Return all jobs, the oldest first."""
        with self._changed:
            return tuple(job.info for job in self._jobs.values())

    def info(self, number: int) -> JobInfo:
        """Return one job."""
        return self._job(number).info

    def frame(self, number: int) -> bytes | None:
        """Return the centroids of a job as they were last told; None before."""
        return self._job(number).frame

    def cancel(self, number: int) -> JobInfo:
        """End a job at once, its process and its memory with it; one that is over stays so."""
        job = self._job(number)
        with self._changed:
            if number in self._waiting:
                self._waiting.remove(number)
        self._update(job, status="cancelled", unless_over=True)
        _kill(job.process)
        return job.info

    def close(self) -> None:
        """End everything."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            running = [job.process for job in self._jobs.values()]
        for process in (*running, self._spare):
            _kill(process)
        self._thread.join(1.0)

    def _job(self, number: int) -> _Job:
        with self._changed:
            if number not in self._jobs:
                raise ParameterError(f"no such job: {number}", hint="see the list of jobs")
            return self._jobs[number]

    def _queue(self, job: _Job) -> None:
        """Put a job before those that yield, if it does not; one that is running makes way."""
        place = len(self._waiting)
        if not job.yields:
            place = sum(not self._jobs[other].yields for other in self._waiting)
            for other in self._jobs.values():
                if other.yields and other.info.status == "running":
                    other.displaced = True
                    _kill(other.process)
        self._waiting.insert(place, job.info.id)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                job = self._jobs[self._waiting.popleft()]
            job.began = time.monotonic()
            if self._update(job, status="running", unless_over=True):
                self._work(job)

    def _call(self, job: _Job, call: Callable[[], dict[str, Any]]) -> None:
        job.began = time.monotonic()
        self._update(job, status="running")
        try:
            result = call()
        except Exception as error:
            message = getattr(error, "message", f"{type(error).__name__}: {error}")
            self._fail(job, ErrorInfo(message, getattr(error, "hint", "")))
        else:
            self._update(job, status="done", result=result, unless_over=True)

    def _work(self, job: _Job) -> None:
        with self._changed:
            process, self._spare = self._spare or spawn_worker(), None
            job.process = process
        if job.displaced or job.info.status in _OVER:  # cancelled this very moment
            _kill(process)
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(OSError):
            process.stdin.write(json.dumps(job.order).encode() + b"\n")
            process.stdin.flush()
        try:
            for line in process.stdout:
                self._hear(job, *json.loads(line))
        except Exception as error:  # of the listener: the job's result could not be kept
            message = getattr(error, "message", f"{type(error).__name__}: {error}")
            self._fail(job, ErrorInfo(message, getattr(error, "hint", "")))
        _kill(process)
        process.stdout.close()
        with contextlib.suppress(OSError):
            process.stdin.close()
        job.process = None
        if job.displaced:
            job.displaced = False
            if self._update(job, status="queued", stage="", message="", unless_over=True):
                with self._changed:
                    self._queue(job)
        elif job.info.status not in _OVER:
            self._fail(
                job,
                ErrorInfo(
                    f"the job's process ended by itself (code {process.returncode})",
                    "it may have run out of memory: try fewer clusters, or other features",
                ),
            )

    def _hear(self, job: _Job, kind: str, data: Any) -> None:
        if job.info.status in _OVER:
            return
        if kind == "progress":
            self._progress(job, data)
        elif kind == "frame":
            job.frame = base64.b64decode(data["images"])
            told = {"job": job.info.id, "step": data["step"], "inertia": data["inertia"]}
            self._listener.frame(told)
        elif kind == "part":
            job.part = (data["done"], data["of"])
            self._update(job, message=data["name"], step=data["done"], of=data["of"])
        elif kind == "result":
            self._update(job, result=data)
        elif kind == "failed":
            self._fail(job, ErrorInfo(data["message"], data["hint"]))
        elif kind == "done":
            self._update(job, status="done", seconds_left=0.0, unless_over=True)
        else:
            added = self._listener.found(kind, data)
            if added is not None:
                self._update(job, result=_join(job.info.result, added))

    def _progress(self, job: _Job, data: dict[str, Any]) -> None:
        now = time.monotonic()
        is_news = data["stage"] != job.info.stage or now - job.told > _TOLD
        job.told = now if is_news else job.told
        if job.part is not None:  # steps count the parts of the job, not those of one fit
            data = {"stage": data["stage"], "inertia": data["inertia"]}
        self._update(job, quiet=not is_news, **data)

    def _fail(self, job: _Job, error: ErrorInfo) -> None:
        self._update(job, status="failed", error=error, unless_over=True)

    def _update(
        self, job: _Job, *, quiet: bool = False, unless_over: bool = False, **values: Any
    ) -> bool:
        with job.lock:
            if unless_over and job.info.status in _OVER:
                return False
            seconds = time.monotonic() - job.began if job.began else 0.0
            info = replace(job.info, **{"seconds": seconds, **values})
            if job.part is not None and info.status == "running":
                done, of = job.part
                left = seconds * (of - done) / done if done else None
                info = replace(info, seconds_left=left)
            job.info = info
        if not quiet:
            self._listener.changed(info)
        return True


def _join(result: dict[str, Any] | None, added: dict[str, Any]) -> dict[str, Any]:
    """Add to a result; lists under the same name grow."""
    joined = dict(result or {})
    for key, value in added.items():
        old = joined.get(key)
        joined[key] = [*old, *value] if isinstance(old, list) else value
    return joined


def _kill(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None:
        process.kill()
        process.wait()
