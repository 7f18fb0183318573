"""``inkmeans run``: cluster, evaluate, draw, report."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inkmeans.cli.output import Json, Quiet, console, make_table, number, print_json
from inkmeans.cli.progress import show_progress

if TYPE_CHECKING:
    from rich.table import Table

    from inkmeans.report.contents import ClusteringRun, Contents, Recognition

__all__ = ["run", "run_table", "summary"]

NARROW = 130  # a terminal below so many columns gets fewer of the table's
SPARED = ("silhouette", "homogeneity*", "ARI*", "1:1**")
LEGEND = (
    "Scores of the training images, unless it says test. No label was used to cluster.",
    "* clusters compared with the labels  ** clusters named by the labels of training images,",
    "by majority; 1:1, each cluster after another class, as the recogniser's are meant to be.",
)
NO_LABELS = "No labels in this data set: the scores that need them are left out."


def run(  # noqa: PLR0917 - one parameter an option
    dataset: Annotated[
        str, typer.Option(help="A data set's name, a file or a folder.", metavar="NAME|PATH")
    ] = "mnist",
    clusters: Annotated[
        str | None,
        typer.Option(
            help="Numbers of clusters, with commas.  [default: 10,16,36,64,144,256]",
            metavar="K,K,...",
        ),
    ] = None,
    algorithm: Annotated[
        str, typer.Option(help="How to cluster.", metavar="NAME")
    ] = "minibatch-kmeans",
    features: Annotated[
        str | None,
        typer.Option(
            help="What to cluster, with commas.  [default: pixels,deskewed]", metavar="NAME,..."
        ),
    ] = None,
    reduce: Annotated[
        str | None,
        typer.Option(
            help="Cluster fewer dimensions too, and compare.  [default: pca:64 unless --features]",
            metavar="NAME:D",
        ),
    ] = None,
    seed: Annotated[
        str, typer.Option(help="Decides everything that is random.", metavar="N")
    ] = "0",
    out: Annotated[
        Path, typer.Option(help="The folder that gets the folder of this run.", metavar="DIR")
    ] = Path("results"),
    pages: Annotated[
        str | None,
        typer.Option(
            help="Draw each cluster of the runs with K clusters.  [default: the smallest K]",
            metavar="K,...",
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help="The recogniser: fast, balanced, best, or none.  [default: fast]", metavar="NAME"
        ),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Cluster digit images; evaluate, draw, report."""
    from inkmeans.experiment import RunOptions, parse_number, parse_numbers
    from inkmeans.experiment.options import DEFAULT_PRESET

    options = RunOptions(
        dataset=dataset,
        clusters=None if clusters is None else parse_numbers(clusters, "--clusters"),
        algorithm=algorithm,
        features=None if features is None else tuple(n.strip() for n in features.split(",")),
        reduce=reduce,
        seed=parse_number(seed, "--seed"),
        out=out,
        pages=() if pages is None else parse_numbers(pages, "--pages"),
        preset=DEFAULT_PRESET if preset is None else preset,
    )
    from inkmeans.experiment import run_and_write  # heavy: wrong options are told before it

    with show_progress(as_json=as_json, quiet=quiet) as progress:
        folder, contents = run_and_write(options, progress=progress)
    if as_json:
        print_json(_result(folder, contents))
    elif quiet:
        typer.echo(str(folder))
    else:
        screen = console(sys.stdout)
        screen.print(run_table(contents.clusterings, screen.width))
        for line in (*summary(contents), f"Report: {folder / 'report.html'}"):
            typer.echo(line)


def run_table(runs: Sequence[ClusteringRun | Recognition], width: int = NARROW) -> Table:
    """Put the runs into a table, a run and its reduced twin side by side.

    Parameters
    ----------
    runs : sequence of ClusteringRun or Recognition
        At least one.
    width : int, default=130
        Of the terminal, in characters; a narrow one gets the most important columns.

    Returns
    -------
    rich.table.Table
        Scores of the training and the test images; a dash where one does not apply.
    """
    shown = {name: [row[name] for row in map(_row, _side_by_side(runs))] for name in _row(runs[0])}
    if width < NARROW:
        shown = {name: cells for name, cells in shown.items() if name not in SPARED}
    table = make_table(tuple(shown))
    before = ""
    for cells in zip(*shown.values(), strict=True):
        if before not in ("", cells[0]):
            table.add_section()
        before = cells[0]
        table.add_row(*cells)
    return table


def _side_by_side(
    runs: Sequence[ClusteringRun | Recognition],
) -> list[ClusteringRun | Recognition]:
    """Put each reduced run below its unreduced twin."""
    order = {name: place for place, name in enumerate(dict.fromkeys(r.features for r in runs))}
    return sorted(runs, key=lambda r: (order[r.features], r.n_clusters, r.reducer or ""))


def _row(run: ClusteringRun | Recognition) -> dict[str, str]:
    return {
        "features": run.features,
        "reduced": run.reducer or "-",
        "k": str(run.n_clusters),
        "seconds": f"{run.seconds:.2f}",
        "inertia": number(run.train.inertia, 0),
        "silhouette": number(run.train.silhouette, 3),
        "homogeneity*": number(run.train.homogeneity, 3),
        "ARI*": number(run.train.ari, 3),
        "accuracy**": number(run.train.majority_accuracy),
        "on test**": number(None if run.test is None else run.test.majority_accuracy),
        "1:1**": number(run.train.matched_accuracy),
        "test 1:1**": number(None if run.test is None else run.test.matched_accuracy),
    }


def summary(contents: Contents) -> list[str]:
    """Say in words what the table means and how well the most clusters do.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    list of str
        Lines.
    """
    skipped = [contents.skipped] if contents.skipped else []
    if contents.digits.labels is None:
        return [NO_LABELS, *skipped]
    lines = list(LEGEND)
    most = max(run.n_clusters for run in contents.runs)
    for run in contents.runs:
        if run.n_clusters == most and run.reducer is None:
            part, scores = ("test", run.test) if run.test is not None else ("training", run.train)
            accuracy = number(scores.majority_accuracy)
            lines.append(
                f"Majority-vote accuracy on the {part} images, k={most}, {run.features}: {accuracy}"
            )
    return [*lines, *skipped, *_recognition_line(contents)]


def _recognition_line(contents: Contents) -> list[str]:
    recognition = contents.recognition
    if recognition is None:
        return []
    part, scores = "training", recognition.train
    if recognition.test is not None:
        part, scores = "test", recognition.test
    if scores.matched_accuracy is None:
        return []
    return [
        f"One-to-one accuracy on the {part} images, k={recognition.n_clusters}, recogniser "
        f"({recognition.preset}): {number(scores.matched_accuracy)}"
    ]


def _result(folder: Path, contents: Contents) -> dict[str, object]:
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    return {
        "folder": str(folder),
        "report": str(folder / "report.html"),
        "dataset": contents.digits.source.name,
        "seconds": round(sum(contents.stages.values()), 3),
        "scores": metrics["scores"],
    }
