"""Thresholds from goals: where to cut a harm's probabilities, and what that gives. Pure functions of scores."""
