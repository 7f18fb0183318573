"""The report: a run folder with scores, assignments, figures, the model and one page."""
