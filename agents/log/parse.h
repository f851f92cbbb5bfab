/* The records section of a version-2 record batch, taken apart into columns. */
#ifndef SLUICEGATE_LOG_PARSE_H
#define SLUICEGATE_LOG_PARSE_H

#include <stddef.h>
#include <stdint.h>

/* The rows of the matrix that is filled; `Columns` in columns.py names them for Python. */
enum {
    OFFSET,
    TIMESTAMP,
    KEY_BEGIN,
    KEY_LENGTH,
    VALUE_BEGIN,
    VALUE_LENGTH,
    HEADERS_BEGIN,
    HEADERS_LENGTH,
    HEADER_COUNT,
    SIZE,
    LOG_COLUMNS
};

#define LOG_MALFORMED (-1)

/* No record is shorter: length, attributes, two deltas, two lengths, and a count. */
#define LOG_SHORTEST_RECORD 7

struct log_batch {
    int64_t base_offset;
    int64_t first_timestamp;
    int64_t append_time;  /* of all records, where timed_on_append is set */
    int timed_on_append;
    int64_t least_offset; /* records below it are left out */
};

/* Take bytes[begin:end] apart, which hold `count` records and nothing else.
 *
 * Writes row r of column c to columns[c * count + r], begins counted from `bytes`. Gives how many rows there are: fewer
 * than `count` where records were left out. LOG_MALFORMED where the bytes are not that; then what was written is void.
 */
int64_t log_parse(const uint8_t *bytes, size_t begin, size_t end, size_t count, const struct log_batch *batch,
                  int64_t *columns);

/* Read the header at *begin of bytes[:end] and move on behind it; 0, or LOG_MALFORMED. A length of -1 is null. */
int log_parse_header(const uint8_t *bytes, size_t end, size_t *begin, size_t *name_begin, size_t *name_length,
                     size_t *content_begin, int64_t *content_length);

#endif
