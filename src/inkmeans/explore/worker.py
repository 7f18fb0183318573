"""The process of one job: ``python -m inkmeans.explore.worker``, started by the server.

It reads its order as a line of JSON from standard input, and writes a line of JSON for each thing
that happens to standard output. When standard input ends, the server is gone and so is it.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import threading
import traceback
from typing import Any

__all__ = ["main"]


def main() -> None:
    """Do the job that standard input tells of."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us
    # What a library prints must not get among the messages.
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        lock = threading.Lock()

        def emit(kind: str, data: Any) -> None:
            if kind == "frame":
                step, inertia, images = data
                text = base64.b64encode(images.tobytes()).decode()
                data = {"step": step, "inertia": inertia, "images": text}
            with lock:
                out.write(json.dumps([kind, data]) + "\n")
                out.flush()

        from inkmeans.explore import tasks  # takes a second, in which the order may come

        order = json.loads(sys.stdin.buffer.readline())
        threading.Thread(target=_end_with_server, daemon=True).start()
        emit(*_result(tasks.run_task, order, emit))


def _end_with_server() -> None:
    # Not through sys.stdin: a thread that waits in it keeps the interpreter from ending.
    while os.read(0, 1):
        pass
    os._exit(1)


def _result(run_task: Any, order: dict[str, Any], emit: Any) -> tuple[str, Any]:
    from inkmeans.errors import InkmeansError

    try:
        run_task(order, emit)
    except InkmeansError as error:
        return "failed", {"message": error.message, "hint": error.hint}
    except MemoryError:
        return "failed", {"message": "out of memory", "hint": "try fewer images or clusters"}
    except Exception as error:
        traceback.print_exc()
        what = " ".join(str(error).split())[:300] or "no message"
        return "failed", {
            "message": f"{type(error).__name__}: {what} (not foreseen: this may be a bug)",
            "hint": "the terminal shows where; please report it",
        }
    return "done", None


if __name__ == "__main__":
    main()
