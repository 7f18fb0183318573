"""What a comparison found: every configuration over its seeds, and an order without labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.evaluate import Scores, Spread, Stability, spread, stability
from inkmeans.experiment.comparison.journal import CellResult
from inkmeans.experiment.comparison.options import Cell, CompareOptions, Configuration

__all__ = ["Comparison", "Contingency", "Summary", "contingency_of", "order", "summarize"]

Assignments = Callable[[Cell], NDArray[np.int32]]
"""The cluster of each image in a cell, training part first; -1 where it is in none."""

COSTS = ("prepare_seconds", "seconds", "total_seconds", "peak_memory")


@dataclass(frozen=True)
class Summary:
    """One configuration over its seeds.

    Attributes
    ----------
    configuration : Configuration
    results : tuple of CellResult
        The cells that were a success.
    failures : tuple of CellResult
        Those that were none, with their reasons.
    costs : mapping of str to Spread
        ``"prepare_seconds"``, ``"seconds"`` (of the fit), ``"total_seconds"`` (both) and
        ``"peak_memory"`` in bytes.
    scores : mapping of str to mapping of str to Spread
        By split and score.
    stability : Stability or None
        Agreement of the training images' clusters between seeds; None for fewer than two.
    """

    configuration: Configuration
    results: tuple[CellResult, ...]
    failures: tuple[CellResult, ...]
    costs: Mapping[str, Spread]
    scores: Mapping[str, Mapping[str, Spread]]
    stability: Stability | None = None

    def score(self, name: str, split: str = "train") -> Spread:
        """Return a score over the seeds; one of no repetition where there is none."""
        return self.scores.get(split, {}).get(name, Spread(0))

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it, each score with what labels were used for."""
        return {
            "name": self.configuration.name,
            **asdict(self.configuration),
            "seeds": [result.seed for result in self.results],
            "costs": {name: asdict(value) for name, value in self.costs.items()},
            "stability": None if self.stability is None else asdict(self.stability),
            "scores": {
                split: {
                    name: {"labels": Scores.LABEL_USE[name], **asdict(value)}
                    for name, value in scores.items()
                }
                for split, scores in self.scores.items()
            },
            "failures": [
                {"seed": one.seed, "reason": one.failure, "hint": one.hint} for one in self.failures
            ],
        }


@dataclass(frozen=True, eq=False)
class Contingency:
    """How the clusters of two cells share the same training images.

    Attributes
    ----------
    rows, columns : str
        Names of the cells.
    table : ndarray of int64, shape (n_rows, n_columns)
        Images in each cluster of the one and of the other; those that are in no cluster of
        one of them are left out.
    agreement : float
        Adjusted Rand index.
    reason : str
        Why these two.
    """

    rows: str
    columns: str
    table: NDArray[np.int64]
    agreement: float
    reason: str


@dataclass(frozen=True)
class Comparison:
    """All that a comparison found.

    Attributes
    ----------
    options : CompareOptions
    dataset, sha256 : str
        Name of the data set, and what its content hashes to.
    n_train, n_test : int
        Images.
    summaries : tuple of Summary
        In the order in which they were asked for.
    order : tuple of str
        Names of configurations, the most stable first; see `order`.
    contingency : Contingency or None
        None where there are not two results.
    notes : tuple of str
        What a reader should know: damaged lines, cells of another version ...
    n_resumed : int
        Cells that were there already.
    folder : Path
    files : tuple of Path
        What was written, tables before pictures.
    """

    options: CompareOptions
    dataset: str
    sha256: str
    n_train: int
    n_test: int
    summaries: tuple[Summary, ...]
    order: tuple[str, ...]
    contingency: Contingency | None = field(compare=False)
    notes: tuple[str, ...]
    n_resumed: int
    folder: Path
    files: tuple[Path, ...] = ()

    @property
    def failures(self) -> tuple[CellResult, ...]:
        """The cells that failed."""
        return tuple(one for summary in self.summaries for one in summary.failures)

    @property
    def n_done(self) -> int:
        """Cells that have a result."""
        return sum(len(summary.results) for summary in self.summaries)

    def to_dict(self) -> dict[str, Any]:
        """Return what comparison.json holds."""
        pair = self.contingency
        return {
            "dataset": self.dataset,
            "sha256": self.sha256,
            "n_train": self.n_train,
            "n_test": self.n_test,
            "clusters": list(self.options.clusters),
            "seeds": list(dict.fromkeys(self.options.seeds)),
            "interval": "95 %, Student's t over the seeds",
            "configurations": [summary.to_dict() for summary in self.summaries],
            "order_without_labels": list(self.order),
            "contingency": None
            if pair is None
            else {
                "rows": pair.rows,
                "columns": pair.columns,
                "reason": pair.reason,
                "adjusted_rand_index": pair.agreement,
                "table": pair.table.tolist(),
            },
            "notes": list(self.notes),
        }


def summarize(
    configuration: Configuration, results: Sequence[CellResult], assignments: Assignments
) -> Summary:
    """Bring the cells of one configuration together.

    Parameters
    ----------
    configuration : Configuration
    results : sequence of CellResult
        Of this configuration, failures too.
    assignments : callable
        Gives the clusters of a cell.

    Returns
    -------
    Summary

    Examples
    --------
    >>> from inkmeans.experiment.comparison.journal import CellResult
    >>> from inkmeans.experiment.comparison.options import Configuration
    >>> from inkmeans.experiment.comparison.summary import summarize
    >>> one = CellResult("mine", "", "pixels", None, "kmeans", 10, 0, seconds=2.0)
    >>> summarize(Configuration("pixels", None, "kmeans", 10), [one], {}.get).costs["seconds"].mean
    2.0
    """
    done = tuple(one for one in results if not one.failure)
    scores: dict[str, dict[str, Spread]] = {}
    for split in dict.fromkeys(split for one in done for split in one.scores):
        measured = [one.scores.get(split, {}) for one in done]
        names = dict.fromkeys(name for found in measured for name in found)
        scores[split] = {
            name: spread(found.get(name) for found in measured)
            for name in names
            if name != "n_images"
        }
    agreement = None
    if len(done) > 1:
        n_train = int(done[0].scores["train"]["n_images"] or 0)
        agreement = stability([assignments(one.cell)[:n_train] for one in done])
    return Summary(
        configuration,
        done,
        tuple(one for one in results if one.failure),
        {name: spread(getattr(one, name) for one in done) for name in COSTS},
        scores,
        agreement,
    )


def order(summaries: Sequence[Summary], assignments: Assignments) -> tuple[Summary, ...]:
    """Order configurations without labels: the most stable first.

    Parameters
    ----------
    summaries : sequence of Summary
    assignments : callable
        Gives the clusters of a cell.

    Returns
    -------
    tuple of Summary
        Those with a result, by the agreement between their seeds. Where they have one seed
        each, by the mean agreement with all the others.

    Notes
    -----
    Agreement is the adjusted Rand index on the training images. An algorithm that is always
    wrong in the same way is stable too: this order says what can be relied on to come out
    again, not what is right.
    """
    done = [one for one in summaries if one.results]
    if any(one.stability is not None for one in done):
        return tuple(
            sorted(done, key=lambda s: np.inf if s.stability is None else -s.stability.mean)
        )
    if len(done) < 3:  # two agree with each other alike
        return tuple(done)
    from sklearn.metrics import adjusted_rand_score

    n_train = int(done[0].results[0].scores["train"]["n_images"] or 0)
    found = [assignments(one.results[0].cell)[:n_train] for one in done]
    total = np.zeros(len(done))
    for i, j in combinations(range(len(done)), 2):
        total[[i, j]] += adjusted_rand_score(found[i], found[j])
    return tuple(done[place] for place in np.argsort(-total, kind="stable"))


def contingency_of(
    rows: Cell, columns: Cell, assignments: Assignments, n_train: int, reason: str
) -> Contingency:
    """Count the training images in each pair of clusters of two cells.

    Parameters
    ----------
    rows, columns : Cell
    assignments : callable
        Gives the clusters of a cell.
    n_train : int
    reason : str
        Why these two.

    Returns
    -------
    Contingency
    """
    from sklearn.metrics import adjusted_rand_score

    from inkmeans.evaluate import contingency_table

    a, b = (assignments(cell)[:n_train] for cell in (rows, columns))
    both = (a >= 0) & (b >= 0)
    if not both.any():
        table = np.zeros((1, 1), dtype=np.int64)
    else:
        table = contingency_table(a[both], b[both], int(a.max()) + 1, int(b.max()) + 1)
    agreement = float(adjusted_rand_score(a, b))
    return Contingency(rows.name, columns.name, table, agreement, reason)
