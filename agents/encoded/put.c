/* Writes pieces of JSON as msgspec writes them. See put.h. */
#include "put.h"

#include <math.h>
#include <stdbool.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

static const char DIGITS[] = "0123456789abcdef";

static uint8_t *put_escape(uint8_t *out, uint8_t byte)
{
    *out++ = '\\';
    switch (byte) {
    case '"': *out++ = '"'; return out;
    case '\\': *out++ = '\\'; return out;
    case '\b': *out++ = 'b'; return out;
    case '\f': *out++ = 'f'; return out;
    case '\n': *out++ = 'n'; return out;
    case '\r': *out++ = 'r'; return out;
    case '\t': *out++ = 't'; return out;
    default: break;
    }
    out = PUT(out, "u00");
    *out++ = (uint8_t)DIGITS[byte >> 4];
    *out++ = (uint8_t)DIGITS[byte & 15];
    return out;
}

static inline bool is_escaped(uint8_t byte)
{
    return byte < 0x20 || byte == '"' || byte == '\\';
}

uint8_t *put_string(uint8_t *out, const uint8_t *bytes, int64_t length)
{
    int64_t at = 0;
    *out++ = '"';
    while (at < length) {
#if defined(__SSE2__) && defined(__GNUC__)
        const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), last = _mm_set1_epi8(0x1F);
        while (length - at >= 16) {
            __m128i block = _mm_loadu_si128((const __m128i *)(bytes + at));
            __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(block, last), block);
            __m128i special = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)),
                                           control);
            unsigned found = (unsigned)_mm_movemask_epi8(special);
            int64_t clean = found ? __builtin_ctz(found) : 16;
            _mm_storeu_si128((__m128i *)out, block);
            at += clean;
            out += clean;
            if (found)
                break;
        }
#endif
        while (at < length && !is_escaped(bytes[at]))
            *out++ = bytes[at++];
        if (at < length)
            out = put_escape(out, bytes[at++]);
    }
    *out++ = '"';
    return out;
}

uint8_t *put_integer(uint8_t *out, uint64_t number)
{
    uint8_t digits[20];
    int count = 0;
    do {
        digits[count++] = (uint8_t)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (count > 0)
        *out++ = digits[--count];
    return out;
}

/* The whole part and six decimals, without the zeros that end them but for one. */
static uint8_t *put_millionths(uint8_t *out, uint64_t millionths)
{
    uint32_t decimals = (uint32_t)(millionths % 1000000);
    int places = 6;
    if (millionths > 0 && millionths < 10) {
        *out++ = (uint8_t)('0' + millionths);
        return PUT(out, "e-6");
    }
    if (millionths < 1000000)
        *out++ = '0';
    else
        out = put_integer(out, millionths / 1000000);
    *out++ = '.';
    while (places > 1 && decimals % 10 == 0) {
        decimals /= 10;
        places--;
    }
    for (int place = places - 1; place >= 0; place--) {
        out[place] = (uint8_t)('0' + decimals % 10);
        decimals /= 10;
    }
    return out + places;
}

uint8_t *put_number(uint8_t *out, double number, number_writer other)
{
    double magnitude = fabs(number);
    int64_t length;
    /* Of at most fifteen digits, which no other number of so few shares a float with: they are the shortest. */
    if (magnitude < 1e9) {
        uint64_t millionths = (uint64_t)(magnitude * 1e6 + 0.5);
        if ((double)millionths / 1e6 == magnitude) {
            if (signbit(number))
                *out++ = '-';
            return put_millionths(out, millionths);
        }
    }
    length = other(number, out);
    return length < 0 ? NULL : out + length;
}

static uint8_t *put_padded(uint8_t *out, uint32_t number, int places)
{
    for (int place = places - 1; place >= 0; place--) {
        out[place] = (uint8_t)('0' + number % 10);
        number /= 10;
    }
    return out + places;
}

uint8_t *put_moment(uint8_t *out, int64_t milliseconds)
{
    const int64_t day = 86400000, latest = INT64_C(253402300799999);
    int64_t moment = milliseconds < 0 ? 0 : milliseconds > latest ? latest : milliseconds;
    uint32_t within = (uint32_t)(moment % day);
    /* Days since the first of March of the year 0 make months of a pattern that repeats every 400 years. */
    uint32_t days = (uint32_t)(moment / day) + 719468;
    uint32_t era = days / 146097, of_era = days % 146097;
    uint32_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint32_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint32_t shifted = (5 * of_year + 2) / 153;
    uint32_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    out = put_padded(out, era * 400 + year_of_era + (month <= 2), 4);
    *out++ = '-';
    out = put_padded(out, month, 2);
    *out++ = '-';
    out = put_padded(out, of_year - (153 * shifted + 2) / 5 + 1, 2);
    *out++ = 'T';
    out = put_padded(out, within / 3600000, 2);
    *out++ = ':';
    out = put_padded(out, within / 60000 % 60, 2);
    *out++ = ':';
    out = put_padded(out, within / 1000 % 60, 2);
    *out++ = '.';
    out = put_padded(out, within % 1000, 3);
    *out++ = 'Z';
    return out;
}
