"""Experiments: the main job, from a data set's name to a folder with a report, and its model.

The options load nothing heavy, so that a wrong one is told at once; the rest is loaded when it is
first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from inkmeans.experiment.options import RunOptions, parse_number, parse_numbers

if TYPE_CHECKING:
    from inkmeans.experiment.comparison.job import compare
    from inkmeans.experiment.comparison.journal import CellResult
    from inkmeans.experiment.comparison.options import CompareOptions
    from inkmeans.experiment.comparison.summary import Comparison
    from inkmeans.experiment.run import run_and_write, run_experiment
    from inkmeans.experiment.saved_model import Prediction, evaluate_model, predict_files
    from inkmeans.experiment.suggestion.job import KSuggestion, suggest_k
    from inkmeans.experiment.suggestion.options import SuggestOptions

_HOME = {
    "CellResult": "comparison.journal",
    "CompareOptions": "comparison.options",
    "Comparison": "comparison.summary",
    "compare": "comparison.job",
    "KSuggestion": "suggestion.job",
    "Prediction": "saved_model",
    "SuggestOptions": "suggestion.options",
    "evaluate_model": "saved_model",
    "predict_files": "saved_model",
    "run_and_write": "run",
    "run_experiment": "run",
    "suggest_k": "suggestion.job",
}

__all__ = [
    "CellResult",
    "CompareOptions",
    "Comparison",
    "KSuggestion",
    "Prediction",
    "RunOptions",
    "SuggestOptions",
    "compare",
    "evaluate_model",
    "parse_number",
    "parse_numbers",
    "predict_files",
    "run_and_write",
    "run_experiment",
    "suggest_k",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"inkmeans.experiment.{_HOME[name]}"), name)
    raise AttributeError(f"module 'inkmeans.experiment' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
