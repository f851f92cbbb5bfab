#include "append.h"

#include <stdlib.h>
#include <string.h>

#define HEADER_SIZE 61
#define LONGEST_VARINT 10

/* Of a record, and with it of a batch: lengths are written in 32 bits. */
#define MOST_BYTES ((size_t)INT32_MAX - 2 * HEADER_SIZE)

void log_appender_free(struct log_appender *appender)
{
    free(appender->bytes);
    free(appender->sections);
    appender->bytes = NULL;
    appender->sections = NULL;
    appender->length = appender->capacity = 0;
    appender->section_count = appender->section_capacity = 0;
}

void log_appender_clear(struct log_appender *appender)
{
    appender->length = 0;
    appender->section_count = 0;
}

static size_t varint_size(int64_t value)
{
    uint64_t zigzag = ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
    size_t size = 1;
    while (zigzag >>= 7)
        size++;
    return size;
}

static uint8_t *write_varint(uint8_t *place, int64_t value)
{
    uint64_t zigzag = ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
    for (; zigzag > 0x7f; zigzag >>= 7)
        *place++ = (uint8_t)(zigzag | 0x80);
    *place++ = (uint8_t)zigzag;
    return place;
}

/* A length and the bytes; null where it is negative. */
static uint8_t *write_bytes(uint8_t *place, const uint8_t *bytes, int64_t length)
{
    place = write_varint(place, length);
    if (length > 0) {
        memcpy(place, bytes, (size_t)length);
        place += length;
    }
    return place;
}

static size_t grown(size_t capacity, size_t wanted)
{
    size_t doubled = capacity > SIZE_MAX / 2 ? SIZE_MAX : capacity * 2;
    return doubled > wanted ? doubled : wanted;
}

static int make_room(struct log_appender *appender, size_t more)
{
    if (more > SIZE_MAX - appender->length)
        return LOG_NO_MEMORY;
    size_t wanted = appender->length + more;
    if (wanted > appender->capacity) {
        size_t capacity = grown(appender->capacity, wanted);
        uint8_t *bytes = realloc(appender->bytes, capacity);
        if (!bytes)
            return LOG_NO_MEMORY;
        appender->bytes = bytes;
        appender->capacity = capacity;
    }
    return LOG_APPENDED;
}

static int begin_section(struct log_appender *appender)
{
    if (appender->section_count == appender->section_capacity) {
        size_t capacity = grown(appender->section_capacity, 4);
        if (capacity > SIZE_MAX / sizeof(struct log_section))
            return LOG_NO_MEMORY;
        struct log_section *sections = realloc(appender->sections, capacity * sizeof *sections);
        if (!sections)
            return LOG_NO_MEMORY;
        appender->sections = sections;
        appender->section_capacity = capacity;
    }
    appender->sections[appender->section_count++] = (struct log_section){appender->length, 0};
    return LOG_APPENDED;
}

/* Bytes of a record behind its length, the number of which in its batch is `number`. */
static size_t body_size(size_t number, int64_t key_length, int64_t value_length, size_t headers_length)
{
    return 2 + varint_size((int64_t)number) + varint_size(key_length) + (key_length > 0 ? (size_t)key_length : 0) +
           varint_size(value_length) + (value_length > 0 ? (size_t)value_length : 0) + headers_length;
}

int log_append(struct log_appender *appender, const uint8_t *key, int64_t key_length, const uint8_t *value,
               int64_t value_length, const uint8_t *headers, size_t headers_length)
{
    key_length = key_length < 0 ? -1 : key_length;
    value_length = value_length < 0 ? -1 : value_length;
    if (key_length > (int64_t)MOST_BYTES || value_length > (int64_t)MOST_BYTES || headers_length > MOST_BYTES ||
        (uint64_t)(key_length + value_length) + headers_length + 3 * LONGEST_VARINT > MOST_BYTES)
        return LOG_TOO_LARGE;
    int new_section = !appender->section_count;
    size_t number = 0, body, size;
    if (!new_section) {
        const struct log_section *section = &appender->sections[appender->section_count - 1];
        number = section->count;
        body = body_size(number, key_length, value_length, headers_length);
        size = varint_size((int64_t)body) + body;
        size_t before = appender->length - section->begin;
        new_section = number && (number == INT32_MAX || before + HEADER_SIZE + size > appender->most_bytes);
    }
    if (new_section)
        number = 0;
    body = body_size(number, key_length, value_length, headers_length);
    size = varint_size((int64_t)body) + body;
    if (make_room(appender, size) || (new_section && begin_section(appender)))
        return LOG_NO_MEMORY;
    uint8_t *place = write_varint(appender->bytes + appender->length, (int64_t)body);
    *place++ = 0; /* attributes */
    *place++ = 0; /* timestamp: that of the batch */
    place = write_varint(place, (int64_t)number);
    place = write_bytes(place, key, key_length);
    place = write_bytes(place, value, value_length);
    if (headers_length)
        memcpy(place, headers, headers_length);
    appender->length += size;
    appender->sections[appender->section_count - 1].count++;
    return LOG_APPENDED;
}

/* Where the bytes of a row stand, which may be null. */
static int find(const struct log_spans *spans, size_t row, const uint8_t **bytes, int64_t *length)
{
    int64_t begin = spans->begins[row], found = spans->lengths[row];
    *length = -1;
    *bytes = NULL;
    if (found < 0)
        return LOG_APPENDED;
    if (begin < 0 || (uint64_t)begin > spans->size || (uint64_t)found > spans->size - (size_t)begin)
        return LOG_OUT_OF_BOUNDS;
    *length = found;
    *bytes = spans->bytes + begin;
    return LOG_APPENDED;
}

int log_extend(struct log_appender *appender, const struct log_spans *keys, const struct log_spans *values,
               const int64_t *rows, size_t row_count, const uint8_t *headers, size_t headers_length)
{
    size_t length = appender->length, sections = appender->section_count;
    size_t count = sections ? appender->sections[sections - 1].count : 0;
    int status = LOG_APPENDED;
    for (size_t index = 0; index < row_count && !status; index++) {
        int64_t row = rows[index], key_length, value_length;
        const uint8_t *key, *value;
        if (row < 0 || (uint64_t)row >= keys->count || (uint64_t)row >= values->count)
            status = LOG_NO_SUCH_ROW;
        else if (!(status = find(keys, (size_t)row, &key, &key_length)) &&
                 !(status = find(values, (size_t)row, &value, &value_length)))
            status = log_append(appender, key, key_length, value, value_length, headers, headers_length);
    }
    if (status) {
        appender->length = length;
        appender->section_count = sections;
        if (sections)
            appender->sections[sections - 1].count = count;
    }
    return status;
}
