/* Writes the values of a batch: decisions, review tasks and withdrawals, as Encoder.event_outputs writes them. */
#ifndef SLUICEGATE_VALUES_H
#define SLUICEGATE_VALUES_H

#include <stdint.h>

#include "put.h"

/* Pieces of JSON that are written as they are: piece i from offsets[i] to offsets[i + 1]. */
typedef struct {
    const uint8_t *bytes;
    const int64_t *offsets;
    int64_t count;
    int64_t longest;
} pieces;

/* Strings of events, n of them; columns as in event_field of event_json.h. */
typedef struct {
    const uint8_t *arena;
    int64_t size;
    const int64_t *begins;
    const int64_t *lengths;
    int64_t count;
} event_strings;

/* What all values of a batch share. Strings are in quotes; rules begin with those that are built in. */
typedef struct {
    const uint8_t *namespace_id;
    pieces outcomes, rules, actions, queues, harms, tags;
    pieces dues, warnings; /* of tasks: when each queue's are due, and what they warn of */
    pieces queue_names;    /* as they are, without quotes */
    pieces moments;    /* the time of the decisions; the desk's, where there is one */
    pieces provenance; /* ,"model":{...},"policy":{...} */
    int64_t built_in_rules;
    number_writer number;
} constants;

enum { TOLD_NOTHING = -1, TOLD_AS_NAMED = -2 };

/* What was decided, m events: arrays of m, but for the scores, which are m times harms. */
typedef struct {
    int64_t count;
    const int64_t *records; /* row of the strings */
    const int64_t *timestamps;
    const double *scores;
    const uint8_t *scored;
    const int8_t *outcomes;
    const int32_t *rules, *queues, *actions;
    const double *values, *minutes, *prices;
    const int8_t *classes;
    const uint8_t *watch;
    const int32_t *tags; /* -1 where no language is told */
    const uint8_t *identified;
    const double *confidences;
    const int32_t *told; /* what a task tells of the language: a tag, TOLD_NOTHING or TOLD_AS_NAMED */
} decided_events;

/* What a task shows besides, in the order of the tasks: `rows` counts in those that are chosen. */
typedef struct {
    int64_t count;
    const int64_t *rows, *harms;
    const double *probabilities;
} reached_harms;

typedef struct {
    int64_t count;
    const int64_t *rows, *harms, *starts, *ends;
    const double *weights;
} text_parts;

typedef struct {
    const int64_t *rows; /* of the decided events: those to be written */
    int64_t count;
} chosen_rows;

/* Where values are written. What does not fit is not begun. */
typedef struct {
    uint8_t *bytes;
    int64_t used, capacity;
    int64_t wanted; /* room that the next value may take */
    int64_t *begins, *lengths;
} output;

enum { WRITE_DONE = 0, WRITE_FULL = 1, WRITE_INVALID = -1, WRITE_FAILED = -2 };

/* Each goes on from value *done, and gives WRITE_FULL where the output has to grow by `wanted` first. */
int write_decisions(const constants *all, const event_strings *strings, const decided_events *decided,
                    const chosen_rows *chosen, int64_t *done, output *out);

/* `warnings` is the piece of each task; progress counts the tasks, and the harms and parts that stand in them. */
int write_tasks(const constants *all, const event_strings *strings, const decided_events *decided,
                const chosen_rows *chosen, const reached_harms *reached, const text_parts *parts,
                const int64_t *warnings, int64_t progress[3], output *out);

/* One value for each queue, row by row. */
int write_withdrawals(const constants *all, const event_strings *strings, const decided_events *decided,
                      const chosen_rows *chosen, int64_t *done, output *out);

#endif
