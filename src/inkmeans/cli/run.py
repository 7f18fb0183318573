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

    from inkmeans.report.contents import ClusteringRun, Contents

__all__ = ["run", "run_table", "summary"]

COLUMNS = (
    *("features", "reduced", "k", "seconds", "inertia", "silhouette"),
    *("homogeneity*", "ARI*", "accuracy**", "on test**"),
)
LEGEND = (
    "Training images, unless it says test. No label was used to cluster; "
    "* compared with the labels, ** clusters named by the training labels."
)


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
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Cluster digit images; evaluate, draw, report."""
    from inkmeans.experiment import RunOptions, parse_number, parse_numbers

    options = RunOptions(
        dataset=dataset,
        clusters=None if clusters is None else parse_numbers(clusters, "--clusters"),
        algorithm=algorithm,
        features=None if features is None else tuple(n.strip() for n in features.split(",")),
        reduce=reduce,
        seed=parse_number(seed, "--seed"),
        out=out,
        pages=() if pages is None else parse_numbers(pages, "--pages"),
    )
    from inkmeans.experiment import run_and_write  # heavy: wrong options are told before it

    with show_progress(as_json=as_json, quiet=quiet) as progress:
        folder, contents = run_and_write(options, progress=progress)
    if as_json:
        print_json(_result(folder, contents))
    elif quiet:
        typer.echo(str(folder))
    else:
        console(sys.stdout).print(run_table(contents.runs))
        for line in (*summary(contents), f"Report: {folder / 'report.html'}"):
            typer.echo(line)


def run_table(runs: Sequence[ClusteringRun]) -> Table:
    """Put the runs into a table, a run and its reduced twin side by side.

    Parameters
    ----------
    runs : sequence of ClusteringRun

    Returns
    -------
    rich.table.Table
        Scores of the training and the test images; a dash where one does not apply.
    """
    table = make_table(COLUMNS)
    order = {name: place for place, name in enumerate(dict.fromkeys(r.features for r in runs))}
    before = None
    for run in sorted(runs, key=lambda r: (order[r.features], r.n_clusters, r.reducer or "")):
        if before not in (None, run.features):
            table.add_section()
        before = run.features
        test = run.test.majority_accuracy if run.test is not None else None
        table.add_row(
            run.features,
            run.reducer or "-",
            str(run.n_clusters),
            f"{run.seconds:.2f}",
            number(run.train.inertia, 0),
            number(run.train.silhouette, 3),
            number(run.train.homogeneity, 3),
            number(run.train.ari, 3),
            number(run.train.majority_accuracy),
            number(test),
        )
    return table


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
    if contents.digits.labels is None:
        return ["No labels in this data set: the scores that need them are left out."]
    lines = [LEGEND]
    most = max(run.n_clusters for run in contents.runs)
    for run in contents.runs:
        if run.n_clusters == most and run.reducer is None:
            part, scores = ("test", run.test) if run.test is not None else ("training", run.train)
            accuracy = number(scores.majority_accuracy)
            lines.append(
                f"Majority-vote accuracy on the {part} images, k={most}, {run.features}: {accuracy}"
            )
    return lines


def _result(folder: Path, contents: Contents) -> dict[str, object]:
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    return {
        "folder": str(folder),
        "report": str(folder / "report.html"),
        "dataset": contents.digits.source.name,
        "seconds": round(sum(contents.stages.values()), 3),
        "scores": metrics["scores"],
    }
