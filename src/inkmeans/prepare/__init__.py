"""Preparation: images to straighter images, and images to rows, as scikit-learn transformers."""

from inkmeans.prepare.flatten import FlattenImages
from inkmeans.prepare.images import Moments, check_images, measure_moments
from inkmeans.prepare.straighten import CenterByMass, Deskew

__all__ = [
    "CenterByMass",
    "Deskew",
    "FlattenImages",
    "Moments",
    "check_images",
    "measure_moments",
]
