/* Columns of hashed n-grams, as scikit-learn's FeatureHasher assigns them. */
#ifndef SLUICEGATE_COLUMNS_H
#define SLUICEGATE_COLUMNS_H

#include <stdint.h>
#include <stddef.h>
#include <string.h>

static inline uint32_t rotated(uint32_t word, int bits) { return (word << bits) | (word >> (32 - bits)); }

/* MurmurHash3 (Appleby, public domain; the 32-bit variant for x86) with seed 0, in its steps. */
static inline uint32_t murmur3_mixed(uint32_t word) { return rotated(word * 0xcc9e2d51u, 15) * 0x1b873593u; }

static inline uint32_t murmur3_block(uint32_t hash, const uint8_t *bytes) {
    uint32_t word;
    memcpy(&word, bytes, 4);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap32(word);
#endif
    return rotated(hash ^ murmur3_mixed(word), 13) * 5 + 0xe6546b64u;
}

static inline uint32_t murmur3_finished(uint32_t hash, uint32_t length) {
    hash ^= length;
    hash ^= hash >> 16;
    hash *= 0x85ebca6bu;
    hash ^= hash >> 13;
    hash *= 0xc2b2ae35u;
    return hash ^ hash >> 16;
}

static inline uint32_t murmur3(const uint8_t *bytes, size_t length) {
    uint32_t hash = 0, tail = 0;
    const uint8_t *end = bytes + (length & ~(size_t)3);
    for (; bytes < end; bytes += 4)
        hash = murmur3_block(hash, bytes);
    switch (length & 3) {
    case 3: tail = (uint32_t)bytes[2] << 16; /* fall through */
    case 2: tail |= (uint32_t)bytes[1] << 8; /* fall through */
    case 1: hash ^= murmur3_mixed(tail | bytes[0]);
    }
    return murmur3_finished(hash, (uint32_t)length);
}

/* The column of a hash among so many: its magnitude as a signed number, modulo. */
static inline uint32_t column_of(uint32_t hash, uint32_t size) {
    uint32_t magnitude = (int32_t)hash < 0 ? 0u - hash : hash;
    return size & (size - 1) ? magnitude % size : magnitude & (size - 1);
}

#endif
