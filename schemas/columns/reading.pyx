"""Binds the kernel that reads content events. Nothing here decides anything: the loops stand in the C beside it."""

import numpy as np

from libc.stdint cimport int8_t, int64_t, uint8_t
from libc.stddef cimport size_t


cdef extern from "event_json.h" nogil:
    int FIELDS
    int ARENA_SLACK

    ctypedef struct event_limits:
        int64_t record
        int64_t signals
        int64_t signal_name
        const int64_t *fields

    ctypedef struct signal_names:
        const uint8_t *names
        const int64_t *ends
        size_t count

    ctypedef struct event_row:
        int8_t *type
        int64_t *begins
        int64_t *lengths
        int64_t *text_points
        double *signals

    int read_event(const uint8_t *value, int64_t length, const event_limits *limits, const signal_names *wanted,
                   uint8_t *arena, int64_t *used, const event_row *row)


cdef int64_t room_for(const int64_t[::1] begins, const int64_t[::1] lengths, const uint8_t[::1] candidates,
                      int64_t size) noexcept nogil:
    """Give the bytes of all candidates; -1 where one lies outside of the buffer."""
    cdef int64_t room = 0
    cdef Py_ssize_t row
    for row in range(begins.shape[0]):
        if candidates[row] and lengths[row] >= 0:
            if begins[row] < 0 or begins[row] > size or lengths[row] > size - begins[row]:
                return -1
            room += lengths[row]
    return room


def read(
    const uint8_t[::1] buffer not None,
    const int64_t[::1] begins not None,
    const int64_t[::1] lengths not None,
    const uint8_t[::1] candidates not None,
    const int64_t[::1] limits not None,
    bytes names not None,
    const int64_t[::1] ends not None,
):
    """Read records: arena, plain, type, begins, lengths, text_points and signals of `EventColumns`."""
    cdef Py_ssize_t count = begins.shape[0], row
    if lengths.shape[0] != count or candidates.shape[0] != count or limits.shape[0] != 3 + FIELDS:
        raise ValueError("the arrays are not of one length")
    cdef int64_t room = room_for(begins, lengths, candidates, buffer.shape[0]), used = 0
    if room < 0:
        raise ValueError("a record lies outside of the buffer")
    arena = np.empty(room + ARENA_SLACK, dtype=np.uint8)
    plain = np.zeros(count, dtype=np.bool_)
    type_ = np.full(count, -1, dtype=np.int8)
    field_begins = np.zeros((count, FIELDS), dtype=np.int64)
    field_lengths = np.full((count, FIELDS), -1, dtype=np.int64)
    text_points = np.full(count, -1, dtype=np.int64)
    # A row has at least one number, so that there always is an address.
    signals = np.full((count, max(len(ends), 1)), np.nan)
    cdef uint8_t[::1] arena_view = arena
    cdef uint8_t[::1] plain_view = plain.view(np.uint8)
    cdef int8_t[::1] type_view = type_
    cdef int64_t[:, ::1] begins_view = field_begins
    cdef int64_t[:, ::1] lengths_view = field_lengths
    cdef int64_t[::1] points_view = text_points
    cdef double[:, ::1] signals_view = signals
    cdef event_limits most
    cdef signal_names wanted
    cdef event_row places
    most.record, most.signals, most.signal_name, most.fields = limits[0], limits[1], limits[2], &limits[3]
    wanted.names, wanted.ends, wanted.count = names, &ends[0], <size_t>ends.shape[0]
    with nogil:
        for row in range(count):
            if not candidates[row] or lengths[row] < 0:
                continue
            places.type = &type_view[row]
            places.begins = &begins_view[row, 0]
            places.lengths = &lengths_view[row, 0]
            places.text_points = &points_view[row]
            places.signals = &signals_view[row, 0]
            plain_view[row] = read_event(
                &buffer[0] + begins[row], lengths[row], &most, &wanted, &arena_view[0], &used, &places
            )
    return arena[:used], plain, type_, field_begins, field_lengths, text_points, signals[:, : len(ends)]
