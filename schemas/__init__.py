"""The contracts: what is read from and written to Kafka. Imports nothing of the project."""
