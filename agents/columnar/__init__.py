"""The pipeline of whole batches: events, scores, decisions and records in columns, without an object for each event."""
