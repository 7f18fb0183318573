"""Experiments: the main job, from a data set's name to a folder with a report, and its model."""

from inkmeans.experiment.options import RunOptions, parse_number, parse_numbers
from inkmeans.experiment.run import run_and_write, run_experiment
from inkmeans.experiment.saved_model import Prediction, evaluate_model, predict_files

__all__ = [
    "Prediction",
    "RunOptions",
    "evaluate_model",
    "parse_number",
    "parse_numbers",
    "predict_files",
    "run_and_write",
    "run_experiment",
]
