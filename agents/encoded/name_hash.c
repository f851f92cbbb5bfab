/* Name-based ids. See name_hash.h. */
#include "name_hash.h"

#include <string.h>

static inline uint32_t rotated(uint32_t word, int bits)
{
    return word << bits | word >> (32 - bits);
}

static inline uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* One step; the five words change places by the names they are passed under. */
#define STEP(a, b, c, d, e, function, constant, word)                                                                  \
    do {                                                                                                               \
        e += rotated(a, 5) + (function) + (constant) + (word);                                                         \
        b = rotated(b, 30);                                                                                            \
    } while (0)

#define CHOOSE(b, c, d) ((d) ^ ((b) & ((c) ^ (d))))
#define PARITY(b, c, d) ((b) ^ (c) ^ (d))
#define MAJORITY(b, c, d) (((b) & (c)) | ((d) & ((b) | (c))))

#define FIVE_STEPS(function, constant, t)                                                                              \
    do {                                                                                                               \
        STEP(a, b, c, d, e, function(b, c, d), constant, words[(t)]);                                                  \
        STEP(e, a, b, c, d, function(a, b, c), constant, words[(t) + 1]);                                              \
        STEP(d, e, a, b, c, function(e, a, b), constant, words[(t) + 2]);                                              \
        STEP(c, d, e, a, b, function(d, e, a), constant, words[(t) + 3]);                                              \
        STEP(b, c, d, e, a, function(c, d, e), constant, words[(t) + 4]);                                              \
    } while (0)

static void hash_block(uint32_t state[5], const uint8_t *block)
{
    uint32_t words[80];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int t = 0; t < 16; t++)
        words[t] = big_endian(block + 4 * t);
    for (int t = 16; t < 80; t++)
        words[t] = rotated(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1);
    for (int t = 0; t < 20; t += 5)
        FIVE_STEPS(CHOOSE, 0x5A827999u, t);
    for (int t = 20; t < 40; t += 5)
        FIVE_STEPS(PARITY, 0x6ED9EBA1u, t);
    for (int t = 40; t < 60; t += 5)
        FIVE_STEPS(MAJORITY, 0x8F1BBCDCu, t);
    for (int t = 60; t < 80; t += 5)
        FIVE_STEPS(PARITY, 0xCA62C1D6u, t);
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

void name_begin(name_hash *hash, const uint8_t namespace_id[16])
{
    static const uint32_t initial[5] = {0x67452301u, 0xEFCDAB89u, 0x98BADCFEu, 0x10325476u, 0xC3D2E1F0u};
    memcpy(hash->state, initial, sizeof initial);
    memcpy(hash->block, namespace_id, 16);
    hash->hashed = 16;
}

void name_add(name_hash *hash, const uint8_t *bytes, size_t length)
{
    size_t filled = hash->hashed & 63;
    hash->hashed += length;
    while (length > 0) {
        size_t taken = 64 - filled < length ? 64 - filled : length;
        memcpy(hash->block + filled, bytes, taken);
        filled += taken;
        bytes += taken;
        length -= taken;
        if (filled == 64) {
            hash_block(hash->state, hash->block);
            filled = 0;
        }
    }
}

void name_end(name_hash *hash, uint8_t out[UUID_CHARACTERS])
{
    static const char hexadecimal[] = "0123456789abcdef";
    size_t filled = hash->hashed & 63;
    uint64_t bits = hash->hashed * 8;
    hash->block[filled++] = 0x80;
    if (filled > 56) {
        memset(hash->block + filled, 0, 64 - filled);
        hash_block(hash->state, hash->block);
        filled = 0;
    }
    memset(hash->block + filled, 0, 56 - filled);
    for (int byte = 0; byte < 8; byte++)
        hash->block[56 + byte] = (uint8_t)(bits >> (56 - 8 * byte));
    hash_block(hash->state, hash->block);
    for (int byte = 0; byte < 16; byte++) {
        uint8_t value = (uint8_t)(hash->state[byte / 4] >> (24 - 8 * (byte % 4)));
        if (byte == 6)
            value = 0x50 | (value & 0x0F);
        if (byte == 8)
            value = 0x80 | (value & 0x3F);
        if (byte == 4 || byte == 6 || byte == 8 || byte == 10)
            *out++ = '-';
        *out++ = (uint8_t)hexadecimal[value >> 4];
        *out++ = (uint8_t)hexadecimal[value & 15];
    }
}
