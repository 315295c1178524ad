"""Figures, measures and the report of a trained network."""
