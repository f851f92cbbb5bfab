#include "parse.h"

#include "crc32c.h"

/* Bytes that are still to be read. */
struct cursor {
    const uint8_t *bytes;
    size_t at;
    size_t end;
};

static int read_varint(struct cursor *cursor, int64_t *value)
{
    uint64_t read = 0;
    for (unsigned shift = 0; shift < 64 && cursor->at < cursor->end; shift += 7) {
        uint8_t byte = cursor->bytes[cursor->at++];
        if (shift == 63 && byte > 1)
            return LOG_MALFORMED;
        read |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *value = (int64_t)(read >> 1) ^ -(int64_t)(read & 1);
            return 0;
        }
    }
    return LOG_MALFORMED;
}

/* A length and as many bytes; -1 for any negative length. */
static int read_bytes(struct cursor *cursor, size_t *begin, int64_t *length)
{
    int64_t read;
    if (read_varint(cursor, &read))
        return LOG_MALFORMED;
    *begin = cursor->at;
    *length = read < 0 ? -1 : read;
    if (read <= 0)
        return 0;
    if ((uint64_t)read > cursor->end - cursor->at)
        return LOG_MALFORMED;
    cursor->at += (size_t)read;
    return 0;
}

int log_parse_header(const uint8_t *bytes, size_t end, size_t *begin, size_t *name_begin, size_t *name_length,
                     size_t *content_begin, int64_t *content_length)
{
    struct cursor cursor = {bytes, *begin, end};
    int64_t length;
    if (read_bytes(&cursor, name_begin, &length) || length < 0)
        return LOG_MALFORMED;
    *name_length = (size_t)length;
    if (read_bytes(&cursor, content_begin, content_length))
        return LOG_MALFORMED;
    *begin = cursor.at;
    return 0;
}

/* The headers up to the end of the cursor, which must be `count`; adds their bytes to *size. */
static int read_headers(struct cursor *cursor, int64_t count, int64_t *size)
{
    if (count < 0)
        return LOG_MALFORMED;
    for (; count; count--) {
        size_t name, name_length, content;
        int64_t content_length;
        if (log_parse_header(cursor->bytes, cursor->end, &cursor->at, &name, &name_length, &content, &content_length))
            return LOG_MALFORMED;
        *size += (int64_t)name_length + (content_length > 0 ? content_length : 0);
    }
    return cursor->at == cursor->end ? 0 : LOG_MALFORMED;
}

static int64_t wrapping_sum(int64_t left, int64_t right)
{
    return (int64_t)((uint64_t)left + (uint64_t)right);
}

/* One record, whose length is read, up to the end of the cursor; row[0], row[stride] and so on become its columns. */
static int read_record(struct cursor *cursor, const struct log_batch *batch, int64_t *row, size_t stride)
{
    int64_t timestamp, offset, key_length, value_length, count;
    size_t key, value;
    if (cursor->at == cursor->end)
        return LOG_MALFORMED;
    cursor->at++; /* attributes: none are defined */
    if (read_varint(cursor, &timestamp) || read_varint(cursor, &offset) || read_bytes(cursor, &key, &key_length) ||
        read_bytes(cursor, &value, &value_length) || read_varint(cursor, &count))
        return LOG_MALFORMED;
    size_t headers = cursor->at;
    int64_t size = (key_length > 0 ? key_length : 0) + (value_length > 0 ? value_length : 0);
    if (read_headers(cursor, count, &size))
        return LOG_MALFORMED;
    row[OFFSET * stride] = wrapping_sum(batch->base_offset, offset);
    row[TIMESTAMP * stride] =
        batch->timed_on_append ? batch->append_time : wrapping_sum(batch->first_timestamp, timestamp);
    row[KEY_BEGIN * stride] = (int64_t)key;
    row[KEY_LENGTH * stride] = key_length;
    row[VALUE_BEGIN * stride] = (int64_t)value;
    row[VALUE_LENGTH * stride] = value_length;
    row[HEADERS_BEGIN * stride] = (int64_t)headers;
    row[HEADERS_LENGTH * stride] = (int64_t)(cursor->end - headers);
    row[HEADER_COUNT * stride] = count;
    row[SIZE * stride] = size;
    return 0;
}

int64_t log_parse(const uint8_t *bytes, size_t begin, size_t end, size_t count, const struct log_batch *batch,
                  int64_t *columns, size_t stride)
{
    struct cursor all = {bytes, begin, end};
    int64_t least = batch->least_offset;
    size_t rows = 0;
    for (size_t record = 0; record < count; record++) {
        int64_t length;
        if (read_varint(&all, &length) || length < 0 || (uint64_t)length > all.end - all.at)
            return LOG_MALFORMED;
        struct cursor one = {bytes, all.at, all.at + (size_t)length};
        if (read_record(&one, batch, columns + rows, stride))
            return LOG_MALFORMED;
        all.at = one.end;
        if (columns[rows] < least)
            continue;
        least = wrapping_sum(columns[rows], 1);
        rows++;
    }
    return all.at == all.end ? (int64_t)rows : LOG_MALFORMED;
}

/* Where the fields of a batch's header stand. */
enum {
    LENGTH_AT = 8,
    MAGIC_AT = 16,
    CHECKSUM_AT = 17,
    ATTRIBUTES_AT = 21,
    LAST_DELTA_AT = 23,
    FIRST_TIMESTAMP_AT = 27,
    LATEST_TIMESTAMP_AT = 35,
    COUNT_AT = 57,
    HEADER_SIZE = 61,
    COUNTED_FROM = 12 /* by the length */
};

/* Bits of the attributes. */
enum { COMPRESSED = 0x07, TIMED_ON_APPEND = 0x08, OF_TRANSACTION = 0x10, MARKER = 0x20 };

static uint64_t big_endian(const uint8_t *bytes, int size)
{
    uint64_t value = 0;
    for (int index = 0; index < size; index++)
        value = value << 8 | bytes[index];
    return value;
}

/* The end of a plain batch that begins at `begin`, and its count; 0 where there is none. */
static size_t plain_end(const uint8_t *bytes, size_t begin, size_t end, size_t *count)
{
    if (end - begin < HEADER_SIZE)
        return 0;
    const uint8_t *header = bytes + begin;
    uint64_t size = big_endian(header + LENGTH_AT, 4) + COUNTED_FROM;
    uint64_t counted = big_endian(header + COUNT_AT, 4);
    if (header[MAGIC_AT] != 2 || header[ATTRIBUTES_AT + 1] & (COMPRESSED | OF_TRANSACTION | MARKER))
        return 0;
    if (size < HEADER_SIZE || size > end - begin || counted > (size - HEADER_SIZE) / LOG_SHORTEST_RECORD)
        return 0;
    *count = (size_t)counted;
    return begin + (size_t)size;
}

static int64_t offset_behind(const uint8_t *header)
{
    int32_t last_delta = (int32_t)(uint32_t)big_endian(header + LAST_DELTA_AT, 4);
    return wrapping_sum((int64_t)big_endian(header, 8), (int64_t)last_delta + 1);
}

void log_find_plain(const uint8_t *bytes, size_t begin, size_t end, struct log_stretch *stretch)
{
    size_t next, count;
    stretch->end = begin;
    stretch->count = 0;
    while ((next = plain_end(bytes, stretch->end, end, &count))) {
        stretch->end = next;
        stretch->count += count;
    }
}

int64_t log_parse_plain(const uint8_t *bytes, size_t begin, int check, int64_t least_offset,
                        struct log_stretch *stretch, int64_t *columns)
{
    size_t end, count, left = stretch->count, rows = 0;
    stretch->next_offset = least_offset;
    /* The counts are read again: by what they were when room was made, there is room for no more than these. */
    for (; begin < stretch->end && (end = plain_end(bytes, begin, stretch->end, &count)) && count <= left; begin = end) {
        const uint8_t *header = bytes + begin;
        struct log_batch batch = {
            .base_offset = (int64_t)big_endian(header, 8),
            .first_timestamp = (int64_t)big_endian(header + FIRST_TIMESTAMP_AT, 8),
            .append_time = (int64_t)big_endian(header + LATEST_TIMESTAMP_AT, 8),
            .timed_on_append = header[ATTRIBUTES_AT + 1] & TIMED_ON_APPEND,
            .least_offset = stretch->next_offset,
        };
        if (check && big_endian(header + CHECKSUM_AT, 4) !=
                         crc32c(header + ATTRIBUTES_AT, end - begin - ATTRIBUTES_AT))
            break;
        int64_t found =
            log_parse(bytes, begin + HEADER_SIZE, end, count, &batch, columns + rows, stretch->count);
        if (found < 0)
            break;
        rows += (size_t)found;
        left -= count;
        stretch->next_offset = offset_behind(header);
    }
    stretch->end = begin;
    return (int64_t)rows;
}
