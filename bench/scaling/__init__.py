"""The plan past one machine, calculated from what was measured: ``python -m sluicegate.bench.scaling``."""
