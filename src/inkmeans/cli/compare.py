"""``inkmeans compare``: algorithms x features x numbers of clusters x seeds, in one table."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inkmeans.cli.cell_rows import show_cells
from inkmeans.cli.output import (
    Json,
    Quiet,
    console,
    make_table,
    print_error,
    print_json,
    print_note,
)
from inkmeans.progress import Stop

if TYPE_CHECKING:
    from rich.table import Table

    from inkmeans.evaluate import Spread
    from inkmeans.experiment import Comparison
    from inkmeans.experiment.comparison.summary import Summary

__all__ = ["compare", "comparison_table"]

LEGEND = (
    "Mean over n seeds ± half of the 95 % interval (Student's t); deviations are in "
    "comparison.csv. No label was used to cluster.",
    "Stability: agreement of the clusters of different seeds, no labels used; silhouette too.",
    "* labels used to compare clusters with them  "
    "** labels used to name clusters: those of training images",
)
NO_LABELS = "No labels in this data set: the scores that need them are left out."


def compare(  # noqa: PLR0917 - one parameter an option
    dataset: Annotated[
        str, typer.Option(help="A data set's name, a file or a folder.", metavar="NAME|PATH")
    ] = "mnist",
    algorithms: Annotated[
        str, typer.Option(help="How to cluster, with commas.", metavar="NAME,...")
    ] = "minibatch-kmeans,kmeans",
    features: Annotated[
        str, typer.Option(help="What to cluster, with commas.", metavar="NAME,...")
    ] = "pixels,deskewed",
    reduce: Annotated[
        str,
        typer.Option(
            help="Dimensionality reductions, with commas; none is none.", metavar="NAME:D|none,..."
        ),
    ] = "none",
    clusters: Annotated[
        str, typer.Option(help="Numbers of clusters, with commas.", metavar="K,K,...")
    ] = "10",
    seeds: Annotated[
        str, typer.Option(help="Seeds with commas between them, or how many.", metavar="N|S,S,...")
    ] = "3",
    out: Annotated[
        Path,
        typer.Option(
            help="The folder of the comparison. What it has already is not computed again.",
            metavar="DIR",
        ),
    ] = Path("comparison"),
    contingency: Annotated[
        tuple[str, str] | None,
        typer.Option(
            help="Two runs whose clusters are held against each other.  [default: the two most "
            "stable]",
            metavar="RUN RUN",
        ),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare algorithms, features and numbers of clusters over several seeds.

    The same command goes on where an interrupted one stopped.
    """
    from inkmeans.experiment import CompareOptions, parse_numbers
    from inkmeans.experiment.comparison.options import parse_reducers, parse_seeds

    options = CompareOptions(
        dataset=dataset,
        algorithms=_names(algorithms),
        features=_names(features),
        reduce=parse_reducers(reduce),
        clusters=parse_numbers(clusters, "--clusters"),
        seeds=parse_seeds(seeds, "--seeds"),
        out=out,
        contingency=contingency,
    )
    from inkmeans.experiment import compare as compare_all  # heavy: wrong options are told first

    with _kept(out), show_cells(as_json=as_json, quiet=quiet) as (progress, watch):
        comparison = compare_all(options, progress=progress, watch=watch)
    for note in comparison.notes:
        print_note(f"note: {note}")
    _print(comparison, as_json=as_json, quiet=quiet)
    if comparison.failures:
        _tell_failures(comparison)
    if not comparison.n_done:
        raise typer.Exit(1)


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in text.split(",")))


@contextmanager
def _kept(out: Path) -> Iterator[None]:
    """Say on an interruption that the finished cells are kept."""
    try:
        yield
    except (KeyboardInterrupt, Stop):
        print_note(f"The cells that are finished are kept in {out}: the same command goes on.")
        raise


def _print(comparison: Comparison, *, as_json: bool, quiet: bool) -> None:
    if as_json:
        files = [str(path) for path in comparison.files]
        record = {"folder": str(comparison.folder), "files": files, **comparison.to_dict()}
        print_json(record)
    elif quiet:
        typer.echo(str(comparison.folder))
    else:
        screen = console(sys.stdout)
        screen.print(comparison_table(comparison, screen.width))
        labelled = any(summary.score("ari").n for summary in comparison.summaries)
        for line in LEGEND if labelled else (*LEGEND[:2], NO_LABELS):
            typer.echo(line)
        names = ", ".join(path.name for path in comparison.files if path.suffix != ".svg")
        typer.echo(f"Files in {comparison.folder}: {names}")


def _tell_failures(comparison: Comparison) -> None:
    n, done = len(comparison.failures), comparison.n_done
    reasons = dict.fromkeys((one.failure, one.hint) for one in comparison.failures)
    for failure, hint in reasons:
        cells = [one.cell for one in comparison.failures if one.failure == failure]
        where = cells[0].name + (f" and {len(cells) - 1} more" if len(cells) > 1 else "")
        print_error(f"{where}: {failure}", hint)
    print_note(f"{n} of {n + done} cells failed; the same command tries them again.")


def comparison_table(comparison: Comparison, width: int = 200) -> Table:
    """Put the configurations into a table.

    Parameters
    ----------
    comparison : Comparison
    width : int, default=200
        Of the terminal, in characters; a narrow one gets the most important columns.

    Returns
    -------
    rich.table.Table
        A star marks scores that labels were compared for, two those that they were used to name
        clusters for; a dash stands where a score does not apply.
    """
    columns: list[tuple[str, Callable[[Summary], str]]] = [
        ("features", lambda s: s.configuration.space),
        ("algorithm", lambda s: s.configuration.algorithm),
        ("k", _clusters),
        ("n", _repetitions),
        ("seconds", lambda s: _spread(s.costs["total_seconds"], 1)),
        ("MB", lambda s: _megabytes(s.costs["peak_memory"])),
        ("stability", lambda s: "-" if s.stability is None else f"{s.stability.mean:.3f}"),
        ("silhouette", lambda s: _spread(s.score("silhouette"), 3)),
        ("NMI*", lambda s: _spread(s.score("nmi"), 3)),
        ("ARI*", lambda s: _spread(s.score("ari"), 3)),
        ("accuracy**", lambda s: _spread(s.score("majority_accuracy"), 3)),
        ("on test**", lambda s: _spread(s.score("majority_accuracy", "test"), 3)),
        ("one to one**", lambda s: _spread(_matched(s), 3)),
    ]
    cells = {name: [text(s) for s in comparison.summaries] for name, text in columns}
    cells = {name: texts for name, texts in cells.items() if name in _ALWAYS or _told(texts)}
    for name in _SPARED:
        if _width(cells) > width:
            cells.pop(name, None)
    table = make_table(tuple(cells))
    table.columns[1].justify = "left"
    for row in zip(*cells.values(), strict=True):
        table.add_row(*row)
    return table


_ALWAYS = ("features", "algorithm", "k", "n", "seconds")
_SPARED = ("ARI*", "silhouette", "MB", "one to one**", "stability", "accuracy**")


def _told(texts: list[str]) -> bool:
    return any(text != "-" for text in texts)


def _width(cells: dict[str, list[str]]) -> int:
    # Three characters between two columns, one at either end.
    return 3 * len(cells) - 1 + sum(max(map(len, (name, *texts))) for name, texts in cells.items())


def _matched(summary: Summary) -> Spread:
    """Take the one-to-one accuracy of the test images; of the training images if there is none."""
    found = summary.score("matched_accuracy", "test")
    return found if found.n else summary.score("matched_accuracy")


def _clusters(summary: Summary) -> str:
    """Write the number that was asked for, and what an algorithm found that goes its own way."""
    asked = summary.configuration.n_clusters
    found = sorted({one.n_found for one in summary.results if one.n_found is not None})
    if not found or found == [asked]:
        return str(asked)
    return f"{asked} (found {found[0]}{'' if len(found) == 1 else f' to {found[-1]}'})"


def _repetitions(summary: Summary) -> str:
    done, failed = len(summary.results), len(summary.failures)
    return f"{done} of {done + failed}" if failed else str(done)


def _spread(found: Spread, digits: int) -> str:
    if found.mean is None:
        return "-"
    text = f"{found.mean:,.{digits}f}"
    return text if found.half_width is None else f"{text} ±{found.half_width:.{digits}f}"


def _megabytes(found: Spread) -> str:
    return "-" if found.mean is None else f"{found.mean / 2**20:,.0f}"
