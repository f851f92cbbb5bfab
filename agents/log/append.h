/* Records of the version-2 format, written behind each other into the sections of as many record batches as they need. */
#ifndef SLUICEGATE_LOG_APPEND_H
#define SLUICEGATE_LOG_APPEND_H

#include <stddef.h>
#include <stdint.h>

enum {
    LOG_APPENDED = 0,
    LOG_NO_MEMORY = -1,
    LOG_TOO_LARGE = -2,   /* for the lengths of the format */
    LOG_NO_SUCH_ROW = -3,
    LOG_OUT_OF_BOUNDS = -4 /* a row of the spans lies outside of its buffer */
};

/* Byte strings in a buffer; a length of -1 is null. */
struct log_spans {
    const uint8_t *bytes;
    size_t size;
    const int64_t *begins;
    const int64_t *lengths;
    size_t count;
};

struct log_section {
    size_t begin; /* of its first record; it ends where the next one begins */
    size_t count;
};

/* Begins as all zeros but for the bound; ends with log_appender_free. */
struct log_appender {
    size_t most_bytes; /* of a batch with its header; a larger record goes alone */
    uint8_t *bytes;
    size_t length, capacity;
    struct log_section *sections;
    size_t section_count, section_capacity;
};

void log_appender_free(struct log_appender *appender);

/* Forget all records, but keep the room. */
void log_appender_clear(struct log_appender *appender);

/* `headers` is their count and they themselves as the format writes them. Where nothing can be appended, nothing is. */
int log_append(struct log_appender *appender, const uint8_t *key, int64_t key_length, const uint8_t *value,
               int64_t value_length, const uint8_t *headers, size_t headers_length);

/* Append a record for each of the rows, with its key and value; all of them or none. */
int log_extend(struct log_appender *appender, const struct log_spans *keys, const struct log_spans *values,
               const int64_t *rows, size_t row_count, const uint8_t *headers, size_t headers_length);

#endif
