"""The tables of the page, as texts that a template only lays out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from inkmeans.evaluate import ClusterCharacteristics, Scores
from inkmeans.report.contents import ClusteringRun, Contents, Recognition
from inkmeans.report.highlights import Highlights
from inkmeans.report.wording import (
    SCORES,
    as_number,
    as_percent,
    class_word,
    space_words,
    split_words,
)

__all__ = [
    "Body",
    "Column",
    "Row",
    "Table",
    "classes_table",
    "clusters_table",
    "pairs_table",
    "recognition_table",
    "reduction_table",
    "scores_table",
    "stability_table",
]


@dataclass(frozen=True)
class Column:
    """A column: its heading, the heading of its group, and whether texts stand in it."""

    heading: str
    group: str = ""
    text: bool = False


@dataclass(frozen=True)
class Row:
    """A row: its heading, its cells, and whether it is the one to look at."""

    heading: str
    cells: tuple[str, ...]
    marked: bool = False


@dataclass(frozen=True)
class Body:
    """Rows that belong together, and what they have in common."""

    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Table:
    """A table with its caption; the first column heads the rows."""

    caption: str
    columns: tuple[Column, ...]
    bodies: tuple[Body, ...]

    @property
    def long(self) -> bool:
        """Whether it has more rows than a page of paper takes."""
        return sum(len(body.rows) for body in self.bodies) > 40

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """The groups of columns with the number of columns in each; empty if there are none."""
        groups = tuple((g, len(tuple(c))) for g, c in groupby(self.columns, lambda c: c.group))
        return groups if any(group for group, _ in groups) else ()


def scores_table(contents: Contents, split: str, best: ClusteringRun) -> Table | None:
    """Show every score of every run on one split.

    Parameters
    ----------
    contents : Contents
    split : {"train", "test"}
    best : ClusteringRun
        The run whose row is marked.

    Returns
    -------
    Table or None
        None where no run was measured on that split.
    """
    measured = [(run, _scores(run, split)) for run in contents.clusterings]
    rows = [(run, scores) for run, scores in measured if scores is not None]
    if not rows:
        return None
    columns = (
        Column("k"),
        *(Column(text.heading, text.label_use) for text in SCORES.values()),
    )
    bodies = [
        Body(
            f"{space_words(group[0][0])} · {group[0][0].algorithm}",
            tuple(
                Row(
                    str(run.n_clusters),
                    tuple(text.text(scores) for text in SCORES.values()),
                    marked=run is best,
                )
                for run, scores in group
            ),
        )
        for group in _by_space(rows)
    ]
    which = (
        "test images, which the clustering has not seen"
        if split == "test"
        else ("training images, which were clustered")
    )
    n_images = rows[0][1].n_images
    return Table(f"Scores on the {n_images:,} {which}", columns, tuple(bodies))


def _scores(run: ClusteringRun | Recognition, split: str) -> Scores | None:
    return run.train if split == "train" else run.test


def _by_space(
    rows: Iterable[tuple[ClusteringRun | Recognition, Scores]],
) -> list[list[tuple[ClusteringRun | Recognition, Scores]]]:
    spaces: dict[tuple[str, str], list[tuple[ClusteringRun | Recognition, Scores]]] = {}
    for run, scores in rows:
        spaces.setdefault((run.space, run.algorithm), []).append((run, scores))
    return list(spaces.values())


def reduction_table(highlights: Highlights) -> Table | None:
    """Put each run beside the same run on reduced features.

    Parameters
    ----------
    highlights : Highlights

    Returns
    -------
    Table or None
        None where nothing was clustered both ways.
    """
    if not highlights.twins:
        return None
    split = "test" if highlights.twins[0][0].test is not None else "train"
    accuracy, v_measure = "Accuracy (majority vote)", "V-measure"
    columns = (
        Column("k"),
        *(
            Column(which, group)
            for group in ("Seconds to cluster", f"{v_measure}, {split}", f"{accuracy}, {split}")
            for which in ("as they are", "reduced")
        ),
    )
    bodies = []
    for (_, heading), twins in groupby(
        highlights.twins, lambda t: (t[1].space, f"{t[0].features}, reduced by {t[1].reducer}")
    ):
        rows = tuple(_twin_row(plain, reduced, split) for plain, reduced in twins)
        bodies.append(Body(heading, rows))
    return Table("The same clustering with and without reduction", columns, tuple(bodies))


def _twin_row(plain: ClusteringRun, reduced: ClusteringRun, split: str) -> Row:
    both = [_scores(run, split) for run in (plain, reduced)]
    return Row(
        str(plain.n_clusters),
        (
            *(f"{run.seconds:.2f}" for run in (plain, reduced)),
            *(as_number(None if s is None else s.v_measure, 3) for s in both),
            *(as_percent(None if s is None else s.majority_accuracy) for s in both),
        ),
    )


def recognition_table(contents: Contents) -> Table | None:
    """Put the recogniser beside the plain runs with as many clusters.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    Table or None
        None without a recogniser, or without labels to compare it by.
    """
    recognition = contents.recognition
    if recognition is None or recognition.mapping is None:
        return None
    plain = [run for run in contents.runs if run.n_clusters == recognition.n_clusters]
    compared: list[ClusteringRun | Recognition] = [*plain, recognition]
    splits = ("train", "test") if recognition.test is not None else ("train",)
    columns = (
        Column("What was clustered", text=True),
        Column("Algorithm", text=True),
        *(
            Column(f"{heading}, {split}")
            for heading in ("One to one", "Majority vote")
            for split in splits
        ),
        Column("Seconds"),
    )
    rows = tuple(
        Row(
            space_words(run),
            (
                run.algorithm,
                *(
                    as_percent(None if scores is None else getattr(scores, key), 2)
                    for key in ("matched_accuracy", "majority_accuracy")
                    for scores in (_scores(run, split) for split in splits)
                ),
                f"{run.seconds:.2f}",
            ),
            marked=run is recognition,
        )
        for run in compared
    )
    caption = f"Accuracy of {recognition.n_clusters} clusters, formed without labels"
    return Table(caption, columns, (Body("", rows),))


def classes_table(highlights: Highlights) -> Table | None:
    """Show precision and recall of each class in the best run.

    Parameters
    ----------
    highlights : Highlights

    Returns
    -------
    Table or None
        None without labels.
    """
    part = highlights.part
    if not part.scores.per_class:
        return None
    rows = tuple(
        Row(
            score.name,
            (as_percent(score.precision), as_percent(score.recall), f"{score.support:,}"),
        )
        for score in part.scores.per_class
    )
    columns = (
        Column(class_word(part.digits.names).capitalize()),
        Column("Precision"),
        Column("Recall"),
        Column("Images"),
    )
    caption = f"Each {class_word(part.digits.names)} on the {split_words(part.split)}"
    return Table(caption, columns, (Body("", rows),))


def clusters_table(run: ClusteringRun, names: tuple[str, ...]) -> Table:
    """Show the characteristics of every cluster of a run.

    Parameters
    ----------
    run : ClusteringRun
    names : tuple of str
        Of the classes; empty without labels.

    Returns
    -------
    Table
        Without a row where the clusters were not described.
    """
    labelled = bool(names) and run.mapping is not None
    named = (
        (Column("Stands for", text=True), Column("Share"), Column("Also holds", text=True))
        if labelled
        else ()
    )
    columns = (Column("Cluster"), *named, Column("Images"), Column("Mean distance"))
    rows = tuple(_cluster_row(cluster, names, labelled) for cluster in run.characteristics)
    return Table(
        f"{run.n_clusters} clusters, {space_words(run)}, training images",
        columns,
        (Body("", rows),),
    )


def _cluster_row(cluster: ClusterCharacteristics, names: tuple[str, ...], labelled: bool) -> Row:
    named: tuple[str, ...] = ()
    if labelled:
        main = cluster.main_class
        named = (
            as_number(None, 0) if main is None else names[main],
            as_percent(cluster.main_share, 0),
            _also(cluster, names),
        )
    size, distance = f"{cluster.size:,}", as_number(cluster.mean_distance, 2)
    return Row(str(cluster.cluster), (*named, size, distance))


def _also(cluster: ClusterCharacteristics, names: tuple[str, ...]) -> str:
    if cluster.shares is None or cluster.size == 0:
        return ""
    others = [c for c in (-cluster.shares).argsort(kind="stable") if c != cluster.main_class]
    return ", ".join(
        f"{names[c]} ({as_percent(cluster.shares[c], 0)})"
        for c in others[:3]
        if cluster.shares[c] >= 0.02
    )


def stability_table(contents: Contents) -> Table | None:
    """Show how much the runs of different seeds agree.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    Table or None
        None where no run was repeated.
    """
    runs = {run.name: run for run in contents.runs}
    rows = tuple(
        Row(
            f"{runs[name].n_clusters} clusters, {space_words(runs[name])}",
            (
                str(value.n_runs),
                as_number(value.mean, 3),
                as_number(value.lowest, 3),
                as_number(value.highest, 3),
            ),
        )
        for name, value in contents.stability.items()
        if name in runs
    )
    columns = (
        Column("Run", text=True),
        Column("Seeds"),
        Column("Mean ARI"),
        Column("Lowest"),
        Column("Highest"),
    )
    caption = "Agreement of runs that differ in nothing but the seed"
    return Table(caption, columns, (Body("", rows),)) if rows else None


def pairs_table(caption: str, heading: tuple[str, str], pairs: Mapping[str, str]) -> Table:
    """Show names and their values.

    Parameters
    ----------
    caption : str
    heading : tuple of str
        Of the two columns.
    pairs : mapping of str to str

    Returns
    -------
    Table
    """
    rows = tuple(Row(key, (value,)) for key, value in pairs.items())
    first, second = heading
    columns = (Column(first, text=True), Column(second, text=True))
    return Table(caption, columns, (Body("", rows),))
