/* Name-based ids: UUID version 5 (RFC 9562, section 5.5), which is SHA-1 (FIPS 180-4) over a namespace and a name. */
#ifndef SLUICEGATE_NAME_HASH_H
#define SLUICEGATE_NAME_HASH_H

#include <stddef.h>
#include <stdint.h>

#define UUID_CHARACTERS 36

typedef struct {
    uint32_t state[5];
    uint64_t hashed; /* bytes, those in the block included */
    uint8_t block[64];
} name_hash;

void name_begin(name_hash *hash, const uint8_t namespace_id[16]);

void name_add(name_hash *hash, const uint8_t *bytes, size_t length);

/* Write the id in its usual form. */
void name_end(name_hash *hash, uint8_t out[UUID_CHARACTERS]);

#endif
