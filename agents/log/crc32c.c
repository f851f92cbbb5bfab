#include "crc32c.h"

#include <string.h>

#define POLYNOMIAL UINT32_C(0x82f63b78)

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define HAS_INSTRUCTION 1
#include <nmmintrin.h>
#else
#define HAS_INSTRUCTION 0
#endif

static uint32_t tables[8][256];

void crc32c_prepare(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
        tables[0][byte] = crc;
    }
    for (int table = 1; table < 8; table++)
        for (int byte = 0; byte < 256; byte++) {
            uint32_t before = tables[table - 1][byte];
            tables[table][byte] = (before >> 8) ^ tables[0][before & 0xff];
        }
}

static uint32_t little_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

uint32_t crc32c_by_tables(const uint8_t *bytes, size_t length)
{
    uint32_t crc = ~UINT32_C(0);
    for (; length >= 8; bytes += 8, length -= 8) {
        uint32_t low = crc ^ little_endian(bytes), high = little_endian(bytes + 4);
        crc = tables[7][low & 0xff] ^ tables[6][(low >> 8) & 0xff] ^ tables[5][(low >> 16) & 0xff] ^
              tables[4][low >> 24] ^ tables[3][high & 0xff] ^ tables[2][(high >> 8) & 0xff] ^
              tables[1][(high >> 16) & 0xff] ^ tables[0][high >> 24];
    }
    for (; length; bytes++, length--)
        crc = (crc >> 8) ^ tables[0][(crc ^ *bytes) & 0xff];
    return ~crc;
}

#if HAS_INSTRUCTION
__attribute__((target("sse4.2"))) static uint32_t by_instruction(const uint8_t *bytes, size_t length)
{
    uint64_t crc = UINT32_C(0xffffffff);
    for (; length >= 8; bytes += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        crc = _mm_crc32_u64(crc, word);
    }
    uint32_t rest = (uint32_t)crc;
    for (; length; bytes++, length--)
        rest = _mm_crc32_u8(rest, *bytes);
    return ~rest;
}
#endif

uint32_t crc32c(const uint8_t *bytes, size_t length)
{
#if HAS_INSTRUCTION
    if (__builtin_cpu_supports("sse4.2"))
        return by_instruction(bytes, length);
#endif
    return crc32c_by_tables(bytes, length);
}
