"""Binds the kernel that identifies languages. Nothing here decides anything: the loops stand in the C beside it."""

import numpy as np

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t


cdef extern from "identifying.h" nogil:
    ctypedef struct language_model:
        const uint32_t *next
        const uint16_t *rows
        const int32_t *fragments
        const float *weights
        const float *priors
        size_t n_columns

    ctypedef struct language_choice:
        const int32_t *languages
        size_t n_languages
        float sharpness
        double prior

    ctypedef struct language_texts:
        const uint8_t *bytes
        const int64_t *begins
        const int64_t *lengths
        size_t n_texts
        int worded

    enum: CODE_POINTS
    enum: LANGUAGE_ASK
    enum: LANGUAGE_NONE
    enum: LANGUAGES_NO_MEMORY
    int identify_languages(const language_model *, const language_choice *, const uint8_t *, const float *,
                           const language_texts *, int32_t *, double *)
    int64_t words_of(const uint8_t *, size_t, const uint8_t *, uint8_t *)
    int score_languages(const language_model *, const float *, const uint8_t *, size_t, float *)

#: In place of a language: none, and a text whose words are left to Python.
NONE = LANGUAGE_NONE
ASK = LANGUAGE_ASK

#: Bytes that are read of a text at the most.
_READ = 1200


cdef class Kernel:
    """A model of languages, checked once: what it points to is there."""

    cdef language_model _model
    cdef object _kept

    def __init__(self, next_states, rows, fragments, weights, priors):
        cdef const uint32_t[::1] nexts = next_states
        cdef const uint16_t[::1] rowed = rows
        cdef const int32_t[::1] ended = fragments
        cdef const float[:, ::1] weighed = weights
        cdef const float[::1] prior = priors
        if not len(rows) or len(fragments) != len(rows) or not weighed.shape[1] or len(priors) != weighed.shape[1]:
            raise ValueError("the parts of the model do not fit")
        if (int(rows.max()) + 1) * 256 > len(next_states) or int(next_states.max()) >= len(rows):
            raise ValueError("the automaton leads out of itself")
        if int(fragments.max()) >= weighed.shape[0] or not weighed.shape[0]:
            raise ValueError("the automaton ends in a fragment that has no weights")
        self._kept = (next_states, rows, fragments, weights, priors)
        self._model.next = &nexts[0]
        self._model.rows = &rowed[0]
        self._model.fragments = &ended[0]
        self._model.weights = &weighed[0, 0]
        self._model.priors = &prior[0]
        self._model.n_columns = weighed.shape[1]

    def identify(self, const uint8_t[::1] buffer not None, const int64_t[::1] begins not None,
                 const int64_t[::1] lengths not None, const uint8_t[::1] characters not None,
                 const float[::1] logs not None, const int32_t[::1] languages not None, size_t n_languages,
                 float sharpness, double prior, bint worded):
        cdef Py_ssize_t index, n_texts = begins.shape[0], size = buffer.shape[0]
        cdef int64_t longest = _READ
        if lengths.shape[0] != n_texts:
            raise ValueError("a length is wanted for each text")
        for index in range(n_texts):
            if begins[index] < 0 or lengths[index] < 0 or begins[index] > size or lengths[index] > size - begins[index]:
                raise ValueError(f"text {index} does not lie within the bytes")
            if worded and lengths[index] > longest:
                longest = lengths[index]
        if characters.shape[0] != CODE_POINTS or logs.shape[0] <= longest:
            raise ValueError("a table is too short")
        if <size_t>languages.shape[0] != self._model.n_columns or not n_languages:
            raise ValueError("a language is wanted for each column")
        for index in range(languages.shape[0]):
            if languages[index] >= <int64_t>n_languages:
                raise ValueError(f"there is no language {languages[index]}")
        found, confidences = np.empty(n_texts, dtype=np.int32), np.empty(n_texts, dtype=np.float64)
        if not n_texts:
            return found, confidences
        cdef int32_t[::1] tags = found
        cdef double[::1] sure = confidences
        cdef uint8_t nothing = 0
        cdef language_choice choice = language_choice(&languages[0], n_languages, sharpness, prior)
        cdef language_texts texts = language_texts(&nothing, &begins[0], &lengths[0], n_texts, worded)
        if size:
            texts.bytes = &buffer[0]
        cdef int fault
        with nogil:
            fault = identify_languages(&self._model, &choice, &characters[0], &logs[0], &texts, &tags[0], &sure[0])
        if fault == LANGUAGES_NO_MEMORY:
            raise MemoryError
        return found, confidences

    def scores(self, bytes encoded not None, const float[::1] logs not None):
        if logs.shape[0] <= len(encoded):
            raise ValueError("a table is too short")
        scores = np.empty(self._model.n_columns, dtype=np.float32)
        cdef float[::1] room = scores
        cdef const uint8_t *text = encoded
        cdef size_t length = len(encoded)
        cdef int known
        with nogil:
            known = score_languages(&self._model, &logs[0], text, length, &room[0])
        if known < 0:
            raise MemoryError
        return scores if known else None


def words(bytes encoded not None, const uint8_t[::1] characters not None):
    if characters.shape[0] != CODE_POINTS:
        raise ValueError("a table is too short")
    cdef uint8_t room[1200]
    cdef int64_t size = words_of(encoded, len(encoded), &characters[0], room)
    return None if size < 0 else (<char *>room)[:size]
