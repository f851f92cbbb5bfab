"""Benchmarks against peers; not part of the installed package."""
