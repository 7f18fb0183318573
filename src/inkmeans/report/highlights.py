"""Which of the runs are shown in pictures, and which one stands for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inkmeans.evaluate import ConfusedPair, Scores, confused_pairs
from inkmeans.report.contents import ClusteringRun, Contents

if TYPE_CHECKING:
    from inkmeans.datasets import Digits

__all__ = ["Highlights", "Part", "highlight"]


@dataclass(frozen=True, eq=False)
class Part:
    """The best run on the newest images that it was measured on.

    Attributes
    ----------
    split : str
        ``"test"``, or ``"train"`` where no test images were assigned.
    digits : Digits
        The images of the part.
    assignments : ndarray of int32
    scores : Scores
    """

    split: str
    digits: Digits
    assignments: NDArray[np.int32]
    scores: Scores


@dataclass(frozen=True, eq=False)
class Highlights:
    """What the pictures and the words of the report dwell on.

    Attributes
    ----------
    best : ClusteringRun
        The run that stands for all.
    part : Part
        What it is shown on.
    pairs : tuple of ConfusedPair
        What it confuses there; empty without labels.
    shown : tuple of ClusteringRun
        The runs that most pictures are of: those of features as they are, by rising number of
        clusters.
    paged : tuple of ClusteringRun
        Those of them whose clusters are drawn one by one.
    twins : tuple of (ClusteringRun, ClusteringRun)
        Runs of features as they are, each with a run that differs in being reduced.
    """

    best: ClusteringRun
    part: Part
    pairs: tuple[ConfusedPair, ...]
    shown: tuple[ClusteringRun, ...]
    paged: tuple[ClusteringRun, ...]
    twins: tuple[tuple[ClusteringRun, ClusteringRun], ...]


def highlight(contents: Contents) -> Highlights:
    """Choose what the report dwells on.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    Highlights
        The best run is chosen on the training images, so that its test score stays honest: by
        majority-vote accuracy, or without labels by silhouette.
    """
    best = max(contents.runs, key=_merit)
    part = _part(contents, best)
    plain = tuple(run for run in contents.runs if run.reducer is None) or contents.runs
    plain = tuple(sorted(plain, key=lambda run: run.n_clusters))
    pages = contents.pages or (plain[0].n_clusters,)
    return Highlights(
        best=best,
        part=part,
        pairs=_pairs(best, part),
        shown=plain,
        paged=tuple(run for run in plain if run.n_clusters in pages),
        twins=_twins(contents.runs),
    )


def _merit(run: ClusteringRun) -> tuple[float, float]:
    accuracy, silhouette = run.train.majority_accuracy, run.train.silhouette
    return (
        -1.0 if accuracy is None else accuracy,
        -1.0 if silhouette is None else silhouette,
    )


def _part(contents: Contents, run: ClusteringRun) -> Part:
    train, test = contents.digits.split()
    if test is not None and run.test is not None and run.test_assignments is not None:
        return Part("test", test, run.test_assignments, run.test)
    return Part("train", train, run.train_assignments, run.train)


def _pairs(run: ClusteringRun, part: Part) -> tuple[ConfusedPair, ...]:
    if run.mapping is None or part.digits.labels is None:
        return ()
    predicted = run.mapping[part.assignments]
    return confused_pairs(part.digits.labels, predicted, names=part.digits.names)


def _twins(
    runs: tuple[ClusteringRun, ...],
) -> tuple[tuple[ClusteringRun, ClusteringRun], ...]:
    plain = {
        (run.features, run.algorithm, run.n_clusters, run.seed): run
        for run in runs
        if run.reducer is None
    }
    keys = ((run, (run.features, run.algorithm, run.n_clusters, run.seed)) for run in runs)
    return tuple((plain[key], run) for run, key in keys if run.reducer is not None and key in plain)
