"""Features: images to vectors, each by its name in `FEATURES`.

The transformers load scikit-learn, so they are loaded when they are first used; the registry alone
must not, so that a wrong name is told at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from inkmeans.features.registry import FEATURES, Feature, get_feature

if TYPE_CHECKING:
    from inkmeans.features.hog import HOG
    from inkmeans.features.patches import PatchFeatures
    from inkmeans.features.scattering import Scattering

_HOME = {"HOG": "hog", "PatchFeatures": "patches", "Scattering": "scattering"}

__all__ = ["FEATURES", "HOG", "Feature", "PatchFeatures", "Scattering", "get_feature"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"inkmeans.features.{_HOME[name]}"), name)
    raise AttributeError(f"module 'inkmeans.features' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
