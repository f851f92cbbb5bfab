"""Records in and out of Kafka's log format by the batch, without an object of Python for each.

The loops are compiled. Where they could not be built, aiokafka's own reader serves, and Python writes the same bytes.
"""

from sluicegate.schemas.kernels import kernel

__all__ = ["reading", "writing"]

#: None where they could not be built.
reading = kernel("sluicegate.agents.log.reading")
writing = kernel("sluicegate.agents.log.writing")
