"""Which pictures a run folder gets: each as a Display with the words that go with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkmeans.evaluate import ClusterCharacteristics, contingency_table, link_centroids
from inkmeans.figures import (
    FIGURES,
    CentroidsDisplay,
    CharacteristicsDisplay,
    ClusterPageDisplay,
    ConfusedPairsDisplay,
    ConfusionMatrixDisplay,
    DendrogramDisplay,
    Display,
    MapDisplay,
    MistakesDisplay,
    ReductionDisplay,
    ReductionRun,
    SampleDigitsDisplay,
    ScoresByClustersDisplay,
    ScoreSeries,
    save_figure,
)
from inkmeans.report.contents import ClusteringRun, Contents, Recognition
from inkmeans.report.highlights import Highlights
from inkmeans.report.wording import class_word, space_words, split_words

__all__ = ["Drawing", "Picture", "plan_early_pictures", "plan_pictures"]

DENDROGRAM_LEAVES = 36


@dataclass(frozen=True)
class Picture:
    """What the page says of a picture.

    Attributes
    ----------
    stem : str
        Name of its files without an ending.
    section : str
        Where it stands on the page: the name of its figure in `inkmeans.figures.FIGURES`.
    caption : str
        One or two sentences beneath it.
    alt : str
        What it shows, for those who cannot see it.
    run : str or None
        Name of the run that it shows; None for more than one.
    folded : bool
        Whether the page shows it only when it is asked for.
    """

    stem: str
    section: str
    caption: str
    alt: str
    run: str | None = None
    folded: bool = False


@dataclass(frozen=True, eq=False)
class Drawing:
    """A picture that is not drawn yet."""

    picture: Picture
    display: Display

    def draw(self, folder: Path) -> None:
        """Write it as PNG and SVG.

        Parameters
        ----------
        folder : Path
        """
        figure = self.display.plot().figure_
        save_figure(figure, folder / self.picture.stem, description=self.picture.alt)


def plan_pictures(contents: Contents, highlights: Highlights) -> Iterator[Drawing]:
    """Yield every picture that the contents have the numbers for.

    Parameters
    ----------
    contents : Contents
    highlights : Highlights

    Yields
    ------
    Drawing
        In the order of the page.
    """
    yield _samples(contents)
    if len({run.n_clusters for run in highlights.shown}) > 1:
        yield _scores_by_clusters(highlights)
    for features in dict.fromkeys(plain.features for plain, _ in highlights.twins):
        yield _reduction(highlights, features)
    for run in dict.fromkeys((*highlights.shown, highlights.best)):
        yield _centroids(contents, highlights, run)
    for run in highlights.paged:
        yield from _cluster_pages(contents, run)
    for run in highlights.shown:
        if run.characteristics and run.features == highlights.best.features:
            yield _characteristics(contents, run)
    yield from _likeness(contents, highlights)
    yield from _mistakes(contents, highlights)
    if contents.recognition is not None and contents.recognition.mapping is not None:
        yield from _recognised(contents, contents.recognition, contents.recognition.mapping)


def plan_early_pictures(contents: Contents, highlights: Highlights) -> Iterator[Drawing]:
    """Yield what the latest run brings that does not change when further runs come.

    Parameters
    ----------
    contents : Contents
        With the runs that there are, and the config of them all.
    highlights : Highlights

    Yields
    ------
    Drawing
        As `plan_pictures` will yield it; whether the page folds it is not known yet.
    """
    run = contents.runs[-1]
    if len(contents.runs) == 1:
        yield _samples(contents)
    if run.reducer is None:
        yield _centroids(contents, highlights, run)
    if run in highlights.paged:
        yield from _cluster_pages(contents, run)
    if len(_twins_in(highlights, run.features)) == len(contents.config["clusters"]):
        yield _reduction(highlights, run.features)


def _picture(
    kind: str, caption: str, run: ClusteringRun | None = None, *, folded: bool = False
) -> Picture:
    return Picture(
        stem=kind if run is None else f"{kind}-{run.name}",
        section=kind,
        caption=caption,
        alt=f"{FIGURES[kind].summary} {caption}",
        run=None if run is None else run.name,
        folded=folded,
    )


def _samples(contents: Contents) -> Drawing:
    digits, _ = contents.digits.split()
    rows = f", one row for each {class_word(digits.names)}" if digits.labels is not None else ""
    display = SampleDigitsDisplay.from_images(
        digits.images,
        digits.labels,
        digits.names,
        random_state=contents.seed,
        subtitle=f"{digits.source.name}, training images",
    )
    return Drawing(_picture("sample-digits", f"Training images drawn at random{rows}."), display)


def _scores_by_clusters(highlights: Highlights) -> Drawing:
    series = []
    for space in dict.fromkeys((run.space, run.algorithm) for run in highlights.shown):
        runs = [run for run in highlights.shown if (run.space, run.algorithm) == space]
        series.append(ScoreSeries(space_words(runs[0]), "train", tuple(r.train for r in runs)))
        tests = tuple(run.test for run in runs if run.test is not None)
        if tests:
            series.append(ScoreSeries(space_words(runs[0]), "test", tests))
    best = highlights.best
    display = ScoresByClustersDisplay(series, subtitle=f"{best.dataset}, {best.algorithm}")
    caption = "How the scores change with the number of clusters. More clusters always fit closer."
    return Drawing(_picture("scores-by-clusters", caption), display)


def _reduction(highlights: Highlights, features: str) -> Drawing:
    twins = _twins_in(highlights, features)
    first = twins[0][0]
    split = "train" if first.test is None else "test"
    runs = [
        ReductionRun(space_words(run), run.seconds, run.test or run.train)
        for twin in twins
        for run in twin
    ]
    display = ReductionDisplay(
        runs, subtitle=f"{first.dataset}, {first.algorithm}, {split_words(split)}"
    )
    caption = (
        f"The same clusterings of {features} with and without reduction. The seconds are those of "
        f"the clustering itself; the scores are those on the {split_words(split)}."
    )
    picture = _picture("reduction", caption)
    return Drawing(replace(picture, stem=f"reduction-{features}"), display)


def _twins_in(highlights: Highlights, features: str) -> list[tuple[ClusteringRun, ClusteringRun]]:
    return [twin for twin in highlights.twins if twin[0].features == features]


def _centroids(contents: Contents, highlights: Highlights, run: ClusteringRun) -> Drawing:
    train, _ = contents.digits.split()
    display = CentroidsDisplay.from_predictions(
        run.centroid_images,
        run.train_assignments,
        train.labels,
        train.names,
        subtitle=_subtitle(run),
    )
    caption = f"Centroids of {run.n_clusters} clusters, {space_words(run)}."
    folded = run not in highlights.paged and run is not highlights.best
    return Drawing(_picture("centroids", caption, run, folded=folded), display)


def _cluster_pages(contents: Contents, run: ClusteringRun) -> Iterator[Drawing]:
    if not run.characteristics:
        return
    train, _ = contents.digits.split()
    clusters, members = _members_only(run.characteristics)
    displays = ClusterPageDisplay.pages(
        clusters,
        contents.images_of(run)[members],
        run.centroid_images,
        subtitle=_subtitle(run),
        labels=None if train.labels is None else train.labels[members],
        names=train.names,
    )
    for number, display in enumerate(displays, start=1):
        caption = (
            f"The {run.n_clusters} clusters one by one, {space_words(run)}, "
            f"page {number} of {len(displays)}."
        )
        picture = _picture("cluster-page", caption, run, folded=len(displays) > 4)
        yield Drawing(replace(picture, stem=f"{picture.stem}-page{number:02d}"), display)


def _members_only(
    clusters: tuple[ClusterCharacteristics, ...],
) -> tuple[list[ClusterCharacteristics], NDArray[np.int64]]:
    """Return the clusters with members numbered anew, and which images these are.

    A page that held all images would be heavy to hand to another process.
    """
    kinds = ("typical", "borderline", "worst")
    members = np.unique(np.concatenate([getattr(c, kind) for c in clusters for kind in kinds]))
    renumbered = [
        replace(c, **{kind: np.searchsorted(members, getattr(c, kind)) for kind in kinds})
        for c in clusters
    ]
    return renumbered, members


def _characteristics(contents: Contents, run: ClusteringRun) -> Drawing:
    display = CharacteristicsDisplay(
        run.characteristics,
        run.centroid_images,
        contents.digits.names,
        subtitle=_subtitle(run),
    )
    caption = f"Characteristics of {run.n_clusters} clusters, {space_words(run)}."
    return Drawing(_picture("characteristics", caption, run, folded=True), display)


def _likeness(contents: Contents, highlights: Highlights) -> Iterator[Drawing]:
    train, _ = contents.digits.split()
    run = _for_dendrogram(highlights)
    if run.n_clusters > 1:
        counts = None
        if train.labels is not None:
            counts = contingency_table(
                run.train_assignments, train.labels, run.n_clusters, train.n_classes
            )
        display: Display = DendrogramDisplay(
            link_centroids(run.centroids),
            run.centroid_images,
            counts,
            train.names,
            subtitle=_subtitle(run),
        )
        caption = (
            f"How alike {run.n_clusters} centroids are, {space_words(run)}: the lower two "
            "branches meet, the more alike is what hangs below them."
        )
        yield Drawing(_picture("dendrogram", caption, run), display)
    spread = contents.pca_map
    run_of_map = next((r for r in contents.runs if spread and r.name == spread.run), None)
    if spread is not None and run_of_map is not None:
        display = MapDisplay(
            spread.points,
            spread.centroids,
            run_of_map.centroid_images,
            None if train.labels is None else train.labels[spread.indices],
            train.names,
            explained=spread.explained,
            random_state=contents.seed,
            subtitle=_subtitle(run_of_map),
        )
        caption = (
            f"{len(spread.points):,} training images and the {run_of_map.n_clusters} centroids on "
            f"the two directions in which they vary most ({space_words(run_of_map)}). What "
            "overlaps here may lie apart in the other directions."
        )
        yield Drawing(_picture("map", caption, run_of_map), display)


def _for_dendrogram(highlights: Highlights) -> ClusteringRun:
    """Return the run of the best features with the most clusters that a reader can follow."""
    shown = highlights.shown
    same = [run for run in shown if run.features == highlights.best.features] or list(shown)
    small = [run for run in same if run.n_clusters <= DENDROGRAM_LEAVES]
    return max(small, key=lambda run: run.n_clusters) if small else same[0]


def _mistakes(contents: Contents, highlights: Highlights) -> Iterator[Drawing]:
    run, part = highlights.best, highlights.part
    names = contents.digits.names
    subtitle = f"{_subtitle(run)}, {split_words(part.split)}"
    words = f"{run.n_clusters} clusters, {space_words(run)}, {split_words(part.split)}"
    if part.scores.confusion is not None:
        display: Display = ConfusionMatrixDisplay.from_scores(part.scores, names, subtitle=subtitle)
        caption = f"What each {class_word(names)} is taken for. {words}."
        yield Drawing(_picture("confusion-matrix", caption), display)
    if highlights.pairs:
        display = ConfusedPairsDisplay(highlights.pairs, part.digits.images, subtitle=subtitle)
        caption = f"The pairs that are most often taken for one another, with images. {words}."
        yield Drawing(_picture("confused-pairs", caption), display)


def _recognised(
    contents: Contents, recognition: Recognition, mapping: NDArray[np.int64]
) -> Iterator[Drawing]:
    train, test = contents.digits.split()
    part, assigned, split = train, recognition.train_assignments, "train"
    if test is not None and recognition.test_assignments is not None:
        part, assigned, split = test, recognition.test_assignments, "test"
    if part.labels is None:
        return
    predicted = mapping[assigned]
    subtitle = f"{_subtitle(recognition)}, {split_words(split)}"
    words = f"{recognition.n_clusters} clusters of the recogniser, {split_words(split)}"
    named = predicted >= 0
    table = contingency_table(predicted[named], part.labels[named], part.n_classes, part.n_classes)
    display: Display = ConfusionMatrixDisplay(table.T, part.names, subtitle=subtitle)
    if recognition.train.matched_accuracy is not None:
        display.label_use = (
            "Labels used to name clusters (one to one, on the training images) and to count.\n"
            "Upper number: images. Lower number: share of the row."
        )
    caption = f"What each {class_word(part.names)} is taken for. {words}."
    yield Drawing(
        replace(
            _picture("confusion-matrix", caption),
            run=recognition.name,
            stem="confusion-matrix-recognizer",
        ),
        display,
    )
    n_wrong = int((predicted != part.labels).sum())
    if n_wrong:
        display = MistakesDisplay.from_predictions(
            part.images, part.labels, predicted, part.names, subtitle=subtitle
        )
        caption = (
            f"The {n_wrong:,} of {len(part):,} images that are read wrongly, the most frequent "
            "mistakes first: the label, then the name of the cluster that the image lies in. "
            f"{words}."
        )
        picture = _picture("mistakes", caption)
        yield Drawing(replace(picture, run=recognition.name), display)


def _subtitle(run: ClusteringRun | Recognition) -> str:
    return f"{run.dataset}, {space_words(run)}, {run.algorithm}, k = {run.n_clusters}"
