"""Drift: how far the texts of a stream, and their scores, have moved from those that a bundle was measured on."""
