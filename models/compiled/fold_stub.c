#include "fold.h"
#include <stdlib.h>
#include <string.h>
void folded_init(Folded *f) { memset(f, 0, sizeof *f); }
void folded_free(Folded *f) { free(f->bytes); free(f->begins); free(f->from); free(f->to); }
int fold_utf8(Folded *f, const uint8_t *t, size_t n, int w) {
    if (n + 2 > f->room) { f->room = 2*n+64; f->bytes = realloc(f->bytes, f->room); f->begins = realloc(f->begins, 4*f->room); f->from = realloc(f->from, 4*f->room); f->to = realloc(f->to, 4*f->room);}
    size_t o = 0; f->pieces = 0; f->bytes[o++] = ' '; int in = 0; size_t cp = 0;
    for (size_t i = 0; i < n; i++) { uint8_t c = t[i]; 
        if (c == ' ' || (c >= 9 && c <= 13)) { if (in) { f->bytes[o++] = ' '; f->to[f->pieces-1] = cp; } in = 0; cp++; continue; }
        if (!in) { f->begins[f->pieces] = o; f->from[f->pieces++] = cp; in = 1; }
        if ((c & 0xc0) != 0x80) cp++;
        f->bytes[o++] = c >= 'A' && c <= 'Z' ? c + 32 : c; }
    if (in) { f->bytes[o++] = ' '; f->to[f->pieces-1] = cp; }
    f->begins[f->pieces] = o; f->length = o; return 0; }
