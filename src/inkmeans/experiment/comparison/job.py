"""A comparison: its cells one after the other, each in a process of its own; then the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.cluster.registry import get_algorithm
from inkmeans.datasets import Digits, load
from inkmeans.errors import ParameterError
from inkmeans.experiment.comparison.files import write_files
from inkmeans.experiment.comparison.journal import CellResult, Journal
from inkmeans.experiment.comparison.options import Cell, CompareOptions
from inkmeans.experiment.comparison.summary import (
    Comparison,
    Contingency,
    Summary,
    contingency_of,
    order,
    summarize,
)
from inkmeans.experiment.comparison.workers import Workers
from inkmeans.experiment.options import check_output_folder
from inkmeans.progress import Callback, Event, silent

__all__ = ["compare"]


def compare(
    options: CompareOptions,
    *,
    progress: Callback | None = None,
    watch: Callable[[CellResult], None] | None = None,
) -> Comparison:
    """Cluster in every way that was asked for, with every seed, and compare.

    Parameters
    ----------
    options : CompareOptions
    progress : callable, optional
        Told about every step, some times a second; stage ``"compare"`` counts cells. What it
        raises ends the work; the finished cells are kept.
    watch : callable, optional
        Gets each cell as soon as it is done or has failed, also those that were there before.

    Returns
    -------
    Comparison
        Its `files` are in ``options.out``, beside ``cells.jsonl``, which has a line for each
        cell, and ``assignments/``.

    Raises
    ------
    InkmeansError
        If the data, the options or the folder are wrong. A cell that fails raises nothing: it
        is kept with its reason, and tried again the next time.

    Notes
    -----
    A cell is fitted in a process of its own, so that its peak of memory is its own. Features
    and reductions are prepared once for each seed. A seed decides everything that is random:
    the order of the training images, the features and reducers that take a seed, and the
    algorithm.

    Examples
    --------
    >>> from inkmeans.experiment import CompareOptions, compare
    >>> options = CompareOptions("digits", ("kmeans",), ("pixels",), seeds=(0,))
    >>> compare(options).order  # doctest: +SKIP
    ('pixels-kmeans-10',)
    """
    check_output_folder(options.out)
    progress = progress or silent
    progress(Event("load", str(options.dataset) if isinstance(options.dataset, str) else ""))
    digits = load(options.dataset, progress=progress)
    most = max(options.clusters)
    if most > digits.n_train:
        raise ParameterError(
            f"n_clusters is {most}, but there are only {digits.n_train:,} training images",
            hint=f"give at most {digits.n_train} clusters",
        )
    return _Job(options, digits, progress, watch or _ignore).do()


def _ignore(result: CellResult) -> None:
    pass


class _Job:
    def __init__(
        self,
        options: CompareOptions,
        digits: Digits,
        progress: Callback,
        watch: Callable[[CellResult], None],
    ) -> None:
        self.options = options
        self.digits = digits
        self.sha256 = digits.source.sha256
        self.progress = progress
        self.watch = watch
        self.journal = Journal(options.out)
        self.found: dict[Cell, CellResult] = {}
        self.event = Event("compare", step=0, of=len(options.cells))

    def do(self) -> Comparison:
        todo = []
        for cell in self.options.cells:
            before = self.journal.find(self.sha256, cell)
            if before is None:
                todo.append(cell)
            else:
                self._done(before)
        resumed = len(self.found)
        if todo:
            work = self.options.out / ".work"
            with Workers(work, self.digits, lambda: self.progress(self.event)) as workers:
                for cells in _by_rows(todo):
                    self._cluster(workers, cells)
        return self._compare(resumed)

    def _cluster(self, workers: Workers, cells: list[Cell]) -> None:
        """Do all cells of one seed and one feature."""
        possible = []
        for cell in cells:
            too_many = self._too_many(cell)
            if too_many:
                self._record(cell, too_many)
            else:
                possible.append(cell)
        if not possible:
            return
        asked = possible[0].configuration
        reducers = list(dict.fromkeys(cell.configuration.reducer for cell in possible))
        self._tell(f"{asked.features}, seed {possible[0].seed}", stage="prepare")
        prepared = workers.run(
            {
                "do": "prepare",
                "features": asked.features,
                "reducers": reducers,
                "seed": possible[0].seed,
            }
        )
        spaces = prepared.get("spaces") or [prepared] * len(reducers)
        for cell in possible:
            space = spaces[reducers.index(cell.configuration.reducer)]
            self._record(cell, space if "failure" in space else self._fit(workers, cell, space))

    def _fit(self, workers: Workers, cell: Cell, space: dict[str, Any]) -> dict[str, Any]:
        self._tell(cell.name)
        task = {
            "do": "cluster",
            "algorithm": cell.configuration.algorithm,
            "n_clusters": cell.configuration.n_clusters,
            "seed": cell.seed,
            "assignments": str(self.journal.assignments(self.sha256, cell).resolve()),
            **{key: space[key] for key in ("place", "unit", "has_test")},
        }
        return {"prepare_seconds": round(space["seconds"], 4), **workers.run(task)}

    def _too_many(self, cell: Cell) -> dict[str, Any] | None:
        algorithm = get_algorithm(cell.configuration.algorithm)
        n = self.digits.n_train
        if algorithm.max_images is None or n <= algorithm.max_images:
            return None
        return {
            "failure": f"{n:,} training images are too many for {algorithm.name}",
            "hint": f"it takes up to {algorithm.max_images:,}",
        }

    def _record(self, cell: Cell, found: dict[str, Any]) -> None:
        """Put a cell on record, on the disk first."""
        from inkmeans import __version__

        asked = cell.configuration
        result = CellResult(
            dataset=self.digits.source.name,
            sha256=self.sha256,
            features=asked.features,
            reducer=asked.reducer,
            algorithm=asked.algorithm,
            n_clusters=asked.n_clusters,
            seed=cell.seed,
            version=__version__,
            **found,
        )
        self.journal.add(result)
        self._done(result)

    def _done(self, result: CellResult) -> None:
        self.found[result.cell] = result
        self.watch(result)
        self._tell(result.cell.name)

    def _tell(self, message: str, stage: str = "compare") -> None:
        self.event = replace(
            self.event, stage=stage, message=message, step=len(self.found) if stage == "compare"
            else None, of=len(self.options.cells) if stage == "compare" else None,
        )  # fmt: skip
        self.progress(self.event)

    def _compare(self, resumed: int) -> Comparison:
        summaries = []
        for asked in self.options.configurations:
            results = [one for cell, one in self.found.items() if cell.configuration == asked]
            results.sort(key=lambda one: self.options.seeds.index(one.seed))
            summaries.append(summarize(asked, results, self._clusters))
        ordered = order(summaries, self._clusters)
        comparison = Comparison(
            options=self.options,
            dataset=self.digits.source.name,
            sha256=self.sha256,
            n_train=self.digits.n_train,
            n_test=len(self.digits) - self.digits.n_train,
            summaries=tuple(summaries),
            order=tuple(one.configuration.name for one in ordered),
            contingency=self._contingency(ordered),
            notes=tuple(self._notes()),
            n_resumed=resumed,
            folder=self.options.out,
        )
        self.progress(Event("figures"))
        return replace(comparison, files=write_files(comparison))

    def _clusters(self, cell: Cell) -> NDArray[np.int32]:
        clusters: NDArray[np.int32] = np.load(self.journal.assignments(self.sha256, cell))
        return clusters

    def _contingency(self, ordered: tuple[Summary, ...]) -> Contingency | None:
        if self.options.contingency is not None:
            pair = [self.options.find(name) for name in self.options.contingency]
            if any(self.found[cell].failure for cell in pair):
                return None
            reason = "the two that were asked for"
        elif len(ordered) < 2:
            return None
        else:
            pair = [one.results[0].cell for one in ordered[:2]]
            stable = ordered[0].stability is not None
            reason = "the two most stable" if stable else "the two that agree most with the others"
            reason = "the only two" if len(ordered) == 2 else reason
        return contingency_of(pair[0], pair[1], self._clusters, self.digits.n_train, reason)

    def _notes(self) -> Iterator[str]:
        from inkmeans import __version__

        if self.journal.n_damaged:
            n = self.journal.n_damaged
            yield (
                f"{n} damaged {'line' if n == 1 else 'lines'} of {self.journal.path.name} "
                "taken out, as an interruption leaves them; such cells are computed again"
            )
        old = [one for one in self.found.values() if one.version != __version__]
        if old:
            yield f"{len(old)} cells were computed by another version, {old[0].version}"
        if len(self.options.clusters) > 1:
            for algorithm in dict.fromkeys(self.options.algorithms):
                if get_algorithm(algorithm).finds_number:
                    yield f"{algorithm} finds the number of clusters itself: it ran once"
        for algorithm, most in self._landmarks().items():
            yield (
                f"{algorithm} clustered {most:,} of {self.digits.n_train:,} training images "
                "and assigned the others to them"
            )
        for one in self.found.values():
            if one.n_left_out:
                yield (
                    f"{one.cell.name}: {one.n_left_out:,} training images are in no cluster; "
                    "they count as one cluster more, and as wrong"
                )

    def _landmarks(self) -> dict[str, int]:
        return {one.algorithm: one.n_landmarks for one in self.found.values() if one.n_landmarks}


def _by_rows(cells: list[Cell]) -> Iterator[list[Cell]]:
    """Group cells that are clustered in rows of the same features and seed."""
    for _, group in groupby(cells, key=lambda cell: (cell.seed, cell.configuration.features)):
        yield list(group)
