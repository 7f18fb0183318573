"""Preparation: images to straighter images, and images to rows, as scikit-learn transformers."""

from inkmeans.prepare.flatten import FlattenImages
from inkmeans.prepare.images import (
    Moments,
    TakesImages,
    check_images,
    count_distinct,
    find_middle,
    measure_moments,
)
from inkmeans.prepare.intake import Intake, read_image, take_in
from inkmeans.prepare.standardize import StandardizeImages
from inkmeans.prepare.straighten import CenterByMass, Deskew

__all__ = [
    "CenterByMass",
    "Deskew",
    "FlattenImages",
    "Intake",
    "Moments",
    "StandardizeImages",
    "TakesImages",
    "check_images",
    "count_distinct",
    "find_middle",
    "measure_moments",
    "read_image",
    "take_in",
]
