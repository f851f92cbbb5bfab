"""Apache Kafka without containers, for development and tests: one node from its published jars."""
