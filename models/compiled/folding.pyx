"""Binds the folding of texts. Nothing here decides anything: it stands in the C beside it."""

import re
import unicodedata

from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport uint8_t, uint32_t


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
    const char *fold_unicode_version()


_SURROGATE = re.compile("[\ud800-\udfff]")

if fold_unicode_version().decode() != unicodedata.unidata_version:
    raise ImportError(
        f"the folding was compiled with Unicode {fold_unicode_version().decode()}, and this Python has "
        f"{unicodedata.unidata_version}: install again"
    )


cdef class _Workspace:
    """Memory of the kernel, which is kept from text to text."""

    cdef Folded folded

    def __cinit__(self):
        folded_init(&self.folded)

    def __dealloc__(self):
        folded_free(&self.folded)

    cdef fold(self, str text, bint with_places):
        cdef bytes encoded
        try:
            encoded = text.encode()
        except UnicodeEncodeError:
            encoded = _SURROGATE.sub("\ufffd", text).encode()
        cdef const uint8_t *letters = encoded
        cdef size_t length = len(encoded)
        cdef int failed
        with nogil:
            failed = fold_utf8(&self.folded, letters, length, with_places)
        if failed:
            raise MemoryError("a text is too long to fold")

    cdef str text(self):
        if self.folded.pieces == 0:
            return ""
        return PyUnicode_DecodeUTF8(<const char *>self.folded.bytes + 1, self.folded.length - 2, NULL)


def fold_text(str text not None):
    """Return the folded text."""
    cdef _Workspace workspace = _Workspace()
    workspace.fold(text, False)
    return workspace.text()


def fold_texts(list texts not None):
    """Return the folded texts."""
    cdef _Workspace workspace = _Workspace()
    found = []
    for text in texts:
        workspace.fold(text, False)
        found.append(workspace.text())
    return found


def fold(str text not None):
    """Return the pieces of the folded text, and where each begins and ends in the text, in code points."""
    cdef _Workspace workspace = _Workspace()
    workspace.fold(text, True)
    cdef Folded *folded = &workspace.folded
    cdef size_t place
    pieces, starts, ends = [], [], []
    for place in range(folded.pieces):
        pieces.append(
            PyUnicode_DecodeUTF8(
                <const char *>folded.bytes + folded.begins[place],
                folded.begins[place + 1] - 1 - folded.begins[place],
                NULL,
            )
        )
        starts.append(folded.from_[place])
        ends.append(folded.to[place])
    return tuple(pieces), tuple(starts), tuple(ends)
