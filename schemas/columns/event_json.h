/* Reads content events in JSON, structured mode, into columns: a strict subset of what decode_event accepts. */
#ifndef SLUICEGATE_EVENT_JSON_H
#define SLUICEGATE_EVENT_JSON_H

#include <stddef.h>
#include <stdint.h>

/* The string members that are kept, in the order of FIELDS. */
enum event_field {
    FIELD_ID,
    FIELD_SOURCE,
    FIELD_TIME,
    FIELD_CONTENT_ID,
    FIELD_ACTOR_ID,
    FIELD_SURFACE,
    FIELD_TEXT,
    FIELD_LANGUAGE,
    FIELD_TENANT,
    FIELD_CONTENT_VERSION,
    FIELDS
};

/* What may be written after the arena's last string, since strings are copied in blocks. */
#define ARENA_SLACK 16

/* The contract's limits, in bytes but for the number of signals. */
typedef struct {
    int64_t record;
    int64_t signals;
    int64_t signal_name;
    const int64_t *fields; /* FIELDS of them */
} event_limits;

/* Names of the signals that are kept: name i ends at ends[i], and begins where the one before it ends. */
typedef struct {
    const uint8_t *names;
    const int64_t *ends;
    size_t count;
} signal_names;

/* Where the columns of one event are written. */
typedef struct {
    int8_t *type;
    int64_t *begins;      /* FIELDS, offsets into the arena */
    int64_t *lengths;     /* FIELDS, -1 where absent */
    int64_t *text_points; /* code points of the text, -1 where absent */
    double *signals;      /* one for each name, NaN where absent */
} event_row;

/* Read one record. The arena has room for `length` bytes and ARENA_SLACK more from *used on, and *used grows by what
 * the event's strings take. Returns 1, or 0 where the record is left to the general decoder; *used then is as it was. */
int read_event(const uint8_t *value, int64_t length, const event_limits *limits, const signal_names *wanted,
               uint8_t *arena, int64_t *used, const event_row *row);

#endif
