"""Experiments: the main job, from a data set's name to a folder with a report."""

from inkmeans.experiment.options import RunOptions, parse_number, parse_numbers
from inkmeans.experiment.run import run_and_write, run_experiment

__all__ = ["RunOptions", "parse_number", "parse_numbers", "run_and_write", "run_experiment"]
