/* Columns of hashed n-grams, as scikit-learn's FeatureHasher assigns them. */
#ifndef SLUICEGATE_COLUMNS_H
#define SLUICEGATE_COLUMNS_H

#include <stdint.h>
#include <stddef.h>
#include <string.h>

static inline uint32_t rotated(uint32_t word, int bits) { return (word << bits) | (word >> (32 - bits)); }

/* MurmurHash3 (Appleby, public domain; the 32-bit variant for x86) with seed 0. */
static inline uint32_t murmur3(const uint8_t *bytes, size_t length) {
    uint32_t hash = 0;
    const uint8_t *end = bytes + (length & ~(size_t)3);
    for (; bytes < end; bytes += 4) {
        uint32_t word;
        memcpy(&word, bytes, 4);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        word = __builtin_bswap32(word);
#endif
        hash ^= rotated(word * 0xcc9e2d51u, 15) * 0x1b873593u;
        hash = rotated(hash, 13) * 5 + 0xe6546b64u;
    }
    uint32_t tail = 0;
    switch (length & 3) {
    case 3: tail ^= (uint32_t)bytes[2] << 16; /* fall through */
    case 2: tail ^= (uint32_t)bytes[1] << 8;  /* fall through */
    case 1:
        tail ^= bytes[0];
        hash ^= rotated(tail * 0xcc9e2d51u, 15) * 0x1b873593u;
    }
    hash ^= (uint32_t)length;
    hash ^= hash >> 16;
    hash *= 0x85ebca6bu;
    hash ^= hash >> 13;
    hash *= 0xc2b2ae35u;
    return hash ^ hash >> 16;
}

/* The column of a hash among so many: its magnitude as a signed number, modulo. */
static inline uint32_t column_of(uint32_t hash, uint32_t size) {
    return ((int32_t)hash < 0 ? 0u - hash : hash) % size;
}

#endif
