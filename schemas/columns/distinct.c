#include "distinct.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hashed(const uint8_t *bytes, size_t length, uint64_t seed) {
    uint64_t hash = seed ^ length * 0x9e3779b97f4a7c15u;
    while (length > 0) {
        uint64_t word = 0;
        size_t taken = length < 8 ? length : 8;
        memcpy(&word, bytes, taken);
        hash = (hash ^ word) * 0xff51afd7ed558ccdu;
        /* By a secret number after every word: else a difference of two words that cancels does so whatever the seed is,
         * and whoever writes the strings could give a batch of which all are in one place. */
        hash = (hash ^ hash >> 32) * (seed | 1);
        bytes += taken;
        length -= taken;
    }
    return hash * (seed | 1);
}

static int alike(const uint8_t *buffer, const int64_t *begins, const int64_t *lengths, size_t one, size_t other) {
    return lengths[one] == lengths[other] &&
           memcmp(buffer + begins[one], buffer + begins[other], (size_t)lengths[one]) == 0;
}

int64_t number_strings(const uint8_t *buffer, const int64_t *begins, const int64_t *lengths, size_t count, uint64_t seed,
                       int32_t *numbers, int64_t *firsts) {
    int bits = 4;
    while ((size_t)1 << bits < 2 * count)
        bits++;
    size_t mask = ((size_t)1 << bits) - 1;
    int32_t *slots = malloc((mask + 1) * sizeof(int32_t));
    if (slots == NULL)
        return -1;
    memset(slots, 0xff, (mask + 1) * sizeof(int32_t));
    int32_t found = 0;
    for (size_t row = 0; row < count; row++) {
        if (lengths[row] < 0) {
            numbers[row] = -1;
            continue;
        }
        /* Rows of one product often follow each other. */
        if (row > 0 && lengths[row - 1] >= 0 && alike(buffer, begins, lengths, row, row - 1)) {
            numbers[row] = numbers[row - 1];
            continue;
        }
        size_t slot = (size_t)(hashed(buffer + begins[row], (size_t)lengths[row], seed) >> (64 - bits));
        while (slots[slot] >= 0 && !alike(buffer, begins, lengths, row, (size_t)firsts[slots[slot]]))
            slot = (slot + 1) & mask;
        if (slots[slot] < 0) {
            firsts[found] = (int64_t)row;
            slots[slot] = found++;
        }
        numbers[row] = slots[slot];
    }
    free(slots);
    return found;
}
