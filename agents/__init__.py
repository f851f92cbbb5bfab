"""The streams: Faust app, record-batch transport, pipeline, publisher, metrics."""
