"""Suggestions for the number of clusters, by several criteria that use no label."""
