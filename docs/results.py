"""Run the main job and put what it found into README.md: its table, and its pictures.

Run: python tasks.py results [RUN_FOLDER]
With a run folder nothing is run again.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
IMAGES = ROOT / "docs" / "images"
BEGIN, END = "<!-- results: begin (python tasks.py results) -->\n", "<!-- results: end -->"

BUSY = " The machine was busy with\nother work too: seconds are fewer on an idle one."

PICTURES = {  # figure of a run: name in docs/images
    "dendrogram-deskewed-minibatch-kmeans-36": "dendrogram",
    "sample-digits": "sample-digits",
    "centroids-deskewed-minibatch-kmeans-64": "centroids",
    "confused-pairs": "confused-pairs",
    "scores-by-clusters": "scores-by-clusters",
    "mistakes": "mistakes",
}


def main() -> None:
    """Run the main job, unless its folder is given, and write its results into the README."""
    if len(sys.argv) > 1:
        fill_in(Path(sys.argv[1]), None)
        return
    busy = os.getloadavg()[0] > 0.5 if hasattr(os, "getloadavg") else False
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, ROOT / "handwritten_digit_recognition.py", "-q", "--out", out]
        begin = time.perf_counter()
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        fill_in(Path(done.stdout.strip()), time.perf_counter() - begin, busy=busy)


def fill_in(folder: Path, seconds: float | None, *, busy: bool = False) -> None:
    """Copy the pictures of a run folder and write its scores between the markers."""
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    scores = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["scores"]
    IMAGES.mkdir(exist_ok=True)
    for figure, name in PICTURES.items():
        shutil.copyfile(folder / "figures" / f"{figure}.png", IMAGES / f"{name}.png")
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    took = sum(run["stages"].values()) if seconds is None else seconds
    words = results(run, scores, took, busy=busy)
    README.write_text(before + BEGIN + words + END + after, encoding="utf-8", newline="\n")


def results(
    run: dict[str, Any], scores: list[dict[str, Any]], seconds: float, *, busy: bool
) -> str:
    """Word the results of the default run."""
    machine, versions = run["machine"], run["versions"]
    best = {s["features"]: s for s in scores if is_plain(s) and s["n_clusters"] == 256}
    ten = next(s for s in scores if is_plain(s) and s["n_clusters"] == 10)
    deskewed = best["deskewed"]
    recognizer = next(s for s in scores if s["split"] == "test" and is_recognizer(s))
    return f"""
Everything here comes from one run of the first command, with seed {run["seed"]}. It took
{seconds:.0f} seconds, from start to report, on a machine with {machine["cpu_count"]} cores \
({machine["processor"]}, engine {run["engine"]},
{machine["system"]}, Python {versions["python"]}).{BUSY if busy else ""}

{table(scores)}

Scores of the 10,000 test images, none of which was used for anything but these scores. Only
*accuracy* uses labels to name clusters: those of the training images. *Homogeneity* and *ARI*
compare clusters with labels. Seconds are those of the clustering alone, for the recogniser of all
that it does.

- The recogniser's ten clusters are digits: each named after another one, they hold \
{recognizer["matched_accuracy"]:.2%} of the
  test images. No label was used to form them.
- With {deskewed["n_clusters"]} clusters of deskewed images, {deskewed["majority_accuracy"]:.2%} \
of the test images lie in a cluster
  named after their digit; from raw pixels it is {best["pixels"]["majority_accuracy"]:.2%}.
- Ten clusters are too few for ten digits: people write a digit in several ways, and some ways of
  writing different digits look more alike. From raw pixels the accuracy is then \
{ten["majority_accuracy"]:.2%}.
- More clusters are always purer, so accuracy and homogeneity rise with *k*. The adjusted Rand
  index falls: it also asks that a digit is not spread over many clusters.
- On 64 principal components the clustering takes a fraction of the time and scores about the same.

These are the centroids of 64 clusters, each with the digit that it stands for and that digit's
share of the cluster:

<img src="docs/images/centroids.png" width="600" alt="64 mean images with their digits.">

The pairs of digits that are taken for one another most often:

<img src="docs/images/confused-pairs.png" width="640"
     alt="Pairs of digits that were confused, in words and with images.">

<img src="docs/images/scores-by-clusters.png" width="640"
     alt="Inertia, homogeneity and accuracy against the number of clusters.">

The test images that the recogniser still gets wrong, the most frequent mistakes first:

<img src="docs/images/mistakes.png" width="480"
     alt="Misread digits, each with its label and the digit it was taken for.">

"""


def is_plain(score: dict[str, Any]) -> bool:
    """Say whether a record is of the test images without a reduction."""
    return score["split"] == "test" and score["reducer"] is None and not is_recognizer(score)


def is_recognizer(score: dict[str, Any]) -> bool:
    """Say whether a record is of the recogniser."""
    return bool(score["features"] == "recognizer")


def table(scores: list[dict[str, Any]]) -> str:
    """Lay out the test scores, pixels beside deskewed, all dimensions beside 64."""
    lines = [
        "| features | k | accuracy | on pca:64 | homogeneity | ARI | seconds | on pca:64 |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    test = [s for s in scores if s["split"] == "test"]
    reduced = {(s["features"], s["n_clusters"]): s for s in test if s["reducer"]}
    for s in filter(is_plain, test):
        twin = reduced[s["features"], s["n_clusters"]]
        lines.append(
            f"| {s['features']} | {s['n_clusters']} | {s['majority_accuracy']:.3f} "
            f"| {twin['majority_accuracy']:.3f} | {s['homogeneity']:.3f} | {s['ari']:.3f} "
            f"| {s['seconds']:.2f} | {twin['seconds']:.2f} |"
        )
    for s in filter(is_recognizer, test):
        lines.append(
            f"| recogniser, `{s['algorithm']}` | {s['n_clusters']} | {s['majority_accuracy']:.3f} "
            f"| | {s['homogeneity']:.3f} | {s['ari']:.3f} | {s['seconds']:.2f} | |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
