"""Recognition: from images without labels to names of new images, and the files that keep it.

The parts are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from inkmeans.recognise.cluster_model import ClusterModel
from inkmeans.recognise.model_file import load_model, save_model

if TYPE_CHECKING:
    from inkmeans.recognise.presets import PRESETS, Preset
    from inkmeans.recognise.recognizer import Explanation, Recognizer, Suspects
    from inkmeans.recognise.self_training import SelfTraining

_HOME = {
    "Explanation": "recognizer",
    "PRESETS": "presets",
    "Preset": "presets",
    "Recognizer": "recognizer",
    "SelfTraining": "self_training",
    "Suspects": "recognizer",
}

__all__ = [
    "PRESETS",
    "ClusterModel",
    "Explanation",
    "Preset",
    "Recognizer",
    "SelfTraining",
    "Suspects",
    "load_model",
    "save_model",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"inkmeans.recognise.{_HOME[name]}"), name)
    raise AttributeError(f"module 'inkmeans.recognise' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
