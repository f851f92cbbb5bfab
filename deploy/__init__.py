"""What runs Sluicegate: containers, alert rules, the Kafka used in development."""
