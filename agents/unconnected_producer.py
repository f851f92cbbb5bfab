"""What stands in for Faust's producer: it is never used, and must not connect."""

from faust.transport.drivers import aiokafka as driver

__all__ = ["UnconnectedProducer"]


class UnconnectedProducer(driver.Producer):
    """Faust's own producer, never connected: outcomes are sent by the publisher, which awaits their delivery."""

    async def on_start(self) -> None:
        """Do not connect."""

    async def on_stop(self) -> None:
        """Do nothing."""

    async def flush(self) -> None:
        """Do nothing."""
