/* The folding of texts: what models/folding gives in Python, to the byte.
 *
 * A Folded is kept from text to text, and its memory with it; no two threads may share one. */
#ifndef SLUICEGATE_FOLD_H
#define SLUICEGATE_FOLD_H

#include <stddef.h>
#include <stdint.h>

/* Pieces of a text, as UTF-8: a space, and each piece with a space after it. */
typedef struct {
    uint8_t *bytes;
    size_t length, bytes_room;
    size_t count;
    uint32_t *begins;
    size_t begins_room;
    uint32_t *from, *to;
    size_t spans_room;
} FoldPieces;

/* Code points. */
typedef struct {
    uint32_t *at;
    size_t length, room;
} FoldLetters;

/* A part of a token: letters [begin, end) of a list, from the letters [first, last) of what was split. */
typedef struct {
    size_t begin, end, first, last;
    int settled; /* it is known to become itself when it is folded again */
} FoldPart;

typedef struct {
    FoldLetters letters;
    FoldPart *at;
    size_t count, room;
} FoldParts;

typedef struct {
    uint8_t *bytes;      /* the folded text: " piece piece "; a single space where there is no piece */
    size_t length;
    size_t pieces;
    uint32_t *begins;    /* pieces + 1: piece i is bytes[begins[i] .. begins[i + 1] - 1), and a space follows it */
    uint32_t *from, *to; /* code points [from, to) of the text that each piece comes from; where places were asked for */

    /* What follows is private. */
    int with_places;
    int to_join, to_name; /* letters that stand alone in a row, or emoji, were met */
    size_t alone;         /* letters that stand alone, in a row up to here */
    FoldPieces now, next;
    FoldLetters token, found, canonical, before, work, reduced;
    FoldParts split, parts, settling, settled;
    uint32_t *places;
    size_t places_room;
} Folded;

void folded_init(Folded *folded);
void folded_free(Folded *folded);

/* Fold a text; 0, or -1 where memory ran out. It is UTF-8 in which no surrogate stands: U+FFFD is in its place. */
int fold_utf8(Folded *folded, const uint8_t *text, size_t length, int with_places);

/* The version of Unicode that the tables are of. */
const char *fold_unicode_version(void);

#endif
