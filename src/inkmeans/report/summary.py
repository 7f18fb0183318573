"""The result in plain words, and in a few large numbers."""

from __future__ import annotations

from dataclasses import dataclass

from inkmeans.report.contents import Contents
from inkmeans.report.highlights import Highlights
from inkmeans.report.wording import as_number, as_percent, as_seconds, class_word, space_words

__all__ = ["Fact", "headline", "key_facts", "missing_parts", "remarks"]


@dataclass(frozen=True)
class Fact:
    """One large number, and what it is."""

    value: str
    meaning: str


def headline(contents: Contents, highlights: Highlights) -> tuple[str, str]:
    """Say what came out, and what it does not mean.

    Parameters
    ----------
    contents : Contents
    highlights : Highlights

    Returns
    -------
    tuple of str
        The result in one sentence, and what to know about it.
    """
    best, part = highlights.best, highlights.part
    n_train = contents.digits.n_train
    clusters = f"{best.n_clusters} clusters"
    accuracy = part.scores.majority_accuracy
    if accuracy is None:
        smallest, most = _extremes(contents)
        into = f"{smallest}" if smallest == most else f"{smallest} to {most}"
        return (
            f"{n_train:,} images were sorted into {into} clusters by their likeness alone.",
            "The data set has no labels, so nothing here says what a cluster stands for. Look at "
            "the centroids and at the members of the clusters to judge them.",
        )
    noun = class_word(contents.digits.names)
    images = f"{noun}s" if noun == "digit" else "images"
    if part.split == "test":
        share = f"{as_percent(accuracy)} of {part.scores.n_images:,} new {images}"
        return (
            f"{clusters} recognise {share}.",
            f"They were formed from {n_train:,} training images ({space_words(best)}, "
            f"{best.algorithm}; the best run on these). No label was used to form them: the "
            f"labels of the training images only named them once they stood, each after its most "
            f"frequent {noun}, and the labels of the test images only checked the answers.",
        )
    return (
        f"In {clusters}, {as_percent(accuracy)} of {n_train:,} images carry the label that their "
        "cluster is named after.",
        f"This is the best run ({space_words(best)}, {best.algorithm}). No label was used to form "
        f"the clusters: labels only named them once they stood. No new images were read, so "
        "this says nothing about how well that would go.",
    )


def _extremes(contents: Contents) -> tuple[int, int]:
    numbers = [run.n_clusters for run in contents.runs]
    return min(numbers), max(numbers)


def key_facts(contents: Contents, highlights: Highlights) -> tuple[Fact, ...]:
    """Pick a few numbers that say most.

    Parameters
    ----------
    contents : Contents
    highlights : Highlights

    Returns
    -------
    tuple of Fact
    """
    best, part = highlights.best, highlights.part
    facts = []
    if part.scores.majority_accuracy is not None:
        where = "test images" if part.split == "test" else "training images"
        facts.append(
            Fact(
                as_percent(part.scores.majority_accuracy),
                f"of the {where} recognised ({best.n_clusters} clusters, {space_words(best)})",
            )
        )
    facts.extend(_recognition_fact(contents))
    facts.extend(_plain_fact(contents, highlights))
    facts.append(
        Fact(
            as_seconds(best.seconds),
            f"to form {best.n_clusters} clusters of {contents.digits.n_train:,} images "
            f"({space_words(best)})",
        )
    )
    facts.extend(_reduction_fact(highlights))
    if part.scores.majority_accuracy is None:
        silhouette = as_number(best.train.silhouette, 3)
        facts.append(Fact(silhouette, f"silhouette, the best of all runs ({space_words(best)})"))
    return tuple(facts)


def _recognition_fact(contents: Contents) -> list[Fact]:
    recognition = contents.recognition
    if recognition is None:
        return []
    where, scores = "test", recognition.test
    if scores is None:
        where, scores = "training", recognition.train
    if scores.matched_accuracy is None:
        return []
    text = (
        f"of the {where} images recognised by the recogniser ({recognition.preset}, "
        f"{recognition.n_clusters} clusters, one a {class_word(contents.digits.names)})"
    )
    return [Fact(as_percent(scores.matched_accuracy), text)]


def _plain_fact(contents: Contents, highlights: Highlights) -> list[Fact]:
    """Compare with other features at the same number of clusters."""
    best, split = highlights.best, highlights.part.split
    others = [
        (run, run.test if split == "test" else run.train)
        for run in contents.runs
        if run.features != best.features
        and run.reducer == best.reducer
        and run.n_clusters == best.n_clusters
    ]
    return [
        Fact(
            as_percent(scores.majority_accuracy),
            f"with {run.features} in place of {best.features}, all else the same",
        )
        for run, scores in others[:1]
        if scores is not None and scores.majority_accuracy is not None
    ]


def _reduction_fact(highlights: Highlights) -> list[Fact]:
    most = max((plain.n_clusters for plain, _ in highlights.twins), default=0)
    twins = [
        (plain, reduced)
        for plain, reduced in highlights.twins
        if plain.n_clusters == most and plain.features == highlights.best.features
    ]
    if not twins or not twins[0][1].seconds:
        return []
    plain, reduced = twins[0]
    return [
        Fact(
            f"{plain.seconds / reduced.seconds:.1f}×",
            f"as fast after {reduced.reducer} ({as_seconds(reduced.seconds)} instead of "
            f"{as_seconds(plain.seconds)}, {most} clusters)",
        )
    ]


def missing_parts(contents: Contents) -> tuple[str, ...]:
    """Say which scores are missing, and why.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    tuple of str
        One sentence for each reason; empty where nothing is missing.
    """
    digits = contents.digits
    notes = []
    if digits.labels is None:
        notes.append(
            "The data set has no labels. Homogeneity, completeness, V-measure, ARI, NMI, purity "
            "and the accuracies need them and are left out; inertia and silhouette do not."
        )
    if len(digits) == digits.n_train:
        notes.append(
            "The data set has no test part, so every score is measured on the images that were "
            "clustered. They say how well these are grouped, not how well new ones would be read."
        )
    elif any(run.test is None for run in contents.runs):
        notes.append(
            "The algorithm does not assign new images, so there are no scores on the test images."
        )
    return tuple(notes)


def remarks(contents: Contents) -> tuple[str, ...]:
    """Say what was left out: images of all clusters, or of the clustering; the recogniser.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    tuple of str
        One sentence or two for each.
    """
    n = contents.digits.n_train
    notes = [contents.skipped] if contents.skipped else []
    for run in contents.runs:
        where = f"{run.algorithm}, {space_words(run)}"
        if run.n_noise:
            notes.append(
                f"{where}: {run.n_noise:,} of {n:,} training images "
                f"({as_percent(run.n_noise / n)}) are noise, in no cluster. They are shown as a "
                f"cluster of their own, number {run.n_clusters - 1}, which has no name: they "
                "count as not recognised."
            )
        if run.n_landmarks is not None:
            notes.append(
                f"{where}: {run.n_landmarks:,} of {n:,} training images were clustered, as many "
                "as the algorithm takes; the others were assigned after those nearest to them."
            )
    return tuple(notes)
