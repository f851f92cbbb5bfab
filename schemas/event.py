"""The content event: what products publish, as it stands on the wire."""

from typing import Any, Final

from msgspec import Struct

__all__ = ["EVENT_TYPES", "SPEC_VERSION", "ContentData", "ContentEvent"]

#: The version of CloudEvents that is read and written.
SPEC_VERSION: Final = "1.0"

#: The types of event that are read.
EVENT_TYPES: Final = ("content.created", "content.updated", "content.reported", "content.deleted")


class ContentData(Struct, frozen=True):
    """The content of an event.

    Attributes
    ----------
    content_id, actor_id
        Which content, and whose; 1 to 256 bytes each.
    surface
        Where it stands, such as ``comment``; any name of 1 to 64 bytes.
    text
        What was written; may be empty; required except with ``content.deleted``.
    language
        A BCP 47 tag; anything else counts as unknown.
    signals
        Name to finite number, such as ``views_per_hour``; null means absent.
    tenant, content_version
        Passed through; optional.
    """

    content_id: str
    actor_id: str
    surface: str
    text: str | None = None
    language: str | None = None
    signals: dict[str, float | None] | None = None
    tenant: str | None = None
    content_version: str | int | None = None


class ContentEvent(Struct, frozen=True):
    """A CloudEvent 1.0 around :class:`ContentData`; unknown members are ignored.

    Attributes
    ----------
    specversion
        Always ``1.0``.
    id, source
        Together they name the event; ``id`` has 1 to 256 bytes, ``source`` 1 to 1024.
    type
        What happened to the content.
    data
        The content.
    time
        RFC 3339 with a zone; where it is absent the broker's timestamp stands in.
    datacontenttype
        A JSON media type, or absent.
    data_base64
        Binary data, which is refused: null or absent.
    """

    specversion: str
    id: str
    source: str
    type: str
    data: ContentData
    time: str | None = None
    datacontenttype: str | None = None
    data_base64: Any = None
