/* The grammar of JSON (RFC 8259). See cursor.h. */
#include "cursor.h"

#include <float.h>
#include <math.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Larger exponents, and longer numbers, are left to the general decoder. */
#define EXPONENT_MAX 200
#define NUMBER_MAX_BYTES 64

#define ONES UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* Copy what needs no look: ASCII without quotes, backslashes and control characters. Gives how many bytes it was. */
static size_t copy_plain(const uint8_t *from, const uint8_t *end, uint8_t *out)
{
    const uint8_t *at = from;
#if defined(__SSE2__) && defined(__GNUC__)
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(0x20);
    while (end - at >= 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)at);
        /* As signed bytes, those from 0x80 on are below the space too. */
        __m128i special = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)),
                                       _mm_cmplt_epi8(block, space));
        _mm_storeu_si128((__m128i *)(out + (at - from)), block);
        unsigned found = (unsigned)_mm_movemask_epi8(special);
        if (found)
            return (size_t)(at - from) + (size_t)__builtin_ctz(found);
        at += 16;
    }
#else
    while (end - at >= 8) {
        uint64_t block, quotes, backslashes;
        memcpy(&block, at, 8);
        quotes = block ^ (ONES * '"');
        backslashes = block ^ (ONES * '\\');
        if (((quotes - ONES) | (backslashes - ONES) | (block - ONES * 0x20) | block) & HIGHS)
            break;
        memcpy(out + (at - from), &block, 8);
        at += 8;
    }
#endif
    while (at < end && *at != '"' && *at != '\\' && *at >= 0x20 && *at < 0x80) {
        out[at - from] = *at;
        at++;
    }
    return (size_t)(at - from);
}

static inline bool is_continuation(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

/* Give the bytes of the character that begins here (Unicode 15, table 3-7), 0 where it is none. */
static size_t multibyte_length(const uint8_t *at, const uint8_t *end)
{
    size_t left = (size_t)(end - at);
    uint8_t first = at[0];
    if (first >= 0xC2 && first <= 0xDF)
        return left >= 2 && is_continuation(at[1]) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        if (left < 3 || !is_continuation(at[1]) || !is_continuation(at[2]))
            return 0;
        if ((first == 0xE0 && at[1] < 0xA0) || (first == 0xED && at[1] > 0x9F))
            return 0;
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        if (left < 4 || !is_continuation(at[1]) || !is_continuation(at[2]) || !is_continuation(at[3]))
            return 0;
        if ((first == 0xF0 && at[1] < 0x90) || (first == 0xF4 && at[1] > 0x8F))
            return 0;
        return 4;
    }
    return 0;
}

/* Read four hexadecimal digits; -1 where there are none. */
static int32_t read_hex(cursor *c)
{
    int32_t code = 0;
    if (c->end - c->at < 4)
        return -1;
    for (int digit = 0; digit < 4; digit++) {
        uint8_t byte = *c->at++;
        uint8_t lower = byte | 0x20;
        if (byte >= '0' && byte <= '9')
            code = code << 4 | (byte - '0');
        else if (lower >= 'a' && lower <= 'f')
            code = code << 4 | (lower - 'a' + 10);
        else
            return -1;
    }
    return code;
}

static size_t put_utf8(uint32_t code, uint8_t *out)
{
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (uint8_t)(0xC0 | code >> 6);
        out[1] = (uint8_t)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (uint8_t)(0xE0 | code >> 12);
        out[1] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
        out[2] = (uint8_t)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (uint8_t)(0xF0 | code >> 18);
    out[1] = (uint8_t)(0x80 | (code >> 12 & 0x3F));
    out[2] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
    out[3] = (uint8_t)(0x80 | (code & 0x3F));
    return 4;
}

/* Decode what follows a backslash; gives the bytes written, 0 where it is no escape of a character. */
static size_t read_escape(cursor *c, uint8_t *out)
{
    int32_t code, low;
    if (c->at == c->end)
        return 0;
    switch (*c->at++) {
    case '"': out[0] = '"'; return 1;
    case '\\': out[0] = '\\'; return 1;
    case '/': out[0] = '/'; return 1;
    case 'b': out[0] = '\b'; return 1;
    case 'f': out[0] = '\f'; return 1;
    case 'n': out[0] = '\n'; return 1;
    case 'r': out[0] = '\r'; return 1;
    case 't': out[0] = '\t'; return 1;
    case 'u': break;
    default: return 0;
    }
    code = read_hex(c);
    if (code < 0)
        return 0;
    if (code < 0xD800 || code > 0xDFFF)
        return put_utf8((uint32_t)code, out);
    if (code > 0xDBFF || c->end - c->at < 2 || c->at[0] != '\\' || c->at[1] != 'u')
        return 0;
    c->at += 2;
    low = read_hex(c);
    if (low < 0xDC00 || low > 0xDFFF)
        return 0;
    return put_utf8(0x10000 + ((uint32_t)(code - 0xD800) << 10) + (uint32_t)(low - 0xDC00), out);
}

int64_t read_string(cursor *c, uint8_t *out, int64_t *continuations)
{
    uint8_t *begin = out;
    int64_t extra = 0;
    if (!take(c, '"'))
        return -1;
    for (;;) {
        size_t length = copy_plain(c->at, c->end, out);
        c->at += length;
        out += length;
        if (c->at == c->end || *c->at < 0x20)
            return -1;
        if (*c->at == '"') {
            c->at++;
            *continuations = extra;
            return out - begin;
        }
        if (*c->at == '\\') {
            c->at++;
            length = read_escape(c, out);
            if (length == 0)
                return -1;
            out += length;
            extra += (int64_t)length - 1;
            continue;
        }
        while (c->at < c->end && *c->at >= 0x80) {
            length = multibyte_length(c->at, c->end);
            if (length == 0)
                return -1;
            memcpy(out, c->at, length);
            c->at += length;
            out += length;
            extra += (int64_t)length - 1;
        }
    }
}

static const double POWERS[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
#define POWER_MAX 22

#if defined(__SIZEOF_INT128__) && defined(__GNUC__)
/* The largest power of five within 63 bits. */
#define DIVISOR_MAX_POWER 27

/* Divide by a power of ten, rounding once: the quotient has at least 65 bits, of which 53 are kept. */
static double divided(uint64_t digits, int power)
{
    __extension__ typedef unsigned __int128 wide;
    uint64_t divisor = 1, mantissa;
    int leading = __builtin_clzll(digits), bits, dropped;
    wide dividend = (wide)(digits << leading) << 64, quotient, rest, half;
    for (int times = 0; times < power; times++)
        divisor *= 5;
    quotient = dividend / divisor;
    /* There are more than 64 bits: see above. */
    bits = 128 - __builtin_clzll((uint64_t)(quotient >> 64));
    dropped = bits - 53;
    mantissa = (uint64_t)(quotient >> dropped);
    rest = quotient & (((wide)1 << dropped) - 1);
    half = (wide)1 << (dropped - 1);
    if (rest > half || (rest == half && (dividend % divisor != 0 || (mantissa & 1))))
        mantissa++;
    return ldexp((double)mantissa, dropped - 64 - leading - power);
}
#endif

static json_number number_of(bool negative, uint64_t digits, int count, int exponent)
{
    json_number number = {false, 0.0};
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD == 0
    if (digits == 0) {
        /* Whether a zero keeps its sign is for the general decoder to say. */
        number.exact = !negative;
        return number;
    }
    if (count > 19)
        return number;
    if (digits <= UINT64_C(1) << 53 && exponent >= -POWER_MAX && exponent <= (count <= 15 ? POWER_MAX : 0)) {
        number.exact = true;
        number.value = exponent < 0 ? (double)digits / POWERS[-exponent] : (double)digits * POWERS[exponent];
    }
#if defined(DIVISOR_MAX_POWER)
    else if (exponent < 0 && exponent >= -DIVISOR_MAX_POWER) {
        number.exact = true;
        number.value = divided(digits, -exponent);
    }
#endif
    if (negative)
        number.value = -number.value;
#endif
    return number;
}

static inline bool is_digit(const cursor *c)
{
    return c->at < c->end && *c->at >= '0' && *c->at <= '9';
}

bool read_number(cursor *c, json_number *number)
{
    const uint8_t *begin = c->at;
    uint64_t digits = 0;
    int count = 0, exponent = 0, stated = 0;
    bool negative = false, sinks = false;
    if (c->at < c->end && *c->at == '-') {
        negative = true;
        c->at++;
    }
    if (!is_digit(c))
        return false;
    if (*c->at == '0') {
        c->at++;
        if (is_digit(c))
            return false;
    }
    for (; is_digit(c); c->at++) {
        if (c->at - begin >= NUMBER_MAX_BYTES)
            return false;
        if (count < 19)
            digits = digits * 10 + (*c->at - '0');
        count++;
    }
    if (c->at < c->end && *c->at == '.') {
        c->at++;
        if (!is_digit(c))
            return false;
        for (; is_digit(c); c->at++) {
            if (c->at - begin >= NUMBER_MAX_BYTES)
                return false;
            if (count < 19)
                digits = digits * 10 + (*c->at - '0');
            count += count > 0 || *c->at != '0';
            exponent--;
        }
    }
    if (c->at < c->end && (*c->at | 0x20) == 'e') {
        c->at++;
        if (c->at < c->end && (*c->at == '-' || *c->at == '+'))
            sinks = *c->at++ == '-';
        if (!is_digit(c))
            return false;
        for (; is_digit(c); c->at++) {
            stated = stated * 10 + (*c->at - '0');
            if (stated > EXPONENT_MAX)
                return false;
        }
    }
    *number = number_of(negative, digits, count, exponent + (sinks ? -stated : stated));
    return true;
}

bool read_literal(cursor *c, const char *word, size_t length)
{
    if ((size_t)(c->end - c->at) < length || memcmp(c->at, word, length) != 0)
        return false;
    c->at += length;
    return true;
}

static bool skip_name(cursor *c, uint8_t *scratch)
{
    int64_t continuations;
    return read_string(c, scratch, &continuations) >= 0 && take(c, ':');
}

/* Pass over a value that holds no other. */
static bool skip_scalar(cursor *c, uint8_t *scratch)
{
    int64_t continuations;
    json_number number;
    switch (peek(c)) {
    case '"': return read_string(c, scratch, &continuations) >= 0;
    case 't': return read_literal(c, "true", 4);
    case 'f': return read_literal(c, "false", 5);
    case 'n': return read_literal(c, "null", 4);
    default: return read_number(c, &number);
    }
}

bool skip_value(cursor *c, uint8_t *scratch)
{
    uint8_t closing[SKIPPED_MAX_DEPTH];
    size_t depth = 0;
    for (;;) {
        uint8_t first = peek(c);
        bool opened = first == '{' || first == '[';
        if (opened) {
            if (depth == SKIPPED_MAX_DEPTH)
                return false;
            closing[depth++] = first == '{' ? '}' : ']';
            c->at++;
            if (peek(c) != closing[depth - 1]) {
                if (first == '{' && !skip_name(c, scratch))
                    return false;
                continue;
            }
        } else if (!skip_scalar(c, scratch)) {
            return false;
        }
        while (depth > 0 && peek(c) == closing[depth - 1]) {
            c->at++;
            depth--;
        }
        if (depth == 0)
            return true;
        if (!take(c, ',') || (closing[depth - 1] == '}' && !skip_name(c, scratch)))
            return false;
    }
}
