"""Recognition: from images without labels to names of new images, and the files that keep it.

The parts are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from inkmeans.recognise.cluster_model import ClusterModel
from inkmeans.recognise.model_file import load_model, save_model

if TYPE_CHECKING:
    from inkmeans.recognise.answers import Explanation, Suspects
    from inkmeans.recognise.any_file import load_any
    from inkmeans.recognise.onnx_export import export_onnx
    from inkmeans.recognise.presets import PRESETS, Preset
    from inkmeans.recognise.recognizer import Recognizer
    from inkmeans.recognise.recognizer_file import load_recognizer, save_recognizer
    from inkmeans.recognise.self_training import SelfTraining

_HOME = {
    "Explanation": "answers",
    "PRESETS": "presets",
    "Preset": "presets",
    "Recognizer": "recognizer",
    "SelfTraining": "self_training",
    "Suspects": "answers",
    "export_onnx": "onnx_export",
    "load_any": "any_file",
    "load_recognizer": "recognizer_file",
    "save_recognizer": "recognizer_file",
}

__all__ = [
    "PRESETS",
    "ClusterModel",
    "Explanation",
    "Preset",
    "Recognizer",
    "SelfTraining",
    "Suspects",
    "export_onnx",
    "load_any",
    "load_model",
    "load_recognizer",
    "save_model",
    "save_recognizer",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"inkmeans.recognise.{_HOME[name]}"), name)
    raise AttributeError(f"module 'inkmeans.recognise' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
