"""Binds the kernels that score texts. Nothing here decides anything: the loops stand in the C beside it."""

import numpy as np

from libc.stdint cimport int64_t, uint8_t, uint32_t


cdef extern from "columns.h" nogil:
    uint32_t murmur3(const uint8_t *bytes, size_t length)
    uint32_t column_of(uint32_t hash, uint32_t size)


def columns(list grams not None, uint32_t size):
    """Return the columns that scikit-learn's FeatureHasher gives n-grams: int64 of shape (n_grams,)."""
    found = np.empty(len(grams), dtype=np.int64)
    cdef int64_t[::1] places = found
    cdef Py_ssize_t index
    cdef bytes encoded
    for index in range(len(grams)):
        encoded = (<str>grams[index]).encode()
        places[index] = column_of(murmur3(encoded, len(encoded)), size)
    return found
