"""The criteria: each looks at the same rows, and chooses a number of clusters without labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkmeans.cluster import KMeans
from inkmeans.evaluate import Criterion, SilhouetteSample, find_knee, gap_statistic, stability
from inkmeans.experiment.suggestion.eigengap import laplacian_eigenvalues
from inkmeans.progress import Callback, Event

__all__ = ["CRITERIA", "Trial"]

_STARTS = 3
_SHARE = 0.8  # of the images in each clustering that stability compares


@dataclass(frozen=True, eq=False)
class Trial:
    """What the criteria look at, and what they share.

    Attributes
    ----------
    rows : float32 ndarray of shape (n, d)
    n_clusters : tuple of int
        Ascending.
    seed, n_references, n_repeats : int
    progress : callable
    """

    rows: NDArray[np.float32]
    n_clusters: tuple[int, ...]
    seed: int
    n_references: int
    n_repeats: int
    progress: Callback

    @cached_property
    def models(self) -> tuple[Any, ...]:
        """One fitted k-means for each number of clusters."""
        return tuple(self._fit("cluster", k) for k in self.n_clusters)

    def _fit(self, stage: str, k: int) -> Any:
        self.tell(stage, k)
        return cluster(self.rows, k, self.seed)

    def tell(self, stage: str, k: int, step: int = 0, of: int = 1) -> None:
        """Say how far a stage is."""
        at = self.n_clusters.index(k) + len(self.n_clusters) * step
        self.progress(Event(stage, f"k={k}", step=at, of=len(self.n_clusters) * of))

    def choose_highest(self, name: str, title: str, values: Sequence[float | None]) -> Criterion:
        """Make a criterion that chooses the highest value; the most clusters among equals."""
        pairs = zip(values, self.n_clusters, strict=True)
        known = [(round(value, 9), k) for value, k in pairs if value is not None]
        choice = max(known)[1] if known else None
        why = "" if known else "there is no value"
        return Criterion(
            name, title, "the highest", self.n_clusters, tuple(values), choice, why_none=why
        )


def cluster(rows: NDArray[np.float32], k: int, seed: int) -> Any:
    """Cluster rows by k-means, the best of some starts: a bad start would look like a bad k."""
    return KMeans(k, n_init=_STARTS, random_state=seed).fit(rows)


def elbow(trial: Trial) -> Criterion:
    """Look where the inertia stops falling steeply."""
    inertias = [float(model.inertia_) / len(trial.rows) for model in trial.models]
    return Criterion(
        "elbow",
        "inertia per image",
        "farthest below the line between the ends",
        trial.n_clusters,
        tuple(inertias),
        find_knee(trial.n_clusters, inertias),
        why_none="the curve has no knee",
    )


def silhouette(trial: Trial) -> Criterion:
    """Look how much nearer images are to their own cluster than to the next."""
    models = trial.models
    sample = SilhouetteSample(trial.rows, random_state=trial.seed)
    values = [sample.score(model.labels_) for model in models]
    return trial.choose_highest("silhouette", "mean silhouette", values)


def gap(trial: Trial) -> Criterion:
    """Look how much tighter the clusters are than those of data without any."""

    def measure(rows: NDArray[np.float32], k: int, seed: int) -> float:
        trial.tell("gap", k, seed - trial.seed, trial.n_references)
        return float(cluster(rows, k, seed).inertia_)

    found = gap_statistic(
        trial.rows,
        [float(model.inertia_) for model in trial.models],
        trial.n_clusters,
        measure,
        n_references=trial.n_references,
        random_state=trial.seed,
    )
    return Criterion(
        "gap",
        "gap to data without clusters",
        "the first within one error of the next",
        trial.n_clusters,
        found.gaps,
        found.suggestion,
        errors=found.errors,
        why_none="it rises to the end: finer clusters are always tighter than chance",
    )


def agreement(trial: Trial) -> Criterion:
    """Look how alike the clusters of different samples and seeds are."""
    rng = np.random.default_rng(trial.seed)
    n = len(trial.rows)
    size = max(int(_SHARE * n), trial.n_clusters[-1])
    drawn = [np.sort(rng.permutation(n)[:size]) for _ in range(trial.n_repeats)]
    values: list[float | None] = []
    for k in trial.n_clusters:
        trial.tell("stability", k)
        if k == 1:  # everything in one cluster agrees with itself, which says nothing
            values.append(None)
            continue
        runs = [
            cluster(trial.rows[rows], k, (trial.seed + 1 + place) % 2**32).predict(trial.rows)
            for place, rows in enumerate(drawn)
        ]
        values.append(stability(runs).mean)
    return trial.choose_highest("stability", "agreement between samples", values)


def eigengap(trial: Trial) -> Criterion:
    """Look after which eigenvalue of the graph of neighbours the widest gap comes."""
    k = trial.n_clusters
    trial.tell("eigengap", k[0])
    eigenvalues = laplacian_eigenvalues(trial.rows, k[-1] + 1)
    gaps = np.diff(eigenvalues)[np.array(k) - 1]
    found = trial.choose_highest("eigengap", "gap after the k-th eigenvalue", gaps.tolist())
    return replace(found, rule="the widest")


CRITERIA: dict[str, Callable[[Trial], Criterion]] = {
    "elbow": elbow,
    "silhouette": silhouette,
    "gap": gap,
    "stability": agreement,
    "eigengap": eigengap,
}
"""By name, in the order in which they are shown."""
