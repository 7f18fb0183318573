"""Evaluation: what clusters stand for, and how good they are."""

from inkmeans.evaluate.characteristics import (
    ClusterCharacteristics,
    characterize,
    mean_images,
)
from inkmeans.evaluate.mapping import (
    ClusterNames,
    contingency_table,
    learn_names,
    majority_mapping,
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
    "Mistake",
    "Scores",
    "SilhouetteSample",
    "Stability",
    "characterize",
    "confused_pairs",
    "contingency_table",
    "learn_names",
    "link_centroids",
    "majority_mapping",
    "matched_mapping",
    "mean_images",
    "score_clusters",
    "stability",
]
