/* Numbers the distinct strings of a column, in the order of their first appearance. */
#ifndef SLUICEGATE_DISTINCT_H
#define SLUICEGATE_DISTINCT_H

#include <stddef.h>
#include <stdint.h>

/* Give each row the number of its string, or -1 where its length is negative, and note the first row of each number.
   firsts has room for count entries. Returns how many numbers there are; -1 where memory ran out.
   The seed is drawn by each process, so that nobody can choose strings that all hash alike. */
int64_t number_strings(const uint8_t *buffer, const int64_t *begins, const int64_t *lengths, size_t count, uint64_t seed,
                       int32_t *numbers, int64_t *firsts);

#endif
