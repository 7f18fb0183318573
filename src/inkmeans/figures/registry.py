"""The figures that can be asked for by name."""

from __future__ import annotations

from dataclasses import dataclass

from inkmeans.figures.centroids import CentroidsDisplay
from inkmeans.figures.characteristics import CharacteristicsDisplay
from inkmeans.figures.cluster_page import ClusterPageDisplay
from inkmeans.figures.confused_pairs import ConfusedPairsDisplay
from inkmeans.figures.confusion_matrix import ConfusionMatrixDisplay
from inkmeans.figures.contingency import ContingencyDisplay
from inkmeans.figures.dendrogram import DendrogramDisplay
from inkmeans.figures.display import Display
from inkmeans.figures.map import MapDisplay
from inkmeans.figures.mistakes import MistakesDisplay
from inkmeans.figures.reduction import ReductionDisplay
from inkmeans.figures.sample_digits import SampleDigitsDisplay
from inkmeans.figures.score_against_time import ScoreAgainstTimeDisplay
from inkmeans.figures.scores_by_clusters import ScoresByClustersDisplay
from inkmeans.figures.suggest_k import SuggestKDisplay

__all__ = ["FIGURES", "FigureKind"]


@dataclass(frozen=True)
class FigureKind:
    """What is known of a figure before it is drawn.

    Attributes
    ----------
    name : str
        The name to ask for it by, and of its files.
    summary : str
        What it shows, in one sentence: the alternative text of its picture.
    display : type of Display
        The class that draws it.
    """

    name: str
    summary: str
    display: type[Display]

    @property
    def title(self) -> str:
        """The title that is printed on it."""
        return self.display.title


FIGURES: dict[str, FigureKind] = {
    kind.name: kind
    for kind in (
        FigureKind(
            "sample-digits",
            "Images of the data set drawn at random, a row for each class.",
            SampleDigitsDisplay,
        ),
        FigureKind(
            "centroids",
            "Every centroid as an image, with the class it stands for and that class's share.",
            CentroidsDisplay,
        ),
        FigureKind(
            "cluster-page",
            "Clusters one by one: size, mean distance, shares of the classes, and their typical, "
            "borderline and worst images.",
            ClusterPageDisplay,
        ),
        FigureKind(
            "characteristics",
            "Size, mean distance and main class of every cluster of a run.",
            CharacteristicsDisplay,
        ),
        FigureKind(
            "dendrogram",
            "A tree that joins the most alike centroids first, with their images as leaves.",
            DendrogramDisplay,
        ),
        FigureKind(
            "confused-pairs",
            "The pairs of classes most often taken for one another, in words and with images.",
            ConfusedPairsDisplay,
        ),
        FigureKind(
            "confusion-matrix",
            "Images of each true class by the name of their cluster, as counts and percentages.",
            ConfusionMatrixDisplay,
        ),
        FigureKind(
            "mistakes",
            "Wrongly read images, a row for each class and the name that they got instead.",
            MistakesDisplay,
        ),
        FigureKind(
            "scores-by-clusters",
            "Inertia, homogeneity and accuracy against the number of clusters.",
            ScoresByClustersDisplay,
        ),
        FigureKind(
            "map",
            "The images as points on their two principal components, with the centroids.",
            MapDisplay,
        ),
        FigureKind(
            "reduction",
            "Seconds, homogeneity and accuracy of the same clusterings with and without "
            "dimensionality reduction.",
            ReductionDisplay,
        ),
        FigureKind(
            "score-against-time",
            "A score against the seconds from images to clusters, a point for each configuration.",
            ScoreAgainstTimeDisplay,
        ),
        FigureKind(
            "contingency",
            "Images that clusters of two results share, what belongs together on the diagonal.",
            ContingencyDisplay,
        ),
        FigureKind(
            "suggest-k",
            "Criteria for the number of clusters against it, with the choice of each.",
            SuggestKDisplay,
        ),
    )
}
