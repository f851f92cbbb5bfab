"""Calibration read anew on the data of a deployment: it does not travel."""
