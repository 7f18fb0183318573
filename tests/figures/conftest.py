"""Real images and clusterings, and one display of each kind made from them."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pytest
from sklearn.cluster import MiniBatchKMeans

import inkmeans
from inkmeans.evaluate import (
    Criterion,
    TimedScore,
    characterize,
    contingency_table,
    learn_names,
    link_centroids,
    mean_images,
    score_clusters,
    spread,
    suggest_from,
)
from inkmeans.evaluate.scores import NAMED, UNUSED
from inkmeans.figures import (
    CentroidsDisplay,
    CharacteristicsDisplay,
    ClusterPageDisplay,
    ConfusedPairsDisplay,
    ConfusionMatrixDisplay,
    ContingencyDisplay,
    DendrogramDisplay,
    MapDisplay,
    MistakesDisplay,
    ReductionDisplay,
    ReductionRun,
    SampleDigitsDisplay,
    ScoreAgainstTimeDisplay,
    ScoresByClustersDisplay,
    ScoreSeries,
    SuggestKDisplay,
)

SUBTITLE = "MNIST, 1,200 images"


@dataclass(frozen=True)
class Clustered:
    """Images of MNIST, clustered by their pixels."""

    images: np.ndarray
    labels: np.ndarray | None
    names: tuple[str, ...]
    assignments: np.ndarray
    n_clusters: int

    @cached_property
    def rows(self):
        return self.images.reshape(len(self.images), -1)

    @cached_property
    def centroids(self):
        return mean_images(self.images, self.assignments, self.n_clusters)

    @cached_property
    def counts(self):
        if self.labels is None:
            return None
        return contingency_table(self.assignments, self.labels, self.n_clusters, 10)

    @cached_property
    def described(self):
        return characterize(
            self.rows,
            self.centroids.reshape(self.n_clusters, -1),
            self.assignments,
            labels=self.labels,
            n_classes=10,
        )

    @cached_property
    def predicted(self):
        return learn_names(self.assignments, self.labels, self.n_clusters, 10).majority[
            self.assignments
        ]

    @cached_property
    def scores(self):
        mapping = None
        if self.labels is not None:
            mapping = learn_names(self.assignments, self.labels, self.n_clusters, 10)
        return score_clusters(
            self.assignments,
            n_clusters=self.n_clusters,
            labels=self.labels,
            mapping=mapping,
            inertia=4e4 / self.n_clusters**0.2,
        )


@pytest.fixture(scope="session")
def clusterings():
    """Clusterings of the same images by their number of clusters."""
    digits = inkmeans.load("mnist")
    images, labels = digits.images[:1200], digits.labels[:1200]
    rows = images.reshape(len(images), -1).astype(np.float32)
    return {
        k: Clustered(
            images,
            labels,
            digits.names,
            MiniBatchKMeans(k, random_state=0, n_init=1).fit_predict(rows),
            k,
        )
        for k in (10, 50)
    }


def timed_scores(clustered):
    """Two algorithms on two spaces for two numbers of clusters; the fewer one has close points."""
    return [
        TimedScore(
            algorithm,
            space,
            k,
            spread([seconds * k**0.4, seconds * k**0.4 * 1.1]),
            spread([start + 0.001 * k, start + 0.001 * k + 1 / clustered.n_clusters**2]),
        )
        for algorithm, seconds in (("minibatch-kmeans", 1.0), ("kmeans", 1.1))
        for space, start in (("pixels", 0.5), ("deskewed, pca:64", 0.66))
        for k in (10, clustered.n_clusters + 1)
    ]


def criteria(clustered):
    """Every criterion, over few numbers of clusters or up to many."""
    tried = (2, 3, 5, 8, 10, 12) if clustered.n_clusters == 10 else (2, 5, 10, 20, 50, 100)
    values = tuple(1000 / k for k in tried)
    return [
        Criterion("elbow", "inertia per image", "the knee", tried, values, 5),
        Criterion("silhouette", "mean silhouette", "the highest", tried, (None, *values[1:]), 10),
        Criterion("gap", "gap", "the first", tried, values, None, errors=(9.0,) * 6),
        Criterion("stability", "agreement", "the highest", tried, values, 2),
        Criterion("eigengap", "gap of eigenvalues", "the widest", tried, values, 10),
    ]


MAKERS = {
    "sample-digits": lambda c: SampleDigitsDisplay.from_images(
        c.images, c.labels, c.names, subtitle=SUBTITLE
    ),
    "centroids": lambda c: CentroidsDisplay(c.centroids, c.counts, c.names, subtitle=SUBTITLE),
    "cluster-page": lambda c: ClusterPageDisplay.pages(
        c.described, c.images, c.centroids, labels=c.labels, names=c.names, subtitle=SUBTITLE
    )[0],
    "characteristics": lambda c: CharacteristicsDisplay(
        c.described, c.centroids, c.names, subtitle=SUBTITLE
    ),
    "dendrogram": lambda c: DendrogramDisplay(
        link_centroids(c.centroids.reshape(c.n_clusters, -1)),
        c.centroids,
        c.counts,
        c.names,
        subtitle=SUBTITLE,
    ),
    "confused-pairs": lambda c: ConfusedPairsDisplay.from_predictions(
        c.images, c.labels, c.predicted, c.names, subtitle=SUBTITLE
    ),
    "confusion-matrix": lambda c: ConfusionMatrixDisplay.from_scores(
        c.scores, c.names, subtitle=SUBTITLE
    ),
    "mistakes": lambda c: MistakesDisplay.from_predictions(
        c.images, c.labels, c.predicted, c.names, subtitle=SUBTITLE
    ),
    "scores-by-clusters": lambda c: ScoresByClustersDisplay(
        [ScoreSeries("pixels", split, (c.scores, replace(c.scores, n_clusters=99)))
         for split in ("train", "test")],
        subtitle=SUBTITLE,
    ),
    "map": lambda c: MapDisplay.from_rows(
        c.rows,
        c.centroids.reshape(c.n_clusters, -1),
        c.centroids,
        c.labels,
        c.names,
        subtitle=SUBTITLE,
    ),
    "reduction": lambda c: ReductionDisplay(
        [ReductionRun("784 pixels", 2.5, c.scores), ReductionRun("PCA, 64", 1.2, c.scores)],
        subtitle=SUBTITLE,
    ),
    "score-against-time": lambda c: ScoreAgainstTimeDisplay(
        timed_scores(c), "accuracy", UNUSED if c.labels is None else NAMED, subtitle=SUBTITLE
    ),
    "contingency": lambda c: ContingencyDisplay(
        contingency_table(c.assignments, c.assignments // 3, c.n_clusters, c.n_clusters // 3 + 1),
        f"pixels-kmeans-{c.n_clusters}-seed0", "a-run-of-quite-some-length-as-they-come-kmeans-7",
        agreement=0.5, subtitle=SUBTITLE,
    ),
    "suggest-k": lambda c: SuggestKDisplay(
        criteria(c), suggest_from(criteria(c)), subtitle=SUBTITLE
    ),
}  # fmt: skip


@pytest.fixture
def make(clusterings):
    """Make the display of a name; None for a figure that makes no sense without labels."""

    def make_display(name, n_clusters=10, *, labelled=True):
        clustered = clusterings[n_clusters]
        if not labelled:
            if name in {"confused-pairs", "confusion-matrix", "mistakes"}:
                return None
            clustered = replace(clustered, labels=None, names=())
        return MAKERS[name](clustered)

    return make_display


@pytest.fixture
def known_makers():
    """Names that the common suite can make a display of."""
    return set(MAKERS)
