"""Binds the kernel that takes record batches apart. Nothing here decides anything: the loops stand in the C beside it."""

import numpy as np

from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int64_t, uint8_t, uint32_t


cdef extern from "crc32c.h" nogil:
    void crc32c_prepare()
    uint32_t by_instruction "crc32c"(const uint8_t *bytes, size_t length)
    uint32_t by_tables "crc32c_by_tables"(const uint8_t *bytes, size_t length)


cdef extern from "parse.h" nogil:
    enum: LOG_COLUMNS
    enum: LOG_SHORTEST_RECORD

    struct log_batch:
        int64_t base_offset
        int64_t first_timestamp
        int64_t append_time
        int timed_on_append
        int64_t least_offset

    int64_t log_parse(
        const uint8_t *bytes, size_t begin, size_t end, size_t count, const log_batch *batch, int64_t *columns,
        size_t stride
    )

    struct log_stretch:
        size_t end
        size_t count
        int64_t next_offset

    void log_find_plain(const uint8_t *bytes, size_t begin, size_t end, log_stretch *stretch)
    int64_t log_parse_plain(
        const uint8_t *bytes, size_t begin, int check, int64_t least_offset, log_stretch *stretch, int64_t *columns
    )
    int log_parse_header(
        const uint8_t *bytes, size_t end, size_t *begin, size_t *name_begin, size_t *name_length,
        size_t *content_begin, int64_t *content_length
    )


crc32c_prepare()


cdef int checked_range(Py_ssize_t begin, Py_ssize_t end, Py_ssize_t length) except -1:
    if not 0 <= begin <= end <= length:
        raise IndexError("there are no such bytes in the buffer")
    return 0


def crc32c(const uint8_t[::1] buffer, Py_ssize_t begin, Py_ssize_t end):
    """Return the CRC-32C of buffer[begin:end]."""
    checked_range(begin, end, buffer.shape[0])
    if begin == end:
        return 0
    cdef uint32_t crc
    with nogil:
        crc = by_instruction(&buffer[begin], end - begin)
    return crc


def crc32c_by_tables(const uint8_t[::1] buffer):
    """Return the same as it is reckoned where the processor has no instruction for it."""
    return by_tables(&buffer[0], buffer.shape[0]) if buffer.shape[0] else 0


def columns(
    const uint8_t[::1] buffer,
    Py_ssize_t begin,
    Py_ssize_t end,
    int64_t count,
    int64_t base_offset,
    int64_t first_timestamp,
    append_time,
    int64_t least_offset,
):
    """Return the columns of the records in buffer[begin:end], int64 of shape (columns, rows); None if malformed."""
    checked_range(begin, end, buffer.shape[0])
    if count <= 0:
        return np.empty((LOG_COLUMNS, 0), dtype=np.int64) if begin == end else None
    if count > (end - begin) // LOG_SHORTEST_RECORD:
        return None
    cdef log_batch batch
    batch.base_offset = base_offset
    batch.first_timestamp = first_timestamp
    batch.timed_on_append = append_time is not None
    batch.append_time = append_time if append_time is not None else 0
    batch.least_offset = least_offset
    found = np.empty((LOG_COLUMNS, count), dtype=np.int64)
    cdef int64_t[:, ::1] matrix = found
    cdef int64_t rows
    with nogil:
        rows = log_parse(&buffer[0], begin, end, count, &batch, &matrix[0, 0], count)
    if rows < 0:
        return None
    return found if rows == count else found[:, :rows]


def plain_batches(const uint8_t[::1] buffer, Py_ssize_t begin, bint check, int64_t least_offset):
    """Return the columns of the plain batches from `begin` on, where these end, and the offset behind them."""
    checked_range(begin, buffer.shape[0], buffer.shape[0])
    cdef log_stretch stretch
    cdef int64_t rows = 0
    cdef int64_t[:, ::1] matrix
    stretch.next_offset = least_offset
    if begin == buffer.shape[0]:
        return np.empty((LOG_COLUMNS, 0), dtype=np.int64), begin, least_offset
    with nogil:
        log_find_plain(&buffer[0], begin, buffer.shape[0], &stretch)
    found = np.empty((LOG_COLUMNS, max(stretch.count, 1)), dtype=np.int64)
    matrix = found
    with nogil:
        rows = log_parse_plain(&buffer[0], begin, check, least_offset, &stretch, &matrix[0, 0])
    return found[:, :rows], stretch.end, stretch.next_offset


def headers(bytes buffer not None, Py_ssize_t begin, Py_ssize_t length, Py_ssize_t count):
    """Return the headers in a section of so many bytes as (name, content); wrong bytes of names become U+FFFD."""
    checked_range(begin, begin + length, len(buffer))
    cdef const uint8_t *start = buffer
    cdef size_t at = begin, name, name_length, content
    cdef int64_t content_length
    found = []
    for _ in range(count):
        if log_parse_header(start, begin + length, &at, &name, &name_length, &content, &content_length):
            raise ValueError("the section does not hold so many headers")
        found.append((
            PyUnicode_DecodeUTF8(<const char *>start + name, name_length, "replace"),
            None if content_length < 0 else (<const char *>start)[content:content + content_length],
        ))
    return tuple(found)
