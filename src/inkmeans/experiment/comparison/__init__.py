"""Comparisons: every algorithm on every feature, for several k and seeds, cell by cell."""
