#ifndef SLUICEGATE_FOLD_H
#define SLUICEGATE_FOLD_H
#include <stddef.h>
#include <stdint.h>
typedef struct { uint8_t *bytes; size_t length; size_t pieces; uint32_t *begins; uint32_t *from, *to; size_t room; } Folded;
void folded_init(Folded *folded);
void folded_free(Folded *folded);
int fold_utf8(Folded *folded, const uint8_t *text, size_t length, int with_places);
#endif
