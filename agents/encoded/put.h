/* Writes pieces of JSON as msgspec writes them. Whoever calls has made room: no buffer's end is looked at. */
#ifndef SLUICEGATE_PUT_H
#define SLUICEGATE_PUT_H

#include <stdint.h>
#include <string.h>

/* The most that a byte of a string takes, and what else a string does: quotes, and blocks that are copied whole. */
#define ESCAPED_MAX 6
#define STRING_EXTRA 18

#define NUMBER_MAX 32
#define MOMENT_CHARACTERS 24

/* Writes a number of any kind, by whatever means; gives the bytes it took, at most NUMBER_MAX, or -1. */
typedef int64_t (*number_writer)(double number, uint8_t *out);

static inline uint8_t *put_bytes(uint8_t *out, const uint8_t *bytes, int64_t length)
{
    if (length > 0)
        memcpy(out, bytes, (size_t)length);
    return out + length;
}

#define PUT(out, literal) put_bytes(out, (const uint8_t *)(literal), (int64_t)sizeof(literal) - 1)

/* A string in quotes, from valid UTF-8. */
uint8_t *put_string(uint8_t *out, const uint8_t *bytes, int64_t length);

/* Digits of a number that is not negative. */
uint8_t *put_integer(uint8_t *out, uint64_t number);

/* A number, by `other` unless it has six decimals at the most; NULL where that failed. */
uint8_t *put_number(uint8_t *out, double number, number_writer other);

/* A moment in milliseconds since the epoch, or the nearest one within the years 1970 to 9999, without quotes. */
uint8_t *put_moment(uint8_t *out, int64_t milliseconds);

#endif
