"""Features: images to vectors, each by its name in `FEATURES`."""

from inkmeans.features.hog import HOG
from inkmeans.features.patches import PatchFeatures
from inkmeans.features.registry import FEATURES, Feature, get_feature
from inkmeans.features.scattering import Scattering

__all__ = ["FEATURES", "HOG", "Feature", "PatchFeatures", "Scattering", "get_feature"]
