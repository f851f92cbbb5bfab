"""Binds the kernel that writes decisions, tasks and withdrawals. Nothing here decides anything: the C does."""

import msgspec
import numpy as np

from libc.stddef cimport size_t
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t
from libc.string cimport memcpy


cdef extern from "values.h" nogil:
    int NUMBER_MAX
    int WRITE_DONE
    int WRITE_FULL
    int WRITE_INVALID
    int WRITE_FAILED

    ctypedef int64_t (*number_writer)(double number, uint8_t *out) noexcept

    ctypedef struct pieces:
        const uint8_t *bytes
        const int64_t *offsets
        int64_t count
        int64_t longest

    ctypedef struct event_strings:
        const uint8_t *arena
        int64_t size
        const int64_t *begins
        const int64_t *lengths
        int64_t count

    ctypedef struct constants:
        const uint8_t *namespace_id
        pieces outcomes, rules, actions, queues, harms, tags, dues, warnings, queue_names, moments, provenance
        int64_t built_in_rules
        number_writer number

    ctypedef struct decided_events:
        int64_t count
        const int64_t *records
        const int64_t *timestamps
        const double *scores
        const uint8_t *scored
        const int8_t *outcomes
        const int32_t *rules
        const int32_t *queues
        const int32_t *actions
        const double *values
        const double *minutes
        const double *prices
        const int8_t *classes
        const uint8_t *watch
        const int32_t *tags
        const uint8_t *identified
        const double *confidences
        const int32_t *told

    ctypedef struct reached_harms:
        int64_t count
        const int64_t *rows
        const int64_t *harms
        const double *probabilities

    ctypedef struct text_parts:
        int64_t count
        const int64_t *rows
        const int64_t *harms
        const int64_t *starts
        const int64_t *ends
        const double *weights

    ctypedef struct chosen_rows:
        const int64_t *rows
        int64_t count

    ctypedef struct output:
        uint8_t *bytes
        int64_t used
        int64_t capacity
        int64_t wanted
        int64_t *begins
        int64_t *lengths

    int write_decisions(const constants *all, const event_strings *strings, const decided_events *decided,
                        const chosen_rows *chosen, int64_t *done, output *out)
    int write_tasks(const constants *all, const event_strings *strings, const decided_events *decided,
                    const chosen_rows *chosen, const reached_harms *reached, const text_parts *parts,
                    const int64_t *warnings, int64_t *progress, output *out)
    int write_withdrawals(const constants *all, const event_strings *strings, const decided_events *decided,
                          const chosen_rows *chosen, int64_t *done, output *out)


cdef extern from "../../schemas/columns/event_json.h" nogil:
    int FIELDS


_encode = msgspec.json.Encoder().encode

# Bytes of an ordinary value, for the first guess at what a batch takes.
_ORDINARY = 1280


cdef int64_t _other_number(double number, uint8_t *out) noexcept with gil:
    """Write a number that the kernel has no short way for."""
    cdef bytes written
    try:
        written = _encode(number)
    except MemoryError:
        return -1
    if len(written) > NUMBER_MAX:
        return -1
    memcpy(out, <const uint8_t *>written, <size_t>len(written))
    return len(written)


cdef class Pieces:
    """Texts that are written as they are."""

    cdef bytes joined
    cdef int64_t[::1] offsets
    cdef pieces view

    def __init__(self, list texts not None):
        cdef Py_ssize_t index
        cdef int64_t length
        self.joined = b"".join(texts)
        self.offsets = np.zeros(len(texts) + 1, dtype=np.int64)
        self.view.bytes = self.joined
        self.view.offsets = &self.offsets[0]
        self.view.count = len(texts)
        for index in range(len(texts)):
            length = len(texts[index])
            self.offsets[index + 1] = self.offsets[index] + length
            self.view.longest = max(self.view.longest, length)


cdef class Constants:
    """What all values of a batch share."""

    cdef tuple kept
    cdef constants view

    def __init__(
        self,
        bytes namespace not None,
        Pieces outcomes not None,
        Pieces rules not None,
        Pieces actions not None,
        Pieces queues not None,
        Pieces queue_names not None,
        Pieces harms not None,
        Pieces provenance not None,
        Pieces tags not None,
        Pieces moments not None,
        Pieces dues not None,
        Pieces warnings not None,
        int64_t built_in_rules,
    ):
        if len(namespace) != 16 or provenance.view.count != 1 or moments.view.count < 1:
            raise ValueError("of a namespace, a provenance or a moment there is not what is needed")
        self.kept = (
            namespace, outcomes, rules, actions, queues, queue_names, harms, provenance, tags, moments, dues, warnings
        )
        self.view.namespace_id = namespace
        self.view.outcomes = outcomes.view
        self.view.rules = rules.view
        self.view.actions = actions.view
        self.view.queues = queues.view
        self.view.queue_names = queue_names.view
        self.view.harms = harms.view
        self.view.provenance = provenance.view
        self.view.tags = tags.view
        self.view.moments = moments.view
        self.view.dues = dues.view
        self.view.warnings = warnings.view
        self.view.built_in_rules = built_in_rules
        self.view.number = _other_number


cdef class Decided:
    """The strings of events, and what was decided about them."""

    cdef tuple kept
    cdef int64_t harms
    cdef event_strings strings
    cdef decided_events view

    def __init__(
        self,
        const uint8_t[::1] arena not None,
        const int64_t[:, ::1] begins not None,
        const int64_t[:, ::1] lengths not None,
        const int64_t[::1] records not None,
        const int64_t[::1] timestamps not None,
        const double[:, ::1] scores not None,
        const uint8_t[::1] scored not None,
        const int8_t[::1] outcomes not None,
        const int32_t[::1] rules not None,
        const int32_t[::1] queues not None,
        const int32_t[::1] actions not None,
        const double[::1] values not None,
        const double[::1] minutes not None,
        const double[::1] prices not None,
        const int8_t[::1] classes not None,
        const uint8_t[::1] watch not None,
        const int32_t[::1] tags not None,
        const uint8_t[::1] identified not None,
        const double[::1] confidences not None,
        const int32_t[::1] told not None,
    ):
        arrays = (
            np.asarray(records), np.asarray(timestamps), np.asarray(scores), np.asarray(scored), np.asarray(outcomes),
            np.asarray(rules), np.asarray(queues), np.asarray(actions), np.asarray(values), np.asarray(minutes),
            np.asarray(prices), np.asarray(classes), np.asarray(watch), np.asarray(tags), np.asarray(identified),
            np.asarray(confidences), np.asarray(told),
        )
        if len(set(map(len, arrays))) != 1:
            raise ValueError("the arrays are not of one length")
        if begins.shape[1] != FIELDS or lengths.shape[1] != FIELDS or begins.shape[0] != lengths.shape[0]:
            raise ValueError("the columns are not those of events")
        self.kept = (np.asarray(arena), np.asarray(begins), np.asarray(lengths), *arrays)
        self.harms = scores.shape[1]
        self.strings = event_strings(&arena[0], arena.shape[0], &begins[0, 0], &lengths[0, 0], begins.shape[0])
        self.view = decided_events(
            records.shape[0], &records[0], &timestamps[0], &scores[0, 0], &scored[0], &outcomes[0], &rules[0],
            &queues[0], &actions[0], &values[0], &minutes[0], &prices[0], &classes[0], &watch[0], &tags[0],
            &identified[0], &confidences[0], &told[0],
        )


cdef class _Output:
    """A buffer that grows by what values turn out to take."""

    cdef uint8_t[::1] buffer
    cdef int64_t[::1] begins
    cdef int64_t[::1] lengths
    cdef output view

    def __init__(self, Py_ssize_t values):
        self.begins = np.zeros(values, dtype=np.int64)
        self.lengths = np.zeros(values, dtype=np.int64)
        self.view.begins, self.view.lengths = &self.begins[0], &self.lengths[0]
        self.hold(values * _ORDINARY)

    cdef hold(self, int64_t capacity):
        cdef uint8_t[::1] larger = np.empty(max(capacity, 1), dtype=np.uint8)
        if self.view.used:
            memcpy(&larger[0], &self.buffer[0], <size_t>self.view.used)
        self.buffer = larger
        self.view.bytes, self.view.capacity = &larger[0], larger.shape[0]

    cdef grow(self, int64_t done):
        """Make room for the next value, and for the rest if they are like those before."""
        cdef int64_t values = self.begins.shape[0]
        expected = self.view.used // done * values if done else 0
        self.hold(max(self.view.used + self.view.wanted, self.view.capacity * 3 // 2, expected))

    def spans(self):
        return np.asarray(self.buffer)[: self.view.used], np.asarray(self.begins), np.asarray(self.lengths)


cdef bint _is_to_go_on(int status) except -1:
    if status == WRITE_FULL:
        return True
    if status == WRITE_INVALID:
        raise ValueError("a row, a rule, a harm or a string that is to be written is not there")
    if status == WRITE_FAILED:
        raise MemoryError
    return False


cdef chosen_rows _chosen(Constants all, Decided decided, const int64_t[::1] rows) except *:
    if decided.harms != all.view.harms.count:
        raise ValueError("the scores are not of these harms")
    return chosen_rows(&rows[0], rows.shape[0])


def decisions(Constants all not None, Decided decided not None, const int64_t[::1] rows not None):
    """Write decisions: bytes, and where each begins and how long it is."""
    cdef chosen_rows chosen = _chosen(all, decided, rows)
    cdef _Output out = _Output(rows.shape[0])
    cdef int64_t done = 0
    cdef int status = WRITE_FULL
    while True:
        with nogil:
            status = write_decisions(&all.view, &decided.strings, &decided.view, &chosen, &done, &out.view)
        if not _is_to_go_on(status):
            return out.spans()
        out.grow(done)


def tasks(
    Constants all not None,
    Decided decided not None,
    const int64_t[::1] rows not None,
    const int64_t[::1] reached_rows not None,
    const int64_t[::1] reached not None,
    const double[::1] probabilities not None,
    const int64_t[::1] part_rows not None,
    const int64_t[::1] part_harms not None,
    const int64_t[::1] starts not None,
    const int64_t[::1] ends not None,
    const double[::1] weights not None,
    const int64_t[::1] warnings not None,
):
    """Write tasks: bytes, and where each begins and how long it is."""
    cdef chosen_rows chosen = _chosen(all, decided, rows)
    cdef _Output out = _Output(rows.shape[0])
    cdef int64_t[3] progress
    cdef int status = WRITE_FULL
    if not (
        len(reached_rows) == len(reached) == len(probabilities)
        and len(part_rows) == len(part_harms) == len(starts) == len(ends) == len(weights)
        and len(warnings) == len(rows)
    ):
        raise ValueError("the arrays are not of one length")
    cdef reached_harms of_harms = reached_harms(reached.shape[0], &reached_rows[0], &reached[0], &probabilities[0])
    cdef text_parts parts = text_parts(
        part_rows.shape[0], &part_rows[0], &part_harms[0], &starts[0], &ends[0], &weights[0]
    )
    cdef const int64_t *warned = &warnings[0]
    progress[0] = progress[1] = progress[2] = 0
    while True:
        with nogil:
            status = write_tasks(
                &all.view, &decided.strings, &decided.view, &chosen, &of_harms, &parts, warned, progress, &out.view
            )
        if not _is_to_go_on(status):
            return out.spans()
        out.grow(progress[0])


def withdrawals(Constants all not None, Decided decided not None, const int64_t[::1] rows not None):
    """Write withdrawals, one for each queue row by row: bytes, and where each begins and how long it is."""
    cdef chosen_rows chosen = _chosen(all, decided, rows)
    cdef _Output out = _Output(rows.shape[0] * all.view.queues.count)
    cdef int64_t done = 0
    cdef int status = WRITE_FULL
    while True:
        with nogil:
            status = write_withdrawals(&all.view, &decided.strings, &decided.view, &chosen, &done, &out.view)
        if not _is_to_go_on(status):
            return out.spans()
        out.grow(done)
