"""Binds the kernel that writes records. Nothing here decides anything: the loops stand in the C beside it."""

from libc.stdint cimport int64_t, uint8_t, uint32_t

from cpython.buffer cimport PyBUF_READ
from cpython.memoryview cimport PyMemoryView_FromMemory


cdef extern from "append.h" nogil:
    enum:
        LOG_APPENDED
        LOG_NO_MEMORY
        LOG_TOO_LARGE
        LOG_NO_SUCH_ROW
        LOG_OUT_OF_BOUNDS

    struct log_spans:
        const uint8_t *bytes
        size_t size
        const int64_t *begins
        const int64_t *lengths
        size_t count

    struct log_section:
        size_t begin
        size_t count

    struct log_appender:
        size_t most_bytes
        uint8_t *bytes
        size_t length
        log_section *sections
        size_t section_count

    void log_appender_free(log_appender *appender)
    void log_appender_clear(log_appender *appender)
    int log_append(
        log_appender *appender, const uint8_t *key, int64_t key_length, const uint8_t *value, int64_t value_length,
        const uint8_t *headers, size_t headers_length
    )
    int log_extend(
        log_appender *appender, const log_spans *keys, const log_spans *values, const int64_t *rows, size_t row_count,
        const uint8_t *headers, size_t headers_length
    )


cdef extern from "string.h" nogil:
    void *memset(void *place, int value, size_t size)


cdef int checked(int status) except -1:
    if status == LOG_NO_MEMORY:
        raise MemoryError
    if status == LOG_TOO_LARGE:
        raise OverflowError("a record is larger than the format can hold")
    if status == LOG_NO_SUCH_ROW:
        raise IndexError("there is no such row of keys and values")
    if status == LOG_OUT_OF_BOUNDS:
        raise IndexError("a row of keys or values lies outside of its buffer")
    return 0


cdef class Appender:
    """Writes records behind each other, and begins another batch where one is full."""

    cdef log_appender state
    cdef bint busy

    def __cinit__(self, size_t most_bytes):
        memset(&self.state, 0, sizeof(log_appender))
        self.state.most_bytes = most_bytes

    def __dealloc__(self):
        log_appender_free(&self.state)

    def append(self, const uint8_t[::1] key, const uint8_t[::1] value, bytes headers not None):
        """Append a record; `headers` are encoded."""
        self.begin()
        cdef const uint8_t *key_bytes = NULL
        cdef const uint8_t *value_bytes = NULL
        cdef int64_t key_length = -1, value_length = -1
        if key is not None:
            key_length = key.shape[0]
            key_bytes = &key[0] if key_length else NULL
        if value is not None:
            value_length = value.shape[0]
            value_bytes = &value[0] if value_length else NULL
        cdef const uint8_t *header_bytes = headers
        cdef int status = log_append(
            &self.state, key_bytes, key_length, value_bytes, value_length, header_bytes, len(headers)
        )
        self.busy = False
        checked(status)

    def extend(
        self,
        const uint8_t[::1] key_buffer,
        const int64_t[::1] key_begins not None,
        const int64_t[::1] key_lengths not None,
        const uint8_t[::1] value_buffer,
        const int64_t[::1] value_begins not None,
        const int64_t[::1] value_lengths not None,
        const int64_t[::1] rows not None,
        bytes headers not None,
    ):
        """Append a record for each row, with its key and its value."""
        cdef log_spans keys, values
        self.span(&keys, key_buffer, key_begins, key_lengths)
        self.span(&values, value_buffer, value_begins, value_lengths)
        cdef size_t row_count = rows.shape[0], headers_length = len(headers)
        cdef const uint8_t *header_bytes = headers
        cdef const int64_t *row_numbers = &rows[0] if row_count else NULL
        cdef int status
        self.begin()
        with nogil:
            status = log_extend(&self.state, &keys, &values, row_numbers, row_count, header_bytes, headers_length)
        self.busy = False
        checked(status)

    def finish(self, make not None):
        """Return what `make` gives of the records of each batch and their number; then there are none.

        It is given a view of the bytes, which ends with the call.
        """
        cdef size_t index, begin, end
        self.begin()
        try:
            made = []
            for index in range(self.state.section_count):
                begin = self.state.sections[index].begin
                end = self.state.sections[index + 1].begin if index + 1 < self.state.section_count else self.state.length
                view = PyMemoryView_FromMemory(<char *>self.state.bytes + begin, end - begin, PyBUF_READ)
                try:
                    made.append(make(view, self.state.sections[index].count))
                finally:
                    view.release()
            log_appender_clear(&self.state)
        finally:
            self.busy = False
        return made

    cdef int begin(self) except -1:
        # The loops run without the lock: what two threads did to one appender at a time would be no batch.
        if self.busy:
            raise RuntimeError("records are being appended by another thread")
        self.busy = True
        return 0

    cdef int span(
        self, log_spans *spans, const uint8_t[::1] buffer, const int64_t[::1] begins, const int64_t[::1] lengths
    ) except -1:
        if begins.shape[0] != lengths.shape[0]:
            raise ValueError("there are not as many begins as lengths")
        spans.bytes = &buffer[0] if buffer is not None and buffer.shape[0] else NULL
        spans.size = buffer.shape[0] if buffer is not None else 0
        spans.count = begins.shape[0]
        spans.begins = &begins[0] if spans.count else NULL
        spans.lengths = &lengths[0] if spans.count else NULL
        return 0
