/* The grammar of JSON (RFC 8259): what is read of a record, one value at a time. Stricter where it costs nothing. */
#ifndef SLUICEGATE_CURSOR_H
#define SLUICEGATE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Objects and arrays within one another in a value that is passed over. The contract allows more. */
#define SKIPPED_MAX_DEPTH 8

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} cursor;

/* A number: its value where that was computed exactly rounded, and otherwise only that it is finite. */
typedef struct {
    bool exact;
    double value;
} json_number;

static inline void skip_space(cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t' || *c->at == '\r'))
        c->at++;
}

/* Take this byte, after any white space. */
static inline bool take(cursor *c, uint8_t byte)
{
    skip_space(c);
    if (c->at == c->end || *c->at != byte)
        return false;
    c->at++;
    return true;
}

/* Tell the next byte after any white space; 0 at the end, which is no byte of JSON. */
static inline uint8_t peek(cursor *c)
{
    skip_space(c);
    return c->at < c->end ? *c->at : 0;
}

/* Decode a string into `out`, which has room for what is left of the value and 16 bytes more. Gives the bytes written,
 * or -1 where it is malformed, no UTF-8 or holds half a surrogate pair; *continuations counts its continuation bytes. */
int64_t read_string(cursor *c, uint8_t *out, int64_t *continuations);

bool read_number(cursor *c, json_number *number);

bool read_literal(cursor *c, const char *word, size_t length);

/* Pass over any value, decoding its strings into `scratch`. */
bool skip_value(cursor *c, uint8_t *scratch);

#endif
