"""inkmeans against other k-means libraries, on equal terms: speed, inertia, memory.

Run: python benchmarks/kmeans.py [--only lloyd,full] [--data mnist] [--k 10,64]
         [--peers sklearn,inkmeans] [--threads 1] [--repeats 3] [--clock cpu]

Each measurement is a process of its own with one thread pinned to one core (and then with all
cores); libraries take turns, so that a slow minute of the machine hits all. benchmarks/README.md
says what is measured and how.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import kmeans_data
import kmeans_report
from kmeans_libraries import LIBRARIES, installed
from kmeans_rows import ROWS, Row

HERE = Path(__file__).parent
RESULTS = HERE / "results"
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# A shell may hold these for its own reasons; peers are slower with them.
HINDRANCES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "NVPL_BLAS_DEBUG_CPU_TYPE")
INSTRUCTION_SETS = ("avx2", "avx_vnni", "avx512_vnni", "asimddp", "i8mm")
# Their start is drawn at random, so each repeat has a seed of its own, and is judged.
DRAWN = ("full", "minibatch", "seeding")


def main() -> None:
    options = parse()
    rows = [row for row in ROWS if wanted(row, options)]
    versions = {name: installed(name) for name in options.peers}
    absent = [name for name, found in versions.items() if found is None]
    if absent:
        print(f"not installed, left out: {', '.join(absent)}")
    names = [name for name in options.peers if versions[name]]
    results = []
    with tempfile.TemporaryDirectory() as folder:
        kmeans_data.prepare(Path(folder), rows, options.memory_rows)
        for threads in options.threads:
            for row in rows:
                print(f"\n{row.title}, {threads} thread(s)", flush=True)
                result = measure_row(row, names, threads, Path(folder), options)
                results.append(result)
                kmeans_report.print_row(result, options.clock)
                write(results, versions, options)  # a long run that is cut short keeps its rows
    kmeans_report.print_goals(results, options.clock)
    pictures = kmeans_report.draw(results, options.clock, RESULTS / options.name)
    print("\nwritten:", *(path.name for path in [RESULTS / f"{options.name}.json", *pictures]))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cores = os.cpu_count() or 1

    def several(text: str) -> list[str]:
        return text.split(",")

    def counts(text: str) -> list[int]:
        return [cores if part == "all" else int(part) for part in text.split(",")]

    parser.add_argument("--only", type=several, help="tasks: lloyd, seeding, full, curve ...")
    parser.add_argument("--data", type=several, help="mnist, mnist70k, pca")
    parser.add_argument("--k", type=counts, help="numbers of clusters")
    parser.add_argument("--peers", type=several, default=list(LIBRARIES), help="libraries")
    parser.add_argument("--threads", type=counts, default=[1, cores], help="default: 1,all")
    parser.add_argument("--repeats", type=int, default=3, help="the median counts (default 3)")
    parser.add_argument("--queries", type=int, default=70_000, help="of the neighbors task")
    parser.add_argument("--memory-rows", type=int, default=500_000, help="of the memory task")
    parser.add_argument("--core", type=int, help="the one to pin one thread to; default: the last")
    parser.add_argument(
        "--clock",
        choices=("wall", "cpu"),
        default="wall",
        help="cpu: processor time of one-thread runs, for a machine that others use too",
    )
    parser.add_argument("--timeout", type=float, default=3600, help="seconds a measurement")
    parser.add_argument("--name", default="kmeans", help="of the files in benchmarks/results")
    options = parser.parse_args()
    unknown = sorted(set(options.peers) - set(LIBRARIES))
    if unknown:
        parser.error(f"no such peers: {', '.join(unknown)}; there are {', '.join(LIBRARIES)}")
    return options


def wanted(row: Row, options: argparse.Namespace) -> bool:
    return (
        (options.only is None or row.task in options.only)
        and (options.data is None or row.data in options.data)
        and (options.k is None or row.k is None or row.k in options.k)
    )


def method(task: str) -> str:
    """Which method of a library does a task."""
    return "lloyd" if task in ("curve", "memory") else task


def measure_row(
    row: Row, names: list[str], threads: int, folder: Path, options: argparse.Namespace
) -> dict[str, Any]:
    """Measure every library that can do it, in rounds."""
    able = [name for name in names if hasattr(LIBRARIES[name], method(row.task))]
    spec: dict[str, Any] = {"task": row.task, "data": row.data, "k": row.k, "threads": threads}
    spec |= {"folder": str(folder), "queries": options.queries, "rows": options.memory_rows}
    spec["cores"] = pinned(threads, options.core)
    points: dict[str, list[dict[str, Any]]] = {name: [] for name in able}
    failed: dict[str, str] = {}
    repeats = 1 if row.task in ("memory", "curve") else options.repeats
    for repeat in range(repeats):
        for name in able:
            if name in failed:
                continue
            judged = repeat == 0 or row.task in DRAWN
            task = spec | {"library": name, "seed": repeat, "judge": judged}
            try:
                points[name] += measure(task, options.timeout)
            except RuntimeError as error:
                failed[name] = str(error)
                print(f"  {name} failed: {error}", flush=True)
    measured = {name: found for name, found in points.items() if found and name not in failed}
    return {"row": row, "threads": threads, "points": measured, "failed": failed}


def pinned(threads: int, core: int | None) -> list[int]:
    """Choose the cores to run on."""
    if hasattr(os, "sched_getaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
    else:
        allowed = list(range(os.cpu_count() or 1))
    return [allowed[-1] if core is None else core] if threads == 1 else allowed[:threads]


def measure(spec: dict[str, Any], timeout: float) -> list[dict[str, Any]]:
    """Run one measurement in a new process."""
    environment = {name: value for name, value in os.environ.items() if name not in HINDRANCES}
    environment |= dict.fromkeys(THREAD_VARIABLES, str(spec["threads"]))
    command = [sys.executable, str(HERE / "kmeans_worker.py"), json.dumps(spec)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"longer than {timeout:g} s") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise RuntimeError(lines[-1] if lines else f"ended with code {done.returncode}")
    points: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return points


def write(
    results: list[dict[str, Any]], versions: dict[str, str | None], options: argparse.Namespace
) -> None:
    """Write all that was measured so far."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    machine = {
        "cores": os.cpu_count(),
        "load": os.getloadavg() if hasattr(os, "getloadavg") else None,
        "processor": processor(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "engine": engine_level(),
        "time": time.strftime("%Y-%m-%d %H:%M:%S"),
    }
    content = {
        "machine": machine,
        "versions": versions,
        "options": vars(options),
        "goals": kmeans_report.goals(results, options.clock),
        "results": [result | {"row": kmeans_report.as_dict(result["row"])} for result in results],
    }
    path = RESULTS / f"{options.name}.json"
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(content, indent=1), encoding="utf-8")
    partial.replace(path)


def processor() -> str:
    """Name the processor, and what it can do that matters here."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    found = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    found = {key.strip(): value.strip() for key, value in found.items()}
    flags = found.get("flags", found.get("Features", "")).split()
    have = [flag for flag in INSTRUCTION_SETS if flag in flags]
    return f"{found.get('model name', platform.machine())} ({', '.join(have)})"


def engine_level() -> str:
    """Ask a new process which instruction set inkmeans uses."""
    command = [sys.executable, "-c", "from inkmeans import engine; print(engine.level())"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "not available"


if __name__ == "__main__":
    main()
