"""Evaluation: what clusters stand for, and how good they are."""

from inkmeans.evaluate.mapping import (
    ClusterNames,
    contingency_table,
    learn_names,
    majority_mapping,
    matched_mapping,
)
from inkmeans.evaluate.scores import ClassScore, Scores, score_clusters

__all__ = [
    "ClassScore",
    "ClusterNames",
    "Scores",
    "contingency_table",
    "learn_names",
    "majority_mapping",
    "matched_mapping",
    "score_clusters",
]
