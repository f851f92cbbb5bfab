"""Proof by fault injection: worker processes on a real Kafka, faults by a seeded schedule, a verdict by topics."""
