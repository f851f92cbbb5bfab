"""The demo: an embedded broker, a worker, a generator of texts, and a screen that shows what flows."""
