"""The process of a job, started."""

from __future__ import annotations

import subprocess
import sys

__all__ = ["spawn_worker"]


def spawn_worker() -> subprocess.Popen[bytes]:
    """Start a process that loads its libraries and waits for its order, see the worker.

    Returns
    -------
    Popen
    """
    return subprocess.Popen(
        [sys.executable, "-m", "inkmeans.explore.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
