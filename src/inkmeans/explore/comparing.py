"""The runs of a project side by side: a table with intervals, and one run against another."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.evaluate import Scores, match_table
from inkmeans.evaluate.intervals import spread
from inkmeans.explore.opened import OpenData
from inkmeans.explore.protocol import to_json
from inkmeans.explore.settings import RunSettings

__all__ = [
    "cell_images",
    "compare_runs",
    "compare_table",
    "table_as_csv",
    "table_as_json",
    "table_as_latex",
]

Row = dict[str, Any]


def compare_runs(data: OpenData) -> dict[str, Any]:
    """Put all runs into a table; those that differ by the seed alone are one row.

    Parameters
    ----------
    data : OpenData

    Returns
    -------
    dict
        See the protocol.
    """
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for run in data.runs.values():
        settings = RunSettings.read(run.settings)
        key = (
            settings.preset,
            settings.features,
            settings.reduce,
            settings.algorithm,
            settings.n_clusters,
        )
        groups.setdefault(key, []).append(run)
    keys = [key for key in Scores(1, 1).to_dict() if key != "n_images"]
    rows = [_row(key, runs, keys) for key, runs in groups.items()]
    return {"scores": [{"key": key, "use": Scores.LABEL_USE[key]} for key in keys], "rows": rows}


def _row(key: tuple[Any, ...], runs: list[Any], keys: list[str]) -> Row:
    preset, features, reduce, algorithm, n_clusters = key
    return {
        "runs": [run.id for run in runs],
        "name": runs[0].name,
        "preset": preset,
        "features": features,
        "reduce": reduce,
        "algorithm": algorithm,
        "n_clusters": n_clusters,
        "seeds": len(runs),
        "seconds": float(np.mean([run.seconds for run in runs])),
        "scored_on": runs[0].scores.get("scored_on"),
        "scores": {name: _spread([run.scores.get(name) for run in runs]) for name in keys},
    }


def _spread(values: list[float | None]) -> dict[str, float | None]:
    found = spread(values)
    return {"mean": found.mean, "std": found.deviation, "low": found.low, "high": found.high}


def table_as_csv(table: dict[str, Any]) -> str:
    """Write the table as comma-separated values; mean, deviation and interval of each score.

    Examples
    --------
    >>> from inkmeans.explore.comparing import table_as_csv
    >>> table_as_csv({"scores": [], "rows": []}).strip()
    'name,algorithm,features,reduce,n_clusters,seeds,seconds,scored_on'
    """
    keys = [score["key"] for score in table["scores"]]
    columns = ["name", "algorithm", "features", "reduce", "n_clusters", "seeds", "seconds"]
    columns.append("scored_on")
    parts = ("mean", "std", "low", "high")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*columns, *(f"{key}_{part}" for key in keys for part in parts)])
    for row in table["rows"]:
        scores = [row["scores"][key][part] for key in keys for part in parts]
        writer.writerow([*(row[column] for column in columns), *scores])
    return text.getvalue()


def table_as_latex(table: dict[str, Any]) -> str:
    """Write the table for LaTeX: the scores that a row of the table knows, mean and deviation."""
    shown = [
        score["key"]
        for score in table["scores"]
        if any(row["scores"][score["key"]]["mean"] is not None for row in table["rows"])
    ]
    heads = ["run", "seeds", *shown]
    lines = [
        rf"\begin{{tabular}}{{l{'r' * (len(heads) - 1)}}}",
        r"\hline",
        " & ".join(map(_escape, heads)) + r" \\",
        r"\hline",
    ]
    for row in table["rows"]:
        cells = [_escape(row["name"]), str(row["seeds"])]
        cells += [_latex_number(row["scores"][key]) for key in shown]
        lines.append(" & ".join(cells) + r" \\")
    return "\n".join([*lines, r"\hline", r"\end{tabular}", ""])


def _latex_number(score: dict[str, float | None]) -> str:
    if score["mean"] is None:
        return "--"
    digits = 0 if score["mean"] > 100 else 4
    text = f"{score['mean']:.{digits}f}"
    return text if score["std"] is None else rf"{text} $\pm$ {score['std']:.{digits}f}"


def _escape(text: str) -> str:
    return "".join(rf"\{letter}" if letter in "&%$#_{}" else letter for letter in text)


def compare_table(data: OpenData, first: int, second: int) -> dict[str, Any]:
    """Count the images that two runs place in each pair of clusters.

    Parameters
    ----------
    data : OpenData
    first, second : int
        Numbers of runs.

    Returns
    -------
    dict
        ``agreement``: the share of images in pairs of clusters matched one to one.
    """
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    states = data.run_state(first), data.run_state(second)
    numbers, places = zip(
        *(np.unique(state.assigned, return_inverse=True) for state in states), strict=True
    )
    width = len(numbers[1])
    cells = np.bincount(places[0] * width + places[1], minlength=len(numbers[0]) * width)
    counts = cells.reshape(-1, width)
    partner = match_table(counts)
    paired = np.flatnonzero(partner >= 0)
    matched = counts[paired, partner[paired]].sum()
    return {
        "first": numbers[0].tolist(),
        "second": numbers[1].tolist(),
        "counts": counts.tolist(),
        "ari": float(adjusted_rand_score(*places)),
        "nmi": float(normalized_mutual_info_score(*places)),
        "agreement": float(matched / data.n),
    }


def cell_images(
    data: OpenData, first: int, second: int, row: int, column: int
) -> NDArray[np.int64]:
    """List the images that are in one cluster of one run and in one of another."""
    both = (data.run_state(first).assigned == row) & (data.run_state(second).assigned == column)
    images: NDArray[np.int64] = np.flatnonzero(both)
    return images


def table_as_json(table: dict[str, Any]) -> str:
    """Write the table as JSON."""
    return json.dumps(to_json(table), indent=2, ensure_ascii=False)
