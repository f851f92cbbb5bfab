"""Fixtures common to all tests."""

pytest_plugins = ["sluicegate.deploy.kafka.fixtures"]
