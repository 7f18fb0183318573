"""What a comparison leaves in its folder besides the journal: tables and pictures."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from inkmeans.evaluate import Scores, Spread, TimedScore
from inkmeans.evaluate.scores import COMPARED, NAMED, UNUSED
from inkmeans.experiment.comparison.journal import replace_file
from inkmeans.experiment.comparison.summary import COSTS, Comparison, Summary
from inkmeans.report.figure_files import draw_figure

__all__ = ["SHOWN", "csv_text", "latex_text", "write_files"]

HEAD = ("features", "reducer", "algorithm", "n_clusters", "split", "score", "labels",
        "n", "mean", "deviation", "low", "high", "failed", "reason")  # fmt: skip

SHOWN = (  # columns of the tables for people: heading, score, split; percentages have no decimals
    ("silhouette", "silhouette", "train"),
    ("NMI", "nmi", "train"),
    ("ARI", "ari", "train"),
    ("accuracy", "majority_accuracy", "train"),
    ("test accuracy", "majority_accuracy", "test"),
    ("one to one", "matched_accuracy", "test"),
)

MARKS = {UNUSED: "", COMPARED: "*", NAMED: "**"}


def write_files(comparison: Comparison) -> tuple[Path, ...]:
    """Write tables and pictures into the comparison's folder.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    tuple of Path
        comparison.csv, comparison.tex, comparison.json, and pictures as PNG and SVG.

    Raises
    ------
    OutputError
        If something cannot be written.
    """
    folder = comparison.folder
    texts = {
        "comparison.csv": csv_text(comparison),
        "comparison.tex": latex_text(comparison),
        "comparison.json": json.dumps(comparison.to_dict(), indent=2, ensure_ascii=False) + "\n",
    }
    for name, text in texts.items():
        replace_file(folder / name, text)
    return (*(folder / name for name in texts), *_draw(comparison))


# --- tables --------------------------------------------------------------------------------


def csv_text(comparison: Comparison) -> str:
    """Lay out every score of every configuration, one a line.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    str
        Costs stand in lines without a split. A configuration that failed has them too, with
        n = 0, and the first reason.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(HEAD)
    for summary in comparison.summaries:
        asked = summary.configuration
        who = (asked.features, asked.reducer or "", asked.algorithm, asked.n_clusters)
        failed = (len(summary.failures), next((one.failure for one in summary.failures), ""))
        for split, score, labels, found in _scores(summary):
            numbers = (found.mean, found.deviation, found.low, found.high)
            texts = ("" if value is None else f"{value:.12g}" for value in numbers)
            writer.writerow((*who, split, score, labels, found.n, *texts, *failed))
    return stream.getvalue()


def _scores(summary: Summary) -> Iterator[tuple[str, str, str, Spread]]:
    for name in COSTS:
        yield "", name, UNUSED, summary.costs[name]
    if summary.stability is not None:
        yield "train", "stability", UNUSED, Spread(summary.stability.n_runs, summary.stability.mean)
    for split, scores in summary.scores.items():
        for name, found in scores.items():
            yield split, name, Scores.LABEL_USE[name], found


def latex_text(comparison: Comparison) -> str:
    r"""Lay out the main scores as a ``tabular``; it needs the package booktabs.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    str
        Mean and half of the 95 % interval over the seeds; the deviation where there is no
        room for more is in comparison.csv.
    """
    shown = [column for column in SHOWN if _has(comparison, column)]
    heads = ["features", "algorithm", "$k$", "$n$", "seconds", "MB", "stability"]
    heads += [f"{_escape(name)}{_mark(score)}" for name, score, _ in shown]
    lines = [
        f"% {comparison.dataset}: {comparison.n_train} training, {comparison.n_test} test images;"
        " \\usepackage{booktabs}",
        "% mean +- half of the 95 % interval (Student's t) over n seeds",
        f"\\begin{{tabular}}{{ll{'r' * (len(heads) - 2)}}}",
        "\\toprule",
        f"{' & '.join(heads)} \\\\",
        "\\midrule",
    ]
    for summary in comparison.summaries:
        lines.append(f"{' & '.join(_latex_cells(summary, shown))} \\\\")
    lines += [
        "\\bottomrule",
        f"\\multicolumn{{{len(heads)}}}{{l}}{{\\footnotesize No labels used, but for: "
        "$^{*}$ labels compared with clusters; $^{**}$ labels used to name clusters.}",
        "\\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def _latex_cells(summary: Summary, shown: list[tuple[str, str, str]]) -> list[str]:
    asked, costs = summary.configuration, summary.costs
    memory = costs["peak_memory"].mean
    agreement = None if summary.stability is None else summary.stability.mean
    cells = [
        _escape(asked.space),
        _escape(asked.algorithm),
        str(asked.n_clusters),
        str(len(summary.results)),
        _number(costs["total_seconds"], 1),
        "--" if memory is None else f"{memory / 2**20:.0f}",
        "--" if agreement is None else f"{agreement:.3f}",
    ]
    return cells + [_number(summary.score(name, split), 4) for _, name, split in shown]


def _has(comparison: Comparison, column: tuple[str, str, str]) -> bool:
    _, name, split = column
    return any(summary.score(name, split).n for summary in comparison.summaries)


def _number(found: Spread, decimals: int) -> str:
    if found.mean is None:
        return "--"
    if found.half_width is None:
        return f"${found.mean:.{decimals}f}$"
    return f"${found.mean:.{decimals}f} \\pm {found.half_width:.{decimals}f}$"


def _mark(score: str) -> str:
    mark = MARKS[Scores.LABEL_USE[score]]
    return f"$^{{{mark}}}$" if mark else ""


def _escape(text: str) -> str:
    special = {c: f"\\{c}" for c in "&%$#_{}"} | {
        "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}"
    }  # fmt: skip
    return "".join(special.get(c, c) for c in text)


# --- pictures ------------------------------------------------------------------------------


def _draw(comparison: Comparison) -> list[Path]:
    paths: list[Path] = []
    timed = [one for one in comparison.summaries if one.results]
    content = _timed_scores(comparison, timed)
    if content is not None:
        paths += draw_figure(
            "score-against-time", comparison.folder / "score-against-time", **content
        )
    pair = comparison.contingency
    if pair is not None:
        paths += draw_figure(
            "contingency",
            comparison.folder / "contingency",
            table=pair.table,
            rows=pair.rows,
            columns=pair.columns,
            agreement=pair.agreement,
            subtitle=f"{comparison.dataset}, {comparison.n_train:,} training images; {pair.reason}",
        )
    return paths


def _timed_scores(comparison: Comparison, timed: list[Summary]) -> dict[str, Any] | None:
    """Choose what to hold against the time: accuracy where there are labels, else stability."""
    split = "test" if any(one.score("majority_accuracy", "test").n for one in timed) else "train"
    if any(one.score("majority_accuracy", split).n for one in timed):
        spreads = [one.score("majority_accuracy", split) for one in timed]
        what, use = f"accuracy, {'test' if split == 'test' else 'training'} images", NAMED
    else:
        spreads = [
            Spread(0) if one.stability is None else Spread(one.stability.n_runs, one.stability.mean)
            for one in timed
        ]
        what, use = "agreement between seeds", UNUSED
    n_seeds = len(set(comparison.options.seeds))
    points = [
        TimedScore(
            one.configuration.algorithm,
            one.configuration.space,
            one.configuration.n_clusters,
            one.costs["total_seconds"],
            found,
        )
        for one, found in zip(timed, spreads, strict=True)
    ]
    if not any(point.score.n for point in points):
        return None
    return {
        "points": points,
        "score_name": what,
        "labels": use,
        "subtitle": f"{comparison.dataset}, {comparison.n_train:,} training images, "
        f"{n_seeds} {'seed' if n_seeds == 1 else 'seeds'}",
    }
