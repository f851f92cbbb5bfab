/* The records section of a version-2 record batch, taken apart into columns. */
#ifndef SLUICEGATE_LOG_PARSE_H
#define SLUICEGATE_LOG_PARSE_H

#include <stddef.h>
#include <stdint.h>

/* The rows of the matrix that is filled; `Column` in records.py names them for Python. */
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
 * Writes row r of column c to columns[c * stride + r], begins counted from `bytes`. Gives how many rows there are: fewer
 * than `count` where records were left out. LOG_MALFORMED where the bytes are not that; then what was written is void.
 */
int64_t log_parse(const uint8_t *bytes, size_t begin, size_t end, size_t count, const struct log_batch *batch,
                  int64_t *columns, size_t stride);

/* Batches that stand behind each other and need nothing but to be taken apart: of version 2, whole, not compressed,
 * neither of a transaction nor markers of one. */
struct log_stretch {
    size_t end;          /* behind the last of them */
    size_t count;        /* of the records that they announce */
    int64_t next_offset; /* that behind the last of them */
};

/* Find the plain batches at the begin of bytes[begin:end]; checksums are not looked at yet. */
void log_find_plain(const uint8_t *bytes, size_t begin, size_t end, struct log_stretch *stretch);

/* Take a stretch apart that log_find_plain gave for the same bytes, into columns[c * stretch->count + r].
 *
 * Gives the rows. It ends before a batch that is malformed, or whose checksum is wrong where these are checked: then
 * *stretch is made to end there, but for its count.
 */
int64_t log_parse_plain(const uint8_t *bytes, size_t begin, int check, int64_t least_offset,
                        struct log_stretch *stretch, int64_t *columns);

/* Read the header at *begin of bytes[:end] and move on behind it; 0, or LOG_MALFORMED. A length of -1 is null. */
int log_parse_header(const uint8_t *bytes, size_t end, size_t *begin, size_t *name_begin, size_t *name_length,
                     size_t *content_begin, int64_t *content_length);

#endif
