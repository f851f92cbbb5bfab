"""Binds the kernel that numbers the distinct strings of a column."""

import os

import numpy as np

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t


cdef extern from "distinct.h" nogil:
    int64_t number_strings(const uint8_t *buffer, const int64_t *begins, const int64_t *lengths, size_t count,
                           uint64_t seed, int32_t *numbers, int64_t *firsts)


cdef uint64_t SEED = int.from_bytes(os.urandom(8), "little")


def number(const uint8_t[::1] buffer, const int64_t[::1] begins, const int64_t[::1] lengths):
    """Return the number of each row's string, int32, -1 where it has none, and the first row of each number, int64."""
    cdef Py_ssize_t count = len(begins), index
    cdef int64_t found = 0
    if len(lengths) != count:
        raise ValueError("as many lengths as begins are needed")
    for index in range(count):
        if lengths[index] >= 0 and (begins[index] < 0 or lengths[index] > len(buffer) - begins[index]):
            raise ValueError(f"string {index} is not within the buffer")
    numbers, firsts = np.empty(count, dtype=np.int32), np.empty(count, dtype=np.int64)
    cdef int32_t[::1] to_numbers = numbers
    cdef int64_t[::1] to_firsts = firsts
    cdef const uint8_t *start = &buffer[0] if len(buffer) else NULL
    if count:
        with nogil:
            found = number_strings(start, &begins[0], &lengths[0], count, SEED, &to_numbers[0], &to_firsts[0])
        if found < 0:
            raise MemoryError
    return numbers, firsts[:found].copy()
