"""Binds the kernels that score texts. Nothing here decides anything: the loops stand in the C beside it."""

import os

import numpy as np

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memset


cdef extern from "columns.h" nogil:
    uint32_t murmur3(const uint8_t *bytes, size_t length)
    uint32_t column_of(uint32_t hash, uint32_t size)


cdef extern from "grams.h" nogil:
    ctypedef enum Analyzer:
        CHARACTERS
        WORDS
    ctypedef struct GramRange:
        Analyzer analyzer
        uint32_t smallest
        uint32_t largest
        uint32_t size
    ctypedef struct Pieces:
        const uint8_t *bytes
        size_t pieces
        const uint32_t *begins


cdef extern from "linear.h" nogil:
    uint64_t linear_spread
    ctypedef struct LinearBlock:
        GramRange range
        const float *rows
    ctypedef struct LinearModel:
        size_t harms
        size_t stride
        size_t blocks
        LinearBlock *block
        double *intercepts
    ctypedef struct LinearRoom:
        pass
    int linear_logits(const LinearModel *model, LinearRoom *room, const Pieces *text, double *logits)
    void linear_room_free(LinearRoom *room)


linear_spread = int.from_bytes(os.urandom(8), "little") | 1


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


cdef struct Split:
    # A text that is folded already, with its spaces around it, and where its pieces begin.
    uint8_t *bytes
    size_t bytes_room
    uint32_t *begins
    size_t begins_room


cdef int split_pieces(Split *split, const uint8_t *text, size_t length, Pieces *pieces) noexcept nogil:
    cdef size_t place, count = 0
    cdef void *larger
    if length + 2 > split.bytes_room:
        larger = realloc(split.bytes, 2 * length + 64)
        if larger == NULL:
            return -1
        split.bytes = <uint8_t *>larger
        split.bytes_room = 2 * length + 64
    if length + 2 > split.begins_room:
        larger = realloc(split.begins, (2 * length + 64) * sizeof(uint32_t))
        if larger == NULL:
            return -1
        split.begins = <uint32_t *>larger
        split.begins_room = 2 * length + 64
    split.bytes[0] = c" "
    for place in range(length):
        if split.bytes[place] == c" ":
            split.begins[count] = <uint32_t>(place + 1)
            count += 1
        split.bytes[place + 1] = text[place]
    split.bytes[length + 1] = c" "
    if length == 0:
        count = 0
        split.begins[0] = 1
    else:
        split.begins[count] = <uint32_t>(length + 2)
    pieces.bytes = split.bytes
    pieces.begins = split.begins
    pieces.pieces = count
    return 0


cdef class LinearScorer:
    """A linear model over hashed n-grams.

    Parameters
    ----------
    blocks
        Of each block of features: whether it is of words, the least and the greatest n of its n-grams, and float32 of
        shape (size, stride): inverse document frequency, its product with the coefficient of each harm, and zeros.
    intercepts
        float64 of shape (n_harms,).
    """

    cdef LinearModel model
    cdef object kept
    cdef readonly int harms

    def __cinit__(self, list blocks not None, intercepts):
        cdef double[::1] constants = np.array(intercepts, dtype=np.float64)
        cdef const float[:, ::1] rows
        cdef size_t index
        self.kept = [constants]
        self.harms = len(constants)
        self.model.harms = len(constants)
        self.model.stride = (len(constants) + 4) // 4 * 4
        if self.model.stride > 64 or not len(constants):
            raise ValueError("a compiled model has 1 to 63 harms")
        self.model.blocks = len(blocks)
        self.model.intercepts = &constants[0]
        self.model.block = <LinearBlock *>PyMem_Malloc(max(1, len(blocks)) * sizeof(LinearBlock))
        if self.model.block == NULL:
            raise MemoryError
        for index, (words, smallest, largest, given) in enumerate(blocks):
            rows = given
            if <size_t>rows.shape[1] != self.model.stride or not 1 <= smallest <= largest:
                raise ValueError("rows of another width, or n-grams of no length")
            self.kept.append(rows)
            self.model.block[index].rows = &rows[0, 0]
            self.model.block[index].range.analyzer = WORDS if words else CHARACTERS
            self.model.block[index].range.smallest = smallest
            self.model.block[index].range.largest = largest
            self.model.block[index].range.size = rows.shape[0]

    def __dealloc__(self):
        PyMem_Free(self.model.block)

    def logits_of_folded(self, list texts not None):
        """Return the log-odds of texts that are folded already: float64 of shape (n_texts, n_harms)."""
        found = np.empty((len(texts), self.harms), dtype=np.float64)
        cdef double[:, ::1] logits = found
        cdef Py_ssize_t count = len(texts), index, size
        cdef const char **begins = <const char **>malloc(max(1, count) * sizeof(char *))
        cdef size_t *lengths = <size_t *>malloc(max(1, count) * sizeof(size_t))
        cdef LinearRoom room
        cdef Split split
        cdef Pieces pieces
        cdef int failed = 0
        memset(&room, 0, sizeof(room))
        memset(&split, 0, sizeof(split))
        try:
            if begins == NULL or lengths == NULL:
                raise MemoryError
            for index in range(count):
                begins[index] = PyUnicode_AsUTF8AndSize(texts[index], &size)
                lengths[index] = size
            with nogil:
                for index in range(count):
                    failed = split_pieces(&split, <const uint8_t *>begins[index], lengths[index], &pieces)
                    if not failed:
                        failed = linear_logits(&self.model, &room, &pieces, &logits[index, 0])
                    if failed:
                        break
            if failed:
                raise MemoryError
        finally:
            free(begins)
            free(lengths)
            free(split.bytes)
            free(split.begins)
            linear_room_free(&room)
        return found
