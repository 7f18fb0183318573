"""The recogniser against its goals: accuracy without labels, with few, label errors, speed.

Run: python benchmarks/recognition.py [--seeds N] [--presets fast,balanced,best] [--only TASKS]

Each fit is a new process, which gets the training images in an order of its own. No label is
seen by a fit, except in the tasks that are about labels. Clusters are named one to one on the
training images; the accuracies are those of the test images.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import inkmeans
from inkmeans.errors import InkmeansError
from inkmeans.evaluate import learn_names

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PRESETS = ("fast", "balanced", "best")
DEFAULT_PRESET = "balanced"  # of the tasks that are not measured for each preset
VOTE_CLUSTERS = 256
LABEL_COUNTS = (10, 50, 100)
FLIPPED = 0.01
TURNED = 15  # degrees


@dataclass(frozen=True)
class Part:
    """Images to fit on, and others to measure on; the same where there are no others."""

    train: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    test: NDArray[np.uint8]
    test_labels: NDArray[np.int64]
    n_classes: int


@dataclass(frozen=True)
class Goal:
    """What is to be reached: the name of a figure, its least or most, and of which statistic."""

    figure: str
    limit: float
    most: bool = False
    of: str = "mean"

    def value(self, measured: Sequence[float]) -> float:
        """Return the statistic of what the seeds measured."""
        return {"mean": statistics.fmean, "min": min, "max": max}[self.of](measured)

    def met(self, value: float) -> bool:
        """Say whether a value reaches it."""
        return value <= self.limit if self.most else value >= self.limit


GOALS: dict[tuple[str, str], tuple[Goal, ...]] = {
    ("accuracy", "fast"): (Goal("accuracy", 0.98), Goal("seconds", 5, most=True)),
    ("accuracy", "balanced"): (Goal("accuracy", 0.994), Goal("seconds", 30, most=True)),
    ("accuracy", "best"): (
        Goal("accuracy", 0.995),
        Goal("accuracy", 0.993, of="min"),
        Goal("seconds", 90, most=True),
    ),
    ("vote", "balanced"): (Goal("accuracy", 0.994),),
    ("labels", "balanced"): (
        Goal("accuracy_10", 0.9945),
        Goal("accuracy_50", 0.9955),
        Goal("accuracy_100", 0.996),
    ),
    ("suspects", "balanced"): (Goal("average_precision", 0.97),),
    ("predict", "balanced"): (
        Goal("images_per_second", 10_000),
        Goal("milliseconds_for_one", 5, most=True),
    ),
    ("digits", "balanced"): (Goal("accuracy", 0.95), Goal("accuracy", 0.90, of="min")),
    ("test-images", "balanced"): (Goal("accuracy", 0.98),),
    ("fashion-mnist", "balanced"): (Goal("accuracy", 0.672),),
}
WITHIN = {"turned": 0.005, "inverted": 0.005}  # of the accuracy on MNIST as it is, same seeds


def main() -> None:
    """Measure row after row, print each, and write what there is so far."""
    options = parse()
    if options.worker:
        task, preset, seed = options.worker
        print(json.dumps(TASKS[task](preset, int(seed))))
        return
    tasks = options.only.split(",") if options.only else list(TASKS)
    presets = options.presets.split(",")
    check(tasks, TASKS, "task")
    check(presets, PRESETS, "preset")
    rows: list[dict[str, Any]] = []
    path = RESULTS / f"{options.name}.json"
    for task in tasks:
        for preset in presets if task == "accuracy" else [one_preset(presets)]:
            for seed in range(options.seeds):
                rows.append(measure(task, preset, seed))
                print_row(rows[-1])
                write(path, rows, options)
    print_summary(rows)
    print(f"\nwritten: {path.relative_to(ROOT)}")


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="fits of each; their mean counts")
    parser.add_argument("--presets", default=",".join(PRESETS), help="with commas")
    parser.add_argument("--only", default="", help=f"tasks, with commas: {', '.join(TASKS)}")
    parser.add_argument("--name", default="recognition", help="of the file of results")
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    return parser.parse_args()


def check(names: Sequence[str], known: Any, kind: str) -> None:
    """End with a line if there is no such task or preset."""
    for name in names:
        if name not in known:
            sys.exit(f"error: no {kind} {name!r}; choose from {', '.join(known)}")


def one_preset(presets: Sequence[str]) -> str:
    """Choose the preset of the tasks that are measured with one."""
    return DEFAULT_PRESET if DEFAULT_PRESET in presets else presets[0]


def measure(task: str, preset: str, seed: int) -> dict[str, Any]:
    """Run one task in a new process, so that no fit warms another up."""
    command = [sys.executable, __file__, "--worker", task, preset, str(seed)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, text=True)
    row: dict[str, Any] = {"task": task, "preset": preset, "seed": seed}
    if done.returncode:
        return row | {"figures": None, "note": f"failed with code {done.returncode}"}
    return row | json.loads(done.stdout.splitlines()[-1])


def load_mnist() -> Part:
    """Load MNIST, the standard split."""
    train, test = inkmeans.load("mnist").split()
    return Part(train.images, train.labels, test.images, test.labels, 10)


def load_all(name: str, part: slice = slice(None)) -> Part:
    """Load images that are fitted and measured alike."""
    digits = inkmeans.load(name)
    images, labels = digits.images[part], digits.labels[part]
    return Part(images, labels, images, labels, digits.n_classes)


def load_fashion() -> Part:
    """Load Fashion-MNIST, wherever inkmeans finds it."""
    train, test = inkmeans.load("fashion-mnist").split()
    return Part(train.images, train.labels, test.images, test.labels, 10)


def changed(change: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]) -> Part:
    """Change all images of MNIST."""
    part = load_mnist()
    return Part(
        change(part.train), part.train_labels, change(part.test), part.test_labels, part.n_classes
    )


def turn(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn each image about its middle."""
    from scipy.ndimage import rotate

    out = np.empty_like(images)
    for start in range(0, len(images), 5000):
        block = images[start : start + 5000].astype(np.float32)
        turned = rotate(block, TURNED, axes=(1, 2), reshape=False, order=1)
        out[start : start + 5000] = np.clip(np.rint(turned), 0, 255)
    return out


def invert(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Make ink of paper."""
    return 255 - images


def shuffled(part: Part, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Put the training images into the order of a seed."""
    order = np.random.default_rng(1000 + seed).permutation(len(part.train))
    return np.ascontiguousarray(part.train[order]), part.train_labels[order]


def fit(
    images: NDArray[np.uint8], preset: str, seed: int, y: Any = None, n_clusters: int = 10
) -> tuple[Any, dict]:
    """Fit, and return the recogniser and what it took."""
    recognizer = inkmeans.Recognizer(n_clusters, preset=preset, random_state=seed)
    wall, processor = time.perf_counter(), time.process_time()
    recognizer.fit(images, y)
    return recognizer, {
        "seconds": time.perf_counter() - wall,
        "processor_seconds": time.process_time() - processor,
    }


def matched(recognizer: Any, labels: NDArray[np.int64], part: Part) -> dict[str, float]:
    """Score the test images by names that were matched one to one on the training images."""
    names = learn_names(recognizer.labels_, labels, 10, part.n_classes)
    assert names.matched is not None, "ten classes are needed"
    assigned = recognizer.labels_ if part.test is part.train else recognizer.assign(part.test)
    truth = labels if part.test is part.train else part.test_labels
    return {
        "accuracy": float((names.matched[assigned] == truth).mean()),
        "train_accuracy": float((names.matched[recognizer.labels_] == labels).mean()),
    }


def accuracy_on(load: Callable[[], Part]) -> Callable[[str, int], dict[str, Any]]:
    """Make the task of fitting without labels on some data."""

    def run(preset: str, seed: int) -> dict[str, Any]:
        try:
            part = load()
        except InkmeansError as missing:
            return {"figures": None, "note": str(missing)}
        images, labels = shuffled(part, seed)
        recognizer, took = fit(images, preset, seed)
        return {"figures": matched(recognizer, labels, part) | took}

    return run


def vote(preset: str, seed: int) -> dict[str, Any]:
    """Make 256 clusters, each named by the majority of its training images."""
    part = load_mnist()
    images, labels = shuffled(part, seed)
    recognizer, took = fit(images, preset, seed, n_clusters=VOTE_CLUSTERS)
    recognizer.name_clusters(np.arange(len(labels)), labels)
    right = recognizer.predict(part.test) == part.test_labels
    names = np.asarray(recognizer.names_)
    alone = names[recognizer.assign(part.test)] == part.test_labels
    return {
        "figures": {
            "accuracy": float(right.mean()),
            "likeliest_cluster_accuracy": float(alone.mean()),
        }
        | took
    }


def few_labels(preset: str, seed: int) -> dict[str, Any]:
    """Fit without labels, ask for the labels of a few images that it chooses, fit with these."""
    part = load_mnist()
    images, labels = shuffled(part, seed)
    first, _ = fit(images, preset, seed)
    figures = {}
    for n in LABEL_COUNTS:
        chosen = first.suggest(n)
        known = np.full(len(labels), -1, dtype=np.int64)
        known[chosen] = labels[chosen]
        second, _ = fit(images, preset, seed, known)
        right = second.predict(part.test) == part.test_labels
        figures[f"accuracy_{n}"] = float(right.mean())
    return {"figures": figures}


def label_errors(preset: str, seed: int) -> dict[str, Any]:
    """Flip 1 % of the training labels at random, and see where they are in the ranking."""
    from sklearn.metrics import average_precision_score

    part = load_mnist()
    images, labels = shuffled(part, seed)
    rng = np.random.default_rng(seed)
    flipped = rng.permutation(len(labels))[: round(FLIPPED * len(labels))]
    given = labels.copy()
    given[flipped] = (given[flipped] + rng.integers(1, 10, len(flipped))) % 10
    recognizer, _ = fit(images, preset, seed)
    suspects = recognizer.suspects(given)
    scores = np.full(len(labels), -np.inf)
    scores[suspects.indices] = suspects.scores
    lowest = scores[np.isfinite(scores)].min(initial=0) - 1
    wrong = given != labels
    ranked = np.where(np.isfinite(scores), scores, lowest)
    return {"figures": {"average_precision": float(average_precision_score(wrong, ranked))}}


def predict_speed(preset: str, seed: int) -> dict[str, Any]:
    """Time predict on the 10,000 test images, and on one."""
    part = load_mnist()
    images, labels = shuffled(part, seed)
    recognizer, _ = fit(images, preset, seed)
    recognizer.name_clusters(np.arange(len(labels)), labels)
    recognizer.predict(part.test[:500])
    many = median_seconds(lambda: recognizer.predict(part.test), 3)
    one = median_seconds(lambda: recognizer.predict(part.test[:1]), 50)
    return {
        "figures": {
            "images_per_second": len(part.test) / many,
            "milliseconds_for_one": 1000 * one,
        }
    }


def median_seconds(work: Callable[[], object], repeats: int) -> float:
    """Return the median of the seconds that it takes."""
    took = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        took.append(time.perf_counter() - begin)
    return statistics.median(took)


TASKS: dict[str, Callable[[str, int], dict[str, Any]]] = {
    "accuracy": accuracy_on(load_mnist),
    "digits": accuracy_on(lambda: load_all("digits")),
    "test-images": accuracy_on(lambda: load_all("mnist", slice(60_000, None))),
    "turned": accuracy_on(lambda: changed(turn)),
    "inverted": accuracy_on(lambda: changed(invert)),
    "fashion-mnist": accuracy_on(load_fashion),
    "vote": vote,
    "labels": few_labels,
    "suspects": label_errors,
    "predict": predict_speed,
}


def print_row(row: dict[str, Any]) -> None:
    """Print what one seed measured."""
    figures = row["figures"]
    words = row.get("note", "") if figures is None else in_words(figures)
    print(f"{row['task']:14} {row['preset']:9} seed {row['seed']}  {words}", flush=True)


def in_words(figures: dict[str, float]) -> str:
    """Write figures in a line."""
    return "  ".join(f"{name} {digits(name, value)}" for name, value in figures.items())


def digits(name: str, value: float) -> str:
    """Write a share with four decimals, a speed or a time with fewer."""
    share = name.endswith("accuracy") or name.startswith(("accuracy", "average"))
    return f"{value:.4f}" if share else f"{value:,.1f}"


def print_summary(rows: Sequence[dict[str, Any]]) -> None:
    """Print mean and deviation of every figure, and whether its goals are reached."""
    print(f"\n{'task':14} {'preset':9} {'figure':22} {'mean':>10} {'sd':>8} {'goal':>24}")
    groups: dict[tuple[str, str], list[dict[str, float]]] = {}
    for row in rows:
        if row["figures"] is not None:
            groups.setdefault((row["task"], row["preset"]), []).append(row["figures"])
    for (task, preset), measured in groups.items():
        for name in measured[0]:
            values = [figures[name] for figures in measured]
            goals = [goal for goal in goals_of(groups, task, preset) if goal.figure == name]
            spread = statistics.stdev(values) if len(values) > 1 else 0.0
            words = "; ".join(goal_words(goal, values) for goal in goals)
            mean = digits(name, statistics.fmean(values))
            print(
                f"{task:14} {preset:9} {name:22} {mean:>10} {digits(name, spread):>8} {words:>24}"
            )


def goals_of(groups: dict[tuple[str, str], Any], task: str, preset: str) -> tuple[Goal, ...]:
    """Return the goals of a task; some follow from what was measured on MNIST as it is."""
    plain = groups.get(("accuracy", preset))
    if task in WITHIN and plain:
        reached = statistics.fmean(figures["accuracy"] for figures in plain)
        return (Goal("accuracy", reached - WITHIN[task]),)
    return GOALS.get((task, preset), ())


def goal_words(goal: Goal, values: Sequence[float]) -> str:
    """Say a goal, and whether it is reached."""
    value = goal.value(values)
    sign = "<=" if goal.most else ">="
    which = "" if goal.of == "mean" else f"{goal.of} "
    limit = f"{goal.limit:g}" if goal.limit > 1 else f"{goal.limit:.4g}"
    return f"{which}{sign} {limit} {'yes' if goal.met(value) else 'NO'}"


def write(path: Path, rows: Sequence[dict[str, Any]], options: argparse.Namespace) -> None:
    """Write the rows that there are, by renaming: an interruption loses none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "machine": {
            "processor": platform.processor() or platform.machine(),
            "cpu_count": os.cpu_count(),
            "system": platform.system(),
            "python": platform.python_version(),
            "inkmeans": inkmeans.__version__,
        },
        "seeds": options.seeds,
        "rows": list(rows),
    }
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    unfinished.replace(path)


if __name__ == "__main__":
    main()
