"""Binds the kernels that score texts. Nothing here decides anything: the loops stand in the C beside it."""

import os
import re

import numpy as np

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.math cimport NAN
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
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
    ctypedef struct Grams:
        size_t words
        uint32_t *word_begins
        uint32_t *word_ends
    int find_words(Grams *grams, const Pieces *text)
    void grams_free(Grams *grams)


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
    ctypedef struct Part:
        uint32_t from_ "from"
        uint32_t to
        double weight
    int linear_logits(const LinearModel *model, LinearRoom *room, const Pieces *text, double *logits)
    int linear_weights(const LinearModel *model, LinearRoom *room, const Pieces *text, double *weights)
    size_t strongest_parts(const double *weights, const uint32_t *from_, const uint32_t *to, size_t pieces, size_t harms,
                           size_t harm, size_t limit, Part *parts)
    void linear_room_free(LinearRoom *room)


cdef extern from "fold.h" nogil:
    ctypedef struct Folded:
        uint8_t *bytes
        size_t length
        size_t pieces
        uint32_t *begins
        uint32_t *from_ "from"
        uint32_t *to
    void folded_init(Folded *folded)
    void folded_free(Folded *folded)
    int fold_utf8(Folded *folded, const uint8_t *text, size_t length, int with_places)


_SURROGATE = re.compile("[\ud800-\udfff]")

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


cdef class Texts:
    """Where the UTF-8 of texts stands: of strings, or of parts of a buffer that are valid UTF-8."""

    cdef Py_ssize_t count
    cdef const uint8_t **places
    cdef size_t *lengths
    cdef object kept

    def __cinit__(self, Py_ssize_t count):
        self.count = count
        self.places = <const uint8_t **>PyMem_Malloc(max(1, count) * sizeof(uint8_t *))
        self.lengths = <size_t *>PyMem_Malloc(max(1, count) * sizeof(size_t))
        if self.places == NULL or self.lengths == NULL:
            raise MemoryError

    def __dealloc__(self):
        PyMem_Free(self.places)
        PyMem_Free(self.lengths)


cdef Texts texts_of(list texts):
    cdef Texts found = Texts(len(texts))
    cdef Py_ssize_t index, size
    cdef list kept = list(texts)
    for index in range(found.count):
        try:
            found.places[index] = <const uint8_t *>PyUnicode_AsUTF8AndSize(kept[index], &size)
        except UnicodeEncodeError:
            # Halves of surrogate pairs, which the folding reads as U+FFFD as well.
            kept[index] = _SURROGATE.sub("\ufffd", kept[index])
            found.places[index] = <const uint8_t *>PyUnicode_AsUTF8AndSize(kept[index], &size)
        found.lengths[index] = size
    found.kept = kept
    return found


cdef Texts texts_in(const uint8_t[::1] buffer, const int64_t[::1] begins, const int64_t[::1] lengths):
    cdef Texts found = Texts(len(begins))
    cdef Py_ssize_t index
    cdef const uint8_t *start = &buffer[0] if len(buffer) else NULL
    if len(lengths) != len(begins):
        raise ValueError("as many lengths as begins are needed")
    for index in range(found.count):
        if begins[index] < 0 or lengths[index] < 0 or lengths[index] > len(buffer) - begins[index]:
            raise ValueError(f"text {index} is not within the buffer")
        found.places[index] = start + begins[index]
        found.lengths[index] = lengths[index]
    found.kept = buffer
    return found


cdef void look_at(const Folded *folded, Pieces *pieces) noexcept nogil:
    pieces.bytes = folded.bytes
    pieces.pieces = folded.pieces
    pieces.begins = folded.begins


def marked_shares(list texts not None, const uint8_t[::1] marked not None):
    """Return the share of each text's words whose column is marked, NaN where it has none: float64 of shape (n_texts,)."""
    cdef Texts held = texts_of(texts)
    found = np.empty(held.count, dtype=np.float64)
    cdef double[::1] shares = found
    cdef Py_ssize_t index
    cdef uint32_t size = len(marked)
    cdef Grams grams
    cdef Folded folded
    cdef Pieces pieces
    cdef int failed = 0
    if not size:
        raise ValueError("there are no columns")
    memset(&grams, 0, sizeof(grams))
    folded_init(&folded)
    with nogil:
        for index in range(held.count):
            failed = fold_utf8(&folded, held.places[index], held.lengths[index], 0)
            if not failed:
                look_at(&folded, &pieces)
                failed = find_words(&grams, &pieces)
            if failed:
                break
            shares[index] = marked_share(&grams, pieces.bytes, &marked[0], size)
        grams_free(&grams)
        folded_free(&folded)
    if failed:
        raise MemoryError
    return found


cdef double marked_share(const Grams *grams, const uint8_t *bytes, const uint8_t *marked, uint32_t size) noexcept nogil:
    cdef size_t word, found = 0
    for word in range(grams.words):
        found += marked[
            column_of(murmur3(bytes + grams.word_begins[word], grams.word_ends[word] - grams.word_begins[word]), size)
        ] != 0
    return <double>found / <double>grams.words if grams.words else NAN


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

    def logits(self, list texts not None):
        """Return the log-odds of texts that are cut to what is read of them: float64 of shape (n_texts, n_harms)."""
        return self._logits(texts_of(texts))

    def logits_in(self, buffer, begins, lengths):
        """Return the same of texts that stand in a buffer as valid UTF-8; int64 of shape (n_texts,) say where."""
        return self._logits(texts_in(buffer, begins, lengths))

    cdef _logits(self, Texts texts):
        found = np.empty((texts.count, self.harms), dtype=np.float64)
        cdef double[:, ::1] logits = found
        cdef Py_ssize_t index
        cdef LinearRoom room
        cdef Folded folded
        cdef Pieces pieces
        cdef int failed = 0
        memset(&room, 0, sizeof(room))
        folded_init(&folded)
        with nogil:
            for index in range(texts.count):
                failed = fold_utf8(&folded, texts.places[index], texts.lengths[index], 0)
                if not failed:
                    look_at(&folded, &pieces)
                    failed = linear_logits(&self.model, &room, &pieces, &logits[index, 0])
                if failed:
                    break
            linear_room_free(&room)
            folded_free(&folded)
        if failed:
            raise MemoryError
        return found

    def strongest(self, list texts not None, rows, harms, size_t limit):
        """Return the parts of texts that raised log-odds most: see `strongest_in`."""
        return self._strongest(texts_of(texts), rows, harms, limit)

    def strongest_in(self, buffer, begins, lengths, rows, harms, size_t limit):
        """Return the parts of texts that raised log-odds most, at most `limit` for each text and harm.

        Parameters
        ----------
        buffer, begins, lengths
            As in `logits_in`.
        rows, harms
            int64 of shape (n,): which text, and the column of which harm. Those of one text stand together.

        Returns
        -------
        asked, starts, ends, weights
            Of each part: its place in `rows`, code points of the text, and what it adds. Strongest first of each.
        """
        return self._strongest(texts_in(buffer, begins, lengths), rows, harms, limit)

    cdef _strongest(self, Texts texts, const int64_t[::1] rows, const int64_t[::1] harms, size_t limit):
        cdef Py_ssize_t count = len(rows), place
        cdef size_t found = 0, part
        if len(harms) != count or limit < 1:
            raise ValueError("as many harms as rows are needed, and a limit of 1 or more")
        for place in range(count):
            if not 0 <= rows[place] < texts.count or not 0 <= harms[place] < self.harms:
                raise IndexError("no such text or harm")
        asked = np.empty(count * limit, dtype=np.int64)
        starts, ends = np.empty(count * limit, dtype=np.int64), np.empty(count * limit, dtype=np.int64)
        weights = np.empty(count * limit, dtype=np.float64)
        cdef int64_t[::1] to_asked = asked, to_starts = starts, to_ends = ends
        cdef double[::1] to_weights = weights
        cdef Part *parts = <Part *>PyMem_Malloc((limit + 1) * sizeof(Part))
        cdef LinearRoom room
        cdef Folded folded
        cdef double *shares = NULL
        cdef int64_t row = -1
        cdef int failed = parts == NULL
        memset(&room, 0, sizeof(room))
        folded_init(&folded)
        with nogil:
            for place in range(count):
                if failed:
                    break
                if rows[place] != row:
                    row = rows[place]
                    failed = self._share_out(texts, row, &folded, &room, &shares)
                    if failed:
                        break
                for part in range(
                    strongest_parts(shares, folded.from_, folded.to, folded.pieces, self.model.harms, harms[place],
                                    limit, parts)
                ):
                    to_asked[found] = place
                    to_starts[found] = parts[part].from_
                    to_ends[found] = parts[part].to
                    to_weights[found] = parts[part].weight
                    found += 1
            linear_room_free(&room)
            folded_free(&folded)
            free(shares)
        PyMem_Free(parts)
        if failed:
            raise MemoryError
        return asked[:found], starts[:found], ends[:found], weights[:found]

    cdef int _share_out(self, Texts texts, int64_t row, Folded *folded, LinearRoom *room, double **shares) noexcept nogil:
        cdef void *larger
        cdef Pieces pieces
        if fold_utf8(folded, texts.places[row], texts.lengths[row], 1):
            return -1
        larger = realloc(shares[0], (folded.pieces * self.model.harms + 1) * sizeof(double))
        if larger == NULL:
            return -1
        shares[0] = <double *>larger
        memset(larger, 0, folded.pieces * self.model.harms * sizeof(double))
        look_at(folded, &pieces)
        return linear_weights(&self.model, room, &pieces, shares[0])
