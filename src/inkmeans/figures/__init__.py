"""Figures: one Display class a file; they take scores and arrays, and draw."""

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
from inkmeans.figures.reduction import ReductionDisplay, ReductionRun
from inkmeans.figures.registry import FIGURES, FigureKind
from inkmeans.figures.sample_digits import SampleDigitsDisplay
from inkmeans.figures.save import save_figure
from inkmeans.figures.score_against_time import ScoreAgainstTimeDisplay
from inkmeans.figures.scores_by_clusters import ScoresByClustersDisplay, ScoreSeries
from inkmeans.figures.suggest_k import SuggestKDisplay

__all__ = [
    "FIGURES",
    "CentroidsDisplay",
    "CharacteristicsDisplay",
    "ClusterPageDisplay",
    "ConfusedPairsDisplay",
    "ConfusionMatrixDisplay",
    "ContingencyDisplay",
    "DendrogramDisplay",
    "Display",
    "FigureKind",
    "MapDisplay",
    "MistakesDisplay",
    "ReductionDisplay",
    "ReductionRun",
    "SampleDigitsDisplay",
    "ScoreAgainstTimeDisplay",
    "ScoreSeries",
    "ScoresByClustersDisplay",
    "SuggestKDisplay",
    "save_figure",
]
