"""Evaluation: what clusters stand for, and how good they are."""

from inkmeans.evaluate.characteristics import (
    ClusterCharacteristics,
    characterize,
    mean_images,
)
from inkmeans.evaluate.criteria import Criterion, Suggestion, suggest_from
from inkmeans.evaluate.elbow import find_knee
from inkmeans.evaluate.gap import GapStatistic, gap_statistic
from inkmeans.evaluate.intervals import Spread, TimedScore, spread
from inkmeans.evaluate.mapping import (
    ClusterNames,
    contingency_table,
    learn_names,
    majority_mapping,
    match_table,
    matched_mapping,
)
from inkmeans.evaluate.scores import ClassScore, Scores, score_clusters
from inkmeans.evaluate.silhouette import SilhouetteSample
from inkmeans.evaluate.similarity import ConfusedPair, Mistake, confused_pairs, link_centroids
from inkmeans.evaluate.stability import Stability, stability

__all__ = [
    "ClassScore",
    "ClusterCharacteristics",
    "ClusterNames",
    "ConfusedPair",
    "Criterion",
    "GapStatistic",
    "Mistake",
    "Scores",
    "SilhouetteSample",
    "Spread",
    "Stability",
    "Suggestion",
    "TimedScore",
    "characterize",
    "confused_pairs",
    "contingency_table",
    "find_knee",
    "gap_statistic",
    "learn_names",
    "link_centroids",
    "majority_mapping",
    "match_table",
    "matched_mapping",
    "mean_images",
    "score_clusters",
    "spread",
    "stability",
    "suggest_from",
]
