"""What the page says about each score: its heading, how it is written, what it means."""

from __future__ import annotations

from dataclasses import dataclass

from inkmeans.evaluate import Scores
from inkmeans.report.contents import ClusteringRun, Recognition

__all__ = [
    "SCORES",
    "ScoreText",
    "as_number",
    "as_percent",
    "as_seconds",
    "class_word",
    "space_words",
    "split_words",
]

NONE = "–"


@dataclass(frozen=True)
class ScoreText:
    """How a score is shown and explained.

    Attributes
    ----------
    key : str
        The field of `Scores`.
    heading : str
        Of its column.
    decimals : int or None
        Digits after the point; None writes a percentage.
    better : str
        ``"lower"`` or ``"higher"``.
    meaning : str
        One paragraph in plain words.
    """

    key: str
    heading: str
    decimals: int | None
    better: str
    meaning: str

    @property
    def label_use(self) -> str:
        """Whether labels are used for it, and for what."""
        return Scores.LABEL_USE[self.key]

    def text(self, scores: Scores) -> str:
        r"""Write the score of one run and split; a dash where it does not apply.

        Examples
        --------
        >>> from inkmeans.evaluate import Scores
        >>> from inkmeans.report.wording import SCORES
        >>> SCORES["purity"].text(Scores(n_images=3, n_clusters=2, purity=0.875))
        '87.5\xa0%'
        """
        value = getattr(scores, self.key)
        if self.decimals is None:
            return as_percent(value)
        return as_number(value, self.decimals)


SCORES: dict[str, ScoreText] = {
    text.key: text
    for text in (
        ScoreText(
            "inertia",
            "Inertia",
            0,
            "lower",
            "Add up, over all images, the squared distance from the image to the centroid of its "
            "cluster. This is the quantity that k-means makes small. It always falls when there "
            "are more clusters, and it depends on the number of images and on what was clustered "
            "(pixels count from 0 to 1), so compare it only within one column of features, one "
            "reduction and one set of images.",
        ),
        ScoreText(
            "silhouette",
            "Silhouette",
            3,
            "higher",
            "For an image, compare the mean distance to the images of its own cluster with the "
            "mean distance to those of the nearest other cluster: near 1, the cluster is compact "
            "and far from the rest; near 0, the image lies between two; below 0, it would fit "
            "better elsewhere. The score is the mean over a random sample. Handwriting has no "
            "gaps between its styles, so small values are normal.",
        ),
        ScoreText(
            "homogeneity",
            "Homogeneity",
            3,
            "higher",
            "How much knowing the cluster of an image tells about its label: 1 if every cluster "
            "holds images of one label only, 0 if the clusters tell nothing. More, smaller "
            "clusters nearly always raise it.",
        ),
        ScoreText(
            "completeness",
            "Completeness",
            3,
            "higher",
            "The reverse: 1 if all images of a label lie in one cluster. Splitting the ways to "
            "write one digit over several clusters lowers it, even where that is what one wants.",
        ),
        ScoreText(
            "v_measure",
            "V\u2011measure",
            3,
            "higher",
            "The harmonic mean of homogeneity and completeness. It is high only if both are.",
        ),
        ScoreText(
            "ari",
            "ARI",
            3,
            "higher",
            "The adjusted Rand index looks at pairs of images: do clusters and labels agree on "
            "which two belong together? 1 is full agreement, about 0 is what chance would give. "
            "It is highest when there are about as many clusters as labels.",
        ),
        ScoreText(
            "nmi",
            "NMI",
            3,
            "higher",
            "Normalised mutual information: the information that clusters and labels share, "
            "divided by the mean of what each holds. With this mean it equals the V-measure; "
            "it stands here because many papers report it under this name.",
        ),
        ScoreText(
            "majority_accuracy",
            "Accuracy (majority vote)",
            None,
            "higher",
            "Each cluster is named after the most frequent label of its training images, and "
            "every image is read as the name of its cluster; this is the share that is read "
            "rightly. On the test images neither the clusters nor the names have seen them: it "
            "is how well the clusters read new handwriting.",
        ),
        ScoreText(
            "matched_accuracy",
            "Accuracy (one to one)",
            None,
            "higher",
            "As above, but every label must be the name of exactly one cluster; the best such "
            "pairing of the training images counts (Hungarian algorithm). It exists only where "
            "there are as many clusters as labels.",
        ),
        ScoreText(
            "purity",
            "Purity",
            None,
            "higher",
            "The share of images that have the most frequent label of their cluster, with the "
            "labels counted on these very images. On the training images it equals the accuracy "
            "by majority vote; on test images it peeks at their labels, so it is an upper bound "
            "and no prediction.",
        ),
    )
}


def as_number(value: float | None, decimals: int) -> str:
    """Write a number with groups of thousands, a dash for None.

    Examples
    --------
    >>> from inkmeans.report.wording import as_number
    >>> as_number(1234567.8, 0), as_number(None, 3)
    ('1,234,568', '–')
    """
    return NONE if value is None else f"{value:,.{decimals}f}".replace("-", "\u2212")


def as_percent(share: float | None, decimals: int = 1) -> str:
    r"""Write a share as a percentage, a dash for None.

    Examples
    --------
    >>> from inkmeans.report.wording import as_percent
    >>> as_percent(0.94561)
    '94.6\xa0%'
    """
    return NONE if share is None else f"{100 * share:.{decimals}f}\u00a0%"


def as_seconds(seconds: float) -> str:
    r"""Write a duration with as many digits as it deserves.

    Examples
    --------
    >>> from inkmeans.report.wording import as_seconds
    >>> as_seconds(0.0123), as_seconds(4.56), as_seconds(75.2)
    ('0.01\xa0s', '4.6\xa0s', '1\xa0min 15\xa0s')
    """
    if seconds < 1:
        return f"{seconds:.2f}\u00a0s"
    if seconds < 59.95:
        return f"{seconds:.1f}\u00a0s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}\u00a0min {rest}\u00a0s"


def class_word(names: tuple[str, ...]) -> str:
    """Return what a class is called: a digit, if all names are digits.

    Examples
    --------
    >>> from inkmeans.report.wording import class_word
    >>> class_word(("0", "1")), class_word(("Coat", "Bag"))
    ('digit', 'class')
    """
    return "digit" if names and all(n.isdigit() and len(n) == 1 for n in names) else "class"


def space_words(run: ClusteringRun | Recognition) -> str:
    """Name what was clustered: ``"deskewed"`` or ``"deskewed, pca:64"``.

    Parameters
    ----------
    run : ClusteringRun or Recognition

    Returns
    -------
    str
    """
    return run.features if run.reducer is None else f"{run.features}, {run.reducer}"


def split_words(split: str) -> str:
    """Name the images of a split.

    Examples
    --------
    >>> from inkmeans.report.wording import split_words
    >>> split_words("train")
    'training images'
    """
    return "test images" if split == "test" else "training images"
