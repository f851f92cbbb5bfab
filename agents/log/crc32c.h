/* CRC-32C (Castagnoli), as Kafka's record batches carry it. */
#ifndef SLUICEGATE_LOG_CRC32C_H
#define SLUICEGATE_LOG_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Make the tables of the plain loop; to be called once, before any other call. */
void crc32c_prepare(void);

/* By the processor's own instruction where it has one. */
uint32_t crc32c(const uint8_t *bytes, size_t length);

/* By tables, eight bytes at a time; what the instruction is held against. */
uint32_t crc32c_by_tables(const uint8_t *bytes, size_t length);

#endif
