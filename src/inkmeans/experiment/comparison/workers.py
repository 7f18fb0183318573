"""Tasks in processes of their own, so that each tells its own peak of memory."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from inkmeans.datasets import Digits
from inkmeans.errors import OutputError

__all__ = ["Workers"]

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from inkmeans.experiment.comparison.work import do_task; do_task(sys.argv[2])"
)
_TICK = 0.25  # seconds between two looks at a process, and at whether to stop


class Workers:
    """Starts a new Python for each task, and waits for it.

    A context manager: the folder that they share is gone at the end of the block.

    Parameters
    ----------
    folder : Path
        Made; what an interrupted comparison left there is removed.
    digits : Digits
        The images that the tasks are about.
    tick : callable
        Called some times a second while a process works; what it raises ends that process.

    Raises
    ------
    OutputError
        If the images cannot be written there.

    Notes
    -----
    This is not `multiprocessing`, which would run the user's script once more in every process
    if it has no ``if __name__ == "__main__"``.
    """

    def __init__(self, folder: Path, digits: Digits, tick: Callable[[], None]) -> None:
        self.folder = folder.resolve()
        self.digits = digits
        self.tick = tick

    def __enter__(self) -> Self:
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            self.folder.mkdir(parents=True)
            np.save(self.folder / "images.npy", self.digits.images)
            if self.digits.labels is not None:
                np.save(self.folder / "labels.npy", self.digits.labels)
        except OSError as error:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise OutputError(
                f"{self.folder}: cannot be written ({error.strerror or error})",
                hint="choose another folder with --out, or make room for a copy of the images",
            ) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, task: Mapping[str, Any]) -> dict[str, Any]:
        """Do a task in a process of its own.

        Parameters
        ----------
        task : mapping
            What `inkmeans.experiment.comparison.work` does; as JSON can hold it.

        Returns
        -------
        dict
            What came of it; ``failure`` and ``hint`` where nothing did.
        """
        task_file, result = self.folder / "task.json", self.folder / "result.json"
        result.unlink(missing_ok=True)
        complete = {
            **task,
            "folder": str(self.folder),
            "result": str(result),
            "n_train": self.digits.n_train,
            "class_names": list(self.digits.names),
        }
        task_file.write_text(json.dumps(complete), encoding="utf-8")
        code, said = self._wait(task_file)
        if result.exists():
            found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
            return found
        return _explain(code, said)

    def _wait(self, task_file: Path) -> tuple[int, str]:
        # -P and the list of paths: the same modules as here, none from the current folder.
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, json.dumps(sys.path), str(task_file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        with process:
            try:
                while True:
                    try:
                        _, said = process.communicate(timeout=_TICK)
                        return process.returncode, said.decode(errors="replace")
                    except subprocess.TimeoutExpired:
                        self.tick()
            except BaseException:
                process.kill()
                raise


def _explain(code: int, said: str) -> dict[str, Any]:
    """Say why a process left no result: it was killed, or could not even begin."""
    lines = said.strip().splitlines()
    if code < 0 or not lines:
        return {
            "failure": f"the process of this cell was ended from outside (code {code})",
            "hint": "if memory ran out: try fewer images, or reduce the features",
        }
    return {"failure": f"the process of this cell failed: {lines[-1]}", "hint": ""}
