"""Headers of a record as the log's format writes them."""

from sluicegate.schemas import Headers

__all__ = ["encoded_headers", "varint"]

_LONG = 0x7F


def encoded_headers(headers: Headers) -> bytes:
    """Write how many headers there are, and each name and content; to be done once for headers that stay the same."""
    return varint(len(headers)) + b"".join(
        _with_length(name.encode("utf-8", "surrogatepass")) + _with_length(content) for name, content in headers
    )


def varint(number: int) -> bytes:
    """Write a number as the format does: signs in the lowest bit, seven bits a byte, the lowest first."""
    rest = number * 2 if number >= 0 else -number * 2 - 1
    written = bytearray()
    while rest > _LONG:
        written.append(rest & _LONG | 0x80)
        rest >>= 7
    written.append(rest)
    return bytes(written)


def _with_length(content: bytes | None) -> bytes:
    return varint(-1) if content is None else varint(len(content)) + content
