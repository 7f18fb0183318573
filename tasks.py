"""The commands of everyday work on inkmeans, the same on every system.

Run: python tasks.py TASK [ARGUMENT ...]
Without a task it lists them. Arguments are handed on: python tasks.py test tests/figures -x
Only `set-up` works without a development environment; it makes one in .venv.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent
VENV_PYTHON = ROOT / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
# The environment of the project where there is one, whichever Python runs this file.
PYTHON = str(VENV_PYTHON if VENV_PYTHON.exists() else sys.executable)
SANITIZE = "build/sanitize"


def set_up(*arguments: str) -> None:
    """Make .venv, install inkmeans into it for editing, and the tools; then the git hooks."""
    if not VENV_PYTHON.exists():
        run(sys.executable, "-m", "venv", ".venv")
    python = str(VENV_PYTHON)
    run(python, "-m", "pip", "install", "--editable", ".[dev]", *arguments)
    if (ROOT / ".git").exists():
        run(python, "-m", "pre_commit", "install")


def format_code(*arguments: str) -> None:
    """Format the Python code and sort its imports."""
    files = ("--force-exclude", *(arguments or (".",)))
    run(PYTHON, "-m", "ruff", "check", "--select", "I", "--fix", *files)
    run(PYTHON, "-m", "ruff", "format", *files)


def lint(*arguments: str) -> None:
    """Look for mistakes and for imports against the architecture; change nothing."""
    run(PYTHON, "-m", "ruff", "check", "--force-exclude", *(arguments or (".",)))
    run(PYTHON, "-m", "pytest", "-q", "tests/test_architecture.py")


def types(*arguments: str) -> None:
    """Check the types, strictly."""
    run(PYTHON, "-m", "mypy", *arguments)


def test(*arguments: str) -> None:
    """Run all tests on two processes; or those that the arguments name, in one."""
    run(PYTHON, "-m", "pytest", *(arguments or ("-n", "2")))


def sanitise(*arguments: str) -> None:
    """Build the kernels with the address and undefined-behaviour sanitizers; run their checks."""
    options = (
        "-DINKMEANS_CHECKS=ON",
        "-DINKMEANS_SANITIZE=ON",
        "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
    )
    run("cmake", "-S", ".", "-B", SANITIZE, *options)
    run("cmake", "--build", SANITIZE, "--parallel", "2", "--config", "RelWithDebInfo")
    program = "inkmeans_checks.exe" if os.name == "nt" else "inkmeans_checks"
    found = (path for path in (ROOT / SANITIZE).rglob(program) if path.is_file())
    run(str(next(found)), *arguments)


def benchmark(*arguments: str) -> None:
    """Measure k-means against other libraries (long), or with arguments a part of that."""
    run(PYTHON, "benchmarks/kmeans.py", *arguments)


def main_job(*arguments: str) -> None:
    """Measure the main job: seconds, memory, accuracy against the goals."""
    run(PYTHON, "benchmarks/main_job.py", *arguments)


def docs(*arguments: str) -> None:
    """Write the generated pages of docs/reference; with --check only compare them."""
    run(PYTHON, "docs/generate.py", *arguments)


def results(*arguments: str) -> None:
    """Run the main job and put its scores and pictures into the README."""
    run(PYTHON, "docs/results.py", *arguments)


def pictures(*arguments: str) -> None:
    """Take the README's pictures of the explorer (needs Chromium and Playwright)."""
    run(PYTHON, "docs/pictures.py", *arguments)


def ci(*arguments: str) -> None:
    """Prove the README's commands in a fresh copy and a new environment (needs bash)."""
    run("bash", ".ci/run", *arguments)


TASKS: dict[str, Callable[..., None]] = {
    "set-up": set_up,
    "format": format_code,
    "lint": lint,
    "types": types,
    "test": test,
    "sanitise": sanitise,
    "benchmark": benchmark,
    "main-job": main_job,
    "docs": docs,
    "results": results,
    "pictures": pictures,
    "ci": ci,
}


def run(*command: str) -> None:
    """Show a command, run it in the project's folder, and end here if it fails."""
    print("+", *command, flush=True)
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code:
        sys.exit(code)


def main() -> None:
    """Run the task that is named first, with the rest as its arguments."""
    if len(sys.argv) > 1 and sys.argv[1] in TASKS:
        TASKS[sys.argv[1]](*sys.argv[2:])
        return
    for name, task in TASKS.items():
        print(f"{name:<10} {task.__doc__}")
    if len(sys.argv) > 1 and sys.argv[1] not in ("-h", "--help"):
        sys.exit(f"error: there is no task {sys.argv[1]!r}")


if __name__ == "__main__":
    main()
